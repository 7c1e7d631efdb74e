"""What `kubectl exec` may run inside a pod: a few programs that look, none that is a shell."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.commands.allowed.flags import Flag, FlagReader, Flags
from app.commands.allowed.values import shorten
from app.commands.allowed.web_requests import CURL, WGET, check_url
from app.commands.model import Scope
from app.errors import CommandRefused

_NOWHERE: Final = Scope(frozenset())
_READABLE: Final = (
    r"/etc/(?:hosts|hostname|resolv\.conf|os-release|alpine-release|nginx/[A-Za-z0-9_./-]+)"
    r"|/usr/share/nginx/html/[A-Za-z0-9_./-]+"
)
_ENVOY: Final = (
    r"/?(?:stats|clusters|listeners|server_info|ready|config_dump|certs|runtime|memory)"
    r"(?:/prometheus)?(?:\?[A-Za-z0-9_.=&|-]*)?"
)


def _word(pattern: str, expects: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if not re.fullmatch(pattern, text, re.ASCII) or ".." in text:
            raise CommandRefused(f"`{shorten(text)}` is not {expects}.")

    return check


@dataclass(frozen=True)
class Inside:
    """A program: its flags, how many words it takes, and what each must be."""

    flags: Flags
    check: Callable[[str], None] = field(default=_word("(?!)", "taken here"))
    least: int = 0
    most: int = 0


def _letters(letters: str) -> Flags:
    return Flags((Flag(letter, short=letter) for letter in letters), "curl")


_HOST: Final = _word(r"[A-Za-z0-9.-]+", "a host")
PROGRAMS: Final = {
    "curl": Inside(Flags(CURL, "curl"), check_url, 1, 5),
    "wget": Inside(Flags(WGET, "curl"), check_url, 1, 1),
    "nslookup": Inside(_letters(""), _HOST, 1, 2),
    "env": Inside(_letters("")),
    "printenv": Inside(_letters(""), _word(r"[A-Za-z0-9_]+", "a variable"), 0, 1),
    "ls": Inside(_letters("la1hR"), _word(r"[A-Za-z0-9_./-]+", "a path"), 0, 3),
    "cat": Inside(_letters(""), _word(_READABLE, "a file that the lab shows"), 1, 3),
    "id": Inside(_letters("ugn")),
    "hostname": Inside(_letters("if")),
    "whoami": Inside(_letters("")),
    "date": Inside(_letters("u")),
    "uname": Inside(_letters("arsm")),
    "ps": Inside(_letters("ef")),
    "nginx": Inside(_letters("vVtT")),
    "pilot-agent": Inside(_letters(""), _word(rf"request|GET|{_ENVOY}", "taken here"), 3, 3),
}


def check_inside(command: Sequence[str]) -> None:
    """Raises: CommandRefused where the command is none of those above."""
    name, *words = command
    program = PROGRAMS.get(name)
    if program is None:
        raise CommandRefused(
            f"`{shorten(name)}` is not run inside a pod.",
            hint="These are: " + ", ".join(PROGRAMS) + ". A shell is not among them.",
        )
    found = FlagReader(name, program.flags, _NOWHERE).read(words)
    if found.command is not None or not program.least <= len(found.plain) <= program.most:
        raise CommandRefused(f"`{name}` takes {_count(program)} here.")
    for word in found.plain:
        program.check(word)
    if name == "pilot-agent" and found.plain[:2] != ("request", "GET"):
        raise CommandRefused(
            "`pilot-agent` only asks its proxy here.", hint="pilot-agent request GET stats"
        )
    if name == "wget" and not any(option.name == "O" for option in found.options):
        raise CommandRefused("`wget` needs -O - here: it would write a file.", hint="wget -qO- URL")


def _count(program: Inside) -> str:
    if program.most == 0:
        return "no words"
    return f"{program.least} to {program.most} words"
