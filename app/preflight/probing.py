"""The two probes: can they be made here?"""

from app.clusters.probes import INSIDE_NAMESPACE, OUTSIDE_NAMESPACE
from app.errors import AppError, ClusterUnavailable
from app.preflight.finding import Finding
from app.preflight.surroundings import Cluster, Surroundings


async def probing(around: Surroundings, _cluster: Cluster) -> list[Finding]:
    """Return whether the two pods that traffic checks ask from can be had."""
    if around.probes is None:
        return []
    try:
        probes = await around.probes()
    except ClusterUnavailable:
        raise
    except AppError as error:
        return [
            Finding(
                "probes",
                "problem",
                "The probes cannot be made",
                str(error),
                "Checks of traffic ask from two small pods; without them these checks are skipped.",
                error.hint,
                "here" if error.hint.startswith("kubectl") else "terminal",
            )
        ]
    if probes.inside is None:
        detail = (
            f"The one in {OUTSIDE_NAMESPACE} is ready; the one inside the mesh is made as soon as "
            "Istio is installed."
        )
        return [Finding("probes", "ok", "The probe outside the mesh is ready", detail)]
    detail = f"They are in {INSIDE_NAMESPACE} and {OUTSIDE_NAMESPACE}; clean-up removes them."
    return [Finding("probes", "ok", "Both probes are ready", detail)]
