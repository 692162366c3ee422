"""Least squares with several variables: LINEST and TREND, and with exponents LOGEST and GROWTH."""

from typing import NamedTuple

import numpy as np

from sheetlab.engine.functions.function import Function
from sheetlab.engine.functions.kernels import Floats
from sheetlab.engine.functions.matrices import matrix_of_numbers
from sheetlab.engine.values.arrays import NOT_AVAILABLE
from sheetlab.engine.values.value import Array, ErrorValue


class _Fit(NamedTuple):
    """`y = x @ slopes + intercept`, where `x` has a column for each variable."""

    slopes: Floats
    intercept: float
    x: Floats
    y: Floats
    has_intercept: bool


def _variables(ys: Array, xs: Array | None) -> Floats:
    """The known x, a column for each variable; 1, 2, 3... where they are left out."""
    if xs is None:
        return np.arange(1.0, ys.size + 1).reshape(-1, 1)
    x = matrix_of_numbers(xs)
    if xs.shape == ys.shape:
        return x.reshape(-1, 1)
    if ys.shape[1] == 1 and xs.shape[0] == ys.shape[0]:
        return x
    if ys.shape[0] == 1 and xs.shape[1] == ys.shape[1]:
        return x.T
    raise ErrorValue("#REF!")


def _fit(y: Floats, x: Floats, has_intercept: bool) -> _Fit:
    x_mean = x.mean(axis=0) if has_intercept else np.zeros(x.shape[1])
    y_mean = float(y.mean()) if has_intercept else 0.0
    slopes = np.linalg.lstsq(x - x_mean, y - y_mean)[0]
    return _Fit(slopes, y_mean - float(x_mean @ slopes), x, y, has_intercept)


def _coefficients(fit: _Fit) -> Array:
    """The slopes, that of the last variable first, and the intercept."""
    return np.array([[*fit.slopes[::-1], fit.intercept]])


def _statistics(fit: _Fit) -> Array:
    """What LINEST puts below the coefficients: errors, r², F and sums of squares."""
    rows, variables = fit.x.shape
    x_mean = fit.x.mean(axis=0) if fit.has_intercept else np.zeros(variables)
    y_mean = float(fit.y.mean()) if fit.has_intercept else 0.0
    predicted = fit.x @ fit.slopes + fit.intercept
    explained = float(np.sum((predicted - y_mean) ** 2))
    residual = float(np.sum((fit.y - predicted) ** 2))
    freedom = rows - variables - fit.has_intercept
    variance = residual / freedom if freedom > 0 else 0.0
    centered = fit.x - x_mean
    inverse = np.linalg.pinv(centered.T @ centered)
    errors = np.sqrt(variance * np.diag(inverse))[::-1]
    of_intercept = np.sqrt(variance * (1 / rows + x_mean @ inverse @ x_mean))
    table = np.full((4, variables + 1), NOT_AVAILABLE, dtype=object)
    table[0, :-1] = errors
    if fit.has_intercept:
        table[0, -1] = of_intercept
    f_ratio = explained / variables / variance if variance else np.inf
    total = explained + residual
    table[1:, :2] = [
        [explained / total if total else 1.0, np.sqrt(variance)],
        [f_ratio, float(freedom)],
        [explained, residual],
    ]
    return table


def _linest(
    ys: Array, xs: Array | None = None, const: bool | None = True, stats: bool | None = False
) -> Array:
    fit = _fit(matrix_of_numbers(ys).ravel(), _variables(ys, xs), const is not False)
    coefficients = _coefficients(fit)
    return np.vstack([coefficients, _statistics(fit)]) if stats else coefficients


def _logest(
    ys: Array, xs: Array | None = None, const: bool | None = True, stats: bool | None = False
) -> Array:
    fit = _fit(_logarithms(ys), _variables(ys, xs), const is not False)
    coefficients = np.exp(_coefficients(fit))
    return np.vstack([coefficients, _statistics(fit)]) if stats else coefficients


def _logarithms(ys: Array) -> Floats:
    y = matrix_of_numbers(ys).ravel()
    if y.min() <= 0:
        raise ValueError
    return np.log(y)


def _trend(
    ys: Array, xs: Array | None = None, new_xs: Array | None = None, const: bool | None = True
) -> Array:
    y = matrix_of_numbers(ys).ravel()
    return _predicted(_fit(y, _variables(ys, xs), const is not False), ys, xs, new_xs)


def _growth(
    ys: Array, xs: Array | None = None, new_xs: Array | None = None, const: bool | None = True
) -> Array:
    fit = _fit(_logarithms(ys), _variables(ys, xs), const is not False)
    with np.errstate(over="ignore"):
        return np.exp(_predicted(fit, ys, xs, new_xs))


def _predicted(fit: _Fit, ys: Array, xs: Array | None, new_xs: Array | None) -> Array:
    """The y of new x, laid out as these where there is one variable, else as the known y."""
    if new_xs is None:
        new_xs = xs if xs is not None else fit.x.reshape(ys.shape)
    x = matrix_of_numbers(new_xs)
    if fit.slopes.size == 1:
        shape = x.shape
        x = x.reshape(-1, 1)
    elif ys.shape[1] == 1 and x.shape[1] == fit.slopes.size:
        shape = (x.shape[0], 1)
    elif ys.shape[0] == 1 and x.shape[0] == fit.slopes.size:
        shape = (1, x.shape[1])
        x = x.T
    else:
        raise ErrorValue("#REF!")
    return (x @ fit.slopes + fit.intercept).reshape(shape)


FUNCTIONS: dict[str, Function] = {
    "GROWTH": Function(
        _growth,
        ("array", "array", "array", "logical"),
        required=1,
        array_context=True,
        spreads=True,
    ),
    "LINEST": Function(
        _linest,
        ("array", "array", "logical", "logical"),
        required=1,
        array_context=True,
        spreads=True,
    ),
    "LOGEST": Function(
        _logest,
        ("array", "array", "logical", "logical"),
        required=1,
        array_context=True,
        spreads=True,
    ),
    "TREND": Function(
        _trend, ("array", "array", "array", "logical"), required=1, array_context=True, spreads=True
    ),
}
