"""Native charts as XML: what Excel is told of series, axes, words and places."""

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest
from lxml import etree
from openpyxl import Workbook
from openxml_audit import OpenXmlValidator, ValidationSeverity

from sheetlab.authoring.charts import Chart, Series, add_chart, looks
from sheetlab.authoring.style import PALETTE
from sheetlab.text import LANGUAGES, Language, Text, same

NAMESPACES = {
    "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "xdr": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
}
X, Y = "A2:A11", "B2:B11"


def chart_of(*series: Series, **said: Any) -> Chart:
    words = {"title": Text("The loss", "손실"), "x_title": same("epoch"), "y_title": same("MSE")}
    return Chart(**{**words, **said, "series": series or (Series(same("MSE"), X, Y),)})


def workbook_of(chart: Chart, language: Language = "en", over: str = "D2:K20") -> Workbook:
    workbook = Workbook()
    worksheet = workbook.worksheets[0]
    worksheet.title = "It's SGD"
    worksheet["B1"] = "a label"
    for row in range(2, 12):
        worksheet[f"A{row}"], worksheet[f"B{row}"] = row, 10 * row
    add_chart(worksheet, chart, over, language)
    return workbook


def parts_of(chart: Chart, language: Language = "en", over: str = "D2:K20") -> dict[str, bytes]:
    stream = BytesIO()
    workbook_of(chart, language, over).save(stream)
    with zipfile.ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def xml_of(chart: Chart, language: Language = "en", over: str = "D2:K20") -> etree._Element:
    return etree.fromstring(parts_of(chart, language, over)["xl/charts/chart1.xml"])


def nodes(root: etree._Element, path: str) -> list[Any]:
    """What an XPath to elements, attributes or texts finds."""
    return cast("list[Any]", root.xpath(path, namespaces=NAMESPACES))


def found(root: etree._Element, path: str) -> list[Any]:
    """What an XPath finds, elements as their `val` where they have one."""
    return [
        node if isinstance(node, str) else node.get("val", node.text) for node in nodes(root, path)
    ]


def text_in(root: etree._Element, path: str) -> str:
    return "".join(nodes(root, f"{path}//a:t/text()"))


EVERY_CHART = {
    "lines": chart_of(Series(same("a"), X, Y), Series(same("b"), X, Y, dotted=True)),
    "points": chart_of(Series(same("a"), X, Y, "points"), Series("B1", X, Y, "both", hollow=True)),
    "every shape": chart_of(
        *(Series(same(f"{number}"), X, Y, "points") for number in range(7)), legend="right"
    ),
    "path": chart_of(
        Series(None, X, Y, "path"), x_range=(0, 10), y_extent=(20, 110), equal_scales=True
    ),
    "bars": chart_of(Series(same("a"), X, Y), Series(same("b"), X, Y), bars=True),
    "stacked": chart_of(Series(same("a"), X, Y), Series(same("b"), X, Y), bars=True, stacked=True),
    "logarithmic": chart_of(x_log=True, y_log=True, x_extent=(2, 11), y_range=(1, None)),
    "counts": chart_of(whole_x=True, whole_y=True, y_range=(0, 20), y_format="0"),
    "without words": chart_of(title=None, x_title=None, y_title=None),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EVERY_CHART)
def test_the_file_is_as_excel_expects_it(name: str, language: Language, tmp_path: Path) -> None:
    path = tmp_path / "chart.xlsx"
    workbook_of(EVERY_CHART[name], language).save(path)
    findings = [
        str(finding)
        for finding in OpenXmlValidator().validate(path).errors
        if finding.severity == ValidationSeverity.ERROR
        and finding.part_uri != "/xl/styles.xml"
        # The validator's schema lacks the attribute that Excel itself writes there.
        and not str(finding.path).endswith("/dispNaAsBlank[1]")
    ]
    assert findings == []


@pytest.mark.parametrize("name", EVERY_CHART)
def test_the_bytes_are_the_same_each_time(name: str) -> None:
    one, other = parts_of(EVERY_CHART[name]), parts_of(EVERY_CHART[name])
    assert one["xl/charts/chart1.xml"] == other["xl/charts/chart1.xml"]


def test_a_series_refers_to_its_cells() -> None:
    root = xml_of(chart_of(Series("B1", X, Y)))
    assert found(root, "//c:ser/c:xVal/c:numRef/c:f") == ["'It''s SGD'!$A$2:$A$11"]
    assert found(root, "//c:ser/c:yVal/c:numRef/c:f") == ["'It''s SGD'!$B$2:$B$11"]
    assert found(root, "//c:ser/c:tx/c:strRef/c:f") == ["'It''s SGD'!$B$1"]


def test_texts_are_in_the_language_and_its_face() -> None:
    labels = Series(Text("loss", "손실"), X, Y), Series(Text("step", "걸음"), X, Y)
    root = xml_of(chart_of(*labels), "ko")
    assert text_in(root, "/c:chartSpace/c:chart/c:title") == "손실"
    assert found(root, "//c:ser/c:tx/c:v") == ["손실", "걸음"]
    assert found(root, "/c:chartSpace/c:lang") == ["ko-KR"]
    assert set(nodes(root, "//a:latin/@typeface|//a:ea/@typeface")) == {"Malgun Gothic"}


def test_type_is_large_enough_to_project() -> None:
    sizes = nodes(xml_of(EVERY_CHART["lines"]), "//@sz")
    assert {1000 <= int(size) <= 1200 for size in sizes} == {True}


def test_points_differ_in_shape_as_well_as_in_colour() -> None:
    root = xml_of(EVERY_CHART["every shape"])
    shapes = found(root, "//c:ser/c:marker/c:symbol")
    assert shapes == ["circle", "square", "triangle", "diamond", "x", "plus", "star"]
    assert found(root, "//c:ser/c:spPr/a:ln/a:solidFill") == []
    drawn = [found(series, "c:marker/c:spPr//a:srgbClr") for series in root.iter("{*}ser")]
    assert all(PALETTE[place] in colours for place, colours in enumerate(drawn))


def test_a_shape_that_is_asked_for_is_given_to_no_other() -> None:
    chart = chart_of(
        Series(same("a"), X, Y, "points"),
        Series(same("b"), X, Y, "points"),
        Series(same("start"), X, Y, "points", shape="circle", hollow=True, size=12, colour=7),
    )
    assert [look.shape for look in looks(chart)] == ["square", "triangle", "circle"]
    root = xml_of(chart)
    assert found(root, "//c:ser[3]/c:marker/c:size") == ["12"]
    assert found(root, "//c:ser[3]/c:marker/c:spPr/a:noFill") == [None]
    assert found(root, "//c:ser[3]/c:marker/c:spPr/a:ln//a:srgbClr") == [PALETTE[7]]


def test_lines_differ_in_dash_as_well_as_in_colour() -> None:
    root = xml_of(chart_of(*(Series(same(f"{n}"), X, Y) for n in range(4))))
    assert found(root, "//c:ser/c:spPr/a:ln/a:prstDash") == ["solid", "dash", "dashDot", "sysDot"]
    root = xml_of(
        chart_of(
            Series(same("a"), X, Y, dashed=True),
            Series(same("b"), X, Y, dotted=True, width=3),
            Series(same("c"), X, Y),
            Series(same("d"), X, Y, "both"),
        )
    )
    assert found(root, "//c:ser/c:spPr/a:ln/a:prstDash") == ["dash", "sysDot", "solid", "solid"]
    assert nodes(root, "//c:ser[2]/c:spPr/a:ln/@w") == [str(3 * 12700)]


def test_marks_say_what_is_drawn() -> None:
    root = xml_of(chart_of(*(Series(same(m), X, Y, m) for m in ("line", "points", "both"))))
    assert [symbol != "none" for symbol in found(root, "//c:ser/c:marker/c:symbol")] == [
        *(False, True, True)
    ]
    lines = nodes(root, "//c:ser/c:spPr/a:ln")
    assert [line.find("{*}noFill") is None for line in lines] == [True, False, True]


def test_a_path_marks_its_first_and_last_point() -> None:
    root = xml_of(EVERY_CHART["path"], "ko")
    assert found(root, "//c:dPt/c:idx") == ["0", "9"]
    assert found(root, "//c:dPt/c:marker/c:symbol") == ["diamond", "circle"]
    assert found(root, "//c:dLbl/c:idx") == ["0", "9"]
    assert text_in(root, "//c:dLbls") == "시작끝"
    assert found(root, "//c:dLbls/c:showVal") == ["0"]


def test_equal_scales_make_a_unit_as_long_on_both_axes() -> None:
    parts = parts_of(EVERY_CHART["path"])
    root = etree.fromstring(parts["xl/charts/chart1.xml"])
    drawing = etree.fromstring(parts["xl/drawings/drawing1.xml"])
    (extent,) = nodes(drawing, "//xdr:oneCellAnchor/xdr:ext")
    width, height = int(extent.get("cx")), int(extent.get("cy"))
    (share,), (other,) = (found(root, f"//c:manualLayout/c:{side}") for side in "wh")
    (low, high), (least, most) = (
        [float(found(root, f"//c:valAx[{axis}]/c:scaling/c:{end}")[0]) for end in ("min", "max")]
        for axis in (1, 2)
    )
    assert (low, high, least, most) == (0, 10, 20, 120)
    unit, other_unit = float(share) * width / (high - low), float(other) * height / (most - least)
    assert unit == pytest.approx(other_unit, rel=0.01)


def test_bars_stand_side_by_side_or_on_each_other() -> None:
    side_by_side, stacked = xml_of(EVERY_CHART["bars"]), xml_of(EVERY_CHART["stacked"])
    assert found(side_by_side, "//c:grouping|//c:overlap") == ["clustered", "0"]
    assert found(stacked, "//c:grouping|//c:overlap") == ["stacked", "100"]
    assert found(stacked, "//c:catAx/c:axPos|//c:catAx/c:tickLblPos") == ["b", "low"]
    assert found(stacked, "//c:cat/c:strRef/c:f") == ["'It''s SGD'!$A$2:$A$11"] * 2
    # Neighbours differ in lightness, so that they are told apart in black and white.
    fills = found(side_by_side, "//c:ser/c:spPr/a:solidFill/a:srgbClr")
    lightness = [sum(int(fill[place : place + 2], 16) for place in (0, 2, 4)) for fill in fills]
    assert lightness[1] - lightness[0] > 200


def limits(root: etree._Element, axis: int) -> list[float | None]:
    """Low end, high end and step of the first or second axis."""
    paths = "scaling/c:min", "scaling/c:max", "majorUnit"
    values = [found(root, f"//c:valAx[{axis}]/c:{path}") for path in paths]
    return [float(value[0]) if value else None for value in values]


def test_axes_end_where_they_are_told_to() -> None:
    root = xml_of(chart_of(x_range=(0, 1), y_range=(0, None), y_step=0.25))
    assert limits(root, 1) == [0, 1, 0.2]
    assert limits(root, 2) == [0, None, 0.25]
    assert found(root, "//c:valAx/c:numFmt/@formatCode") == ["0.0", "0.00"]


def test_axes_end_where_the_data_end() -> None:
    counted = xml_of(chart_of(whole_x=True, x_extent=(0, 19), y_extent=(0.3, 8.7)))
    assert limits(counted, 1) == [0, 19, 5]
    assert limits(counted, 2) == [0, 10, 2]
    assert limits(xml_of(chart_of(whole_x=True, x_extent=(1, 4))), 1) == [1, 4, 1]


def test_what_is_not_said_of_an_axis_is_left_to_the_program() -> None:
    root = xml_of(chart_of())
    assert limits(root, 1) == limits(root, 2) == [None, None, None]
    assert limits(xml_of(chart_of(whole_x=True)), 1) == [None, None, 2]


def test_logarithmic_axes_have_powers_of_ten() -> None:
    root = xml_of(EVERY_CHART["logarithmic"])
    assert found(root, "//c:logBase") == ["10", "10"]
    assert limits(root, 1) == [1, 100, None]
    assert limits(root, 2) == [1, None, None]
    # An axis that crossed the other at its zero would be nowhere.
    assert found(root, "//c:crosses") == ["min", "min"]


def test_number_formats_are_those_of_the_chart() -> None:
    root = xml_of(chart_of(y_format="0%", y_range=(0, 1)))
    assert found(root, "//c:valAx/c:numFmt/@formatCode") == ["General", "0%"]


def test_a_legend_stands_only_where_there_is_a_choice() -> None:
    assert found(xml_of(chart_of()), "//c:legend") == []
    partly = chart_of(Series(same("a"), X, Y), Series(None, X, Y), Series(same("c"), X, Y))
    root = xml_of(partly)
    assert found(root, "//c:legend/c:legendEntry/c:idx") == ["1"]
    assert found(root, "//c:legend/c:legendEntry/c:delete") == ["1"]
    one = chart_of(Series(same("a"), X, Y), Series(None, X, Y))
    assert found(xml_of(one), "//c:legend") == []


def test_a_legend_stands_where_it_takes_the_least_room() -> None:
    short = [Series(same(label), X, Y) for label in "abc"]
    many = [Series(same(f"{number}"), X, Y) for number in range(30)]
    assert found(xml_of(chart_of(*short)), "//c:legendPos") == ["b"]
    assert found(xml_of(chart_of(*many)), "//c:legendPos") == ["r"]
    assert found(xml_of(chart_of(*short, legend="right")), "//c:legendPos") == ["r"]


def test_words_leave_four_fifths_to_the_plot_and_its_numbers() -> None:
    labels = [Series(Text("training error", "훈련 오차"), X, Y), Series(same("validation"), X, Y)]
    for language in LANGUAGES:
        root = xml_of(chart_of(*labels), language)
        x, y, width, height = (float(found(root, f"//c:manualLayout/c:{n}")[0]) for n in "xywh")
        # Above the plot stands the title, left of it an axis title and the numbers.
        assert y < 0.15
        assert x < 0.19
        assert x + width > 0.9
        assert height > 0.58


def test_there_is_no_clutter() -> None:
    root = xml_of(EVERY_CHART["lines"])
    assert len(found(root, "//c:majorGridlines")) == 1
    assert found(root, "//c:minorGridlines") == []
    assert set(found(root, "//c:minorTickMark")) == {"none"}
    assert found(root, "/c:chartSpace/c:roundedCorners") == ["0"]
    assert found(root, "//c:dispBlanksAs") == ["gap"]


def test_a_missing_title_is_not_made_up() -> None:
    assert found(xml_of(chart_of()), "//c:autoTitleDeleted") == ["0"]
    root = xml_of(chart_of(title=None))
    assert found(root, "/c:chartSpace/c:chart/c:title") == []
    assert found(root, "//c:autoTitleDeleted") == ["1"]


def test_hidden_cells_are_drawn() -> None:
    assert found(xml_of(chart_of()), "//c:plotVisOnly") == ["0"]


@pytest.mark.parametrize(
    ("chart", "language", "expected"),
    [
        (chart_of(description=Text("It falls.", "줄어듭니다.")), "en", "It falls."),
        (chart_of(description=Text("It falls.", "줄어듭니다.")), "ko", "줄어듭니다."),
        (chart_of(), "en", "The loss: chart, MSE over epoch. MSE"),
        (EVERY_CHART["bars"], "ko", "손실: 막대그래프, 가로축 epoch, 세로축 MSE. a, b"),
    ],
)
def test_the_alternative_text_stands_with_the_drawing(
    chart: Chart, language: Language, expected: str
) -> None:
    drawing = etree.fromstring(parts_of(chart, language)["xl/drawings/drawing1.xml"])
    (properties,) = drawing.iter("{*}cNvPr")
    assert properties.get("descr") == expected
    assert properties.get("title") == {"en": "The loss", "ko": "손실"}[language]


def test_the_chart_covers_its_range() -> None:
    drawing = etree.fromstring(parts_of(chart_of(), over="D2:K20")["xl/drawings/drawing1.xml"])
    corners = nodes(drawing, "//xdr:from/*|//xdr:to/*")
    assert [corner.text for corner in corners] == ["3", "0", "1", "0", "11", "0", "20", "0"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"stacked": True}, "stacked, but has no bars"),
        ({"bars": True, "x_range": (0, 1)}, "x are categories"),
        ({"bars": True, "x_log": True}, "x are categories"),
        ({"equal_scales": True, "x_range": (0, 1)}, "no range or extent of both"),
        ({"y_log": True, "y_range": (0, 1)}, "y is not above 0"),
        ({"whole_y": True}, "say how far"),
    ],
)
def test_contradictions_are_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        chart_of(**said)


def test_a_series_is_refused_that_contradicts_itself() -> None:
    with pytest.raises(ValueError, match="both dashed and dotted"):
        Series(None, X, Y, dashed=True, dotted=True)
    with pytest.raises(ValueError, match="2 to 72"):
        Series(None, X, Y, "points", size=1)
    with pytest.raises(ValueError, match="have no marks"):
        chart_of(Series(None, X, Y, "points"), bars=True)
    with pytest.raises(ValueError, match="no series"):
        Chart(None, None, None, ())
