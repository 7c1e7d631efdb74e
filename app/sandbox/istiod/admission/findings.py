"""What a validator finds in an object: errors as Istio words and gathers them, and warnings."""

import re
from dataclasses import dataclass, field

LABEL = re.compile(r"[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?")
TAG = re.compile(r"(?:[a-zA-Z0-9][-a-zA-Z0-9_./]*)?")
HEADER = re.compile(r"[-_A-Za-z0-9!#$%&'*+.^`|~]+")
WILD_LABEL = re.compile(r"\*|\*-[-a-zA-Z0-9]*[a-zA-Z0-9]")
SMALL_LABEL = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")


@dataclass
class Findings:
    """Errors and warnings, in the order in which Istio finds them."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_list: bool = False

    def error(self, said: str, *, listed: bool = False) -> None:
        """Add an error; `listed` ones are printed as a list even when alone."""
        self.errors.append(said)
        self.is_list = self.is_list or listed

    def warning(self, said: str) -> None:
        """Add a warning, which refuses nothing."""
        self.warnings.append(said)

    def told(self) -> str:
        """Return the errors as one text, as hashicorp's multierror prints several."""
        if len(self.errors) == 1 and not self.is_list:
            return self.errors[0]
        count = f"{len(self.errors)} error{'s' if len(self.errors) > 1 else ''} occurred:"
        return f"{count}\n" + "".join(f"\t* {error}\n" for error in self.errors) + "\n"

    def domain(self, name: str) -> None:
        """Check a host's name, which may begin with a wildcard."""
        if not name:
            return self.error("empty domain name not allowed")
        first, _, rest = name.partition(".")
        if not (LABEL.fullmatch(first) or WILD_LABEL.fullmatch(first)):
            return self.error(f'domain name "{name}" invalid (label "{first}" invalid)')
        labels = rest.removesuffix(".").split(".") if rest else []
        wrong = next((label for label in labels if not LABEL.fullmatch(label)), None)
        if wrong is not None:
            self.error(f'domain name "{rest}" invalid (label "{wrong}" invalid)')
        return None

    def whole(self, name: str) -> None:
        """Check a host of a Gateway or a Sidecar, which is no short name."""
        if name != "*" and "." not in name:
            self.error("short names (non FQDN) are not allowed")
        self.domain(name)
        if "*" in name and name != "*" and not name.startswith("*."):
            self.error(f'partial wildcard "{name}" not allowed')

    def selector(self, selector: object) -> None:
        """Warn of a selector that is there and selects nothing."""
        if isinstance(selector, dict) and not selector.get("matchLabels"):
            self.warning("workload selector specified without labels")

    def port(self, number: int) -> None:
        """Check a port's number."""
        if not 1 <= number <= 65535:
            self.error(f"port number {number} must be in the range 1..65535")

    def labels(self, labels: dict[str, str]) -> None:
        """Check labels that a selector names."""
        for key, value in labels.items():
            if not key or not TAG.fullmatch(key):
                self.error(f'invalid tag key: "{key}"', listed=True)
            if not TAG.fullmatch(value):
                self.error(f'invalid tag value: "{value}"', listed=True)

    def subset(self, name: str) -> None:
        """Check a subset's name."""
        if not name:
            self.error("subset name cannot be empty")
        elif not SMALL_LABEL.fullmatch(name):
            self.error(f"subset name is invalid: {name}")

    def exported(self, words: list[str], namespace: str, *, is_entry: bool = False) -> None:
        """Check an exportTo of an object in `namespace`; a ServiceEntry may be for no one."""
        seen: set[str] = set()
        for word in words:
            key = namespace if word == "." else word
            if key in seen:
                which = f": . and current namespace {key}" if key != word else f" for entry {key}"
                self.error(f"duplicate entries in exportTo{which}")
            elif key == "~" and not is_entry:
                self.error("exportTo ~ (none) is not allowed for Istio configuration objects")
            elif key not in ("*", "~") and not SMALL_LABEL.fullmatch(key):
                self.error("only .,*, or a valid DNS 1123 label is allowed as exportTo entry")
            else:
                seen.add(key)
        if "*" in seen and len(words) > 1:
            self.error("cannot have both public (*) and non-public exportTo values for a resource")
        if "~" in seen and len(words) > 1:
            self.error("cannot export service entry to no one (~) and someone")

    def share(self, value: float) -> None:
        """Check a percentage of a fault."""
        if value != 0 and not 0.0001 <= value <= 100:
            said = f"{value:g}"
            self.error(f"percentage {said} is neither 0.0, nor in range [0.0001, 100.0]")
