"""The mesh's configuration as Envoy's: pure functions from a look at the mesh to resources.

Names, shapes and defaults are those that Istio 1.31 was seen to send; what differs is that a
socket stands for each address.
"""
