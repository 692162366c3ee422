"""What a verification found, for programs and for people."""

import math
from dataclasses import dataclass
from typing import Any

from sheetlab.checking.agreement import Expected
from sheetlab.checking.figures import FigureResult
from sheetlab.checking.quantities import QuantityResult
from sheetlab.engine import CellValue


@dataclass(frozen=True)
class Report:
    """All figures and quantities that were checked.

    `figures` holds for each figure one result per engine, in the order of `engines`; `moved`
    names the workbooks whose inputs are not the slide's, so that its figures do not apply.
    """

    engines: tuple[str, ...]
    figures: tuple[tuple[FigureResult, ...], ...]
    quantities: tuple[QuantityResult, ...]
    moved: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything holds, on every engine."""
        return all(quantity.ok for quantity in self.quantities) and all(
            result.ok for results in self.figures for result in results
        )

    def to_json(self) -> dict[str, Any]:
        """The report as JSON values; an error value is its text, an infinite error is null."""
        return {
            "figures": [_figure(results) for results in self.figures],
            "quantities": [_quantity(result) for result in self.quantities],
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


def _json(value: CellValue | Expected | None) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, str) else value
