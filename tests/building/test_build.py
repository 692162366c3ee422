"""Built workbooks: the same bytes, live formulas, legal names, nothing of a person's lost."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.building import build, is_current, write_built, write_workbook
from sheetlab.errors import WorkbookError
from sheetlab.files.package import Parts, read_parts
from sheetlab.inputs import constraints
from sheetlab.lessons import Lesson, lesson, lesson_names
from sheetlab.text import LANGUAGES, Language

LOOKS_LIKE_A_CELL = re.compile(r"(?i)[a-z]{1,3}\d+|r\d*c\d*|r\d*|c\d*")


@pytest.fixture(scope="module")
def kmeans() -> Parts:
    found = lesson("kmeans")
    return build(found, found.inputs(), "en")


@pytest.fixture(params=lesson_names())
def any_lesson(request: pytest.FixtureRequest) -> Lesson:
    return lesson(request.param)


def example_sheet(found: Lesson, language: Language = "en") -> tuple[Worksheet, dict[str, str]]:
    written, sheet = write_workbook(found, found.inputs(), language)
    workbook = openpyxl.load_workbook(io.BytesIO(written))
    worksheet = workbook[found.sheet_name]
    assert isinstance(worksheet, Worksheet)
    return worksheet, sheet.quantity_ranges


def is_formula(value: object) -> bool:
    return isinstance(value, ArrayFormula) or (isinstance(value, str) and value.startswith("="))


def cells_of(worksheet: Worksheet, cells: str) -> list[object]:
    found = worksheet[cells]
    rows = found if isinstance(found, tuple) else ((found,),)
    return [cell for row in rows for cell in row]


def test_built_twice_the_bytes_are_the_same(kmeans: Parts, tmp_path: Path) -> None:
    found = lesson("kmeans")
    write_built(kmeans, tmp_path / "one.xlsx")
    write_built(build(found, found.inputs(), "en"), tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_an_untouched_workbook_is_overwritten(kmeans: Parts, tmp_path: Path) -> None:
    path = tmp_path / "new" / "kmeans.xlsx"
    write_built(kmeans, path)
    write_built(kmeans, path)
    assert read_parts(path) == kmeans


def test_a_workbook_that_a_person_changed_is_kept_unless_forced(
    kmeans: Parts, tmp_path: Path
) -> None:
    path = tmp_path / "kmeans.xlsx"
    write_built(kmeans, path)
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[0]["A40"] = "my remark"
    workbook.save(path)
    changed = path.read_bytes()
    with pytest.raises(WorkbookError, match="--force"):
        write_built(kmeans, path)
    assert path.read_bytes() == changed
    write_built(kmeans, path, force=True)
    assert read_parts(path) == kmeans


def test_a_file_of_somebody_else_is_kept(kmeans: Parts, tmp_path: Path) -> None:
    path = tmp_path / "kmeans.xlsx"
    path.write_text("a shopping list")
    with pytest.raises(WorkbookError, match="not from sheetlab"):
        write_built(kmeans, path)
    assert path.read_text() == "a shopping list"


def test_current_means_the_same_but_for_last_digits(kmeans: Parts, tmp_path: Path) -> None:
    path = tmp_path / "kmeans.xlsx"
    assert not is_current(kmeans, path)
    write_built(kmeans, path)
    assert is_current(kmeans, path)

    sheet = "xl/worksheets/sheet1.xml"
    value = re.search(rb"<v>(\d+\.\d{10,})</v>", kmeans[sheet])
    assert value is not None

    def with_value(number: float) -> Parts:
        changed = kmeans[sheet].replace(value[0], b"<v>%r</v>" % number)
        return {**kmeans, sheet: changed}

    number = float(value[1])
    assert is_current(with_value(number * (1 + 1e-15)), path)
    assert not is_current(with_value(number * (1 + 1e-9)), path)
    assert not is_current({**kmeans, sheet: kmeans[sheet].replace(b"<f>", b"<f>1+", 1)}, path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_on_the_example_is_an_input_or_a_formula(
    any_lesson: Lesson, language: Language
) -> None:
    worksheet, _ = example_sheet(any_lesson, language)
    typed = [
        cell.coordinate
        for row in worksheet.iter_rows()
        for cell in row
        if cell.data_type == "n"
        and cell.value is not None
        and cell.protection.locked
        # The numbers of points and clusters are headings of their rows and columns.
        and not cell.font.bold
    ]
    assert typed == []


def test_every_computed_cell_of_a_quantity_is_a_formula(any_lesson: Lesson) -> None:
    worksheet, ranges = example_sheet(any_lesson)
    for quantity, cells in ranges.items():
        for cell in cells_of(worksheet, cells):
            shown_formula = quantity.endswith("_formula")
            assert is_formula(cell.value) or shown_formula or not cell.protection.locked, (
                quantity,
                cell.coordinate,
            )


def test_every_formula_belongs_to_a_quantity_or_repeats_one(any_lesson: Lesson) -> None:
    worksheet, ranges = example_sheet(any_lesson)
    named = {cell.coordinate for cells in ranges.values() for cell in cells_of(worksheet, cells)}
    for row in worksheet.iter_rows():
        for cell in row:
            if cell.data_type == "f" and cell.coordinate not in named:
                repeated = re.fullmatch(r"=\$?([A-Z]+)\$?(\d+)", str(cell.value))
                assert repeated, f"{cell.coordinate} {cell.value} is part of no quantity"
                assert "".join(repeated.groups()) in named


def test_names_are_legal_and_point_at_their_cells(any_lesson: Lesson) -> None:
    written, sheet = write_workbook(any_lesson, any_lesson.inputs(), "en")
    workbook = openpyxl.load_workbook(io.BytesIO(written))
    reference = any_lesson.reference(any_lesson.inputs())
    assert workbook.defined_names.keys() >= reference.keys() == any_lesson.quantities.keys()
    for name, defined in workbook.defined_names.items():
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name)
        assert not LOOKS_LIKE_A_CELL.fullmatch(name)
        ((title, cells),) = defined.destinations
        assert title == any_lesson.sheet_name
        if name in reference:
            assert cells.replace("$", "") == sheet.quantity_ranges[name]
            assert len(cells_of(workbook[title], cells)) == reference[name].size


def test_inputs_stand_in_their_cells(any_lesson: Lesson) -> None:
    written, sheet = write_workbook(any_lesson, any_lesson.inputs(), "en")
    worksheet = openpyxl.load_workbook(io.BytesIO(written))[any_lesson.sheet_name]
    assert isinstance(worksheet, Worksheet)
    inputs = any_lesson.inputs()
    for field in constraints(any_lesson.inputs):
        if field in sheet.input_ranges:
            cells = cells_of(worksheet, sheet.input_ranges[field])
            value = getattr(inputs, field)
            assert [cell.value for cell in cells] == list(
                value if isinstance(value, tuple) else (value,)
            )


def test_values_are_cached_for_readers_that_do_not_calculate(kmeans: Parts, tmp_path: Path) -> None:
    import pandas as pd

    path = tmp_path / "kmeans.xlsx"
    write_built(kmeans, path)
    formulas = openpyxl.load_workbook(path)
    cached = openpyxl.load_workbook(path, data_only=True)
    for worksheet in formulas.worksheets:
        for row in worksheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert cached[worksheet.title][cell.coordinate].value is not None
    frame = pd.read_excel(path, sheet_name="Check", header=4)
    assert (frame["Agrees?"] == "✓").all()


def test_both_languages_hold_the_same_cells(any_lesson: Lesson) -> None:
    english, ranges = example_sheet(any_lesson, "en")
    korean, korean_ranges = example_sheet(any_lesson, "ko")
    assert ranges == korean_ranges
    hangul = 0
    for row in english.iter_rows():
        for cell in row:
            other = korean[cell.coordinate]
            if cell.data_type in "fn":
                assert other.value == cell.value
            elif any("가" <= letter <= "힣" for letter in str(other.value)):
                hangul += 1
    assert hangul > 5


def test_the_sgd_sheet_reads_as_the_slide_prints_it() -> None:
    worksheet, _ = example_sheet(lesson("sgd"))
    assert worksheet["A3"].value == 0.01
    assert worksheet["E5"].value == "=E4-$A$3*$H4"
    assert worksheet["F23"].value == "=F22-$A$3*$H22*$C22"
    assert [worksheet[f"{column}4"].value for column in "CD"] == [1, 1]
