"""Hosts of addresses, as the objects of a mesh would name them."""

import pytest

from app.checks.backends import place_of_url


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://backend.mesh-demo/", "backend.mesh-demo.svc.cluster.local", 80),
        ("http://backend.mesh-demo.svc:8080/", "backend.mesh-demo.svc.cluster.local", 8080),
        ("http://backend.mesh-demo.svc.cluster.local/", "backend.mesh-demo.svc.cluster.local", 80),
        ("http://backend/", "backend", 80),
        ("https://myapp.example.com/", "myapp.example.com", 443),
    ],
)
def test_a_host_that_cluster_dns_completes_is_read_in_full(url: str, host: str, port: int) -> None:
    assert place_of_url(url) == (host, port)
