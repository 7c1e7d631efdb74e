"""The version of Kubernetes that is emulated."""

KUBERNETES = "v1.35.4"  # the minor of the recorded cluster, which kubectl 1.36 supports
