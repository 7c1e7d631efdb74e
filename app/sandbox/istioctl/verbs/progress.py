"""The lines of an installation that goes on, as istioctl prints them on standard error.

Where nobody watches a terminal each line begins with a newline and the last one ends without; a
line that says what the last one said is left out.
"""

from collections.abc import Sequence
from typing import Final

from app.sandbox.istioctl.terminal import Terminal

WIDTH: Final = 98  # characters of a line that the real one cuts, its mark left out
NAMES: Final = {
    "Base": ("Istio core", "⛵️"),
    "Pilot": ("Istiod", "🧠"),
    "EgressGateways": ("Egress gateways", "🛫"),
    "IngressGateways": ("Ingress gateways", "🛬"),
}


class Progress:
    """What is under way, and what each part waits for."""

    def __init__(self, terminal: Terminal, *, is_terminal: bool) -> None:
        self._terminal = terminal
        self._is_terminal = is_terminal
        self._last = ""
        self.waiting: dict[str, Sequence[str]] = {}

    def begin(self, component: str) -> None:
        """Add a part to those under way; `tell` says so."""
        self.waiting[component] = ()

    def tell(self) -> None:
        """Print what is under way and what it waits for."""
        parts = ", ".join(sorted(NAMES[component][0] for component in self.waiting))
        waits = sorted(name for found in self.waiting.values() for name in found)
        said = f"Processing resources for {parts}."
        said += f" Waiting for {', '.join(waits)}" if waits else ""
        self.say(f"- {said if len(said) <= WIDTH else said[: WIDTH - 3] + '...'}")

    def finish(self, component: str) -> None:
        """Print that a part is installed."""
        del self.waiting[component]
        name, mark = NAMES[component]
        self.say(f"✔ {name} installed {mark}", is_last=True)

    def fail(self, component: str, why: str) -> None:
        """Print why a part could not be installed."""
        del self.waiting[component]
        self.say(f"✘ {NAMES[component][0]} encountered an error: {why}", is_last=True)

    def say(self, line: str, *, is_last: bool = False) -> None:
        """Print a line; on a terminal it stands until the next one, unless it is the last word."""
        if self._is_terminal:
            self._terminal.err(f"\r{line:100}" + ("\n" if is_last else ""))
        elif line != self._last:
            self._terminal.err(f"\n{line}")
        self._last = line
