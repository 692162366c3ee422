"""Where axes begin and end, where their ticks stand, and how much room words take."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetlab.authoring.charts import Chart, Scale, Series, tick_text, x_scale, y_scale
from sheetlab.authoring.charts.layout import Layout, layout
from sheetlab.text import LANGUAGES, Language, Text, same

numbers = st.floats(-1e9, 1e9).map(lambda number: round(number, 6))


def chart_of(*labels: Text, **said: object) -> Chart:
    series = tuple(Series(label, "A2:A21", "B2:B21") for label in labels or (same("MSE"),))
    words = {"title": same("The loss"), "x_title": same("epoch"), "y_title": same("MSE")}
    return Chart(**{**words, **said}, series=series)  # type: ignore[arg-type]


@settings(deadline=None)
@given(numbers, numbers)
def test_an_axis_takes_in_all_data_and_no_step_more(one: float, other: float) -> None:
    extent = min(one, other), max(one, other)
    scale = y_scale(chart_of(y_extent=extent))
    assert scale.low is not None
    assert scale.high is not None
    assert scale.step is not None
    assert scale.low <= extent[0] + 1e-9 * scale.step
    assert scale.high >= extent[1] - 1e-9 * scale.step
    assert extent[0] - scale.low < scale.step * (1 + 1e-6)
    if extent[1] > extent[0]:
        assert scale.high - extent[1] < scale.step * (1 + 1e-6)
    assert 2 <= len(scale.ticks()) <= 9


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_counts_have_whole_ticks_and_end_where_they_end(one: int, other: int) -> None:
    extent = min(one, other), max(one, other)
    scale = x_scale(chart_of(whole_x=True, x_extent=extent))
    assert all(tick == round(tick) for tick in scale.ticks())
    assert scale.step == round(scale.step or 0)
    if extent[1] > extent[0]:
        assert scale.high == extent[1]


@settings(deadline=None)
@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))
def test_logarithmic_axes_end_at_powers_of_ten(one: float, other: float) -> None:
    extent = min(one, other), max(one, other)
    scale = x_scale(chart_of(x_log=True, x_extent=extent))
    assert scale.low is not None
    assert scale.high is not None
    assert scale.low <= extent[0] * (1 + 1e-12)
    assert extent[1] <= scale.high * (1 + 1e-12)
    assert len(scale.ticks()) >= 2
    assert all(math.log10(tick) == pytest.approx(round(math.log10(tick))) for tick in scale.ticks())


def test_a_range_is_kept_to_the_letter() -> None:
    assert x_scale(chart_of(x_range=(0.05, 0.95))) == Scale(0.05, 0.95)
    assert y_scale(chart_of(y_range=(-1, 1))) == Scale(-1, 1, 0.5, number_format="0.0")
    assert y_scale(chart_of(y_range=(0, None), y_extent=(3, 17))) == Scale(0, 20, 5)


def test_data_in_one_place_have_an_axis_too() -> None:
    assert x_scale(chart_of(x_extent=(3, 3))) == Scale(3, 4, 0.2, number_format="0.0")


@pytest.mark.parametrize(
    ("value", "number_format", "expected"),
    [
        (0.25, "General", "0.25"),
        (-3, "0.0", "-3.0"),
        (0.5, "0%", "50%"),
        (0.125, "0.0%", "12.5%"),
        (12345.6, "#,##0", "12,346"),
        (2.5, "0.0E+00", "2.5"),
    ],
)
def test_ticks_are_written_in_their_format(value: float, number_format: str, expected: str) -> None:
    assert tick_text(value, number_format) == expected


def layout_of(chart: Chart, language: Language, size: tuple[float, float]) -> Layout:
    labels = [
        label.to(language) for series in chart.series if isinstance(label := series.label, Text)
    ]
    return layout(chart, (x_scale(chart), y_scale(chart)), labels, [], size, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_legend_and_axis_titles_take_no_more_than_a_fifth(language: Language) -> None:
    chart = chart_of(
        Text("α, intercept", "α, 절편"),
        Text("β, slope", "β, 기울기"),
        x_title=Text("iteration", "반복"),
        y_title=Text("squared error", "제곱오차"),
    )
    assert layout_of(chart, language, (380, 230)).words <= 0.2


def test_words_take_room_from_the_plot() -> None:
    bare = layout_of(chart_of(title=None, x_title=None, y_title=None), "en", (400, 250))
    titled = layout_of(chart_of(title=None), "en", (400, 250))
    with_legend = layout_of(chart_of(same("a"), same("b"), title=None), "en", (400, 250))
    assert bare.words == 0
    assert bare.height > titled.height > with_legend.height
    assert bare.width > titled.width
    long_title = chart_of(title=same("a title that stands on more than a single line " * 2))
    assert layout_of(long_title, "en", (400, 250)).y > layout_of(chart_of(), "en", (400, 250)).y


@settings(deadline=None)
@given(st.integers(1, 2000), st.integers(1, 2000), st.integers(1, 60))
def test_the_plot_lies_inside_of_the_chart(width: int, height: int, series: int) -> None:
    chart = chart_of(*(same(f"series {number}") for number in range(series)))
    found = layout_of(chart, "en", (width, height))
    assert found.width > 0
    assert found.height > 0
    if width > 300 and height > 200 and series < 5:
        assert found.x + found.width < 1
        assert found.y + found.height < 1
