"""An object as an analyzer sees it: with the file and the lines that it came from, if any."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.sandbox.objects import Obj, labels_of, name_of, namespace_of, table


@dataclass(frozen=True, eq=False)
class Resource:
    """One object. `reference` is `FILE:LINE`; `lines` gives the line of each field by its path."""

    obj: Obj
    kind: str
    reference: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return metadata.name."""
        return name_of(self.obj)

    @property
    def namespace(self) -> str:
        """Return metadata.namespace."""
        return namespace_of(self.obj)

    @property
    def full_name(self) -> str:
        """Return `namespace/name`, or the name of what has no namespace."""
        return f"{self.namespace}/{self.name}" if self.namespace else self.name

    @property
    def title(self) -> str:
        """Return the resource as messages name it: `VirtualService mesh-demo/backend`."""
        return f"{self.kind} {self.full_name}"

    @property
    def sort_key(self) -> str:
        """Return what messages are sorted by."""
        return f"{self.kind}/{self.name}/{self.namespace}"

    @property
    def home(self) -> str:
        """Return the namespace that a filter looks at: a Namespace lies in itself."""
        return self.name if self.kind == "Namespace" else self.namespace

    @property
    def labels(self) -> dict[str, str]:
        """Return metadata.labels."""
        return labels_of(self.obj)

    @property
    def spec(self) -> Obj:
        """Return the spec, empty where there is none."""
        return table(self.obj, "spec")

    def line(self, path: str) -> int:
        """Return the line of a field (`.spec.gateways[0]`); 0 where it is not known."""
        return self.lines.get(path, 0)
