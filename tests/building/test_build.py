"""Built workbooks: the same bytes, live formulas, legal names, nothing of a person's lost."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from sheetlab.authoring import refs_of
from sheetlab.building import (
    Example,
    Order,
    build,
    carried_out,
    is_current,
    workbook_path,
    write_built,
    write_workbook,
)
from sheetlab.errors import WorkbookError
from sheetlab.files.fingerprint import seal
from sheetlab.files.package import Parts, read_parts
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


def example_sheet(found: Lesson, language: Language = "en") -> tuple[Worksheet, Example]:
    written, example = write_workbook(found, found.inputs(), language)
    workbook = openpyxl.load_workbook(io.BytesIO(written))
    worksheet = workbook[found.sheet_name]
    assert isinstance(worksheet, Worksheet)
    return worksheet, example


def test_built_twice_the_bytes_are_the_same(kmeans: Parts, tmp_path: Path) -> None:
    found = lesson("kmeans")
    write_built(kmeans, tmp_path / "one.xlsx")
    write_built(build(found, found.inputs(), "en"), tmp_path / "two.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def older(parts: Parts) -> Parts:
    """The build of an earlier sheetlab, which wrote another part otherwise."""
    core = "docProps/core.xml"
    return seal({**parts, core: parts[core].replace(b">sheetlab<", b">an earlier sheetlab<")})


def test_a_current_workbook_is_left_alone_and_an_older_one_replaced(
    kmeans: Parts, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "kmeans.xlsx"
    assert write_built(older(kmeans), path)
    assert read_parts(path) != kmeans
    assert write_built(kmeans, path)
    assert read_parts(path) == kmeans
    assert not write_built(kmeans, path)


@pytest.mark.parametrize(("language", "settings"), [("ko", {}), ("en", {"epochs": 2})])
def test_a_build_from_something_else_is_kept_unless_forced(
    tmp_path: Path, language: Language, settings: dict[str, object]
) -> None:
    found, path = lesson("sgd"), tmp_path / "sgd.xlsx"
    slide = build(found, found.inputs(), "en")
    other = build(found, found.inputs().change(settings), language)
    for first, second in ((slide, other), (other, slide)):
        write_built(first, path, force=True)
        with pytest.raises(WorkbookError, match="other inputs or in another language"):
            write_built(second, path)
        assert read_parts(path) == first


def test_a_workbook_goes_where_no_other_one_is() -> None:
    found = lesson("sgd")
    slide = found.inputs()
    own = slide.change({"epochs": 2})
    paths = [
        workbook_path(found, inputs, language) for inputs in (slide, own) for language in LANGUAGES
    ]
    assert [path.as_posix() for path in paths] == [
        "workbooks/sgd.xlsx",
        "workbooks/ko/sgd.xlsx",
        "workbooks/own/sgd.xlsx",
        "workbooks/own/ko/sgd.xlsx",
    ]
    assert workbook_path(found, own, "ko", Path("mine")) == Path("mine/sgd.xlsx")


def test_outcomes_come_in_the_sequence_of_the_orders(tmp_path: Path) -> None:
    names = ["confusion", "sgd", "confusion"]
    orders = [
        Order(name, lesson(name).inputs(), "en", tmp_path / str(number) / f"{name}.xlsx")
        for number, name in enumerate(names)
    ]
    for check, state in ((True, "stale"), (False, "written"), (True, "current")):
        with carried_out(orders, check=check) as outcomes:
            found = list(outcomes)
        assert [outcome.order for outcome in found] == orders
        assert {outcome.state for outcome in found} == {state}


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


def test_points_of_charts_are_cached_up_to_last_digits(kmeans: Parts, tmp_path: Path) -> None:
    path = tmp_path / "kmeans.xlsx"
    write_built(kmeans, path)
    chart = "xl/charts/chart1.xml"
    inertia = lesson("kmeans").reference(lesson("kmeans").inputs())["inertia"]
    cached = [float(value) for value in re.findall(rb"<c:v>([\d.]+)</c:v>", kmeans[chart])]
    assert cached[-inertia.size :] == pytest.approx(list(inertia.ravel()), rel=1e-12)

    value = re.search(rb"<c:v>(\d+\.\d{8,})</c:v>", kmeans[chart])
    assert value is not None

    def with_value(number: float) -> Parts:
        return {**kmeans, chart: kmeans[chart].replace(value[0], b"<c:v>%r</c:v>" % number)}

    assert is_current(with_value(float(value[1]) * (1 + 1e-15)), path)
    assert not is_current(with_value(float(value[1]) * (1 + 1e-9)), path)


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


def test_names_are_legal_and_point_at_their_cells(any_lesson: Lesson) -> None:
    written, example = write_workbook(any_lesson, any_lesson.inputs(), "en")
    workbook = openpyxl.load_workbook(io.BytesIO(written))
    reference = example.reference
    assert workbook.defined_names.keys() >= reference.keys()
    for name, defined in workbook.defined_names.items():
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name)
        assert not LOOKS_LIKE_A_CELL.fullmatch(name)
        areas = list(defined.destinations)
        assert {title for title, _ in areas} == {any_lesson.sheet_name}
        if name in reference:
            cells = [ref for _, area in areas for ref in refs_of(area.replace("$", ""))]
            assert cells == example.cells(name)
            assert len(cells) == reference[name].size


def test_inputs_stand_in_their_cells(any_lesson: Lesson) -> None:
    worksheet, example = example_sheet(any_lesson)
    inputs = any_lesson.inputs()
    for field, areas in example.sheet.input_areas.items():
        found = [worksheet[ref].value for area in areas for ref in refs_of(area)]
        assert found == list(inputs.values(field))


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
    figures = lesson("kmeans").figures
    assert (frame["Agrees?"][: len(figures)] == "✓").all()


def test_both_languages_hold_the_same_cells(any_lesson: Lesson) -> None:
    english, example = example_sheet(any_lesson, "en")
    korean, other = example_sheet(any_lesson, "ko")
    for name in example.reference:
        cells = zip(example.cells(name), other.cells(name), strict=True)
        assert all(english[one].data_type == korean[two].data_type for one, two in cells), name
    texts = [str(cell.value) for row in korean.iter_rows() for cell in row]
    assert sum(any("가" <= letter <= "힣" for letter in text) for text in texts) > 5


def test_the_sgd_sheet_reads_as_the_slide_prints_it() -> None:
    worksheet, _ = example_sheet(lesson("sgd"))
    assert worksheet["A3"].value == 0.01
    assert worksheet["E5"].value == "=E4-$A$3*$H4"
    assert worksheet["F23"].value == "=F22-$A$3*$H22*$C22"
    assert [worksheet[f"{column}4"].value for column in "CD"] == [1, 1]
