"""One LSTM cell through time, gate by gate, with a GRU and a simple recurrent unit beside it.

Each gate is a sigmoid of the state before, the input and a bias; * is the product of numbers. LSTM
(Hochreiter and Schmidhuber, 1997; Gers et al., 2000), GRU (Cho et al., 2014) and the simple unit:

    C~ = tanh(W_c [a, x] + b_c),  G = sigmoid(W [a, x] + b)  for the gates u, f, o
    C <- G_u * C~ + G_f * C,      a <- G_o * tanh(C)
    c~ = tanh(W_c [G_r * c, x] + b_c),  c <- G_u * c~ + (1 - G_u) * c
    h <- tanh(w h + w_x x + b)

Along C, a derivative over many steps is the product of the forget gates; along h it is the product
of w (1 - h^2), which vanishes.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, axis, line
from sheetlab.inputs import LessonInputs, column
from sheetlab.lessons.lesson import Reference, Values, stacked, to_try

TITLE = "LSTM: a memory with gates|LSTM: gate로 여닫는 기억"
SHEET_NAME = "LSTM"
EQUATION = "C ← Γᵤ · C̃ + Γ_f · C,   a ← Γₒ · tanh C"
SLIDES = [
    ("001", "LSTM (Long Short-Term Memory)"),
    ("001", "LSTM 내부 구조"),
    ("001", "GRU (Gated Recurrent Unit)"),
]

weights = partial(column, at_least=-12, at_most=12, length=3)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """All numbers are ours: an input of 1 says "remember", −1 says "forget", 0 says nothing.

    Weights are of the state before, of the input, and the bias.
    """

    x: tuple[float, ...] = column(
        (1, *[0] * 6, -1, *[0] * 4, 1, *[0] * 5), "x", at_least=-3, at_most=3, length=(2, 40)
    )
    candidate_w: tuple[float, ...] = weights((0.5, 2, 0), "C̃")
    update_w: tuple[float, ...] = weights((0, 10, -5), "Γᵤ update")
    forget_w: tuple[float, ...] = weights((0, 10, 5), "Γ_f forget")
    output_w: tuple[float, ...] = weights((1, 0, 3), "Γₒ output")
    gru_relevance_w: tuple[float, ...] = weights((0, 0, 5), "GRU: Γᵣ relevance")
    gru_candidate_w: tuple[float, ...] = weights((0.5, 2, 0), "GRU: c̃")
    gru_update_w: tuple[float, ...] = weights((0, 10, -5), "GRU: Γᵤ update")
    rnn_w: tuple[float, ...] = weights((1, 2, 0), "SimpleRNN: h")


def write(board: Board, inputs: Inputs) -> None:
    """The weights at the left; right of them a column for each point in time; charts below."""
    time, entering = axis("time", len(inputs.x)), axis("entering", ("state|상태", "x", "b"))

    given = board.rows(entering, labels="weights of|가중치", label_span=2, format="General")
    for name in list(vars(inputs))[1:]:
        given.input(name)
    board.legend(below=given)

    unfold = board.rows(time, right_of=given, label_span=3, format="0.000")
    unfold.count("number", "time t|시점 t")
    unfold.input("x", "input x|입력 x", format="General")
    with unfold.group("LSTM"):
        unfold.row("a_before", "a before|이전 a", "= a.before", first="= 0")
        unfold.row("candidate", "C̃ = tanh(…)", f"= TANH({weighted('candidate_w', 'a_before')})")
        for name, label in (("update", "Γᵤ"), ("forget", "Γ_f"), ("output", "Γₒ")):
            gate = sigmoid_of(f"{name}_w", "a_before")
            unfold.row(name, f"{label} = σ(…), {name}", gate, colour=opened(name))
        unfold.row(
            "cell",
            "C = Γᵤ C̃ + Γ_f C",
            "= update * candidate + forget * cell.before",
            first="= update * candidate",
        )
        unfold.row("a", "a = Γₒ tanh C", "= output * TANH(cell)")
    with unfold.group("GRU"):
        unfold.row("gru_before", "c before|이전 c", "= gru.before", first="= 0")
        relevance = sigmoid_of("gru_relevance_w", "gru_before")
        unfold.row("relevance", "Γᵣ = σ(…), relevance", relevance, colour=opened("relevance"))
        candidate = weighted("gru_candidate_w", "relevance * gru_before")
        unfold.row("gru_candidate", "c̃ = tanh(…)", f"= TANH({candidate})")
        gate = sigmoid_of("gru_update_w", "gru_before")
        unfold.row("gru_update", "Γᵤ = σ(…), update", gate, colour=opened("gru_update"))
        mixed = "= gru_update * gru_candidate + (1 - gru_update) * gru_before"
        unfold.row("gru", "c = Γᵤ c̃ + (1−Γᵤ) c", mixed)
    with unfold.group("Simple\nRNN"):
        unfold.row("rnn_before", "h before|이전 h", "= rnn.before", first="= 0")
        unfold.row("rnn", "h = tanh(…)", f"= TANH({weighted('rnn_w', 'rnn_before')})")
    with unfold.group("effect of\nt = 1|t = 1의\n영향"):
        for name, label, factor in (
            ("lstm_left", "LSTM: product of Γ_f|LSTM: Γ_f의 곱", "forget"),
            ("gru_left", "GRU: product of 1−Γᵤ|GRU: 1−Γᵤ의 곱", "(1 - gru_update)"),
            ("rnn_left", "RNN: product of w(1−h²)|RNN: w(1−h²)의 곱", "rnn_w.at(1) * (1 - rnn^2)"),
        ):
            unfold.row(name, label, f"= {name}.before * {factor}", first="= 1", format="0.0000")
    board.freeze(unfold)

    states = board.chart(
        "What is remembered|기억하는 값",
        line("cell", label="LSTM: C", dotted=True),
        line("gru", label="GRU: c", dotted=True),
        line("rnn", label="RNN: h", dotted=True),
        y="state|상태",
        rows=28,
    )
    gates = board.chart(
        "The gates of the LSTM|LSTM의 gate",
        line("update", label="Γᵤ update", dotted=True),
        line("forget", label="Γ_f forget", dotted=True),
        line("output", label="Γₒ output", dotted=True),
        y="0: closed, 1: open|0: 닫힘, 1: 열림",
        y_range=(0, 1),
        right_of=states,
        width=67,
    )
    board.chart(
        "How much of t = 1 is left|t = 1의 영향이 얼마나 남는가",
        line("lstm_left", label="LSTM", dotted=True),
        line("gru_left", label="GRU", dotted=True),
        line("rnn_left", label="RNN", dotted=True),
        y="derivative|미분",
        right_of=gates,
        width=67,
    )


def weighted(weights: str, state: str) -> str:
    """What enters a unit: its weights by the state before, the input and 1."""
    return f"{weights}.at(1) * {state} + {weights}.at(2) * x + {weights}.at(3)"


def opened(gate: str) -> dict[str, str]:
    """A gate is green where more than half comes through."""
    return {"good": f"{gate} > 0.5"}


def sigmoid_of(weights: str, state: str) -> str:
    """The formula of a gate."""
    return f"= 1 / (1 + EXP(-({weighted(weights, state)})))"


def sigmoid(weights: tuple[float, ...], entering: Values) -> float:
    """A gate, of what enters it: state, input and 1."""
    return float(1 / (1 + np.exp(-np.dot(weights, entering))))


def reference(inputs: Inputs) -> Reference:
    """The same, one point in time after the other: all rows have shape (n_times,), weights (3,)."""
    a = cell = c = h = 0.0
    rows = []
    for x in inputs.x:
        row = {"a_before": a, "gru_before": c, "rnn_before": h}
        entering = np.array([a, x, 1])
        candidate = np.tanh(np.dot(inputs.candidate_w, entering))
        update, forget, output = (
            sigmoid(gate, entering) for gate in (inputs.update_w, inputs.forget_w, inputs.output_w)
        )
        cell = update * candidate + forget * cell
        a = output * np.tanh(cell)
        entering = np.array([c, x, 1])
        relevance = sigmoid(inputs.gru_relevance_w, entering)
        gru_update = sigmoid(inputs.gru_update_w, entering)
        gru_candidate = np.tanh(np.dot(inputs.gru_candidate_w, entering * [relevance, 1, 1]))
        c = gru_update * gru_candidate + (1 - gru_update) * c
        h = np.tanh(np.dot(inputs.rnn_w, [h, x, 1]))
        row |= {"candidate": candidate, "update": update, "forget": forget, "output": output}
        row |= {"cell": cell, "a": a, "relevance": relevance, "gru_candidate": gru_candidate}
        rows.append(row | {"gru_update": gru_update, "gru": c, "rnn": h})
    found = stacked(rows)
    slopes = {
        "lstm_left": found["forget"],
        "gru_left": 1 - found["gru_update"],
        "rnn_left": inputs.rnn_w[0] * (1 - found["rnn"] ** 2),
    }
    left = {name: np.cumprod(np.append(1, slope[1:])) for name, slope in slopes.items()}
    return {**found, **left, "number": np.arange(1, len(inputs.x) + 1)}


HOW_TO_READ = """
Each column is one point in time; the cell and its weights are the same in all of them. From the
state a before and the input x come a candidate C̃ and three gates between 0 (closed) and 1 (open;
green from ½ on): update lets the candidate in, forget keeps the old C, output decides how much of C
shows as a.
| 한 열이 한 시점이며, cell과 그 가중치는 모든 시점에서 같습니다. 이전 상태 a와 입력 x에서 후보 C̃와
0(닫힘)과 1(열림) 사이의 gate 셋이 나옵니다(½부터 초록색). update는 후보를 얼마나 받아들일지,
forget은 이전 C를 얼마나 기억할지, output은 C를 얼마나 내보낼지 정합니다.

[slide] All numbers are ours, and large enough for the gates to open or close: 1 says "remember", −1
"forget", 0 nothing. So C stays through the zeros until −1 empties it ({cell.at(8)}). The GRU has
one gate less: what it takes in and what it keeps add up to 1, and with these weights −1 cannot
erase. The simple unit fades from the first zero on.
| 숫자는 모두 직접 골랐으며, gate가 확실히 열리고 닫힐 만큼 큽니다. 1은 ‘기억’, −1은 ‘잊기’, 0은
아무 뜻도 없습니다. 그래서 C는 0이 이어져도 그대로이다가 −1에서 비워집니다({cell.at(8)}). GRU는
gate가 하나 적어 받아들이는 몫과 남기는 몫의 합이 늘 1이며, 이 가중치로는 −1이 와도 지우지 못합니다.
단순 RNN은 첫 0부터 희미해집니다.

The last rows say how much of a small change of the state at t = 1 is left later, along the state
itself: one factor for each step. Where the factors are near 1, a gradient comes all the way back;
in the simple unit it vanishes.
| 마지막 세 행은 t = 1의 상태를 조금 바꾸었을 때 그 변화가 나중에 얼마나 남는지를 보여 줍니다.
상태를 따라가며 시점마다 수를 하나씩 곱합니다. 곱하는 수가 1에 가까우면 기울기가 끝까지 전해지고,
단순 RNN에서는 기울기가 소실됩니다.
"""

TO_TRY = (
    to_try(
        "Set the bias of the forget gate {forget_w.at(3)} to 0: half of C is lost with each zero.|"
        "forget gate의 b({forget_w.at(3)})를 0으로 바꾸십시오. 0이 올 때마다 C의 반을 잊습니다.",
        {"forget_w.at(3)": 0},
        lambda before, after: np.allclose(after["forget"][1:5], 0.5) and after["cell"][4] < 0.1,
    ),
    to_try(
        "Set the bias of the update gate {update_w.at(3)} to 5: zeros come in too, and C piles up.|"
        "update gate의 b({update_w.at(3)})를 5로 바꾸십시오. 0일 때도 받아들여 C가 계속 쌓입니다.",
        {"update_w.at(3)": 5},
        lambda before, after: after["cell"][4] > 2 > before["cell"].max(),
    ),
    to_try(
        "Set w of the simple unit {rnn_w.at(1)} to 2: it holds the 1, but after −1 it leaves 0.|"
        "RNN의 w({rnn_w.at(1)})를 2로 바꾸십시오. 1은 기억하지만 −1 다음에는 0에 머물지 못합니다.",
        {"rnn_w.at(1)": 2},
        lambda before, after: after["rnn"][6] > 0.9 and after["rnn"][11] < -0.5,
    ),
)
