"""CONVERT: measures from one unit to another.

The factors are those that Excel documents, or what the units are defined to be:
https://support.microsoft.com/office/convert-function-d785bef1-808e-4aac-bdcd-666c810f9af2
"""

import functools
from typing import NamedTuple

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.toolpak import toolpak_text
from sheetlab.engine.values.value import ErrorValue, Scalar

_INCH, _FOOT, _YARD, _MILE, _NAUTICAL_MILE = 0.0254, 0.3048, 0.9144, 1609.344, 1852.0
_LIGHT_YEAR, _ANGSTROM = 9460730472580800.0, 1e-10
_POINT = _INCH / 72
_POUND = 453.59237
_POUND_FORCE = _POUND / 1000 * 9.80665
_HORSEPOWER = 550 * _FOOT * _POUND_FORCE
_HOUR, _DAY = 3600.0, 86400.0
_LITRES = 1000.0
_GALLON, _IMPERIAL_GALLON = 3.785411784, 4.54609

# What each unit is in the first of its kind; names of one unit share a row.
_UNITS: dict[str, dict[str, float]] = {
    "mass": {
        "g": 1.0, "sg": _POUND_FORCE / _FOOT * 1000, "lbm": _POUND, "u": 1.660538782e-24,
        "ozm": _POUND / 16, "grain": _POUND / 7000, "cwt shweight": _POUND * 100,
        "uk_cwt lcwt hweight": _POUND * 112, "stone": _POUND * 14, "ton": _POUND * 2000,
        "uk_ton LTON brton": _POUND * 2240,
    },
    "distance": {
        "m": 1.0, "mi": _MILE, "Nmi": _NAUTICAL_MILE, "in": _INCH, "ft": _FOOT, "yd": _YARD,
        "ang": _ANGSTROM, "ell": 45 * _INCH, "ly": _LIGHT_YEAR, "parsec pc": 3.08567758128155e16,
        "Pica Picapt": _POINT, "pica": _INCH / 6, "survey_mi": 5280 * 1200 / 3937,
    },
    "time": {
        "sec s": 1.0, "mn min": 60.0, "hr": _HOUR, "day d": _DAY, "yr": 365.25 * _DAY,
    },
    "pressure": {
        "Pa p": 1.0, "atm at": 101325.0, "mmHg": 133.322, "psi": _POUND_FORCE / _INCH**2,
        "Torr": 101325 / 760,
    },
    "force": {"N": 1.0, "dyn dy": 1e-5, "lbf": _POUND_FORCE, "pond": 9.80665e-3},
    "energy": {
        "J": 1.0, "e": 1e-7, "c": 4.184, "cal": 4.1868, "eV ev": 1.602176487e-19,
        "HPh hh": _HORSEPOWER * _HOUR, "Wh wh": _HOUR, "flb": _FOOT * _POUND_FORCE,
        "BTU btu": 1055.05585262,
    },
    "power": {"W w": 1.0, "HP h": _HORSEPOWER, "PS": 735.49875},
    "magnetism": {"T": 1.0, "ga": 1e-4},
    "volume": {
        "l L lt": 1.0, "tsp": _GALLON / 768, "tspm": 0.005, "tbs": _GALLON / 256,
        "oz": _GALLON / 128, "cup": _GALLON / 16, "pt us_pt": _GALLON / 8,
        "uk_pt": _IMPERIAL_GALLON / 8, "qt": _GALLON / 4, "uk_qt": _IMPERIAL_GALLON / 4,
        "gal": _GALLON, "uk_gal": _IMPERIAL_GALLON, "ang3 ang^3": _ANGSTROM**3 * _LITRES,
        "barrel": _GALLON * 42, "bushel": 2150.42 * _INCH**3 * _LITRES,
        "ft3 ft^3": _FOOT**3 * _LITRES, "in3 in^3": _INCH**3 * _LITRES,
        "ly3 ly^3": _LIGHT_YEAR**3 * _LITRES, "m3 m^3": _LITRES, "mi3 mi^3": _MILE**3 * _LITRES,
        "yd3 yd^3": _YARD**3 * _LITRES, "Nmi3 Nmi^3": _NAUTICAL_MILE**3 * _LITRES,
        "Picapt3 Picapt^3 Pica3 Pica^3": _POINT**3 * _LITRES,
        "GRT regton": 100 * _FOOT**3 * _LITRES, "MTON": 40 * _FOOT**3 * _LITRES,
    },
    "area": {
        "m2 m^2": 1.0, "uk_acre": 4840 * _YARD**2, "us_acre": 43560 * (1200 / 3937) ** 2,
        "ang2 ang^2": _ANGSTROM**2, "ar": 100.0, "ft2 ft^2": _FOOT**2, "ha": 10_000.0,
        "in2 in^2": _INCH**2, "ly2 ly^2": _LIGHT_YEAR**2, "Morgen": 2500.0,
        "mi2 mi^2": _MILE**2, "Nmi2 Nmi^2": _NAUTICAL_MILE**2,
        "Picapt2 Picapt^2 Pica2 Pica^2": _POINT**2, "yd2 yd^2": _YARD**2,
    },
    "information": {"bit": 1.0, "byte": 8.0},
    "speed": {
        "m/s m/sec": 1.0, "m/h m/hr": 1 / _HOUR, "mph": _MILE / _HOUR,
        "admkn": 6080 * _FOOT / _HOUR, "kn": _NAUTICAL_MILE / _HOUR,
    },
}  # fmt: skip
# A temperature in kelvins is the number and the second, times the first.
_TEMPERATURES: dict[str, tuple[float, float]] = {
    "C cel": (1.0, 273.15), "F fah": (5 / 9, 459.67), "K kel": (1.0, 0.0), "Rank": (5 / 9, 0.0),
    "Reau": (1.25, 218.52),
}  # fmt: skip

_PREFIXES = {
    "Y": 1e24, "Z": 1e21, "E": 1e18, "P": 1e15, "T": 1e12, "G": 1e9, "M": 1e6, "k": 1e3, "h": 1e2,
    "da": 1e1, "e": 1e1, "d": 1e-1, "c": 1e-2, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12,
    "f": 1e-15, "a": 1e-18, "z": 1e-21, "y": 1e-24,
}  # fmt: skip
_BINARY_PREFIXES = {
    f"{prefix}i": 2.0 ** (10 * power) for power, prefix in enumerate("kMGTPEZY", start=1)
}
# The units that take one.
_WITH_PREFIX = frozenset((
    *("g", "u", "m", "ang", "ly", "parsec", "pc", "sec", "s", "Pa", "p", "atm", "at", "mmHg"),
    *("Torr", "N", "dyn", "dy", "pond", "J", "e", "c", "cal", "eV", "ev", "Wh", "wh", "W", "w"),
    *("T", "ga", "K", "kel", "l", "L", "lt", "m3", "m^3", "ang3", "ang^3", "m2", "m^2", "ang2"),
    *("ang^2", "ar", "bit", "byte", "m/s", "m/sec", "m/h", "m/hr"),
))  # fmt: skip


class _Unit(NamedTuple):
    kind: str
    # The number and the offset, times the factor, is the measure in the first unit of the kind.
    factor: float
    offset: float = 0.0


@functools.cache
def _by_name() -> dict[str, _Unit]:
    units = {
        name: _Unit(kind, factor)
        for kind, factors in _UNITS.items()
        for names, factor in factors.items()
        for name in names.split()
    }
    for names, (factor, offset) in _TEMPERATURES.items():
        units |= {name: _Unit("temperature", factor, offset) for name in names.split()}
    return units


def _unit(name: str) -> _Unit:
    units = _by_name()
    if name in units:
        return units[name]
    for length in (1, 2):
        prefix, base = name[:length], name[length:]
        if base not in _WITH_PREFIX:
            continue
        unit = units[base]
        factor = _PREFIXES.get(prefix)
        if factor is None and unit.kind == "information":
            factor = _BINARY_PREFIXES.get(prefix)
        if factor is not None:
            # A square kilometre is the square of a kilometre.
            power = int(base[-1]) if base[-1] in "23" else 1
            return unit._replace(factor=factor**power * unit.factor)
    raise ErrorValue("#N/A")


def _convert(measure: float, unit: Scalar, other: Scalar) -> float:
    given, wanted = _unit(toolpak_text(unit)), _unit(toolpak_text(other))
    if given.kind != wanted.kind:
        raise ErrorValue("#N/A")
    if given == wanted:
        return measure
    return (measure + given.offset) * given.factor / wanted.factor - wanted.offset


FUNCTIONS: dict[str, Function] = {"CONVERT": Function(_convert, ("quantity", "scalar", "scalar"))}
