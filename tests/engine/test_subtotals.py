"""SUBTOTAL and AGGREGATE, many at once: what a column holds is what the interpreter gives."""

from pathlib import Path
from typing import Any

import pytest
from engine.workbooks import book_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from sheetlab import compiled
from sheetlab.engine import Book, calculation
from sheetlab.engine.calculation import Calculation
from sheetlab.engine.columns import windows
from sheetlab.engine.reading.model import read_model
from sheetlab.files.package import read_parts

VALUES = st.sampled_from(
    [1.0, 2.0, -3.5, 0.0, 1e15, 0.1, 0.2, 7.0, "x", "", "3", True, None, "=1/0", "=NA()", "=A1&1"]
)
NUMBERS = st.integers(-9, 9).map(float)
# Windows that grow, move along, stay, and have several parts; {0} is the row.
WINDOWS = (
    *("A$2:A{0}", "A$2:B{0}", "$B{0}:$B$30", "A{0}:A{3}", "A{0}:B{2}", "$A$2:$A$30", "$A:$B"),
    *("B$5:B{0},$A{0}", "A{1}:A{4},$B$2:$B$9", "A{0}", "Other!A{0}:A{5}", "C$2:C{-1}", "A$2:D{-1}"),
)
SUBTOTALS = [f"SUBTOTAL({number},%s)" for first in (1, 101) for number in range(first, first + 11)]
AGGREGATES = [f"AGGREGATE({number},{option},%s)" for number in range(1, 14) for option in range(8)]
PLACED = [
    *(f"AGGREGATE({number},{option},%s,2)" for number in (14, 15) for option in range(8)),
    *(f"AGGREGATE({number},{option},%s,1)" for number in (17, 19) for option in range(8)),
    *(f"AGGREGATE({number},{option},%s,0.3)" for number in (16, 18) for option in range(8)),
    *(f"AGGREGATE(14,{option},%s,$B{{0}})" for option in range(8)),
]


def moved(phrase: str, row: int) -> str:
    """A phrase as it stands in a row."""
    for step in range(-1, 6):
        phrase = phrase.replace(f"{{{step}}}", str(row + step))
    return "=" + phrase


@st.composite
def phrases(draw: st.DrawFn) -> str:
    function = draw(st.sampled_from(SUBTOTALS) | st.sampled_from(AGGREGATES + PLACED))
    window = draw(st.sampled_from(WINDOWS))
    if "%s," in function:
        window = window.split(",")[0]
    phrase = function.replace("%s", window)
    return draw(st.sampled_from(("%s", "%s", "IFERROR(%s,-1)+1"))).replace("%s", phrase)


@st.composite
def workbooks(draw: st.DrawFn) -> Workbook:
    """Two columns of values, subtotals between them, and columns of subtotals; rows are hidden."""
    book = Workbook()
    sheet = book.worksheets[0]
    book.create_sheet("Other")
    values = NUMBERS if draw(st.booleans()) else VALUES
    last = 30
    for row in range(2, last + 1):
        sheet[f"A{row}"], sheet[f"B{row}"] = draw(values), draw(values)
        book["Other"][f"A{row}"] = draw(values)
    between, row = draw(phrases()), 2
    heights = draw(st.lists(st.sampled_from((3, 3, 2, 5)), min_size=9, max_size=9))
    for height in heights:
        row += height
        if row < last:
            # The same formula over and over, with values between, of ranges of some heights.
            sheet[f"A{row}"] = moved(f"SUBTOTAL(9,A{{-1}}:A{row - height})", row)
            sheet[f"B{row}"] = moved(between.replace("{0}", "{-1}").replace("A:$B", "D:$D"), row)
            sheet[f"G{row}"] = f"=AGGREGATE({draw(st.integers(1, 9))},6,A{row - height}:B{row})"
            row += 1
    for letter in "CDE":
        phrase = draw(phrases())
        for row in range(3, last - 3):
            sheet[f"{letter}{row}"] = moved(phrase, row)
    for of_sheet in book.worksheets:
        for row in draw(st.sets(st.integers(1, last), max_size=8)):
            of_sheet.row_dimensions[row].hidden = True
        if draw(st.booleans()):
            of_sheet.auto_filter.ref = f"A1:B{draw(st.integers(3, last))}"
            of_sheet.auto_filter.add_filter_column(0, ["1"])
    return book


def agree(one: Any, other: Any) -> bool:
    if type(one) is float and type(other) is float:
        return bool(one == pytest.approx(other, rel=1e-9, abs=1e-9))
    return type(one) is type(other) and bool(one == other)


def calculated(path: Path, *, numeric: bool) -> dict[tuple[str, str], Any]:
    parts = read_parts(path)
    return Book(parts, Calculation(read_model(path, parts), numeric=numeric)).values()


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETLAB_LANG", "en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("subtotals")


@pytest.mark.filterwarnings("ignore::sheetlab.errors.EngineWarning")
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(workbooks(), st.sampled_from((None, 1, 2)))
def test_lanes_agree_on_subtotals(folder: Path, book: Workbook, many: int | None) -> None:
    path = folder / "subtotals.xlsx"
    book.save(path)
    with pytest.MonkeyPatch.context() as patch:
        if many is not None:
            # As in a large sheet: cells in batches, each window read by itself.
            patch.setattr(calculation, "_MANY", many)
            patch.setattr(calculation, "_FEW_CELLS", 1 if many == 1 else 9)
            patch.setattr(calculation, "_FEW_TREES", 1)
            patch.setattr(windows, "_MOST_READ", 0)
            patch.setattr(windows, "_FEW_READ", 0)
        found = calculated(path, numeric=True)
    expected = calculated(path, numeric=False)
    assert found.keys() == expected.keys()
    formulas = {
        f"{cell.coordinate}: {cell.value}"
        for row in book.worksheets[0].iter_rows()
        for cell in row
        if not agree(
            found.get(("Sheet", cell.coordinate)), expected.get(("Sheet", cell.coordinate))
        )
    }
    assert not formulas, [
        (text, found["Sheet", text.split(":")[0]], expected["Sheet", text.split(":")[0]])
        for text in formulas
    ]


def test_the_numbering_of_filtered_rows_is_a_column(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": "x" if row % 3 else None for row in range(2, 102)}
    cells |= {f"B{row}": f"=SUBTOTAL(3,A$2:A{row})" for row in range(2, 102)}
    book = book_of(tmp_path, cells)
    assert book["B101"] == 67
    assert "columns, all cells" in book.explain("B2:B101")


def test_subtotals_far_apart_are_a_batch(tmp_path: Path) -> None:
    cells: dict[str, Any] = {}
    for row in range(1, 4001):
        cells[f"A{row}"] = f"=SUBTOTAL(9,A{row - 9}:A{row - 1})" if row % 50 == 0 else row
    cells["B1"] = "=SUBTOTAL(9,A1:A4000)"
    book = book_of(tmp_path, cells)
    book.values()
    assert book["A50"] == sum(range(41, 50))
    assert book["A4000"] == sum(range(3991, 4000))
    assert book["B1"] == sum(row for row in range(1, 4001) if row % 50)
    assert "other cells that hold" in book.explain("A50")


def test_subtotals_of_groups_of_any_height_are_a_forest(tmp_path: Path) -> None:
    cells: dict[str, Any] = {}
    expected, row = {}, 1
    for height in range(2, 80):
        cells |= {f"A{row + place}": place for place in range(height)}
        cells[f"A{row + height}"] = f"=SUBTOTAL(9,A{row}:A{row + height - 1})"
        expected[f"A{row + height}"] = height * (height - 1) / 2
        row += height + 1
    cells["B1"] = f"=SUBTOTAL(9,A1:A{row})"
    book = book_of(tmp_path, cells)
    values = book.values()
    assert all(values["Data", ref] == value for ref, value in expected.items())
    assert book["B1"] == sum(expected.values())
    # Where nothing was compiled, nobody tells what a formula is without parsing it.
    if compiled.reading is not None:
        assert "whatever formulas these hold" in book.explain("A3")


def test_the_same_total_in_every_row_is_calculated_once(tmp_path: Path) -> None:
    cells: dict[str, Any] = {f"A{row}": row for row in range(1, 21)}
    cells |= {f"B{row}": f"=A{row}/SUBTOTAL(109,$A$1:$A$20)" for row in range(1, 21)}
    book = book_of(tmp_path, cells)
    assert book["B20"] == 20 / 210
    assert "columns, all cells" in book.explain("B1:B20")
