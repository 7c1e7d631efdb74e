"""What fields the kinds have: Kubernetes' generated at set-up, Istio's kept as facts."""
