"""Names of learners: what may be one, when two are the same, and what else one could be called."""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

from app.errors import Refused

MOST: Final = 40  # characters of a name: what a row of the board has room for
MOST_EMAIL: Final = 120
MARKS: Final = 4  # combining marks in a row; more is an ornament that covers other rows
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})  # controls, bidi, nothing


def clean_name(text: str) -> str:
    """Return the name as it will be shown: compatibility forms and spaces made plain.

    Raises: Refused where it is empty, too long, or holds what cannot be seen.
    """
    name = _plain(text, "name", MOST)
    if not any(unicodedata.category(letter)[0] in "LN" for letter in name):
        raise Refused("A name needs a letter or a digit.", hint="It is what the board shows.")
    if len(name) > MOST:
        raise Refused(f"That name is longer than {MOST} characters.", hint="Use a shorter one.")
    return name


def clean_email(text: str) -> str:
    """Return an e-mail address or student number as it is kept; it may be empty. Raises: Refused.

    It is never written to, so that only its length and its characters are looked at.
    """
    email = _plain(text, "e-mail address or number", MOST_EMAIL)
    if len(email) > MOST_EMAIL:
        raise Refused(f"An e-mail address or number has {MOST_EMAIL} characters at the most.")
    return email


def clean_line(text: str, most: int, what: str) -> str:
    """Return one line of prose. Raises: Refused where it is empty, too long or not one line."""
    line = _plain(text, what, most)
    if not line:
        raise Refused(f"The {what} is empty.")
    if len(line) > most:
        raise Refused(f"The {what} is longer than {most} characters.")
    return line


def name_key(name: str) -> str:
    """Return what two names must differ in: neither case, width nor spaces tell people apart."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", folded.casefold()))


def suggestion(name: str, taken: Collection[str]) -> str:
    """Return a name like this one that is free; `taken` holds the keys of all names in the room."""
    for number in range(2, len(taken) + 3):
        ending = f" {number}"
        other = name[: MOST - len(ending)].rstrip() + ending
        if name_key(other) not in taken:
            return other
    raise AssertionError("of one more names than are taken one is free")


def _plain(text: str, what: str, most: int) -> str:
    # Composing makes a text shorter, but never that much: what is cut off here is too long anyway.
    plain = unicodedata.normalize("NFKC", text[: 4 * most + 4])
    plain = " ".join(re.split(r"[ \t\u00a0\u3000]+", plain)).strip()
    if any(unicodedata.category(letter) in _HIDDEN for letter in plain):
        raise Refused(
            f"The {what} holds a character that cannot be seen.",
            hint="Type it anew; letters of every script are fine.",
        )
    if re.search(rf"(?:{_MARK}){{{MARKS + 1},}}", plain):
        raise Refused(f"The {what} has too many marks over one letter.")
    return plain


_MARK: Final = r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
