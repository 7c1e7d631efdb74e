"""Which container a question means, and the words in which it is refused.

Source: kubernetes/pkg/kubelet/kubelet_pods.go and pkg/registry/core/pod
"""

from app.sandbox.kubelet.container import Keeper
from app.sandbox.kubelet.life import Life
from app.sandbox.kubelet.logs import Log
from app.sandbox.kubelet.states import Ended, Waiting
from app.sandbox.objects import Obj, annotations_of, items, name_of, text
from app.sandbox.status import StatusError, bad_request

DEFAULT = "kubectl.kubernetes.io/default-container"
PULLING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


def container_of(pod: Obj, asked: str) -> str:
    """Return the container that is asked for, or the only one. Raises: StatusError."""
    names = [text(one, "name") for one in items(pod, "spec.containers")]
    inits = [text(one, "name") for one in items(pod, "spec.initContainers")]
    if asked:
        if asked not in [*names, *inits]:
            raise bad_request(f"container {asked} is not valid for pod {name_of(pod)}")
        return asked
    if len(names) == 1:
        return names[0]
    default = annotations_of(pod).get(DEFAULT, "")
    if default in names:
        return default
    told = f"a container name must be specified for pod {name_of(pod)}, "
    told += f"choose one of: [{' '.join(names)}]"
    if inits:
        told += f" or one of the init containers: [{' '.join(inits)}]"
    raise bad_request(told)


def log_of(keeper: Keeper, pod: str, *, previous: bool) -> Log:
    """Return the log of a container's run, or of the one before. Raises: StatusError."""
    standing, state = keeper.standing, keeper.standing.state
    said = f'container "{standing.name}" in pod "{pod}"'
    if previous:
        if standing.last is None:
            raise bad_request(f"previous terminated {said} not found")
        is_between = isinstance(state, Waiting | Ended) and standing.last is not state
        waits = isinstance(state, Waiting) and is_between
        log = keeper.log if waits else keeper.previous
        if log is None:
            raise bad_request(f"previous terminated {said} not found")
        return log
    if isinstance(state, Waiting) and standing.last is None:
        raise bad_request(f"{said} is waiting to start: {PULLING.get(state.reason, state.reason)}")
    return keeper.log


def running(life: Life, name: str) -> Keeper:
    """Return a container in which a command can run now. Raises: StatusError."""
    keeper = life.keeper(name)
    if keeper is None or keeper.container is None or not keeper.is_running:
        raise StatusError(500, "InternalError", f'container not found ("{name}")')
    return keeper
