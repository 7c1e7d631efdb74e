"""Numbers of the mesh: read from what proxies log, counted by Istio's labels, kept for an hour."""
