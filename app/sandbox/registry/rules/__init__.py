"""What an object may hold beyond its schema: each kind's own rules, in Kubernetes' words.

Source: k8s.io/kubernetes, pkg/apis/*/validation.
"""
