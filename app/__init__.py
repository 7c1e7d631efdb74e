"""Mesh Dojo: a web lab in which people learn a service mesh by doing."""
