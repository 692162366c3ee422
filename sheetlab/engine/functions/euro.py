"""EUROCONVERT: amounts between the euro and the currencies that it replaced."""

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.mathematics import round_decimal
from sheetlab.engine.values.value import ErrorValue

# What one euro is, fixed when each currency joined, and to how many decimals Excel rounds.
_CURRENCIES = {
    "ATS": (13.7603, 2),
    "BEF": (40.3399, 0),
    "DEM": (1.95583, 2),
    "ESP": (166.386, 0),
    "EUR": (1.0, 2),
    "FIM": (5.94573, 2),
    "FRF": (6.55957, 2),
    "GRD": (340.75, 0),
    "IEP": (0.787564, 2),
    "ITL": (1936.27, 0),
    "LUF": (40.3399, 0),
    "NLG": (2.20371, 2),
    "PTE": (200.482, 0),
    "SIT": (239.64, 2),
}
_LEAST_PRECISION = 3


def _euro_convert(
    number: float,
    source: str,
    target: str,
    full_precision: bool | None = None,
    triangulation: float | None = None,
) -> float:
    """An amount by way of euros, which are rounded to as many digits as `triangulation` says."""
    given, wanted = _CURRENCIES.get(source.upper()), _CURRENCIES.get(target.upper())
    if given is None or wanted is None:
        raise ErrorValue("#VALUE!")
    if triangulation is not None and int(triangulation) < _LEAST_PRECISION:
        raise ErrorValue("#VALUE!")
    if given is wanted:
        return number
    euros = number / given[0]
    if triangulation is not None:
        euros = round_decimal(euros, triangulation)
    amount = euros * wanted[0]
    return amount if full_precision else round_decimal(amount, wanted[1])


FUNCTIONS: dict[str, Function] = {
    "EUROCONVERT": Function(
        _euro_convert, ("number", "text", "text", "logical", "number"), required=3
    ),
}
