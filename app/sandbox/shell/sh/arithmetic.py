"""`$((...))`: integers, variables, parentheses, the operators of C but assignment."""

import re
from collections.abc import Mapping

from app.sandbox.shell.sh.words import SyntaxFault

_TOKEN = re.compile(r"\s*(\d+|[A-Za-z_]\w*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%()<>!~&|^?:])")
_LEVELS = (
    ("||",), ("&&",), ("|",), ("^",), ("&",), ("==", "!="), ("<", "<=", ">", ">="), ("<<", ">>"),
    ("+", "-"), ("*", "/", "%"),
)  # fmt: skip
_BITS = 2**63


def evaluate(text: str, variables: Mapping[str, str]) -> int:
    """Return the value of an expression. Raises: SyntaxFault."""
    tokens: list[str] = []
    at = 0
    text = text.strip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or len(tokens) > 1000:
            raise SyntaxFault(f'arithmetic expression: expecting primary: "{text}"')
        tokens.append(found[1])
        at = found.end()
    reader = _Reader(tokens, variables)
    value = reader.choice() if tokens else 0
    if reader.tokens:
        raise SyntaxFault(f'arithmetic expression: expecting EOF: "{text}"')
    return value


class _Reader:
    def __init__(self, tokens: list[str], variables: Mapping[str, str]) -> None:
        self.tokens = tokens
        self._variables = variables
        self._depth = 0

    def choice(self) -> int:
        condition = self._level(0)
        if self.tokens[:1] != ["?"]:
            return condition
        self.tokens.pop(0)
        yes = self.choice()
        if not self.tokens or self.tokens.pop(0) != ":":
            raise SyntaxFault("arithmetic expression: expecting ':'")
        no = self.choice()
        return yes if condition else no

    def _level(self, number: int) -> int:
        if number == len(_LEVELS):
            return self._unary()
        left = self._level(number + 1)
        while self.tokens and self.tokens[0] in _LEVELS[number]:
            operator = self.tokens.pop(0)
            left = _wrapped(_apply(operator, left, self._level(number + 1)))
        return left

    def _unary(self) -> int:
        self._depth += 1
        if not self.tokens or self._depth > 100:
            raise SyntaxFault("arithmetic expression: expecting primary")
        token = self.tokens.pop(0)
        try:
            if token == "(":
                value = self.choice()
                if not self.tokens or self.tokens.pop(0) != ")":
                    raise SyntaxFault("arithmetic expression: expecting ')'")
                return value
            if token in "+-!~":
                value = self._unary()
                return {"+": value, "-": -value, "!": int(not value), "~": ~value}[token]
            if token.isdigit():
                return _wrapped(int(token[:20]))
            return self._variable(token)
        finally:
            self._depth -= 1

    def _variable(self, name: str) -> int:
        written = self._variables.get(name, "0").strip() or "0"
        if not re.fullmatch(r"[-+]?\d{1,19}", written):
            raise SyntaxFault(f"Illegal number: {written}")
        return int(written)


def _apply(operator: str, left: int, right: int) -> int:
    if operator in ("/", "%"):
        if right == 0:
            raise SyntaxFault("arithmetic expression: division by zero")
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return quotient if operator == "/" else left - quotient * right
    if operator in ("<<", ">>"):
        return left << (right % 64) if operator == "<<" else left >> (right % 64)
    results = {
        "+": left + right, "-": left - right, "*": left * right, "|": left | right,
        "&": left & right, "^": left ^ right, "==": left == right, "!=": left != right,
        "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right,
        "&&": bool(left and right), "||": bool(left or right),
    }  # fmt: skip
    return int(results[operator])


def _wrapped(value: int) -> int:
    """The value as 64 bits hold it."""
    return (value + _BITS) % (2 * _BITS) - _BITS
