"""Where an axis begins and ends, and where its ticks stand."""

import math
import re
from dataclasses import dataclass

from sheetlab.authoring.charts.chart import Chart, Limits, number_of_cells

GENERAL = "General"

_MOST_STEPS = 6
_ROUND_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """One axis of numbers; None is for the program to choose that shows the chart."""

    low: float | None = None
    high: float | None = None
    step: float | None = None
    log: bool = False
    number_format: str = GENERAL

    def ticks(self) -> list[float]:
        """Where the ticks stand; none where the limits or the step are not known."""
        if self.low is None or self.high is None:
            return []
        if self.log:
            powers = range(math.ceil(math.log10(self.low)), math.floor(math.log10(self.high)) + 1)
            return [10.0**power for power in powers]
        if self.step is None:
            return []
        count = math.floor((self.high - self.low) / self.step + 1e-9)
        return [self.low + place * self.step for place in range(count + 1)]


def x_scale(chart: Chart, extent: tuple[float, float] | None = None) -> Scale:
    """The scale of the chart's x axis, `extent` for the data where the chart knows no extent."""
    step = chart.x_step
    if chart.whole_x and step is None and chart.x_range is None and chart.x_extent is None:
        # A count goes about as far as it has cells.
        step = _round_step(
            max(number_of_cells(series.x) for series in chart.series) - 1, whole=True
        )
    return _scale(
        chart.x_range,
        chart.x_extent or extent,
        step,
        chart.x_log,
        chart.whole_x,
        chart.x_format,
    )


def y_scale(chart: Chart, extent: tuple[float, float] | None = None) -> Scale:
    """The scale of the chart's y axis, `extent` for the data where the chart knows no extent."""
    return _scale(
        chart.y_range,
        chart.y_extent or extent,
        chart.y_step,
        chart.y_log,
        chart.whole_y,
        chart.y_format,
    )


def tick_text(value: float, number_format: str) -> str:
    """A tick's label, for the number formats that suit an axis: General, 0.00, #,##0, 0%."""
    if number_format == GENERAL:
        return f"{value:.6g}"
    found = re.fullmatch(r"(#,##)?0(?:\.(0+))?(%)?", number_format)
    if found is None:
        return f"{value:.6g}"
    comma, decimals, percent = "," if found[1] else "", len(found[2] or ""), found[3] or ""
    return f"{value * 100 if percent else value:{comma}.{decimals}f}{percent}"


def _scale(
    limits: Limits | None,
    extent: tuple[float, float] | None,
    step: float | None,
    log: bool,
    whole: bool,
    number_format: str | None,
) -> Scale:
    low, high = limits or (None, None)
    if log:
        if extent is not None:
            low = 10.0 ** math.floor(math.log10(extent[0])) if low is None else low
            high = 10.0 ** math.ceil(math.log10(extent[1])) if high is None else high
            high = max(high, 10 * low)
        return Scale(low, high, log=True, number_format=number_format or GENERAL)
    if extent is not None:
        first = extent[0] if low is None else low
        last = extent[1] if high is None else high
        if first >= last:
            last = first + 1
        step = step or _round_step(last - first, whole)
        low = _first_tick(first, step, whole) if low is None else low
        if high is None:
            high = last if whole else math.ceil(last / step - 1e-9) * step
    elif low is not None and high is not None:
        step = step or _round_step(high - low, whole)
    if step is not None and low is not None and abs(low / step - round(low / step)) > 1e-6:
        # Excel counts the ticks from the low end, others from 0; where these differ, none is told.
        step = None
    if number_format is None:
        number_format = _format_of(step)
    return Scale(low, high, step, number_format=number_format)


def _first_tick(first: float, step: float, whole: bool) -> float:
    if whole and step == 1:
        return first
    return math.floor(first / step + 1e-9) * step


def _round_step(span: float, whole: bool) -> float:
    """The least round step of which no more than `_MOST_STEPS` fit into the span."""
    least = max(span, 1e-300) / _MOST_STEPS
    power = 10.0 ** math.floor(math.log10(least))
    step = next(step * power for step in _ROUND_STEPS if step * power >= least * (1 - 1e-9))
    return max(step, 1.0) if whole else step


def _format_of(step: float | None) -> str:
    """All labels of an axis with as many decimals as its step has."""
    if step is None:
        return GENERAL
    decimals = len(f"{step:.10f}".rstrip("0").partition(".")[2])
    return f"0.{'0' * decimals}" if decimals else GENERAL
