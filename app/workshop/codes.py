"""Codes to join with and tokens to come back with.

A code has 8 of 23 signs: 23^8 are 7.8e10. Even with 100 rooms open at once and a whole day of
guessing at the limit of guesses.py (300 a minute, 432,000 a day) somebody hits one with a chance of
432,000 * 100 / 7.8e10: 1 in 1,800 days. A code opens a seat, not anybody's work.
"""

import hashlib
import secrets
import unicodedata
from typing import Final

ALPHABET: Final = "ACDEFGHJKMNPQRTVWXY3479"  # no B8, S5, Z2, O0, I1L, U beside V, G6: told apart
LENGTH: Final = 8
TOKEN_BYTES: Final = 24


def new_code() -> str:
    """Return a join code as it is projected: ABCD-EFGH."""
    signs = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{signs[:4]}-{signs[4:]}"


def clean_code(text: str) -> str:
    """Return a typed code in the form of `new_code`; what cannot be one comes back empty."""
    typed = unicodedata.normalize("NFKC", text[:80]).upper()
    signs = "".join(sign for sign in typed if sign.isalnum())
    if len(signs) != LENGTH or not set(signs) <= set(ALPHABET):
        return ""
    return f"{signs[:4]}-{signs[4:]}"


def new_token() -> str:
    """Return a token for a personal link; only its digest is kept."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str) -> str:
    """Return what is kept of a token. Shape: 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()
