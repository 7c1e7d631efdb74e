"""Stand-ins for Prometheus, Grafana, Kiali and Jaeger, serving real data of this mesh."""
