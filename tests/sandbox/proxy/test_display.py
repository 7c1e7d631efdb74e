"""What the admin interface says names addresses, never sockets, and has Istio's shape."""

import json

from app.sandbox.proxy.display import line, shown

FOLDER = "/tmp/md-x/3"
KNOWN = {f"{FOLDER}/i80": ("10.244.0.3", 80), f"{FOLDER}/out": ("0.0.0.0", 15001)}


def test_a_line_names_addresses() -> None:
    said = f'"{FOLDER}/i80" outbound|80||web and /etc/istio/proxy'
    assert line(said, KNOWN.get) == '"10.244.0.3:80" outbound|80||web and /etc/istio/proxy'


def test_the_endpoints_of_clusters_are_shown_by_address() -> None:
    page = f"outbound|80||w::{FOLDER}/i80::rq_total::2\ninbound|80||::{FOLDER}/a80::rq_total::2\n"
    assert shown("/clusters", page.encode(), KNOWN.get) == (
        b"outbound|80||w::10.244.0.3:80::rq_total::2\n"
    )


def test_pipes_become_socket_addresses_in_a_dump() -> None:
    page = {"configs": [{"x": {"address": {"pipe": {"path": f"{FOLDER}/i80"}}}}]}
    body = shown("/config_dump?include_eds", json.dumps(page).encode(), KNOWN.get)
    address = {"socket_address": {"address": "10.244.0.3", "port_value": 80}}
    assert json.loads(body) == {"configs": [{"x": {"address": address}}]}


def test_inbound_listeners_are_joined_to_one() -> None:
    parts = [_listener(80), _listener(81)]
    config = {"@type": "x.ListenersConfigDump", "dynamic_listeners": parts}
    body = json.loads(shown("/config_dump", json.dumps({"configs": [config]}).encode(), KNOWN.get))
    [joined] = body["configs"][0]["dynamic_listeners"]
    listener = joined["active_state"]["listener"]
    assert listener["name"] == "virtualInbound"
    assert listener["address"]["socket_address"] == {"address": "0.0.0.0", "port_value": 15006}
    matches = [chain["filter_chain_match"] for chain in listener["filter_chains"]]
    assert matches == [
        {"destination_port": 80, "transport_protocol": "tls"},
        {"destination_port": 81, "transport_protocol": "tls"},
    ]


def test_clusters_of_known_sockets_are_shown_as_istios() -> None:
    cluster = {"name": "inbound|80||", "type": "STATIC", "load_assignment": {}}
    body = shown(
        "/config_dump?resource=dynamic_active_clusters",
        json.dumps({"configs": [{"cluster": cluster}]}).encode(),
        KNOWN.get,
    )
    found = json.loads(body)["configs"][0]["cluster"]
    assert found["type"] == "ORIGINAL_DST"
    assert "load_assignment" not in found


def test_words_that_are_no_json_stay_as_they_are() -> None:
    said = b"0 resources were found.\n"
    assert shown("/config_dump?resource=x", said, KNOWN.get) == said


def _listener(port: int):  # type: ignore[no-untyped-def]
    listener = {
        "name": f"virtualInbound|{port}",
        "address": {"pipe": {"path": f"{FOLDER}/q{port}"}},
        "filter_chains": [{"filter_chain_match": {"transport_protocol": "tls"}}],
    }
    return {"name": listener["name"], "active_state": {"listener": listener}}
