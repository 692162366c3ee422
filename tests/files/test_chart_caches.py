"""Points cached in charts, from which previewers and phones draw them."""

import zipfile
from io import BytesIO

import pytest
from lxml import etree
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference

from sheetlab.authoring.charts import Chart, Series, add_chart
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.chart_caches import MOST_POINTS, cache_chart_points
from sheetlab.files.package import Parts

CHART = "xl/charts/chart1.xml"
SHEET = "It's 1"
VALUES: dict[tuple[str, str], CellValue] = {
    (SHEET, "A2"): 1.0,
    (SHEET, "A3"): 2.0,
    (SHEET, "A4"): "three",
    (SHEET, "B1"): "손실 & Co",
    (SHEET, "B2"): 0.1 + 0.2,
    (SHEET, "B3"): CellError("#N/A"),
    (SHEET, "B4"): -0.0,
}


def parts_of(*charts: Chart) -> Parts:
    workbook = Workbook()
    worksheet = workbook.worksheets[0]
    worksheet.title = SHEET
    for chart in charts:
        add_chart(worksheet, chart, "D2:K20", "en")
    return packed(workbook)


def packed(workbook: Workbook) -> Parts:
    stream = BytesIO()
    workbook.save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def chart_of(bars: bool = False, x: str = "A2:A5", y: str = "B2:B5") -> Chart:
    return Chart(None, None, None, (Series("B1", x, y),), bars=bars)


def cached(parts: Parts, reference: str, part: str = CHART) -> tuple[str, dict[int, str]]:
    """The number of points that a reference's cache tells, and those that it holds."""
    (found,) = etree.fromstring(parts[part]).iter(f"{{*}}{reference}")
    cache = found[0][1]
    count = cache.find("{*}ptCount")
    assert count is not None
    return count.get("val", ""), {
        int(point.get("idx", "")): point.findtext("{*}v", "") for point in cache.iter("{*}pt")
    }


def test_numbers_are_cached_exactly_and_nothing_else_is() -> None:
    parts = cache_chart_points(parts_of(chart_of()), VALUES)
    assert cached(parts, "yVal") == ("4", {0: "0.30000000000000004", 2: "0"})
    assert cached(parts, "xVal") == ("4", {0: "1", 1: "2"})
    assert b"<c:formatCode>General</c:formatCode>" in parts[CHART]


def test_labels_and_categories_are_cached_as_texts() -> None:
    parts = cache_chart_points(parts_of(chart_of(bars=True)), VALUES)
    assert cached(parts, "tx") == ("1", {0: "손실 & Co"})
    assert cached(parts, "cat") == ("4", {0: "1", 1: "2", 2: "three"})


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, "TRUE"), (0.1 + 0.2, "0.3"), ("a\x01", "a_x0001_"), (CellError("#N/A"), None)],
)
def test_texts_read_as_in_their_cells(value: CellValue, expected: str | None) -> None:
    parts = cache_chart_points(parts_of(chart_of()), {(SHEET, "B1"): value})
    assert cached(parts, "tx") == ("1", {} if expected is None else {0: expected})


def test_truth_values_are_no_numbers() -> None:
    parts = cache_chart_points(parts_of(chart_of()), {(SHEET, "B2"): True})
    assert cached(parts, "yVal") == ("4", {})


def test_older_points_give_way() -> None:
    once = cache_chart_points(parts_of(chart_of()), VALUES)
    again = cache_chart_points(once, {**VALUES, (SHEET, "B2"): 7.0})
    assert cached(again, "yVal") == ("4", {0: "7", 2: "0"})
    assert cache_chart_points(again, VALUES) == once


def test_each_chart_is_filled_and_nothing_else_changes() -> None:
    parts = parts_of(chart_of(), chart_of(y="A2:A3"))
    filled = cache_chart_points(parts, VALUES)
    charts = {CHART, "xl/charts/chart2.xml"}
    assert {name for name in parts if parts[name] != filled[name]} == charts
    assert cached(filled, "yVal", "xl/charts/chart2.xml") == ("2", {0: "1", 1: "2"})


def test_rows_and_single_cells_are_areas_too() -> None:
    parts = cache_chart_points(parts_of(chart_of(x="A2:B2", y="B2")), VALUES)
    assert cached(parts, "xVal") == ("2", {0: "1", 1: "0.30000000000000004"})
    assert cached(parts, "yVal") == ("1", {0: "0.30000000000000004"})


def test_charts_of_other_programs_are_filled() -> None:
    workbook = Workbook()
    worksheet = workbook.worksheets[0]
    worksheet.title = "Data"
    chart = BarChart()
    chart.add_data(Reference(worksheet, min_col=1, min_row=1, max_row=2))
    worksheet.add_chart(chart, "D2")
    parts = cache_chart_points(packed(workbook), {("Data", "A1"): 4.0, ("Data", "A2"): 5.0})
    assert cached(parts, "val") == ("2", {0: "4", 1: "5"})


@pytest.mark.parametrize(
    "formula",
    ["alpha", "(Data!$A$1,Data!$B$1)", f"Data!$A$1:$A${MOST_POINTS + 1}", "[1]Data!A:A", ""],
)
def test_what_is_not_one_area_keeps_its_points(formula: str) -> None:
    parts = parts_of(chart_of())
    before = parts[CHART].replace(
        f"'{SHEET.replace(chr(39), chr(39) * 2)}'!$B$2:$B$5".encode(), formula.encode()
    )
    assert before != parts[CHART]
    filled = cache_chart_points({**parts, CHART: before}, VALUES)
    (reference,) = etree.fromstring(filled[CHART]).iter("{*}yVal")
    assert len(reference[0]) == 1
