"""Stand-ins for Prometheus, Grafana, Kiali and Jaeger, serving real data of this mesh.

What belongs here: their manifests and images, the numbers and spans that they show, and their
pages. Not here: what makes proxies log and trace (istiod).
"""
