"""Inputs: what is taken, what is refused, and in which words."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sheetlab.errors import InputError
from sheetlab.inputs import LessonInputs, column, number, read_data, require_same_length
from sheetlab.text import same


@dataclass(frozen=True)
class Inputs(LessonInputs):
    rate: float = number(0.5, same("rate"), above=0, at_most=1)
    rounds: int = number(3, same("rounds"), whole=True, at_least=1)
    x: tuple[float, ...] = column((1, 2), same("x"), length=(2, 4))
    y: tuple[float, ...] = column((3, 4), same("y"), length=(2, 4))
    kind: tuple[str, ...] = column(("a", "b"), same("kind"), text=True, choices=("a", "b"))

    def check(self) -> None:
        require_same_length(self, "x", "y")


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
        ({"learning": 1}, "no input 'learning'"),
    ],
)
def test_what_is_not_usable_is_named(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as refusal:
        Inputs().change(settings)
    assert words in refusal.value.message.en
    assert refusal.value.message.ko != refusal.value.message.en


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_csv_gives_columns_without_trailing_blanks(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes("x,색\n1,파랑\n2,빨강\n3,\n".encode(encoding))
    assert read_data(path) == {"x": ["1", "2", "3"], "색": ["파랑", "빨강"]}


def test_an_excel_file_gives_columns(tmp_path: Path) -> None:
    path = tmp_path / "data.xlsx"
    pd.DataFrame({"x": [1.5, 2.5, 3.5], "y": [1, 2, None]}).to_excel(path, index=False)
    assert read_data(path) == {"x": [1.5, 2.5, 3.5], "y": [1, 2]}


@pytest.mark.parametrize("name", ["missing.csv", "broken.xlsx", "empty.csv"])
def test_a_data_file_that_is_no_table_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK not really")
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(InputError, match=name):
        read_data(tmp_path / name)
