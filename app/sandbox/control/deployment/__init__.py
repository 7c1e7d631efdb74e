"""Deployments: a ReplicaSet for each template, and how pods move from one to the next."""
