"""The objects of an installation, part by part, as `istioctl install` makes them.

Facts (names, labels, ports, arguments) are those of Istio 1.31's manifests; texts are our own.
"""
