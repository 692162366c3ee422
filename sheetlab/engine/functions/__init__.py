"""The functions of Excel by name.

Each has one declaration, a `Function`, in the table `FUNCTIONS` at the end of its module.
"""

import functools
from collections.abc import Mapping
from importlib import import_module

from sheetlab.engine.functions.function import Function, Reads
from sheetlab.engine.functions.kernels import Kernel

# Those with the functions that most sheets use come first; see `_declared`.
_MODULES = (
    *("functions.aggregates", "interpreter.control_functions", "functions.logic"),
    *("functions.mathematics", "interpreter.aggregate_functions", "functions.lookup"),
    *("interpreter.reference_functions", "functions.text", "functions.conditional"),
    *("functions.dates", "functions.statistics", "functions.matrices", "functions.financial"),
    *("interpreter.volatile_functions", "interpreter.lambda_functions", "functions.arrays"),
    *("functions.distributions", "functions.working_days", "functions.splitting"),
    *("functions.regression", "functions.day_counts", "functions.depreciation"),
    *("functions.bonds", "functions.coupons", "functions.odd_bonds", "functions.database"),
    *("functions.number_systems", "functions.complex_numbers", "functions.bessel"),
    *("functions.hypothesis_tests", "functions.units", "functions.regular_expressions"),
    *("functions.baht_text", "functions.euro", "interpreter.grouping_functions"),
    *("functions.forecasting", "functions.xml_query", "interpreter.information_functions"),
)
_FUNCTIONS: dict[str, Function] = {}
_READ: set[str] = set()


def find(name: str, date_1904: bool = False) -> Function | None:
    """The function of a name in capitals, without `_xlfn.`; None for an unknown one.

    With `date_1904`, dates count from 1904-01-01.
    """
    return _from_1904(name) if date_1904 else _declared(name)


def known(name: str) -> bool:
    """Whether a name in capitals is a function of Excel, no LAMBDA of the workbook's."""
    return _declared(name) is not None


def kernel(name: str) -> Kernel | None:
    """What a function does to whole columns; None for one that does nothing to them."""
    function = _declared(name)
    return None if function is None else function.kernel


def reads(name: str) -> Reads:
    """What the result of a function depends on; an unknown one has but its arguments."""
    function = _declared(name)
    return "arguments" if function is None else function.reads


def own() -> dict[str, Function]:
    """All functions, by name."""
    _declared("")
    return _FUNCTIONS


def tables() -> list[Mapping[str, Function]]:
    """The tables of all modules, which are imported for it."""
    return [_table(module) for module in _MODULES]


def _declared(name: str) -> Function | None:
    """The function of a name; only as many modules are imported as it takes to find it."""
    found = _FUNCTIONS.get(name)
    if found is not None or len(_READ) == len(_MODULES):
        return found
    for module in _MODULES:
        if module not in _READ:
            _FUNCTIONS.update(_table(module))
            _READ.add(module)
            if name in _FUNCTIONS:
                break
    return _FUNCTIONS.get(name)


def _table(module: str) -> Mapping[str, Function]:
    # Not before it is needed, since the modules import what imports this package.
    table: Mapping[str, Function] = import_module(f"sheetlab.engine.{module}").FUNCTIONS
    return table


@functools.lru_cache(maxsize=1024)
def _from_1904(name: str) -> Function | None:
    function = find(name)
    if function is None:
        return None
    shifted: Function = import_module(f"{__name__}.date_system").from_1904(function)
    return shifted
