"""The add-ons' images. Their manifests are in samples/addons, for the release's folder."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from app.sandbox.addons.observatory import Marks, Observatory
from app.sandbox.programs.catalog import TAG, Image
from app.sandbox.programs.reference import parse
from app.sandbox.shell.tools.table import EVERYWHERE

RELOADER = "ghcr.io/prometheus-operator/prometheus-config-reloader"
REPOSITORIES = frozenset(
    (
        "prom/prometheus",
        RELOADER,
        "grafana/grafana",
        "quay.io/kiali/kiali",
        "jaegertracing/jaeger",
    )
)
TOOLS = EVERYWHERE | {"sh", "wget", "nslookup", "ps"}  # of the images with a shell


class Addons:
    """The add-ons of one sandbox. `marks` is what an analysis of the mesh says, if asked.

    `find` stands before the catalog's own: `Kubelet(find=lambda r: addons.find(r) or find(r))`.
    """

    def __init__(self, marks: Marks = lambda: ()) -> None:
        self.observatory = Observatory(marks)

    @cached_property
    def images(self) -> Mapping[str, Image]:
        """Return the images by repository."""
        return images(self.observatory)

    def find(self, reference: str) -> Image | None:
        """Return the image of a reference, None where it is none of the add-ons'."""
        named = parse(reference)
        if named is None or named.digest or named.repository not in REPOSITORIES:
            return None
        if not TAG.fullmatch(named.tag):
            return None
        host = "" if "." in named.repository.partition("/")[0] else "docker.io/"
        name = f"{host}{named.repository}:{named.tag}"
        return replace(self.images[named.repository], name=name)


def images(observatory: Observatory) -> Mapping[str, Image]:
    """Return the images by repository, as references name it without Docker Hub's host."""
    # Here, because most sandboxes never run an add-on: a tenth of the time that a start takes.
    from app.sandbox.addons.grafana.program import grafana
    from app.sandbox.addons.jaeger.program import jaeger
    from app.sandbox.addons.kiali.program import kiali
    from app.sandbox.addons.prometheus.program import prometheus, reloader

    found = (
        Image("prom/prometheus", ("/bin/prometheus",), (), prometheus(observatory),
              tools=TOOLS, ports=(9090,), user=65534),
        Image(RELOADER, ("/bin/prometheus-config-reloader",), (), reloader, user=65534),
        Image("grafana/grafana", ("/run.sh",), (), grafana(observatory),
              tools=TOOLS, ports=(3000,), user=472),
        Image("quay.io/kiali/kiali", ("/opt/kiali/kiali",), (), kiali(observatory),
              ports=(20001, 9090), user=1000),
        Image("jaegertracing/jaeger", ("/cmd/jaeger/jaeger-linux",), (), jaeger,
              ports=(16686, 4317, 4318, 9411), user=10001),
    )  # fmt: skip
    return {image.name: image for image in found}
