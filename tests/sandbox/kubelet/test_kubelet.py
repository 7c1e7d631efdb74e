"""Pods on the node: they start, fail, end, and are told of as by a real kubelet."""

import json

from sandbox.kubelet.node import (
    SICK,
    Node,
    condition,
    config_map,
    container,
    http_probe,
    is_ready,
    pod,
)

from app.sandbox.objects import at, number, text, words
from app.sandbox.shell.container import Container
from app.sandbox.shell.execute import NotStarted


async def test_a_pod_whose_program_listens_is_ready(here: Node) -> None:
    here.create(pod(container(readinessProbe=http_probe(), ports=[{"containerPort": 80}])))
    await here.until_ready()
    made = here.pod()
    assert text(made, "status.phase") == "Running"
    assert text(made, "status.podIP").startswith("10.244.0.")
    assert text(made, "status.hostIP") == "192.168.49.2"
    assert number(made, "status.observedGeneration") == 1
    status = here.status()
    assert text(status, "image") == "docker.io/library/server:latest"
    assert text(status, "imageID").startswith("docker.io/library/server@sha256:")
    assert text(status, "containerID").startswith("containerd://")
    assert (status["ready"], status["started"], status["restartCount"]) == (True, True, 0)


async def test_what_happens_to_a_pod_is_told_in_the_kubelets_words(here: Node) -> None:
    here.create(pod())
    await here.until_ready()
    assert here.told("Pulling") == ['Pulling image "server"']
    (pulled,) = here.told("Pulled")
    assert pulled.startswith('Successfully pulled image "server" in ')
    assert "including waiting). Image size: " in pulled
    assert here.told("Created") == ["Container created"]
    assert here.told("Started") == ["Container started"]
    event = next(e for e in here.store.list("events") if e["reason"] == "Started")
    assert text(event, "involvedObject.fieldPath") == "spec.containers{web}"
    assert text(event, "source.component") == "kubelet"


async def test_a_crash_is_followed_by_a_restart_and_then_by_longer_waits(here: Node) -> None:
    here.create(pod(container("crash")))
    await here.until(
        lambda: text(here.status(), "state.waiting.message").startswith("back-off 20s")
    )
    status = here.status()
    uid = text(here.pod(), "metadata.uid")
    told = f"back-off 20s restarting failed container=web pod=web_default({uid})"
    assert at(status, "state.waiting") == {"reason": "CrashLoopBackOff", "message": told}
    assert at(status, "lastState.terminated.exitCode") == 3
    assert text(status, "lastState.terminated.reason") == "Error"
    assert number(status, "restartCount") == 2
    assert text(here.pod(), "status.phase") == "Running"
    assert f"Back-off restarting failed container web in pod web_default({uid})" in here.told(
        "BackOff"
    )


async def test_what_crashes_at_once_has_never_been_ready(here: Node) -> None:
    seen: set[bool] = set()
    here.store.listen(
        lambda change: seen.add(change.resource == "pods" and is_ready(change.object))
    )
    here.create(pod(container("crash")))
    await here.until(lambda: number(here.status(), "restartCount") == 2)
    assert seen == {False}


async def test_an_image_that_no_registry_has_is_tried_again(here: Node) -> None:
    here.create(pod(container("hashicrop/http-echo:1.0")))
    await here.until(lambda: text(here.status(), "state.waiting.reason") == "ErrImagePull")
    why = (
        'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/hashicrop/'
        'http-echo:1.0": failed to resolve reference "docker.io/hashicrop/http-echo:1.0": '
        "docker.io/hashicrop/http-echo:1.0: not found"
    )
    assert text(here.status(), "state.waiting.message") == why
    await here.until(lambda: text(here.status(), "state.waiting.reason") == "ImagePullBackOff")
    told = f'Back-off pulling image "hashicrop/http-echo:1.0": ErrImagePull: {why}'
    assert text(here.status(), "state.waiting.message") == told
    assert text(here.status(), "image") == "hashicrop/http-echo:1.0"
    assert text(here.pod(), "status.phase") == "Pending"
    assert here.told("BackOff") == ['Back-off pulling image "hashicrop/http-echo:1.0"']
    here.images["hashicrop/http-echo:1.0"] = here.images["server"]
    await here.until_ready()


async def test_a_name_that_is_no_images_is_refused(here: Node) -> None:
    here.create(pod(container("Nginx")))
    await here.until(lambda: text(here.status(), "state.waiting.reason") == "InvalidImageName")
    told = (
        'Failed to apply default image tag "Nginx": couldn\'t parse image name "Nginx": '
        "invalid reference format: repository name (library/Nginx) must be lowercase"
    )
    assert text(here.status(), "state.waiting.message") == told
    assert here.told("InspectFailed") == [told]


async def test_an_image_that_is_there_is_not_pulled_again(here: Node) -> None:
    here.images["server:1"] = here.images["server"]
    for name in ("web", "other"):
        here.create(pod(container("server:1"), name=name))
        await here.until_ready(name)
    assert len(here.told("Pulling")) == 1
    present = 'Container image "server:1" already present on machine and can be accessed by the pod'
    assert present in here.told("Pulled")


async def test_a_command_that_the_image_lacks_is_a_start_error(here: Node) -> None:
    async def program(inside: Container) -> int:
        raise NotStarted(inside.argv[0])

    here.add("empty", program)
    here.create(pod(container("empty", command=["nosuch"])))
    await here.until(lambda: text(here.status(), "state.waiting.reason") == "RunContainerError")
    told = 'unable to start container process: exec: "nosuch": executable file not found in $PATH: '
    assert told in here.told("Failed")[0]
    assert number(here.status(), "lastState.terminated.exitCode") == 128


async def test_a_hook_that_fails_ends_the_container(here: Node) -> None:
    hook = {"postStart": {"exec": {"command": ["false", "now"]}}}
    here.create(pod(container(lifecycle=hook)))
    await here.until(lambda: text(here.status(), "state.waiting.reason") == "PostStartHookError")
    assert here.told("FailedPostStartHook") == ["PostStartHook failed"]
    assert here.told("Killing") == ["FailedPostStartHook"]
    told = text(here.status(), "state.waiting.message")
    assert told.startswith(
        'Exec lifecycle hook ([false now]) for Container "web" in Pod "web_default('
    )
    assert told.endswith(
        "failed - error: command 'false now' exited with 1: , message: \"false now\""
    )
    assert at(here.status(), "lastState.terminated.exitCode") == 0


async def test_missing_configuration_is_waited_for(here: Node) -> None:
    source = {"configMapKeyRef": {"name": "settings", "key": "colour"}}
    here.create(pod(container(env=[{"name": "COLOUR", "valueFrom": source}])))
    waiting = "state.waiting.reason"
    await here.until(lambda: text(here.status(), waiting) == "CreateContainerConfigError")
    assert text(here.status(), "state.waiting.message") == 'configmap "settings" not found'
    assert here.told("Failed") == ['Error: configmap "settings" not found']
    here.create(config_map("settings", {"colour": "blue"}))
    await here.until_ready()
    assert here.ran[0].env["COLOUR"] == "blue"


async def test_a_volume_that_names_nothing_keeps_the_pod_waiting(here: Node) -> None:
    volumes = [{"name": "conf", "configMap": {"name": "settings"}}]
    mounts = [{"name": "conf", "mountPath": "/etc/conf"}]
    here.create(pod(container(volumeMounts=mounts), volumes=volumes))
    await here.until(lambda: here.told("FailedMount"))
    told = 'MountVolume.SetUp failed for volume "conf" : configmap "settings" not found'
    assert here.told("FailedMount") == [told]
    assert text(here.status(), "state.waiting.reason") == "ContainerCreating"
    assert condition(here.pod(), "PodReadyToStartContainers") == "False"
    here.create(config_map("settings", {"colour": "blue"}))
    await here.until_ready()
    assert here.ran[0].files.read("/etc/conf/colour") == b"blue"


async def test_a_pod_that_is_not_ready_says_why(here: Node) -> None:
    here.answer = SICK
    here.create(pod(container(readinessProbe=http_probe(periodSeconds=1))))
    await here.until(lambda: here.told("Unhealthy"))
    assert here.told("Unhealthy") == [
        "Readiness probe failed: HTTP probe failed with statuscode: 503"
    ]
    assert not is_ready(here.pod())
    assert condition(here.pod(), "Initialized") == "True"


async def test_a_pod_that_is_not_alive_is_restarted(here: Node) -> None:
    here.answer = SICK
    here.create(pod(container(livenessProbe=http_probe(failureThreshold=1))))
    await here.until(lambda: number(here.status(), "restartCount") == 1)
    assert here.told("Killing") == ["Container web failed liveness probe, will be restarted"]


async def test_a_named_container_answers_exec_and_logs(here: Node) -> None:
    here.create(pod(container("crash"), container(name="other")))
    await here.until(lambda: text(here.status(), "state.waiting.message").startswith("back-off"))
    await here.until(lambda: here.status("other").get("ready"))
    lines = here.kubelet.logs("default", "web", "web", previous=True)
    assert [line async for line in lines][-1].startswith(b"run ")
    lines = here.kubelet.logs("default", "web", "other", timestamps=True)
    (line,) = [line async for line in lines]
    assert line.endswith(b"Z serving\n")


async def test_what_a_container_runs_is_resolved_as_kubernetes_does(here: Node) -> None:
    env = [{"name": "WHO", "value": "me"}, {"name": "ALL", "value": "$(WHO) $$(WHO) $(NOBODY)"}]
    here.create(pod(container(args=["--for=$(WHO)"], env=[*env])))
    await here.until_ready()
    assert here.ran[0].argv == ["/server", "--for=me"]
    assert here.ran[0].env["ALL"] == "me $(WHO) $(NOBODY)"
    assert here.ran[0].env["HOSTNAME"] == "web"


async def test_a_change_of_image_restarts_the_container(here: Node) -> None:
    here.create(pod())
    await here.until_ready()
    here.images["server:2"] = here.images["server"]
    made = here.pod()
    changed = json.loads(json.dumps(made).replace('"image": "server"', '"image": "server:2"'))
    here.registry.update(changed)
    await here.until(lambda: number(here.status(), "restartCount") == 1)
    assert here.told("Killing") == ["Container web definition changed, will be restarted"]
    assert words(here.pod(), "metadata.finalizers") == []
