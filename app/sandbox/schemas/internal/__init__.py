"""Pod specs as the API server's own structs, which it quotes where a pod may not change.

Source of structs.txt: k8s.io/kubernetes 1.35, pkg/apis/core/types.go, reduced by
tools/reduce_kubernetes_structs.py.
"""
