"""What a verification found, for programs and for people."""

import math
from dataclasses import dataclass
from typing import Any

from sheetlab.checking.agreement import Expected
from sheetlab.checking.causes import Cause
from sheetlab.checking.figures import FigureResult
from sheetlab.checking.quantities import QuantityResult
from sheetlab.engine import CellError, CellValue
from sheetlab.text import Text


@dataclass(frozen=True)
class Report:
    """All figures and quantities that were checked.

    `figures` holds for each figure one result per engine, in the order of `engines`; `moved`
    names the workbooks whose inputs are not the slide's, so that its figures do not apply.
    `causes` says where workbooks differ from what their lessons build, what others follow from
    first.
    """

    engines: tuple[str, ...]
    figures: tuple[tuple[FigureResult, ...], ...]
    quantities: tuple[QuantityResult, ...]
    moved: tuple[str, ...]
    causes: tuple[Cause, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything holds, on every engine, and nothing is typed over a formula."""
        agree = all(quantity.ok for quantity in self.quantities) and all(
            result.ok for results in self.figures for result in results
        )
        return agree and not self.causes

    def summary(self) -> Text:
        """One sentence on the whole."""
        figures, quantities = len(self.figures), len(self.quantities)
        wrong = sum(not all(result.ok for result in results) for results in self.figures)
        differing = sum(not result.ok for result in self.quantities)
        witnesses = ", ".join((*self.engines, "NumPy"))
        both = Text(f"{figures} figures and {quantities}", f"수 {figures}개와 양 {quantities}")
        counted = both if figures else Text(f"{quantities}", f"양 {quantities}")
        if wrong or differing:
            return Text(
                f"{wrong} of {figures} figures and {differing} of {quantities} quantities do not"
                " agree.",
                f"수 {figures}개 중 {wrong}개, 양 {quantities}개 중 {differing}개가 다릅니다.",
            )
        if self.causes:
            return Text(
                f"All {counted.en} quantities agree, but formulas are missing.",
                f"{counted.ko}개가 모두 일치하지만 수식이 빠져 있습니다.",
            )
        return Text(
            f"All {counted.en} quantities agree: {witnesses}.",
            f"{counted.ko}개가 모두 일치합니다: {witnesses}.",
        )

    def notes(self) -> list[Text]:
        """What else there is to say: a sentence for each workbook of other inputs."""
        return [
            Text(
                f"{path}: its inputs are not the slide's, so the printed figures do not apply.",
                f"{path}: 입력이 슬라이드와 달라 슬라이드의 수와는 비교하지 않았습니다.",
            )
            for path in self.moved
        ]

    def _repr_html_(self) -> str:
        """The report as a notebook shows it."""
        from sheetlab.checking.notebook import report_html

        return report_html(self)

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values; an error value is its code, an infinite error is null."""
        return {
            "figures": [_figure(results) for results in self.figures],
            "quantities": [_quantity(result) for result in self.quantities],
            "causes": [_cause(cause) for cause in self.causes],
            "ok": self.ok,
        }


def _figure(results: tuple[FigureResult, ...]) -> dict[str, Any]:
    first = results[0]
    return {
        "id": first.figure.id,
        "lesson": first.figure.lesson,
        "quantity": first.figure.quantity,
        "index": first.figure.index,
        "printed": first.figure.printed,
        "status": first.figure.status,
        "computed": _json(first.computed),
        "reference": _json(first.reference),
        "cell": first.cell,
        "ok": all(result.ok for result in results),
    }


def _quantity(result: QuantityResult) -> dict[str, Any]:
    return {
        "lesson": result.lesson,
        "quantity": result.quantity,
        "cells": result.cells,
        "engine": result.engine,
        "max_error": result.max_error if math.isfinite(result.max_error) else None,
        "worst_cell": result.worst_cell,
        "ok": result.ok,
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "file": cause.file,
        "lesson": cause.lesson,
        "kind": cause.kind,
        "where": cause.where,
        "found": cause.found,
        "expected": cause.expected,
        "quantities": list(cause.quantities),
        "figures": list(cause.figures),
    }


def _json(value: CellValue | Expected | None) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.code if isinstance(value, CellError) else value
