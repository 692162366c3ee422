"""Where the library `formulas` differs from Excel, and how Excel calculates.

The functions and operators of `formulas` stay as they are for its other users: `ExcelParser`
reads formulas with tokens that look a function up in `functions()` and an operator in
`operators()`, which are those of `formulas` with some replaced.
"""

import functools
import math
import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any, ClassVar

import formulas
import numpy as np
from formulas.functions import Array, not_implemented, replace_empty, wrap_ufunc
from formulas.functions.operators import OPERATORS
from formulas.tokens import function as function_tokens
from formulas.tokens import operand as operand_tokens
from formulas.tokens import operator as operator_tokens

# Excel works with, and shows, no more than 15 significant digits of a number.
SIGNIFICANT_DIGITS = 15
# The powers of ten that Excel still writes out, before it turns to 1E+21.
_WRITTEN_OUT = range(-20, 21)

# These ask where a cell is, which a compiled template does not know.
_ASK_FOR_PLACES = frozenset(
    ("AREAS", "COLUMN", "ISFORMULA", "ISREF", "ROW", "SINGLE", "_XLFN.ISFORMULA", "_XLFN.SINGLE")
)


def decimal_of(number: float) -> Decimal:
    """The decimal number that a person sees for a float: its 15 significant digits."""
    return Decimal(f"{number:.{SIGNIFICANT_DIGITS}g}")


def round_decimal(number: float, digits: float, rounding: str = ROUND_HALF_UP) -> float:
    """ROUND, half away from zero, on the decimal number; other `rounding` for its relatives."""
    places = int(digits)
    if not math.isfinite(number) or number == 0:
        return number
    shown = decimal_of(number)
    if places >= SIGNIFICANT_DIGITS - 1 - shown.adjusted():
        return number
    # Beyond these, the place is larger than any number that a float holds.
    return float(shown.quantize(Decimal(1).scaleb(max(places, -400) * -1), rounding))


def power(base: float, exponent: float) -> Any:
    """The operator ^: `0^0` is #NUM!, and an odd root of a negative number is a number."""
    if base == 0 and exponent <= 0:
        return formulas.NUM if exponent == 0 else formulas.DIV
    try:
        if base < 0 and exponent != int(exponent):
            root = round(1 / exponent)
            return -math.pow(-base, exponent) if root % 2 and 1 / root == exponent else formulas.NUM
        return math.pow(base, exponent)
    except OverflowError:
        return formulas.NUM


def general_text(value: Any) -> str:
    """A value as `&` puts it into a text: numbers with 15 significant digits."""
    if isinstance(value, bool | np.bool_):
        return str(value).upper()
    if isinstance(value, str):
        return value
    number = decimal_of(float(value) + 0.0).normalize()
    if number.adjusted() in _WRITTEN_OUT:
        return f"{number:f}"
    mantissa, exponent = f"{number:E}".split("E")
    return f"{mantissa}E{int(exponent):+03d}"


def text(value: Any, number_format: Any) -> Any:
    """TEXT, rounded half away from zero as the number format asks."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        codes = re.sub(r'"[^"]*"|\\.', "", str(number_format))
        if codes.lower() == "general":
            return general_text(value)
        if not re.search(r"[EDMYHS]", codes.upper()):
            decimals = max(map(len, re.findall(r"\.([0#?]*)", codes)), default=0)
            value = round_decimal(value, decimals + 2 * codes.count("%"))
    return formulas.get_functions()["TEXT"](value, number_format)


@functools.cache
def functions() -> dict[str, Any]:
    """The functions of Excel by name: those of `formulas`, and those set right here."""
    known = {
        name: function
        for name, function in formulas.get_functions().items()
        if function is not not_implemented and name not in _ASK_FOR_PLACES
    }
    rounding = {"ROUND": ROUND_HALF_UP, "ROUNDUP": ROUND_UP, "ROUNDDOWN": ROUND_DOWN}
    for name, direction in rounding.items():
        known[name] = wrap_ufunc(functools.partial(round_decimal, rounding=direction))
    known["POWER"] = wrap_ufunc(power)
    known["TEXT"] = wrap_ufunc(text, input_parser=lambda *arguments: arguments)
    known["CONCATENATE"] = _join
    known["ROWS"] = lambda table: float(np.atleast_2d(table).shape[0])
    known["COLUMNS"] = lambda table: float(np.atleast_2d(table).shape[1])
    return {name: _without_infinity(function) for name, function in known.items()}


@functools.cache
def operators() -> dict[str, Any]:
    """The operators of Excel by name; `--` is two unary minuses, which makes a number."""
    known = dict(OPERATORS)
    known["^"] = wrap_ufunc(power)
    known["&"] = _join
    known["--"] = wrap_ufunc(lambda value: value)
    return known


_join = wrap_ufunc(
    lambda *values: "".join(values),
    input_parser=lambda *values: map(general_text, values),
    args_parser=lambda *values: (replace_empty(value, "") for value in values),
)


def _without_infinity(function: Any) -> Any:
    """The function with #NUM! for every result that is no finite number."""
    if isinstance(function, dict):
        return {**function, "function": _without_infinity(function["function"])}

    @functools.wraps(function)
    def finite(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        if isinstance(result, float):
            return result if math.isfinite(result) else formulas.NUM
        if isinstance(result, np.ndarray) and any(map(_is_infinite, result.flat)):
            marked = np.where(np.vectorize(_is_infinite)(result), formulas.NUM, result)
            return marked.astype(object).view(Array)
        return result

    return finite


def _is_infinite(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


class _Number(operand_tokens.Number):  # type: ignore[misc]
    """A number, also one with an exponent without sign (1E308) or with nothing after the point."""

    _re = re.compile(
        r"^\s*(?P<name>(?>[0-9]+(?>\.[0-9]*)?|\.[0-9]+)(?>E[+-]?[0-9]+)?|"
        r"TRUE(?!\(\))|FALSE(?!\(\)))(?!([a-z]|[0-9]|\.|\s*\:))\s*",
        re.IGNORECASE,
    )

    def compile(self) -> Any:
        name = self.name.upper()
        if name in ("TRUE", "FALSE"):
            return name == "TRUE"
        number = float(name)
        return number if math.isfinite(number) else formulas.NUM


class _Operator(operator_tokens.OperatorToken):  # type: ignore[misc]
    def process(self, match: Any, context: Any = None, parser: Any = None) -> Any:
        attributes = super().process(match, context=context, parser=parser)
        # Between two operands, "--" adds; before one, it makes a number of TRUE or "3".
        self.makes_number = "-" in match[0] and attributes["name"] == "+"
        return attributes

    def set_expr(self, *tokens: Any) -> None:
        super().set_expr(*tokens)
        if self._is_two_minuses:
            self.attr["expr"] = "-" + self.attr["expr"].replace("+", "-", 1)

    def compile(self) -> Any:
        return operators()["--" if self._is_two_minuses else self.name.upper()]

    @property
    def _is_two_minuses(self) -> bool:
        return self.name == "u+" and self.makes_number


class ExcelFunction(function_tokens.Function):  # type: ignore[misc]
    """A call of one of `functions()`."""

    def compile(self) -> Any:
        """The function, as the parser asks for it; one that raises where it is not known."""
        return functions().get(self.name.upper(), not_implemented)


class ExcelParser(formulas.Parser):  # type: ignore[misc]
    """The parser of `formulas`, with numbers, operators and functions as Excel has them."""

    filters: ClassVar[list[type]] = [
        {
            operand_tokens.Number: _Number,
            operator_tokens.OperatorToken: _Operator,
            function_tokens.Function: ExcelFunction,
        }.get(token, token)
        for token in formulas.Parser.filters
    ]
