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
def find(name: str) -> Function | None:
    """The function of a name in capitals, without `_xlfn.`; None for an unknown one."""
    return _own().get(name) or _borrowed(name)


@functools.cache
def _own() -> dict[str, Function]:
    # Imported when first needed, since the modules import what imports this package.
    functions: dict[str, Function] = {}
    for module in _MODULES:
        functions.update(import_module(f"{__name__}.{module}").FUNCTIONS)
    return functions


def _borrowed(name: str) -> Function | None:
    # Importing `formulas` takes long, and most workbooks do without.
    function: Function | None = import_module(f"{__name__}.borrowed").find(name)
    return function
