"""Bodies that kubectl 1.36 sent, and what must be read out of them."""

import base64
import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.api.protobuf.decode import MAGIC, decode
from app.sandbox.api.protobuf.messages import message, message_of
from app.sandbox.objects import Obj, at, text
from app.sandbox.status import StatusError

RECORDED: list[Obj] = json.loads((Path(__file__).parent / "recorded" / "protobuf.json").read_text())


@pytest.mark.parametrize("case", RECORDED, ids=[text(case, "command") for case in RECORDED])
def test_a_body_of_kubectls_is_read(case: Obj) -> None:
    assert decode(base64.b64decode(text(case, "body"))) == case["object"]


def body_of(command: str) -> bytes:
    found = next(case for case in RECORDED if text(case, "command").startswith(command))
    return base64.b64decode(text(found, "body"))


def test_a_zero_that_was_asked_for_is_kept() -> None:
    assert at(decode(body_of("create deployment web")), "spec.replicas") == 0


def test_a_kind_that_we_do_not_know_is_refused_with_its_name() -> None:
    unknown = MAGIC + b"\x0a\x0d\x0a\x02v1\x12\x07Mystery"
    with pytest.raises(StatusError, match="no protobuf of Mystery") as refused:
        decode(unknown)
    assert refused.value.code == 415


@pytest.mark.parametrize(
    "body", [b"", b"{}", MAGIC + b"\xff", MAGIC + b"\x0a\xff\x01", MAGIC + b"\x0a\x04\x0a\x02v1"]
)
def test_a_broken_body_is_refused(body: bytes) -> None:
    with pytest.raises(StatusError) as refused:
        decode(body)
    assert refused.value.code in (400, 415)


@given(st.data())
def test_a_damaged_body_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    whole = body_of("create deployment web")
    place = data.draw(st.integers(min_value=4, max_value=len(whole) - 1))
    byte = data.draw(st.binary(min_size=1, max_size=3))
    with suppress(StatusError):
        decode(whole[:place] + byte + whole[place + 1 :])


@pytest.mark.parametrize(
    ("api_version", "kind", "name"),
    [
        ("v1", "Pod", "core.Pod"),
        ("apps/v1", "Deployment", "apps.Deployment"),
        ("rbac.authorization.k8s.io/v1", "Role", "rbac.Role"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "autoscalingv2.HorizontalPodAutoscaler"),
        ("policy/v1", "DeleteOptions", "meta.DeleteOptions"),
        ("networking.istio.io/v1", "VirtualService", ""),
    ],
)
def test_a_kinds_message_is_found(api_version: str, kind: str, name: str) -> None:
    assert message_of(api_version, kind) == name
    assert not name or message(name)
