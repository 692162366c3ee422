"""Inputs: what is taken, what is refused, and in which words."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sheetlab.errors import InputError
from sheetlab.inputs import (
    Categorical,
    LessonInputs,
    column,
    constraints,
    number,
    require_same_length,
    table,
)
from sheetlab.text import Text, same


@dataclass(frozen=True)
class Inputs(LessonInputs):
    rate: float = number(0.5, same("rate"), above=0, at_most=1)
    rounds: int = number(3, same("rounds"), whole=True, at_least=1)
    x: tuple[float, ...] = column((1, 2), same("x"), length=(2, 4))
    y: tuple[float, ...] = column((3, 4), same("y"), length=(2, 4))
    kind: tuple[str, ...] = column(("a", "b"), same("kind"), text=True, choices=("a", "b"))

    def check(self) -> None:
        require_same_length(self, "x", "y")
        self.require(99 not in self.x, "Give no 99 as x.", "x에 99를 쓰지 마십시오.")


@dataclass(frozen=True)
class Shares(LessonInputs):
    """Columns that depend on one another, and one that does not go beyond 1."""

    share: tuple[float, ...] = column((0.5, 0.25), same("share"), at_least=0, sum_at_most=1)
    price: tuple[float, ...] = column((1, 2), same("price"), as_long_as="share")
    name: tuple[str, ...] = column((), same("name"), text=True, length=(0, 9), as_long_as="share")
    pair: tuple[float, ...] = column((3, 4), same("pair"), length=2)


def test_columns_may_be_told_to_be_as_long_as_another() -> None:
    assert Shares(name=("a", "b")).name == ("a", "b")
    with pytest.raises(InputError, match="share: 2, price: 1"):
        Shares(price=(1,))
    with pytest.raises(InputError, match="share: 2, price: 2, name: 3"):
        Shares(name=("a", "b", "c"))


def test_what_must_hold_is_said_in_both_languages() -> None:
    with pytest.raises(InputError) as refused:
        Inputs(x=(1, 99))
    assert refused.value.message == Text("Give no 99 as x.", "x에 99를 쓰지 마십시오.")


@pytest.mark.parametrize("pair", [(3,), (3, 4, 5)])
def test_a_column_may_be_told_how_many_values_it_has(pair: tuple[float, ...]) -> None:
    assert Shares(pair=(5, 6)).pair == (5, 6)
    with pytest.raises(InputError, match="pair"):
        Shares(pair=pair)


def test_a_column_may_be_told_what_it_adds_up_to_at_most() -> None:
    assert sum(Shares(share=(0.1,) * 10, price=(1,) * 10).share) == pytest.approx(1)
    with pytest.raises(InputError, match=r"add up to 1\.1; give values that add up to 1 at"):
        Shares(share=(0.6, 0.5))


def test_text_from_the_command_line_becomes_numbers() -> None:
    inputs = Inputs().change({"rate": "0.25", "rounds": "7", "x": "1, 2,3", "y": "4,5,6"})
    assert inputs == Inputs(rate=0.25, rounds=7, x=(1.0, 2.0, 3.0), y=(4.0, 5.0, 6.0))
    assert isinstance(inputs.rounds, int)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rate": "abc"}, "rate is 'abc', but it must be a number, above 0, at most 1"),
        ({"rate": 0}, "above 0"),
        ({"rate": float("nan")}, "must be a number"),
        ({"rate": float("inf")}, "must be a number"),
        ({"rate": True}, "must be a number"),
        ({"rounds": 1.5}, "a whole number, at least 1"),
        ({"x": [1]}, "x has 1 values, but it needs 2 to 4"),
        ({"x": [1, "two"]}, "x[1] is 'two'"),
        ({"x": [1, 2, 3]}, "x: 3, y: 2"),
        ({"kind": "a,c"}, "kind[1] is 'c', but it must be one of a, b"),
        ({"kind": ["a\x1b"]}, "kind[0] is 'a"),
        ({"rate": "1_0"}, "rate is '1_0'"),
        ({"rate": "1,5"}, "rate is '1,5'"),
        ({"rate": [0.5]}, "rate is '[0.5]'"),
        ({"rate": pd.NA}, "rate is '<NA>'"),
        ({"rate": 10**400}, "must be a number"),
        ({"x": "z" * 1000}, "x[0] is 'zzz"),
        ({"learning": 1}, "no input 'learning'"),
    ],
)
def test_what_is_not_usable_is_named(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refusal:
        Inputs().change(settings)
    assert words in refusal.value.message.en
    assert refusal.value.message.ko != refusal.value.message.en


def test_columns_and_numbers_of_numpy_and_pandas_are_taken() -> None:
    inputs = Inputs().change(
        {"rate": np.float32(0.5), "x": np.arange(3), "y": pd.Series([1.5, 2, 3])}
    )
    assert inputs == Inputs(rate=0.5, x=(0, 1, 2), y=(1.5, 2, 3))
    assert all(type(value) is float for value in inputs.x)
    assert Inputs(rate="1e-3").rate == 0.001  # type: ignore[arg-type]


def test_a_single_value_is_a_column_of_one() -> None:
    with pytest.raises(InputError, match="x has 1 values"):
        Inputs(x=5)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Roads(LessonInputs):
    records: tuple[Categorical, ...] = table(
        {"speed limit|속도제한": ("Yes", "No", "Yes"), "speed|속도": ("slow", "fast", "slow")},
        same("records"),
        columns=(2, 3),
        reserved="total",
    )
    rate: float = number(0.5, same("rate"))


def test_the_columns_of_a_table_are_inputs_of_their_own() -> None:
    roads = Roads()
    limit, speed = roads.records
    assert limit == Categorical(
        "speedlimit", Text("speed limit", "속도제한"), ("Yes", "No", "Yes"), ("Yes", "No")
    )
    assert list(constraints(roads)) == ["records", "rate", "speedlimit", "speed"]
    assert constraints(roads)["speed"].choices == speed.categories == ("slow", "fast")
    assert roads.values("speed") == ("slow", "fast", "slow")
    changed = roads.change({"speed": "fast,fast,fast", "rate": 1})
    assert changed.records[0] == limit
    assert changed.values("speed") == ("fast",) * 3
    assert changed.records[1].categories == ("slow", "fast")


def test_a_table_has_any_headings_and_any_texts() -> None:
    found = Roads().change({"records": {"A1": [1, 2.0], "Total": ["Yes", "yes"], "바람": "a,b"}})
    first, second, third = found.records
    assert [column.name for column in found.records] == ["column_1", "column_2", "column_3"]
    assert first.values == ("1", "2")
    # A spreadsheet does not tell capitals from small letters.
    assert (second.values, second.categories) == (("Yes", "Yes"), ("Yes",))
    assert third.label == same("바람")
    assert found.to_table() == {
        "A1": ("1", "2"),
        "Total": ("Yes", "Yes"),
        "바람": ("a", "b"),
        "rate": (0.5,),
    }


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"records": "a,b"}, "records is a table; give it with --data"),
        ({"records": {"a": ["x"]}}, "records has 1 columns, but it needs 2 to 3"),
        ({"records": {"a": ["x"], "b": ["x", "y"]}}, "a: 1, b: 2"),
        ({"records": {"a": ["x", ""], "b": ["x", "y"]}}, "a[1] is ''"),
        ({"records": {"a": range(31), "b": range(31)}}, "a has 31 different values"),
        ({"records": {"a": ["{x}"], "b": ["x"]}}, "a has the text '{x}'"),
        ({"speed": ("fast", "slow", "quick")}, "speed[2] is 'quick', but it must be one of slow"),
        (
            {"wind": "a,b,c"},
            "no input 'wind' here; the inputs are records, rate, speedlimit, speed",
        ),
    ],
)
def test_what_no_table_can_be_is_named(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refusal:
        Roads().change(settings)
    assert words in refusal.value.message.en
    assert refusal.value.message.ko != refusal.value.message.en
