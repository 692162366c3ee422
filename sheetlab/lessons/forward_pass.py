"""The forward pass: from x to probabilities, cell by cell and by matrices.

Each layer weighs what enters it, adds a bias, and sends the sums through an activation function g;
the last layer ends in softmax:

    a[k] = z[k - 1] @ W[k] + b[k],   z[k] = g(a[k]),   z[0] = x,   y_hat = softmax(a[3])

Without g, the layers are one: x @ (W[1] @ W[2] @ W[3]) + (b[1] @ W[2] + b[2]) @ W[3] + b[3]. With
it, two layers come as close as one likes to any continuous function (Cybenko, 1989).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Axis, Board, Columns, axis, dots, line
from sheetlab.inputs import LessonInputs, choice, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "The forward pass: layer after layer|순전파: 층에서 층으로"
SHEET_NAME = "ForwardPass"
EQUATION = "a = z W + b,   z = g(a),   ŷ = softmax(a⁽³⁾)"
SLIDES = [
    ("000", "Neural network"),
    ("000", "딥 러닝은 행렬에 대한 함수의 구성"),
    ("002", "퍼셉트론(초기 형태 인공신경망)"),
    ("001", "Forward Propagation"),
]

ACTIVATIONS: dict[str, Callable[[Values], Values]] = {
    "ReLU": lambda a: np.maximum(a, 0),
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "tanh": np.tanh,
    "none": lambda a: a,
}
activated = (  # the formula of the chosen one
    '= IF(activation = "ReLU", MAX(0, {0}), IF(activation = "sigmoid", 1 / (1 + EXP(-{0})),'
    ' IF(activation = "tanh", TANH({0}), {0})))'
).format


def weights(default: tuple[float, ...], label: str) -> Any:
    """A field for weights or biases, small enough for their sums to keep twelve decimals."""
    return column(default, label, at_least=-2, at_most=2, length=len(default))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """Small numbers for the slide's network of 2, 3, 2 and 2 nodes, which gives none itself."""

    x: tuple[float, ...] = column((1, 2), "x", at_least=-5, at_most=5, length=2)
    activation: str = choice("ReLU", "activation g|활성화 함수 g", tuple(ACTIVATIONS))
    reach: float = number(5.0, "x₁ in the chart: up to ±|차트의 x₁: ±", above=0, at_most=5)
    weight_1: tuple[float, ...] = weights((1, 2, -2, 1, -2, 1), "W⁽¹⁾")
    bias_1: tuple[float, ...] = weights((-2, 0, 0), "b⁽¹⁾")
    weight_2: tuple[float, ...] = weights((-1, -1, 2, -2, -1, -1), "W⁽²⁾")
    bias_2: tuple[float, ...] = weights((-2, 2), "b⁽²⁾")
    weight_3: tuple[float, ...] = weights((-1, 1, -2, 2), "W⁽³⁾")
    bias_3: tuple[float, ...] = weights((1, -2), "b⁽³⁾")


def write(board: Board, inputs: Inputs) -> None:
    """The layers one after the other; below them 21 inputs at once, and beside them the charts."""
    feature, first = axis("feature", ("x₁", "x₂")), axis("first", ("z₁", "z₂", "z₃"))
    second, output = axis("second", ("z₁", "z₂")), axis("output", ("ŷ₁", "ŷ₂"))

    settings = board.rows(label_span=3, span=2)
    settings.inputs("activation", "reach")
    board.legend(right_of=settings)
    matrices = partial(board.columns, below=settings, format="0.00")
    layer_1 = matrices(feature, title="Layer 1|1층")
    layer_1.input("x", format="0.0#")
    layer(layer_1, 1, "x", first)
    layer_1.foot("z = g(a)").value("node_1", activated("sum_1"), under="weight_1")
    layer_2 = matrices(first, title="Layer 2|2층", right_of=layer_1)
    layer_2.column("entering_2", "z", "= node_1")
    layer(layer_2, 2, "entering_2", second)
    layer_2.foot("z = g(a)").value("node_2", activated("sum_2"), under="weight_2")
    layer_3 = matrices(second, title="Layer 3, softmax|3층, softmax", right_of=layer_2)
    layer_3.column("entering_3", "z", "= node_2")
    layer(layer_3, 3, "entering_3", output)
    softmax(layer_3, "weight_3", "sum_3", "")
    one = matrices(feature, title="Without g: one layer|g가 없으면 한 층", right_of=layer_3)
    product = "{= MMULT(MMULT(weight_1, weight_2), weight_3)}"
    one.column("weight", "W = W⁽¹⁾W⁽²⁾W⁽³⁾", product, by=output)
    carried = "{= MMULT(MMULT(bias_1, weight_2) + bias_2, weight_3) + bias_3}"
    one.foot("b").value("bias", carried, under="weight")
    one.foot("a = x W + b").value("linear_sum", "= SUMPRODUCT(x, weight) + bias", under="weight")
    softmax(one, "weight", "linear_sum", "linear_")

    batch = board.columns(axis("place", 21), below=[layer_1, layer_2, layer_3], format="0.00")
    batch.count("row_number", "row|행", format="0")
    points = ["= reach * (row_number - 11) / 10", "= x.last"]
    batch.column("point", "X", points, by=feature, format="0.0#")
    with batch.group("layer 1|1층"):
        batch.column("product_1", "X W", "{= MMULT(point, weight_1)}", by=first)
        batch.column("nodes_1", "Z = g(X W + b)", activated("(product_1 + bias_1)"), by=first)
    with batch.group("layer 2|2층"):
        batch.column("product_2", "Z W", "{= MMULT(nodes_1, weight_2)}", by=second)
        batch.column("nodes_2", "Z = g(Z W + b)", activated("(product_2 + bias_2)"), by=second)
    with batch.group("layer 3|3층"):
        batch.column("product_3", "Z W", "{= MMULT(nodes_2, weight_3)}", by=output)
        second_class(batch, "curve", "product_3", "bias_3")
    with batch.group("without g|g 없이"):
        batch.column("linear_product", "X W", "{= MMULT(point, weight)}", by=output)
        second_class(batch, "linear_curve", "linear_product", "bias")

    outcome = board.chart(
        "With g, the output can turn|g가 있으면 출력이 꺾입니다",
        line("curve", label="three layers|세 층"),
        line("linear_curve", label="without g|g 없이"),
        dots("probability.at(2)", over="x.at(1)", label="x", colour=7),
        over="point.at(feature, 1)",
        x="x₁",
        y="ŷ₂",
        y_range=(0, 1),
        right_of=[one, batch],
        width=60,
        rows=20,
    )
    title, passed = "What layer 1 passes on|1층이 넘기는 값", line("nodes_1", each=first)
    board.chart(title, passed, over="point.at(feature, 1)", x="x₁", y="z", below=outcome)


def layer(table: Columns, k: int, entering: str, unit: Axis) -> None:
    """Weights, a bias and the sums of a layer, by cells and by matrices."""
    table.input(f"weight_{k}", by=unit, format="0.0#")
    table.foot("b").input(f"bias_{k}", under=f"weight_{k}")
    sums = f"= SUMPRODUCT({entering}, weight_{k}) + bias_{k}"
    table.foot("a = Σ + b").value(f"sum_{k}", sums, under=f"weight_{k}")
    product = f"{{= MMULT(TRANSPOSE({entering}), weight_{k}) + bias_{k}}}"
    table.foot("MMULT + b").value(f"matrix_sum_{k}", product, under=f"weight_{k}")


def softmax(table: Columns, under: str, sums: str, prefix: str) -> None:
    """Softmax of the sums, with the largest taken off."""
    shifted = f"= EXP({sums} - MAX({sums}.all))"
    table.foot("e^(a − max)").value(f"{prefix}exp", shifted, under=under)
    share = f"= {prefix}exp / SUM({prefix}exp.all)"
    table.foot("ŷ").value(f"{prefix}probability", share, under=under)


def second_class(table: Columns, name: str, product: str, bias: str) -> None:
    """Softmax of two sums, for the second; it is the sigmoid of their difference."""
    difference = f"{product}.at(1) + {bias}.at(1) - {product}.at(2) - {bias}.at(2)"
    # Beyond 700 it is 0 either way, and exp would overflow.
    table.column(name, "ŷ₂", f"= 1 / (1 + EXP(MIN({difference}, 700)))")


def forward(x: Values, inputs: Inputs, g: str) -> tuple[list[Values], list[Values]]:
    """x @ W of each layer, and the sums a, for x of shape (n, 2); with g as the activation."""
    products, sums = [], []
    for k in (1, 2, 3):
        bias = np.array(getattr(inputs, f"bias_{k}"))
        products.append(x @ np.reshape(getattr(inputs, f"weight_{k}"), (-1, bias.size)))
        sums.append(products[-1] + bias)
        x = ACTIVATIONS[g](sums[-1])
    return products, sums


def softmax_of(prefix: str, sums: Values) -> Reference:
    """exp with the largest taken off, and softmax, of sums (n,)."""
    exp = np.exp(sums - sums.max())
    return {f"{prefix}exp": exp, f"{prefix}probability": exp / exp.sum()}


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, the single layer without g from what the network makes of three points.

    What belongs to a layer has as many values as it has nodes, 3, 2 or 2; its weights have a row
    for each node before; what belongs to the 21 inputs has them as its first axis.
    """
    x, g = np.array([inputs.x]), inputs.activation
    point = np.column_stack([inputs.reach * np.linspace(-1, 1, 21), np.full(21, inputs.x[1])])
    sums = [one[0] for one in forward(x, inputs, g)[1]]
    products, many = forward(point, inputs, g)
    linear, linear_many = forward(x, inputs, "none")[1][2][0], forward(point, inputs, "none")[1][2]
    corners = forward(np.array([[0, 0], [1, 0], [0, 1]]), inputs, "none")[1][2]
    found: Reference = {}
    for k in (1, 2, 3):
        found[f"sum_{k}"] = found[f"matrix_sum_{k}"] = sums[k - 1]
        found[f"product_{k}"] = products[k - 1]
    for k in (1, 2):
        found[f"node_{k}"] = found[f"entering_{k + 1}"] = ACTIVATIONS[g](sums[k - 1])
        found[f"nodes_{k}"] = ACTIVATIONS[g](many[k - 1])
    return found | {
        **softmax_of("", sums[2]),
        **softmax_of("linear_", linear),
        "weight": corners[1:] - corners[0],
        "bias": corners[0],
        "linear_sum": linear,
        "row_number": np.arange(1, 22),
        "point": point,
        "curve": 1 / (1 + np.exp(many[2][:, 0] - many[2][:, 1])),
        "linear_product": linear_many - corners[0],
        "linear_curve": 1 / (1 + np.exp(linear_many[:, 0] - linear_many[:, 1])),
    }


HOW_TO_READ = """
Read from left to right. What enters a layer stands beside its weights W, a row for each node before
and a column for each node of the layer. Its sums a are the same by cells ({sum_1}) and by matrices
({matrix_sum_1}); g of them enters the next layer, and softmax of the last gives probabilities ŷ.
| 왼쪽에서 오른쪽으로 읽습니다. 층에 들어가는 값 옆에 가중치 W가 있으며, 행은 앞 층의 노드, 열은
이 층의 노드입니다. a는 셀로 구하나({sum_1}) 행렬로 구하나({matrix_sum_1}) 같습니다. a에 g를 적용한
값이 다음 층에 들어가고, 마지막 층의 a는 softmax를 거쳐 확률 ŷ이 됩니다.

By matrices many inputs go through at once: each MMULT below does a layer for all 21 rows of X.
| 행렬로는 여러 입력을 한꺼번에 계산합니다. 아래의 MMULT 하나가 X의 21행 모두의 한 층을 계산합니다.

Without g the three matrices are one ({weight}): however deep, the network draws a straight line,
and ŷ₂ only rises or only falls. With g it can turn.
| g가 없으면 세 행렬은 행렬 하나({weight})가 됩니다. 아무리 깊어도 직선 하나로만 나눌 수 있어 ŷ₂는
커지기만 하거나 작아지기만 합니다. g가 있으면 꺾일 수 있습니다.

[slide] The slide's network has 2, 3, 2 and 2 nodes; it prints no numbers, these are chosen here.
| 슬라이드의 신경망은 노드가 2, 3, 2, 2개이며 수는 적혀 있지 않아, 작은 수를 직접 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set g ({activation}) to none: the curves fall together, three layers are one.|"
        "g({activation})를 none으로 바꾸십시오. 두 곡선이 겹칩니다. 세 층이 한 층과 같습니다.",
        {"activation": "none"},
        lambda before, after: np.allclose(after["curve"], after["linear_curve"]),
    ),
    to_try(
        "Set x₁ ({x.at(1)}) to 2, then to 5: ŷ₂ falls below ½, then it is above ½ again.|"
        "x₁({x.at(1)})을 2로, 다시 5로 바꾸십시오. ŷ₂가 ½보다 작아졌다가 다시 커집니다.",
        {"x.at(1)": 2},
        lambda before, after: before["probability"][1] > 0.7 and after["probability"][1] < 0.1,
    ),
    to_try(
        "Set all of {weight_1} to 0: every input gives the same output, the biases alone decide.|"
        "{weight_1}을 모두 0으로 바꾸십시오. bias만 남아 어떤 입력이든 출력이 같습니다.",
        {"weight_1": 0},
        lambda _, after: np.ptp(after["curve"]) == 0,
    ),
    to_try(
        "Set g ({activation}) to sigmoid: the kinks become smooth.|"
        "g({activation})를 sigmoid로 바꾸십시오. 꺾이던 곳이 매끄러워집니다.",
        {"activation": "sigmoid"},
        lambda before, after: np.all((after["nodes_1"] > 0) & (after["nodes_1"] < 1)),
    ),
)
