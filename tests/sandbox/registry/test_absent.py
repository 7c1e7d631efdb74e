"""Kinds that can be listed here and are never there."""

import pytest

from app.sandbox.objects import Obj
from app.sandbox.registry.registry import Registry
from app.sandbox.status import StatusError
from app.sandbox.store.kinds import ABSENT, Kind, Kinds
from app.sandbox.store.store import Store


@pytest.mark.parametrize("kind", ABSENT, ids=lambda kind: kind.kind)
def test_what_nothing_would_act_on_is_refused_and_can_be_listed(kind: Kind) -> None:
    registry = Registry(Store(Kinds()))
    space = {"namespace": "default"} if kind.namespaced else {}
    namespace: Obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
    registry.create(namespace)
    obj: Obj = {
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "metadata": {"name": "x", **space},
    }
    with pytest.raises(StatusError, match="nothing that would act on it") as refused:
        registry.create(obj)
    assert refused.value.code == 403
    assert registry.store.list(kind.resource) == []
