"""The functions of Excel by name: those written here, and behind them those of `formulas`."""

import functools
from importlib import import_module

from sheetlab.engine.functions.function import Function

_MODULES = (
    "aggregates",
    "arrays",
    "conditional",
    "dates",
    "distributions",
    "logic",
    "lookup",
    "mathematics",
    "matrices",
    "regression",
    "statistics",
    "text",
)


@functools.cache
def find(name: str, date_1904: bool = False) -> Function | None:
    """The function of a name in capitals, without `_xlfn.`; None for an unknown one.

    With `date_1904`, dates count from 1904-01-01.
    """
    function = own().get(name) or _borrowed(name)
    if not date_1904 or function is None:
        return function
    shifted: Function = import_module(f"{__name__}.date_system").from_1904(name, function)
    return shifted


@functools.cache
def own() -> dict[str, Function]:
    """The functions written here, by name."""
    # Imported when first needed, since the modules import what imports this package.
    functions: dict[str, Function] = {}
    for module in _MODULES:
        functions.update(import_module(f"{__name__}.{module}").FUNCTIONS)
    return functions


def _borrowed(name: str) -> Function | None:
    # Importing `formulas` takes long, and most workbooks do without.
    function: Function | None = import_module(f"{__name__}.borrowed").find(name)
    return function
