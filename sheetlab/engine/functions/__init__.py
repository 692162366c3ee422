"""The functions of Excel by name: those declared here, and behind them those of `formulas`.

Each has one declaration, a `Function`, in the table `FUNCTIONS` at the end of its module.
"""

import functools
from importlib import import_module

from sheetlab.engine.functions.function import Function, Reads
from sheetlab.engine.functions.kernels import Kernel

_MODULES = (
    *("functions.aggregates", "functions.arrays", "functions.bessel", "functions.bonds"),
    *("functions.conditional", "functions.coupons", "functions.odd_bonds"),
    *("functions.dates", "functions.hypothesis_tests"),
    *("functions.day_counts", "functions.depreciation", "functions.financial"),
    "functions.working_days",
    *("functions.distributions", "functions.logic", "functions.lookup", "functions.mathematics"),
    *("functions.matrices", "functions.regression", "functions.statistics", "functions.text"),
    # The special forms, which need the interpreter.
    *("interpreter.aggregate_functions", "interpreter.control_functions"),
    *("interpreter.lambda_functions", "interpreter.reference_functions"),
    "interpreter.volatile_functions",
)


def find(name: str, date_1904: bool = False) -> Function | None:
    """The function of a name in capitals, without `_xlfn.`; None for an unknown one.

    With `date_1904`, dates count from 1904-01-01.
    """
    if date_1904:
        return _from_1904(name)
    return own().get(name) or _borrowed(name)


def known(name: str) -> bool:
    """Whether a name in capitals is a function of Excel, no LAMBDA of the workbook's."""
    return find(name) is not None


def kernel(name: str) -> Kernel | None:
    """What a function does to whole columns; None for one that does nothing to them."""
    function = own().get(name)
    return None if function is None else function.kernel


def reads(name: str) -> Reads:
    """What the result of a function depends on; an unknown one has but its arguments."""
    function = own().get(name)
    return "arguments" if function is None else function.reads


@functools.cache
def own() -> dict[str, Function]:
    """The functions that are declared here, by name."""
    return {name: function for table in tables() for name, function in table.items()}


def tables() -> list[dict[str, Function]]:
    """The tables of all modules, which are imported for it."""
    # Not before they are needed, since the modules import what imports this package.
    return [import_module(f"sheetlab.engine.{module}").FUNCTIONS for module in _MODULES]


@functools.lru_cache(maxsize=1024)
def _borrowed(name: str) -> Function | None:
    # Importing `formulas` takes long, and most workbooks do without.
    function: Function | None = import_module(f"{__name__}.borrowed").find(name)
    return function


@functools.lru_cache(maxsize=1024)
def _from_1904(name: str) -> Function | None:
    function = find(name)
    if function is None:
        return None
    shifted: Function = import_module(f"{__name__}.date_system").from_1904(function)
    return shifted
