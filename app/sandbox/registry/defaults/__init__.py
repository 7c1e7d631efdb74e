"""What Kubernetes fills in where an object says nothing. Each function fills in a copy of ours.

Source: k8s.io/kubernetes, pkg/apis/*/v1/defaults.go, checked against recorded objects.
"""
