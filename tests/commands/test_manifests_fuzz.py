"""Whatever manifest is let through keeps the promises, however its lines were put together."""

from collections.abc import Iterator
from typing import Final

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.commands.manifests import VERSIONS, ManifestObject, check_manifest
from app.commands.model import Scope
from app.errors import ManifestRefused
from tests.commands.hostile_manifests import DEPLOYMENT, POD, SERVICE, hostile_manifests

NAMESPACE: Final = "mesh-demo"
SCOPE: Final = Scope(frozenset({NAMESPACE}), {}, {})
# Where a field means something; elsewhere the API server knows no such field.
OF_METADATA: Final = frozenset({"ownerReferences", "finalizers", "generateName"})
OF_A_SERVICE: Final = frozenset({"externalName", "externalIPs", "loadBalancerIP"})
OF_A_POD: Final = frozenset(  # at any depth, whatever their value
    [
        *("hostPath", "hostPort", "hostIP", "nodeName", "volumeDevices", "subPathExpr"),
        *("secretRef", "secretKeyRef"),
    ]
)
ONLY_FALSE: Final = frozenset({"hostNetwork", "hostPID", "hostIPC", "privileged"})

HARMLESS: Final = st.sampled_from([POD, DEPLOYMENT, SERVICE])
HOSTILE: Final = st.sampled_from(sorted(hostile_manifests().values()))
LINES: Final = sorted({line for text in hostile_manifests().values() for line in text.split("\n")})
SIGNS: Final = st.sampled_from(
    ["\t", "\r", "\x00", "\x85", "\u2028", "---\n", "...\n", *"{}[]&*!|"]
)
FUZZ: Final = settings(suppress_health_check=[HealthCheck.too_slow])


def let_through(text: str) -> list[ManifestObject]:
    """Return the objects that may be applied; none where the manifest is refused."""
    try:
        return check_manifest("a.yaml", text, SCOPE)
    except ManifestRefused:
        return []


def check(text: str) -> None:
    """Hold what is let through against what another reader of YAML finds in it."""
    found = let_through(text)
    if not found:
        return
    readable = text.replace("\t", " ")  # between two words it is a blank; PyYAML takes none
    documents = [one for one in yaml.safe_load_all(readable) if one is not None]
    assert len(documents) == len(found)
    for one, document in zip(found, documents, strict=True):
        metadata, spec = document["metadata"], document.get("spec")
        assert one.api_version in VERSIONS[one.kind]
        assert (one.kind, one.name) == (document["kind"], str(metadata["name"]))
        assert one.kind == "Namespace" or metadata["namespace"] == one.namespace == NAMESPACE
        assert not OF_METADATA & metadata.keys()
        assert one.kind != "Service" or not OF_A_SERVICE & (spec or {}).keys()
        for key, value in pairs_of(spec if one.kind in {"Pod", "Deployment"} else None):
            assert key not in OF_A_POD
            assert key not in ONLY_FALSE or value is False


def pairs_of(value: object) -> Iterator[tuple[object, object]]:
    """Yield every key with its value, at any depth."""
    if isinstance(value, dict):
        yield from value.items()
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from pairs_of(part)


@FUZZ
@given(text=st.one_of(HARMLESS, HOSTILE), line=st.sampled_from(LINES), data=st.data())
def test_a_hostile_line_in_any_place_and_depth_changes_nothing(
    text: str, line: str, data: st.DataObject
) -> None:
    lines = text.split("\n")
    depth = data.draw(st.integers(0, 12))
    lines.insert(data.draw(st.integers(0, len(lines))), " " * depth + line.strip())
    check("\n".join(lines))


@FUZZ
@given(text=st.one_of(HARMLESS, HOSTILE), data=st.data())
def test_lines_left_out_doubled_or_moved_change_nothing(text: str, data: st.DataObject) -> None:
    lines = text.split("\n")[:200]
    places = st.integers(0, len(lines) - 1)
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = data.draw(places), data.draw(places)
        act = data.draw(st.sampled_from(["leave out", "double", "swap", "shift"]))
        if act == "leave out":
            lines[one] = ""
        elif act == "double":
            lines[other] = lines[one]
        elif act == "swap":
            lines[one], lines[other] = lines[other], lines[one]
        else:
            lines[one] = "  " + lines[one]
    check("\n".join(lines))


@FUZZ
@given(text=HARMLESS, sign=st.one_of(SIGNS, st.characters()), data=st.data())
def test_a_sign_in_any_place_changes_nothing(text: str, sign: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    check(text[:at] + sign + text[at:])


@FUZZ
@given(text=st.text(max_size=200))
@example("\ufeff" + POD)
@example("? {a: b}\n: c")
@example("1: 2\n1.0: 3\nnull: 4")
def test_any_text_is_refused_or_kept_to_the_promises(text: str) -> None:
    check(text)
