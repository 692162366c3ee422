"""Bessel's functions, of whole orders from 0 on."""

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.special import special

# Beyond these, what is calculated has no digits left, and may take minutes.
_LARGEST = 1e8
_LARGEST_ORDER = 1e6


def _bessel(name: str, *, above_zero: bool = False) -> Function:
    """A function of SciPy's that takes the order first; some are not defined up to 0.

    Those of real orders, since the others count up to the order.
    """

    def call(x: float, order: float) -> float:
        if not 0 <= order <= _LARGEST_ORDER or abs(x) > _LARGEST or (above_zero and x <= 0):
            raise ValueError
        return float(getattr(special(), name)(int(order), x))

    return Function(call, ("quantity", "quantity"))


FUNCTIONS: dict[str, Function] = {
    "BESSELI": _bessel("iv"),
    "BESSELJ": _bessel("jv"),
    "BESSELK": _bessel("kv", above_zero=True),
    "BESSELY": _bessel("yv", above_zero=True),
}
