"""What expressions say, how they fail, and that none goes on for ever."""

import pytest

from app.sandbox.schemas.cel.evaluate import evaluate
from app.sandbox.schemas.cel.parser import CelError


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        ("self.size() == 0", "", True),
        ("self + 2 * 3 == 8", 2, True),
        ("-self < 0 && !(self == 3)", 2, True),
        ("self in ['a', \"b\"]", "b", True),
        ("'a' in self", {"a": 1}, True),
        ("has(self.a) ? self.a : 'none'", {}, "none"),
        ("self.all(k, k != '')", {"": 1}, False),
        ("self.all(a, self.exists_one(b, a.n == b.n))", [{"n": 1}, {"n": 2}], True),
        ("self.filter(x, x > 1).map(x, x * 2)", [1, 2, 3], [4, 6]),
        ("duration(self) >= duration('1ms')", "0.5ms", False),
        ("duration(self) > duration('59m')", "1h", True),
        ("self.matches('^a+$')", "aaa", True),
        ("self.substring(7, 8) == '/'", "unix:///x", True),
        ("url(self).getScheme() in ['http', 'https']", "ftp://a", False),
        ("isURL(self)", "not a url", False),
        ("self[1]", [1, 2], 2),
        ("{'a': 1}.a == 1", None, True),
        ("-7 / 2 == -3 && -7 % 2 == -1", None, True),
        (r"r'\d' == '\\d'", None, True),
    ],
)
def test_a_rule_says(rule: str, value: object, said: object) -> None:
    assert evaluate(rule, {"self": value}) == said  # type: ignore[dict-item]


@pytest.mark.parametrize("rule", ["true || self.a.b == 1", "self.a.b == 1 || true"])
def test_a_side_that_decides_hides_the_others_error(rule: str) -> None:
    assert evaluate(rule, {"self": {}}) is True


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("self.a", "no such key: a"),
        ("int(self.b)", "type conversion error from 'string' to 'int'"),
        ("duration('5')", "type conversion error from 'string' to 'google.protobuf.Duration'"),
        ("self.b + 1", "no such overload"),
        ("other", "undeclared reference to 'other'"),
        ("self.(", "unexpected"),
        ("1 +", "the expression ends too early"),
        ("[1][5]", "index out of bounds: 5"),
        ("1 / 0", "division by zero"),
        ("self.b.matches('(')", "error parsing regexp"),
        (f"int('{'9' * 5000}')", "integer overflow"),
        (f"duration('{'9' * 400}h')", "range error"),
        ("url('http://a:b').getPort()", "range error"),
    ],
)
def test_a_rule_that_fails_says_why(rule: str, why: str) -> None:
    with pytest.raises(CelError, match=why.replace("(", r"\(")):
        evaluate(rule, {"self": {"b": "x"}})


def test_a_rule_that_goes_on_and_on_is_stopped() -> None:
    many: list[object] = list(range(200))
    with pytest.raises(CelError, match="cost budget"):
        evaluate("self.all(a, self.all(b, self.all(c, true)))", {"self": many})  # type: ignore[dict-item]


def test_a_rule_cannot_make_a_text_without_end() -> None:
    doubled = "['x'].map(a, a)" + ".map(a, a + a)" * 30
    with pytest.raises(CelError, match="no such overload"):
        evaluate(f"{doubled}[0].size()", {})


def test_a_rule_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(CelError, match="nested too deeply"):
        evaluate("(" * 500 + "1" + ")" * 500, {})
