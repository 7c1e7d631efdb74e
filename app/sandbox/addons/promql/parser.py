"""From a query to a tree."""

from app.sandbox.addons.promql.nodes import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Matching,
    Node,
    Number,
    QueryError,
    Selector,
    Text,
)
from app.sandbox.addons.promql.tokens import Token, seconds, tokens, unquoted

STRENGTH = {
    "or": 1, "and": 2, "unless": 2,
    "==": 3, "!=": 3, "<=": 3, "<": 3, ">=": 3, ">": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5, "atan2": 5, "^": 6,
}  # fmt: skip
SETS = ("and", "or", "unless")
COMPARISONS = ("==", "!=", "<=", "<", ">=", ">")
AGGREGATIONS = ("sum", "avg", "min", "max", "count", "group", "topk", "bottomk", "quantile",
                "stddev", "stdvar")  # fmt: skip
WITH_PARAMETER = ("topk", "bottomk", "quantile")
UNKNOWN = ("count_values", "limitk", "limit_ratio")
NUMBERS = {"inf": float("inf"), "nan": float("nan")}
DEEPEST = 60
MOST_OPERATORS = 200


def parse(query: str) -> Node:
    """Return the tree of a query. Raises: QueryError."""
    if not query.strip():
        raise QueryError("1:1: parse error: no expression found in input")
    return _Parser(query).whole()


class _Parser:
    def __init__(self, query: str) -> None:
        self._tokens = tokens(query)
        self._at = 0
        self._depth = 0
        self._operators = 0

    def whole(self) -> Node:
        node = self._expression(0)
        if self._now.kind != "end":
            raise self._unexpected()
        return node

    @property
    def _now(self) -> Token:
        return self._tokens[self._at]

    def _unexpected(self, wanted: str = "") -> QueryError:
        token = self._now
        said = repr(token.text) if token.kind != "end" else "end of input"
        behind = f", expected {wanted}" if wanted else ""
        return QueryError(f"1:{token.at + 1}: parse error: unexpected {said}{behind}")

    def _next(self) -> Token:
        token = self._now
        self._at += token.kind != "end"
        return token

    def _takes(self, *texts: str) -> bool:
        """Whether one of these is next; it is then passed over."""
        is_next = self._now.kind in ("sign", "word") and self._now.text in texts
        self._at += is_next
        return is_next

    def _expect(self, text: str) -> None:
        if not self._takes(text):
            raise self._unexpected(repr(text))

    def _expression(self, least: int) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError("the query is nested too deeply")
        left = self._unary()
        while self._now.kind in ("sign", "word"):
            op = self._now.text if self._now.kind == "sign" else self._now.text.lower()
            strength = STRENGTH.get(op, 0)
            if strength <= least:
                break
            self._next()
            self._operators += 1
            if self._operators > MOST_OPERATORS:
                raise QueryError(f"the query has more than {MOST_OPERATORS} operators")
            is_bool = op in COMPARISONS and self._takes("bool")
            matching = self._matching()
            right = self._expression(strength - (op == "^"))
            left = Binary(op, left, right, is_bool, matching)
        self._depth -= 1
        return left

    def _matching(self) -> Matching:
        is_on = self._takes("on")
        if not is_on and not self._takes("ignoring"):
            return Matching()
        labels = self._labels()
        for word, side in (("group_left", "left"), ("group_right", "right")):
            if self._takes(word):
                included = self._labels() if self._now.text == "(" else ()
                return Matching(labels, is_on, side, included)
        return Matching(labels, is_on)

    def _labels(self) -> tuple[str, ...]:
        self._expect("(")
        found = []
        while not self._takes(")"):
            if self._now.kind != "word":
                raise self._unexpected("label")
            found.append(self._next().text)
            if not self._takes(","):
                self._expect(")")
                break
        return tuple(found)

    def _unary(self) -> Node:
        if self._takes("-"):
            part = self._expression(STRENGTH["*"])
            return Binary("*", Number(-1.0), part, False, Matching())
        if self._takes("+"):
            return self._expression(STRENGTH["*"])
        return self._behind(self._atom())

    def _atom(self) -> Node:
        token = self._now
        if token.kind == "number":
            return Number(float(self._next().text))
        if token.kind == "text":
            return Text(unquoted(self._next().text))
        if self._takes("("):
            inner = self._expression(0)
            self._expect(")")
            return inner
        if token.text == "{":
            return self._selector("")
        if token.kind != "word":
            raise self._unexpected()
        return self._named(self._next().text)

    def _named(self, word: str) -> Node:
        low = word.lower()
        is_applied = self._now.text in ("(", "by", "without")
        if low in UNKNOWN and is_applied:
            raise QueryError(f"the stand-in does not know the aggregation {low}", "execution")
        if low in AGGREGATIONS and is_applied:
            return self._aggregate(low)
        if self._now.text == "(":
            return Call(word, tuple(self._arguments()))
        if low in NUMBERS:
            return Number(NUMBERS[low])
        return self._selector(word)

    def _arguments(self) -> list[Node]:
        self._expect("(")
        found: list[Node] = []
        while not self._takes(")"):
            found.append(self._expression(0))
            if not self._takes(","):
                self._expect(")")
                break
        return found

    def _aggregate(self, operation: str) -> Node:
        grouping = self._grouping()
        arguments = self._arguments()
        grouping = grouping or self._grouping() or ((), False)
        wanted = 2 if operation in WITH_PARAMETER else 1
        if len(arguments) != wanted:
            raise QueryError(
                f"wrong number of arguments for aggregate expression provided, "
                f"expected {wanted}, got {len(arguments)}"
            )
        parameter = arguments[0] if wanted == 2 else None
        return Aggregate(operation, arguments[-1], parameter, *grouping)

    def _grouping(self) -> tuple[tuple[str, ...], bool] | None:
        if self._takes("by"):
            return self._labels(), False
        return (self._labels(), True) if self._takes("without") else None

    def _selector(self, name: str) -> Selector:
        matchers = []
        if self._takes("{"):
            while not self._takes("}"):
                matchers.append(self._matcher())
                if not self._takes(","):
                    self._expect("}")
                    break
        if not name and not any(each.value for each in matchers):
            raise QueryError("vector selector must contain at least one non-empty matcher")
        return Selector(name, tuple(matchers))

    def _matcher(self) -> Matcher:
        if self._now.kind != "word":
            raise self._unexpected("label")
        label, op = self._next().text, self._next().text
        if op not in ("=", "!=", "=~", "!~") or self._now.kind != "text":
            raise self._unexpected("label matching")
        return Matcher(label, op, unquoted(self._next().text))

    def _behind(self, node: Node) -> Node:
        """Return a node with the range and the offset that stand behind it."""
        while True:
            if self._takes("["):
                node = self._ranged(node)
            elif self._takes("offset"):
                sign = -1 if self._takes("-") else 1
                if not isinstance(node, Selector):
                    raise QueryError("offset modifier must be preceded by an instant vector "
                                     "selector or range vector selector")  # fmt: skip
                node = Selector(node.name, node.matchers, node.range_s, sign * self._duration())
            elif self._now.text == "@":
                raise QueryError("the stand-in does not know the modifier @", "execution")
            else:
                return node

    def _ranged(self, node: Node) -> Node:
        range_s = self._duration()
        if self._now.text == ":":
            raise QueryError("the stand-in does not know subqueries", "execution")
        self._expect("]")
        if not isinstance(node, Selector) or node.range_s:
            raise QueryError("ranges only allowed for vector selectors")
        return Selector(node.name, node.matchers, range_s, node.offset_s)

    def _duration(self) -> float:
        if self._now.kind not in ("duration", "number"):
            raise self._unexpected("duration")
        token = self._next()
        found = seconds(token.text) if token.kind == "duration" else float(token.text)
        if found <= 0:
            raise QueryError("duration must be greater than 0")
        return found
