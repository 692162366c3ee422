"""Activation functions, their slopes, and what is left of a gradient after many layers.

    sigmoid     1 / (1 + exp(-x))                       slope  g (1 - g), 1/4 at most
    tanh        (exp(x) - exp(-x)) / (exp(x) + exp(-x))        1 - g^2, 1 at most
    ReLU        max(0, x)                                      1 above 0, else 0
    Leaky ReLU  max(leak x, x)                                 1 above 0, else leak
    ELU         x from 0 on, else alpha (exp(x) - 1)           1 from 0 on, else g + alpha

Backpropagation multiplies the slopes of all layers: where each is below 1, the product vanishes
(Hochreiter, 1991). A slope of 1 keeps it (ReLU: Nair and Hinton, 2010; ELU: Clevert et al., 2015).
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, axis, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Activation functions and the vanishing gradient|활성화 함수와 기울기 소실"
SHEET_NAME = "Activations"
EQUATION = (
    "a = g(z);   gradient after n layers = g′(z₁) · g′(z₂) · … · g′(zₙ)|"
    "a = g(z),   n개 층을 지난 기울기 = g′(z₁) · g′(z₂) · … · g′(zₙ)"
)
SLIDES = [
    ("001", "Activation Functions"),
    ("002", "퍼셉트론(초기 형태 인공신경망)"),
    ("004", "relu : hidden layer"),
]

FUNCTIONS = ("sigmoid", "tanh", "ReLU", "Leaky ReLU", "ELU")
VALUES = (
    "= 1 / (1 + EXP(-{x}))",
    "= TANH({x})",
    "= MAX(0, {x})",
    "= MAX(leak * {x}, {x})",
    "= IF({x} >= 0, {x}, elu_alpha * (EXP({x}) - 1))",
)
SLOPES = (
    "= {g} * (1 - {g})",
    "= 1 - {g}^2",
    "= IF({x} > 0, 1, 0)",
    "= IF({x} > 0, 1, leak)",
    "= IF({x} >= 0, 1, {g} + elu_alpha)",
)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The slides' functions and the five factors; where to look at them is chosen here."""

    z: float = number(1.0, "z of every layer|모든 층의 z", at_least=-30, at_most=30)
    leak: float = number(0.1, "leak of Leaky ReLU|Leaky ReLU의 기울기", at_least=0, at_most=1)
    elu_alpha: float = number(1.0, "α of ELU|ELU의 α", at_least=0, at_most=10)
    reach: float = number(5.0, "largest x|x의 최댓값", above=0, at_most=30)
    passed: tuple[float, ...] = column(
        (0.7, 0.2, 0.1, 0.3, 0.01), "σ of the layer|층의 σ", at_least=0, at_most=1, length=(1, 100)
    )


def write(board: Board, inputs: Inputs) -> None:
    """The functions at z and what is left after the layers, then tables of them, and charts."""
    function, place = axis("function", FUNCTIONS), axis("place", 21)
    layer = axis("layer", len(inputs.passed))

    settings = board.rows(title="Choose|고르기", label_span=3)
    settings.inputs("z", "leak", "elu_alpha", "reach")
    legend = board.legend(below=settings, span=4)
    at_z = board.rows(
        across=function, title="At z|z에서", labels="g", label_span=2, right_of=settings
    )
    at_z.row("activation", "g(z)", for_each(VALUES, "z"), format="0.0000")
    at_z.row("slope", "g′(z)", for_each(SLOPES, "z", "activation"), format="0.0000")
    at_z.row("higher", "g₊ = g(z + 0.01)", for_each(VALUES, "(z + 0.01)"), format="0.0000")
    at_z.row("lower", "g₋ = g(z − 0.01)", for_each(VALUES, "(z - 0.01)"), format="0.0000")
    at_z.row("difference", "(g₊ − g₋) / 0.02", "= (higher - lower) / 0.02", format="0.0000")

    layers = board.columns(down=layer, below=[legend, at_z], format="0.000000")
    layers.count("layer_number", "layer|층", format="0")
    with layers.group("sigmoids in a row|이어진 sigmoid"):
        layers.input("passed", format="0.00")
        layers.column("product", "product|곱", "= PRODUCT(passed.so_far)")
    layers.column(
        "gradient",
        "gradient left: g′(z) of every layer, multiplied|남은 기울기: 층마다의 g′(z)를 곱한 값",
        "= gradient.before(layer) * slope",
        first="= slope",
        by=function,
        format="0.0000",
        colour={"bad": "ABS(gradient) < 0.01", "good": "gradient = 1"},
    )
    layers.foot("all|전체").value("vanishing_product", "= PRODUCT(passed)", under="product")

    curves = board.columns(down=place, below=layers, format="0.00")
    curves.column("x", "x", "= reach * (ROWS(x.so_far) - 11) / 10")
    curves.column("value", "value g(x)|값 g(x)", for_each(VALUES, "x"), by=function)
    slopes = for_each(SLOPES, "x", "value")
    curves.column("curve_slope", "slope g′(x)|기울기 g′(x)", slopes, by=function)

    values = board.chart(
        "What a layer passes on: g(x)|다음 층으로 넘기는 값 g(x)",
        line("value", each=function),
        over="x",
        y="g(x)",
        right_of=[at_z, curves],
        width=54,
        rows=24,
    )
    slopes_chart = board.chart(
        "What it passes back: g′(x)|뒤로 넘기는 기울기 g′(x)",
        line("curve_slope", each=function),
        over="x",
        y="g′(x)",
        right_of=values,
        width=54,
    )
    board.chart(
        "The gradient left after each layer|층마다 남은 기울기",
        line("gradient", each=function, dotted=True),
        y="gradient|기울기",
        y_range=(0, None),
        below=values,
        width=slopes_chart,
        rows=22,
    )


def for_each(formulas: tuple[str, ...], x: str, g: str = "") -> list[str]:
    """The formulas of the five functions, or of their slopes, for that x and that value g."""
    return [formula.format(x=x, g=g) for formula in formulas]


def values_at(x: Values, inputs: Inputs) -> Values:
    """The five functions at x (n,), as (n, 5)."""
    elu = np.where(x >= 0, x, inputs.elu_alpha * np.expm1(np.minimum(x, 0)))
    leaky = np.maximum(inputs.leak * x, x)
    return np.stack([1 / (1 + np.exp(-x)), np.tanh(x), np.maximum(0, x), leaky, elu], axis=-1)


def slopes_at(x: Values, inputs: Inputs) -> Values:
    """Their derivatives at x (n,), as (n, 5); at 0 those of the side that the slides take."""
    sigmoid = 1 / (2 + 2 * np.cosh(x))
    relu, leaky = np.where(x > 0, 1, 0), np.where(x > 0, 1, inputs.leak)
    elu = np.where(x >= 0, 1, inputs.elu_alpha * np.exp(np.minimum(x, 0)))
    return np.stack([sigmoid, 1 / np.cosh(x) ** 2, relu, leaky, elu], axis=-1)


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, the derivatives in closed forms of their own.

    What belongs to z has shape (5,), one for each function; `gradient` (n_layers, 5), other columns
    by layer (n_layers,); `x` (21,), `value` and `curve_slope` (21, 5).
    """
    z, x = np.array([inputs.z]), inputs.reach * np.linspace(-1, 1, 21)
    passed, number = np.array(inputs.passed), np.arange(1, len(inputs.passed) + 1)
    higher, lower = values_at(z + 0.01, inputs)[0], values_at(z - 0.01, inputs)[0]
    slope = slopes_at(z, inputs)
    return {
        "activation": values_at(z, inputs)[0],
        "slope": slope[0],
        "higher": higher,
        "lower": lower,
        "difference": (higher - lower) / 0.02,
        "layer_number": number,
        "product": np.cumprod(passed),
        "gradient": slope ** number[:, None],
        "vanishing_product": passed.prod(keepdims=True),
        "x": x,
        "value": values_at(x, inputs),
        "curve_slope": slopes_at(x, inputs),
    }


HOW_TO_READ = """
Forward, a layer passes on a = g(z); backward, it multiplies the gradient by the slope g′(z). The
quotient of differences {difference} shows that the slopes are right. At a kink it is between both.
| 순전파에서 층은 a = g(z)를 넘기고, 역전파에서는 기울기에 g′(z)를 곱합니다. 수치 미분
{difference}로 g′(z)가 맞는지 확인할 수 있습니다. 꺾인 점에서는 양쪽 기울기의 사이 값이 됩니다.

A sigmoid is nowhere steeper than 1/4, so each layer takes at least three quarters of the gradient:
it vanishes (red). tanh has at most 1, and only at 0. ReLU keeps all of it above 0 (green), and
nothing below: a unit that is there for all data is dead. Leaky ReLU and ELU let something through
there too.
| sigmoid의 기울기는 아무리 커도 1/4이라 층마다 기울기의 4분의 3 이상이 사라집니다(빨간색). tanh의
기울기는 0에서만 1입니다. ReLU는 0보다 크면 기울기를 그대로 넘기지만(초록색) 0 이하에서는 아무것도
넘기지 못합니다. 모든 데이터에서 그런 뉴런은 죽은 뉴런입니다. Leaky ReLU와 ELU는 0 이하에서도
조금은 넘깁니다.

[slide] The five factors and their product {vanishing_product}, “0” on the slide, the functions and
the leak 0.1 are the slides'; z, α and the range of x are chosen here.
| 곱하는 수 다섯 개와 그 곱 {vanishing_product}(슬라이드에는 0에 수렴), 함수들과 기울기 0.1은
슬라이드의 것이고, z와 α와 x의 범위는 여기서 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set z {z} to 5: sigmoid and tanh are flat; after two layers next to nothing is left.|"
        "z {z}를 5로 바꾸십시오. sigmoid와 tanh가 평평해서 두 층만 지나도 거의 남지 않습니다.",
        {"z": 5},
        lambda before, after: np.all(after["gradient"][1, :2] < 1e-4),
    ),
    to_try(
        "Set z {z} to −1: nothing goes back through ReLU, a little through Leaky ReLU and ELU.|"
        "z {z}를 −1로 바꾸십시오. ReLU는 아무것도, Leaky ReLU와 ELU는 조금만 되돌려 보냅니다.",
        {"z": -1},
        lambda before, after: after["slope"][2] == 0 and np.all(after["slope"][3:] > 0),
    ),
    to_try(
        "Set the leak {leak} to 1: Leaky ReLU becomes a straight line and is no use any more.|"
        "Leaky ReLU의 기울기 {leak}을 1로 바꾸십시오. 직선이 되어 활성화 함수로서 쓸모가 없습니다.",
        {"leak": 1},
        lambda before, after: np.allclose(after["value"][:, 3], after["x"]),
    ),
    to_try(
        "Set z {z} to 0, where a sigmoid is steepest: five layers still leave only a thousandth.|"
        "z {z}를 sigmoid가 가장 가파른 0으로 바꾸십시오. 그래도 다섯 층 뒤에는 0.001만 남습니다.",
        {"z": 0},
        lambda before, after: np.isclose(after["gradient"][4, 0], 0.25**5),
    ),
)
