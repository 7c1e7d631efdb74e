"""route: the VirtualService in force for a host is as asked, and the caller's proxy has it."""

from app.checks.kind import Context, Kind, Params
from app.checks.result import Evidence, Finding, passed
from app.checks.routing import REASONS, judge
from app.checks.scene import Destination, Wish, scene_of
from app.checks.synced import no_probe, not_in_proxy
from app.checks.written import as_yaml


class RouteParams(Params):
    """What is asked of the route of `host`, as objects of `namespace` name it."""

    namespace: str
    host: str
    to: tuple[Destination, ...] = ()
    timeout_s: float | None = None
    attempts: int | None = None
    per_try_timeout_s: float | None = None
    retry_on: tuple[str, ...] = ()


async def check(context: Context, params: RouteParams) -> Finding:
    """Judge the objects first, then what the proxy made of them."""
    if context.inside is None:
        return no_probe()
    scene = await scene_of(context.cluster, params.host, params.namespace, context.inside.namespace)
    wish = Wish(
        params.to, params.timeout_s, params.attempts, params.per_try_timeout_s, params.retry_on
    )
    finding = judge(scene, wish) or await not_in_proxy(context, context.inside, scene, wish)
    if finding is not None:
        return finding
    winner = scene.in_force()[0]
    return passed(
        f"{winner.name} is in force for {scene.host}, as asked, and the caller's proxy has it.",
        Evidence(f"VirtualService {winner.name}", as_yaml(winner.at("spec.http"))),
        look=f"istioctl proxy-config routes deploy/frontend -n {params.namespace}",
    )


KIND = Kind(
    name="route",
    params=RouteParams,
    check=check,
    reads=("VirtualService", "DestinationRule", "Service"),
    is_cheap=False,
    reasons=REASONS,
)
