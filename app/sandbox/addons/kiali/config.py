"""Istio's objects with what an analysis says of them."""

from collections.abc import Iterator, Sequence

import yaml

from app.sandbox.addons.kiali.frame import CONFIG, FRAME
from app.sandbox.addons.observatory import Mark
from app.sandbox.addons.pages.frame import note, select, table
from app.sandbox.addons.pages.html import Html, el
from app.sandbox.objects import Obj, annotations_of, name_of, namespace_of, text
from app.sandbox.objects import table as part
from app.sandbox.store.store import Store

GROUP = ".istio.io"
MOST_ROWS = 500
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CLASSES = {"Error": "bad-text", "Warning": "busy-text"}


def objects(store: Store) -> Iterator[Obj]:
    """Yield every object of Istio's own kinds."""
    for kind in store.kinds:
        if kind.group.endswith(GROUP) and kind.namespaced:
            yield from store.list(kind.resource)


def listed(store: Store, marks: Sequence[Mark], namespace: str) -> Html:
    """Return the list; of one namespace where one is given."""
    found = [*objects(store)]
    known = sorted({namespace_of(each) for each in found})
    rows = [
        (
            el("a", name_of(each), href=_path(each)),
            text(each, "kind"),
            namespace_of(each),
            text(each, "metadata.creationTimestamp"),
            _verdict(_of(each, marks)),
        )
        for each in sorted(found, key=lambda o: (namespace_of(o), text(o, "kind"), name_of(o)))
        if not namespace or namespace_of(each) == namespace
    ]
    form = el(
        "form",
        select("namespace", "Namespace", [(each, each) for each in known], namespace, empty="all"),
        el("button", "Show"),
        action=CONFIG,
    )
    head = ("name", "kind", "namespace", "created", "analysis")
    shown = table(head, rows[:MOST_ROWS]) if rows else note("There is no object of these kinds.")
    more = len(rows) - MOST_ROWS
    said = el("p", f"{more} more are not shown.", class_="quiet") if more > 0 else None
    return FRAME.page("Istio Config", form, shown, said, at=CONFIG)


def details(store: Store, marks: Sequence[Mark], parts: Sequence[str]) -> Html | None:
    """Return the page of the object at `namespace/kind/name`, None where there is none."""
    if len(parts) != 3:
        return None
    wanted = tuple(parts)
    for each in objects(store):
        if (namespace_of(each), text(each, "kind"), name_of(each)) == wanted:
            return _details(each, _of(each, marks))
    return None


def _details(found: Obj, marks: Sequence[Mark]) -> Html:
    meta: Obj = {**part(found, "metadata")}
    kept = {key: value for key, value in annotations_of(found).items() if key != APPLIED}
    meta.pop("managedFields", None)
    meta["annotations"] = {**kept}
    if not kept:
        del meta["annotations"]
    written = yaml.safe_dump({**found, "metadata": meta}, sort_keys=False, allow_unicode=True)
    said = (
        el(
            "li",
            el("b", f"{each.level} {each.code}", class_=CLASSES.get(each.level)),
            " ",
            each.text,
        )
        for each in marks
    )
    title = f"{text(found, 'kind')} {namespace_of(found)}/{name_of(found)}"
    verdict = el("ul", said) if marks else note("The analysis has nothing to say of it.")
    return FRAME.page(title, verdict, el("pre", written), at=CONFIG)


def _path(found: Obj) -> str:
    return f"{CONFIG}/{namespace_of(found)}/{text(found, 'kind')}/{name_of(found)}"


def _of(found: Obj, marks: Sequence[Mark]) -> list[Mark]:
    wanted = (text(found, "kind"), namespace_of(found), name_of(found))
    return [each for each in marks if (each.kind, each.namespace, each.name) == wanted]


def _verdict(marks: Sequence[Mark]) -> Html:
    for level in ("Error", "Warning", "Info"):
        codes = [each.code for each in marks if each.level == level]
        if codes:
            return el("span", f"{level}: {', '.join(codes)}", class_=CLASSES.get(level))
    return el("span", "nothing found", class_="quiet")
