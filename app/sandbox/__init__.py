"""The embedded sandbox: an emulated Kubernetes, kubelet and istiod, with real Envoy sidecars.

A program of its own (`python -m app.sandbox`), one process for a learner. It imports nothing of the
rest of the app but its errors; only `app.clusters` starts it.
"""
