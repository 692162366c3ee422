"""Small lessons: what of them is asked for, what follows from their inputs, what is refused."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from sheetlab.authoring import AuthoringError, Board, axis, dots, line
from sheetlab.building import calculate, write_workbook
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons import Lesson, Reference, lesson


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """A number that only shapes the sheet, one that stands on it, and a column."""

    repeats: int = number(2, "repeats|반복", whole=True)
    rate: float = number(0.5, "rate|비율")
    x: tuple[float, ...] = column((1, 2, 4), "x")


def write(board: Board, inputs: Inputs) -> None:
    given = board.rows()
    given.input("rate")
    points = board.columns(down=axis("point", len(inputs.x)), below=given)
    points.input("x")
    points.column("y", "y", "= rate * x")


def reference(inputs: Inputs) -> Reference:
    return {"y": inputs.rate * np.array(inputs.x)}


def small(
    write: Callable[[Board, Inputs], None] = write,
    calculate: Callable[[Inputs], Reference] = reference,
) -> Lesson:
    """A lesson of that sheet and that reference, without texts."""
    return dataclasses.replace(
        lesson("sgd"),
        name="small",
        inputs=Inputs,
        write=write,
        calculate=calculate,
        how_to_read=(),
        to_try=(),
    )


def refusal(found: Lesson) -> str:
    with pytest.raises(AuthoringError) as error:
        write_workbook(found, found.inputs(), "en")
    return str(error.value)


def test_what_stands_as_it_is_given_follows_from_the_inputs() -> None:
    book, example = calculate(small(), Inputs(rate=2), "en")
    assert example.reference.keys() == {"rate", "x", "y"}
    for name, values in example.values(book).items():
        np.testing.assert_array_equal(values, example.reference[name])


def test_the_reference_of_a_lesson_has_all_inputs() -> None:
    found = small().reference(Inputs())
    assert {name: values.tolist() for name, values in found.items()} == {
        "y": [0.5, 1, 2],
        "repeats": [2],
        "rate": [0.5],
        "x": [1, 2, 4],
    }


def test_what_is_calculated_has_to_be_in_the_reference() -> None:
    def by_its_count(board: Board, inputs: Inputs) -> None:
        write(board, inputs)
        board.rows().row("repeats", "repeats|반복", "= COUNT(x)")

    message = refusal(small(by_its_count))
    assert message.startswith("small: ")
    assert "only on the sheet ['repeats'], only in the reference []" in message


def test_what_the_reference_has_stands_on_the_sheet() -> None:
    def with_repeats(inputs: Inputs) -> Reference:
        return {**reference(inputs), "repeats": np.array([inputs.repeats])}

    assert "only in the reference ['repeats']" in refusal(small(calculate=with_repeats))


def test_a_quantity_does_not_take_the_name_of_an_inputs_cells() -> None:
    def with_such_a_name(board: Board, inputs: Inputs) -> None:
        write(board, inputs)
        board.rows().row("input_x", "sum|합", "= SUM(x)")

    def with_its_sum(inputs: Inputs) -> Reference:
        return {**reference(inputs), "input_x": np.array([sum(inputs.x)])}

    message = refusal(small(with_such_a_name, with_its_sum))
    assert message.startswith(
        "small: quantity 'input_x' has the name of the cells of the input 'x'"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stacked": True}, "the chart “Y” is stacked, but has no bars"),
        ({"y_rnge": (0, 1)}, "the chart “Y”: there is no option 'y_rnge'; do you mean y_range"),
    ],
)
def test_a_chart_that_cannot_be_is_told_with_the_lesson(
    options: dict[str, Any], message: str
) -> None:
    def with_a_chart(board: Board, inputs: Inputs) -> None:
        write(board, inputs)
        board.chart("Y", line("y"), over="x", **options)

    assert refusal(small(with_a_chart)).startswith(f"small: {message}")


def test_a_series_that_cannot_be_is_told_with_its_chart() -> None:
    def with_a_chart(board: Board, inputs: Inputs) -> None:
        write(board, inputs)
        board.chart("Y", dots("y", size=1), over="x")

    assert refusal(small(with_a_chart)).startswith("small: the chart “Y”, 'y': markers of 1 points")
