"""Objects that Go could not read into their types are told of in its words."""

import pytest

from app.sandbox.istioctl.analyze.typed import duration_fault, unparsed, unread
from app.sandbox.objects import Json, Obj

NETWORKING = "networking.istio.io/v1"


def _rule(**route: Json) -> Obj:
    http: Obj = {"route": [{"destination": {"host": "web"}}], **route}
    return {"apiVersion": NETWORKING, "kind": "VirtualService", "spec": {"http": [http]}}


def _peers(mtls: Json) -> Obj:
    kind = {"apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication"}
    return {**kind, "spec": {"mtls": mtls}}


def _weighted(weight: Json) -> Obj:
    return _rule(route=[{"destination": {"host": "web"}, "weight": weight}])


MODE = "istio.security.v1beta1.PeerAuthentication.MutualTLS.Mode"


@pytest.mark.parametrize(
    ("obj", "said"),
    [
        (_rule(timeout="5s"), ""),
        (_rule(timeout=5), "json: cannot unmarshal number into Go value of type string"),
        (_rule(timeout="abc"), 'bad Duration: time: invalid duration "abc"'),
        (_rule(match={}), "json: cannot unmarshal object into Go value of type []json.RawMessage"),
        (_peers({"mode": "strict"}), f'unknown value "\\"strict\\"" for enum {MODE}'),
        (
            _peers("STRICT"),
            "json: cannot unmarshal string into Go value of type map[string]json.RawMessage",
        ),
        (_peers({"mode": True}), "json: cannot unmarshal bool into Go value of type "
                                 "protoreflect.EnumNumber"),
        (_weighted("10"), ""),
        (_weighted("1e2"), ""),
        (_weighted("ten"), "invalid character 'e' in literal true (expecting 'r')"),
        (_weighted("nul"), "invalid character ' ' in literal null (expecting 'l')"),
        (_weighted("five"), "invalid character 'i' in literal false (expecting 'a')"),
        (_weighted("5s"), "invalid character 's' after top-level value"),
        (_weighted("-"), "invalid character ' ' in numeric literal"),
        (_weighted("all"), "invalid character 'a' looking for beginning of value"),
        (_weighted(""), "unexpected end of JSON input"),
        (_weighted("true"), "json: cannot unmarshal bool into Go value of type int32"),
        (_weighted(1.5), "json: cannot unmarshal number 1.5 into Go value of type int32"),
        (_weighted(None), ""),
        (_rule(timeot="5s"), 'unknown field "timeot" in istio.networking.v1alpha3.HTTPRoute'),
        (_rule(corsPolicy={"allow_origins": [{"exact": "a"}]}), ""),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_told_as_go_tells_it(obj: Obj, said: str) -> None:
    assert unparsed(obj) == said


def test_a_file_of_analyze_names_the_field_that_go_was_filling_and_forgives_unknown_ones() -> None:
    assert unread(_rule(timeot="5s")) == ""
    where = "into Go struct field VirtualService.spec of type string"
    assert unread(_rule(timeout=5)) == f"json: cannot unmarshal number {where}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1h30m", ""),
        ("1.5s", ""),
        ("-1s", ""),
        ("0", ""),
        ("", 'invalid duration ""'),
        ("5", 'missing unit in duration "5"'),
        ("1min", 'unknown unit "min" in duration "1min"'),
        ("5s x", 'unknown unit "s x" in duration "5s x"'),
    ],
)
def test_a_duration_is_read_as_go_reads_it(written: str, said: str) -> None:
    assert duration_fault(written) == said
