"""Backpropagation through two layers, every partial derivative a cell.

Two features go into two hidden sigmoid units, these into one sigmoid output; a bias is the weight
of a constant 1. The loss is the binary cross-entropy of one instance. How a parameter moves the
loss is a product along the way between them, the chain rule (Rumelhart, Hinton, Williams, 1986):

    z = w x,  h = sigmoid(z),  s = v h,  y_hat = sigmoid(s)
    dL/dv = dL/dy_hat * dy_hat/ds * ds/dv
    dL/dw = dL/dy_hat * dy_hat/ds * ds/dh * dh/dz * dz/dw
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetlab.authoring import Axis, Board, Columns, Rows, axis, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, stacked, to_try

TITLE = "Backpropagation, one derivative after the other|역전파, 편미분 하나하나"
SHEET_NAME = "Backpropagation"
EQUATION = "∂L/∂w = ∂L/∂ŷ · ∂ŷ/∂s · ∂s/∂h · ∂h/∂z · ∂z/∂w,   w ← w − η · ∂L/∂w"
SLIDES = [
    ("001", "Backpropagation (Chain Rule 적용)"),
    ("001", "Example : 2 개의 feature 를 가진 1 layer + sigmoid activation"),
    ("002", "역전파"),
]


def weights(default: tuple[float, ...], label: str, *, up_to: float) -> Any:
    """A field for weights that are never so large that 1 − ŷ loses its digits."""
    return column(default, label, at_least=-up_to, at_most=up_to, length=len(default))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """One instance of class 1, and weights with which every weighted sum starts at 0."""

    x: tuple[float, ...] = column((1, 2), "x", at_least=-2, at_most=2, length=2)
    y: int = number(1, "class y|클래스 y", whole=True, at_least=0, at_most=1)
    learning_rate: float = number(0.4, "learning rate η|학습률 η", above=0, at_most=4)
    # With a smaller ε, the two losses would share too many digits for twelve to be left.
    epsilon: float = number(0.01, "ε of the differences|중심차분의 ε", at_least=0.001, at_most=1)
    steps: int = number(10, "number of steps|걸음 수", whole=True, at_least=1, at_most=100)
    w: tuple[float, ...] = weights((0.6, -0.3, 0, -0.4, 0.2, 0), "w", up_to=5)
    v: tuple[float, ...] = weights((2, -1, -0.5), "v", up_to=2.5)
    single_v: tuple[float, ...] = weights((0.6, -0.3, 0), "v, one layer|v, 한 층", up_to=1.5)


def write(board: Board, inputs: Inputs) -> None:
    """A panel for each step, read downward; at the right, step 1 by central differences too."""
    step, unit = axis("step", inputs.steps), axis("unit", ("h₁", "h₂"))
    source, hidden = axis("source", ("x₁", "x₂", "1")), axis("hidden", ("h₁", "h₂", "1"))

    given = board.rows(label_span=2)
    given.input("x", by=source, then="= 1")
    settings = board.rows(right_of=given, label_span=3)
    settings.inputs("y", "learning_rate", "epsilon")
    board.legend(right_of=settings)

    with board.panels(step, runs="right", labels_once=True, space=0, below=given) as panel:
        network = panel.rows(title="step {}|{}걸음", format="0.000")
        with network.group("hidden\nlayer:\nforward|은닉층\n순전파"):
            descent = "= w.before(step) - learning_rate * dl_dw.before(step)"
            network.input("w", "w ← w − η · ∂L/∂w", by=unit * source, then=descent)
            network.row("z", "z = w · x", "= SUMPRODUCT(w, x)", by=unit)
            units = ["= 1 / (1 + EXP(-z.at(1)))", "= 1 / (1 + EXP(-z.at(2)))", "= 1"]
            network.row("h", "h = σ(z)", units, by=hidden)
        with network.group("output:\nforward\nand back|출력층\n순전파와\n역전파"):
            output_unit(network, "v", "h", hidden)
        with network.group("hidden\nlayer:\nback|은닉층\n역전파"):
            network.row("ds_dh", "∂s/∂h = v", ["= v.at(1)", "= v.at(2)"], by=unit)
            network.row("dl_dh", "∂L/∂h = ∂L/∂s · ∂s/∂h", "= dl_ds * ds_dh", by=unit)
            slopes = ["= h.at(1) * (1 - h.at(1))", "= h.at(2) * (1 - h.at(2))"]
            network.row("dh_dz", "∂h/∂z = h (1−h)", slopes, by=unit)
            network.row("dl_dz", "∂L/∂z = ∂L/∂h · ∂h/∂z", "= dl_dh * dh_dz", by=unit)
            label = "∂L/∂w = ∂L/∂z · ∂z/∂w\n∂z/∂w = x"
            network.row("dl_dw", label, "= dl_dz * x", by=unit * source)
        with network.group("one\nlayer:\nx for h|한 층:\nh 자리에\nx", prefix="single_"):
            output_unit(network, "single_v", "x", source)

    back_to_w = axis("back_to_w", ("∂L/∂ŷ", "∂ŷ/∂s", "∂s/∂h", "∂h/∂z", "∂z/∂w"))
    back_to_v = axis("back_to_v", ("∂L/∂ŷ", "∂ŷ/∂s", "∂s/∂v"))
    start, fine = ["= dl_dy_hat.first(step)", "= dy_hat_ds.first(step)"], "0.000000"
    check_w = board.columns(down=unit * source, right_of=panel, below=given, format=fine)
    factors = [*start, "= ds_dh.first(step)", "= dh_dz.first(step)", "= x"]
    moved_h = "1 / (1 + EXP(-(z.first(step) {} epsilon * x))) - 1 / (1 + EXP(-z.first(step)))"
    both_ways(check_w, "w", back_to_w, factors, f"+ ds_dh.first(step) * ({moved_h})")
    check_v = board.columns(down=hidden, right_of=panel, below=check_w, label_span=4, format=fine)
    both_ways(check_v, "v", back_to_v, [*start, "= h.first(step)"], "{} epsilon * h.first(step)")

    history = board.columns(down=step, right_of=panel, below=check_v, format="0.000")
    history.count("step", "step|걸음")
    history.column("two_layers", "2 layers|두 층", "= loss")
    history.column("one_layer", "1 layer|한 층", "= single_loss")
    losses = [line(name, dotted=True) for name in ("two_layers", "one_layer")]
    look: dict[str, Any] = {"x_range": (0, inputs.steps), "width": 77, "rows": 31}
    board.chart("Loss L of each step|걸음마다의 손실 L", *losses, y="L", right_of=history, **look)


def output_unit(table: Rows, weights: str, entering: str, source: Axis) -> None:
    """The output unit of a network, from what enters it to the loss, and back to its weights."""
    descent = "= v.before(step) - learning_rate * dl_dv.before(step)"
    table.input(weights, "v ← v − η · ∂L/∂v", by=source, then=descent)
    table.row("s", f"s = v · {entering}", f"= SUMPRODUCT(v, {entering})")
    table.row("y_hat", "ŷ = σ(s)", "= 1 / (1 + EXP(-s))")
    loss = "= -y * LN(y_hat) - (1 - y) * LN(1 - y_hat)"
    table.row("loss", "L = −y ln ŷ − (1−y) ln(1−ŷ)", loss)
    slope = "= -y / y_hat + (1 - y) / (1 - y_hat)"
    table.row("dl_dy_hat", "∂L/∂ŷ = −y/ŷ + (1−y)/(1−ŷ)", slope)
    table.row("dy_hat_ds", "∂ŷ/∂s = ŷ (1−ŷ)", "= y_hat * (1 - y_hat)")
    table.row("dl_ds", "∂L/∂s = ∂L/∂ŷ · ∂ŷ/∂s", "= dl_dy_hat * dy_hat_ds")
    label = f"∂L/∂v = ∂L/∂s · ∂s/∂v\n∂s/∂v = {entering}"
    table.row("dl_dv", label, f"= dl_ds * {entering}", by=source)


def both_ways(table: Columns, of: str, back: Axis, factors: list[str], moved: str) -> None:
    """A gradient by the chain rule, factor by factor, and beside it by central differences."""
    chain, side = "chain rule, step 1|1걸음의 연쇄 법칙", axis("side", ("+ ε", "− ε"))
    table.column(f"factors_{of}", chain, factors, by=back, format="0.000")
    table.column(f"gradient_{of}", f"∂L/∂{of}", f"= PRODUCT(factors_{of})")
    loss = f"= LN(1 + EXP((1 - 2 * y) * (s.first(step) {moved})))"
    losses = [loss.format("+"), loss.format("-")]
    table.column(f"loss_{of}", f"L at {of} ± ε|{of} ± ε일 때 L", losses, by=side)
    central = f"= (loss_{of}.at(1) - loss_{of}.at(2)) / (2 * epsilon)"
    table.column(f"central_{of}", "(L₊ − L₋) / 2ε", central)
    table.column(f"difference_{of}", "differ by|차이", f"= ABS(central_{of} - gradient_{of})")


def sigmoid(z: Values) -> Values:
    """1 / (1 + exp(-z))."""
    return np.asarray(1 / (1 + np.exp(-z)))


def one_layer(v: Values, entering: Values, y: int) -> Reference:
    """A sigmoid unit with the weights v, its loss, and the derivatives back to v."""
    s = v @ entering
    y_hat = sigmoid(s)
    return {
        "v": v,
        "s": s,
        "y_hat": y_hat,
        "loss": np.logaddexp(0, (1 - 2 * y) * s),  # -ln of what it gives to y, to the last digit
        "dl_dy_hat": (y_hat - y) / (y_hat * (1 - y_hat)),
        "dy_hat_ds": y_hat * (1 - y_hat),
        "dl_ds": y_hat - y,
        "dl_dv": (y_hat - y) * entering,
    }


def two_layers(w: Values, v: Values, x: Values, y: int) -> Reference:
    """Two sigmoid units with the weights w below the output unit, and the derivatives back to w."""
    z = w @ x
    h = np.append(sigmoid(z), 1)
    output = one_layer(v, h, y)
    ds_dh, dh_dz = v[:2], h[:2] * (1 - h[:2])
    dl_dh = output["dl_ds"] * ds_dh
    dl_dz = dl_dh * dh_dz
    back = {"ds_dh": ds_dh, "dl_dh": dl_dh, "dh_dz": dh_dz, "dl_dz": dl_dz}
    return {"w": w, "z": z, "h": h, **output, **back, "dl_dw": np.outer(dl_dz, x)}


def compared(
    of: str, loss: Callable[[Values], Any], at: Values, gradient: Values, by: float
) -> Reference:
    """A gradient and the central difference of its loss, each parameter in turn moved by ± `by`."""
    moves = by * np.eye(at.size).reshape(-1, *at.shape)
    moved = np.array([[loss(at + move), loss(at - move)] for move in moves])
    central = (moved[:, 0] - moved[:, 1]) / (2 * by)
    difference = abs(central - gradient.ravel())
    found = {"gradient": gradient, "loss": moved, "central": central, "difference": difference}
    return {f"{name}_{of}": values for name, values in found.items()}


def reference(inputs: Inputs) -> Reference:
    """The same by matrices; every quantity of the networks has the steps as its first axis.

    `w` and `dl_dw` are (steps, 2, 3), what belongs to h and v (steps, 3), to z (steps, 2).
    """
    x, y, rate, epsilon = np.append(inputs.x, 1), inputs.y, inputs.learning_rate, inputs.epsilon
    w, v, single_v = np.reshape(inputs.w, (2, 3)), np.array(inputs.v), np.array(inputs.single_v)
    steps: list[Reference] = []
    for _ in range(inputs.steps):
        both, single = two_layers(w, v, x, y), one_layer(single_v, x, y)
        steps.append(both | {f"single_{name}": value for name, value in single.items()})
        w, v = w - rate * both["dl_dw"], v - rate * both["dl_dv"]
        single_v = single_v - rate * single["dl_dv"]
    found = stacked(steps)
    first = steps[0]
    w, v, slopes = first["w"], first["v"], (first["dl_dy_hat"], first["dy_hat_ds"])
    factors = (*slopes, v[:2, None], first["dh_dz"][:, None], x)
    return {
        **found,
        **compared("w", lambda w: two_layers(w, v, x, y)["loss"], w, first["dl_dw"], epsilon),
        **compared("v", lambda v: two_layers(w, v, x, y)["loss"], v, first["dl_dv"], epsilon),
        "factors_w": np.stack(np.broadcast_arrays(*factors), axis=-1),
        "factors_v": np.stack(np.broadcast_arrays(*slopes, first["h"]), axis=-1),
        "x": x,
        "step": np.arange(1, inputs.steps + 1),
        "two_layers": found["loss"],
        "one_layer": found["single_loss"],
    }


HOW_TO_READ = """
A column is one step. Downward, x becomes h, h becomes ŷ, and ŷ a loss L; from there each derivative
is the one before it times one more slope, as far as ∂L/∂v and ∂L/∂w. The next column starts from
weights moved against them. What weighs the constant 1 is a bias.
| 한 열이 한 걸음입니다. 아래로 x에서 h, h에서 ŷ, ŷ에서 손실 L이 나오고, 거기서부터 기울기를 하나씩
곱해 ∂L/∂v와 ∂L/∂w에 이릅니다. 다음 열의 가중치는 그 반대쪽으로 움직인 값입니다. 상수 1에 곱하는
가중치가 bias입니다.

[slide] The weights are such that every weighted sum of step 1 is 0, so every σ is ½, its slope ¼,
and the step can be done in the head: for w from x₁ to h₁, −2 · ¼ · 2 · ¼ · 1 = −¼.
| 1걸음의 가중합이 모두 0이 되는 가중치를 골랐습니다. σ는 모두 ½, 그 기울기는 ¼이어서 1걸음은
암산할 수 있습니다. x₁에서 h₁으로 가는 w라면 −2 · ¼ · 2 · ¼ · 1 = −¼입니다.

Beside the chain rule, {central_w} and {central_v} ask the loss itself: each weight is moved by ± ε
and L calculated anew. This is nearly the slope; what is missing shrinks with ε².
| 연쇄 법칙 옆의 {central_w}와 {central_v}는 가중치를 하나씩 ± ε만큼 움직여 L을 다시 계산한
것입니다. 기울기와 거의 같으며, 그 차이는 ε²에 비례해 줄어듭니다.

One layer is the output unit alone, with x for h. In both, ∂L/∂s is ŷ − y; to w it goes on by the
slope h (1 − h), at most ¼: what lies deeper learns more slowly.
| 한 층은 h 자리에 x가 들어오는 출력 유닛뿐입니다. ∂L/∂s는 어느 쪽이든 ŷ − y지만, w로 가려면 ¼을
넘지 못하는 기울기 h (1 − h)를 더 지납니다. 그래서 깊은 곳일수록 느리게 배웁니다.
"""

TO_TRY = (
    to_try(
        "Set v, {v.first(step)}, to 0: in step 1 nothing comes back to w, and only v learns.|"
        "v({v.first(step)})를 모두 0으로 바꾸십시오. 1걸음에는 w까지 오는 것이 없어 v만 배웁니다.",
        {"v.first(step)": 0},
        lambda before, after: not np.any(after["dl_dw"][0]) and np.all(after["dl_dv"][0]),
    ),
    to_try(
        "Give h₁ and h₂ the same w, {w.first(step)}, and the same v: they stay twins for ever.|"
        "h₁과 h₂의 w({w.first(step)})를 같게, v도 같게 바꾸십시오. 두 유닛은 끝까지 똑같습니다.",
        {"w.first(step)": [0.6, -0.3, 0] * 2, "v.first(step)": [1, 1, -1]},
        lambda before, after: np.allclose(after["w"][:, 0], after["w"][:, 1]),
    ),
    to_try(
        "Set ε, {epsilon}, to 0.1: the differences {difference_w} grow a hundredfold, with ε².|"
        "ε({epsilon})을 0.1로 바꾸십시오. 차이({difference_w})가 ε²을 따라 100배로 커집니다.",
        {"epsilon": 0.1},
        lambda before, after: np.allclose(after["difference_w"] / before["difference_w"], 100, 0.1),
    ),
)
