"""What is drawn: the same for each spelling of a name, spread over all choices, in its places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.grading.drawn import Parameter, asked_for, draw, fill, filled, seed_of

SPLIT = Parameter("split", ({"main": 90, "rest": 10}, {"main": 80, "rest": 20}))
PORT = Parameter("port", tuple(range(8000, 8100)))
SECRET = "a secret of the marker"


def test_a_name_gets_the_same_values_however_it_is_spelt() -> None:
    seeds = {seed_of(SECRET, name) for name in ("Ann  Lee", " ann lee", "ANN LEE", "\uff21nn Lee")}
    assert len(seeds) == 1
    assert seeds != {seed_of("another secret", "Ann Lee")}


def test_values_that_belong_together_are_drawn_together() -> None:
    for name in map(str, range(30)):
        values = draw((SPLIT, PORT), seed_of(SECRET, name))
        assert set(values) == {"split.main", "split.rest", "port"}
        assert int(values["split.main"]) + int(values["split.rest"]) == 100


def test_every_choice_comes_up_and_a_parameter_does_not_hang_on_the_others() -> None:
    seeds = [seed_of(SECRET, str(number)) for number in range(2000)]
    ports = {draw((PORT,), seed)["port"] for seed in seeds}
    assert ports == set(PORT.choices)
    assert all(draw((SPLIT, PORT), s)["port"] == draw((PORT,), s)["port"] for s in seeds[:50])


def test_places_are_filled_and_a_lone_one_keeps_its_type() -> None:
    values: dict[str, str | int] = {"split.main": 80, "app": "shop"}
    assert fill("weight: {{split.main}} of {{ app }}", values) == "weight: 80 of shop"
    params = {"weights": {"v1": "{{split.main}}"}, "names": ["{{app}}-v1"], "port": 80}
    assert filled(params, values) == {"weights": {"v1": 80}, "names": ["shop-v1"], "port": 80}
    assert asked_for(params) == {"split.main", "app"}
    with pytest.raises(Refused, match="draws no other"):
        fill("{{other}}", values)


@given(st.text())
def test_a_text_without_a_place_stays_as_it_is(text: str) -> None:
    assert fill(text.replace("{{", ""), {}) == text.replace("{{", "")


def test_a_name_that_is_no_text_has_a_seed_too() -> None:
    """A folder's name may hold any bytes; Python gives those that are no UTF-8 as surrogates."""
    assert seed_of("secret", "b\udcffd") != seed_of("secret", "b\udcfed")
