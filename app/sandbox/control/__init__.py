"""Controllers: what Kubernetes makes of Deployments, Services, Namespaces and owners.

Each reads the store, and writes through the registry. Running pods is the kubelet's.
"""
