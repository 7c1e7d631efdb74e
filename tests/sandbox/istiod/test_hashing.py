"""A consistent hash is told to the routes whose destinations have one."""

import pytest

from app.sandbox.istiod.envoy.hashing import hashed
from app.sandbox.istiod.mesh import Mesh
from app.sandbox.objects import Obj, at

CLUSTER = "outbound|80||web.shop.svc.cluster.local"


def mesh(consistent: Obj) -> Mesh:
    policy: Obj = {"loadBalancer": {"consistentHash": consistent}}
    rule: Obj = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"host": "web", "trafficPolicy": policy},
    }
    return Mesh(
        [],
        virtual_services=[],
        destination_rules=[rule],
        gateways=[],
        peer_authentications=[],
        authorization_policies=[],
        door=lambda ip, port: f"/{ip}/{port}",
    )


@pytest.mark.parametrize(
    ("asked", "policy"),
    [
        ({"httpHeaderName": "x-user"}, {"header": {"header_name": "x-user"}}),
        ({"httpQueryParameterName": "q"}, {"query_parameter": {"name": "q"}}),
        ({"useSourceIp": True}, {"connection_properties": {"source_ip": True}}),
        ({"httpCookie": {"name": "c", "ttl": "60s"}}, {"cookie": {"name": "c", "ttl": "60s"}}),
    ],
)
def test_a_request_is_hashed_by_what_the_rule_names(asked: Obj, policy: Obj) -> None:
    made = hashed(mesh(asked), "shop", {"route": {"cluster": CLUSTER}})
    assert at(made, "route.hash_policy") == [policy]


def test_each_policy_of_weighted_clusters_is_told_once() -> None:
    weighted: Obj = {"clusters": [{"name": CLUSTER}, {"name": CLUSTER}]}
    made = hashed(mesh({"useSourceIp": True}), "shop", {"route": {"weighted_clusters": weighted}})
    assert at(made, "route.hash_policy") == [{"connection_properties": {"source_ip": True}}]


def test_a_redirect_stays_as_it_is() -> None:
    route: Obj = {"redirect": {"path_redirect": "/new"}}
    assert hashed(mesh({"useSourceIp": True}), "shop", route) == route
