"""Bessel's functions, of whole orders from 0 on."""

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.special import special


def _bessel(name: str, *, above_zero: bool = False) -> Function:
    """A function of SciPy's that takes the order first; some are not defined up to 0."""

    def call(x: float, order: float) -> float:
        if order < 0 or (above_zero and x <= 0):
            raise ValueError
        return float(getattr(special(), name)(int(order), x))

    return Function(call, ("quantity", "quantity"))


FUNCTIONS: dict[str, Function] = {
    "BESSELI": _bessel("iv"),
    "BESSELJ": _bessel("jv"),
    "BESSELK": _bessel("kn", above_zero=True),
    "BESSELY": _bessel("yn", above_zero=True),
}
