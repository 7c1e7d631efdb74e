"""Where Kiali's pages are."""

from app.sandbox.addons.pages.frame import Frame

BASE = "/kiali"
GRAPH, CONFIG = f"{BASE}/console/graph", f"{BASE}/console/istio"
FRAME = Frame("Kiali", ((GRAPH, "Traffic Graph"), (CONFIG, "Istio Config")))
