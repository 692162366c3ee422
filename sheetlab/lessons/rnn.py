"""A recurrent network that reads "hell" and learns to say what comes next.

Letters are one-hot vectors. The hidden state takes in the letter and what it was before (Elman,
1990); the softmax of its scores says how likely each letter is to be next:

    h[t] = tanh(W_h h[t-1] + W_x x[t]),   o[t] = softmax(W_o h[t])
    L = mean over t of -ln o[t][target],   dL/dW_o = mean over t of (o[t] - target[t]) h[t]'

Here W_x and W_h stay as they are, and gradient descent moves W_o alone.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, axis, bars, line
from sheetlab.inputs import LessonInputs, choice, column, number
from sheetlab.lessons.lesson import Reference, stacked, to_try

TITLE = "A recurrent network learns “hello”|“hello”를 배우는 RNN"
SHEET_NAME = "RNN"
EQUATION = "hₜ = tanh(W_h hₜ₋₁ + W_x xₜ),   oₜ = softmax(W_o hₜ)"
SLIDES = [("001", "RNN (Unfold 표시)"), ("001", "How RNN is trained ?")]

LETTERS, UNITS = ("h", "e", "l", "o"), 3

weights = partial(column, at_least=-5, at_most=5)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The slide's word and its four letters; all weights are ours, by letter and unit, row by row.

    `w_h` is from the units before (rows) to the units (columns).
    """

    word: tuple[str, ...] = column(
        ("h", "e", "l", "l"), "letter in|입력 문자", choices=LETTERS, length=(2, 8)
    )
    final: str = choice("o", "last letter|마지막 문자", LETTERS)
    memory: float = number(1.0, "memory (factor of W_h)|기억 (W_h의 배수)", at_least=0, at_most=1)
    learning_rate: float = number(4.0, "learning rate η|학습률 η", above=0, at_most=5)
    steps: int = number(6, "number of steps|걸음 수", whole=True, at_least=1, at_most=8)
    w_x: tuple[float, ...] = weights((1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1), "W_x", length=12)
    w_h: tuple[float, ...] = weights((0, -1, 1, 1, 0, -1, -1, 1, 0), "W_h", length=9)
    w_o: tuple[float, ...] = weights((0,) * 12, "W_o", length=12)


def write(board: Board, inputs: Inputs) -> None:
    """What is read and remembered at the left; right of it, a panel for each step of learning."""
    time, letter = axis("time", len(inputs.word)), axis("letter", LETTERS)
    unit = axis("unit", tuple(f"h{digit}" for digit in "₁₂₃"))
    before = axis("unit_before", tuple(f"h{digit}" for digit in "₁₂₃"))
    step = axis("step", inputs.steps)

    given = board.rows(label_span=3, span=2)
    given.inputs("final", "memory", "learning_rate")
    given.row("vocabulary_size", "vocabulary|문자 종류", "= COUNT(x.at(time, 1))")
    from_letters = board.columns(letter, labels="W_x", below=given)
    from_letters.input("w_x", "to unit|유닛으로", by=unit)
    from_units = board.columns(before, labels="W_h", right_of=from_letters, below=given)
    from_units.input("w_h", "to unit|유닛으로", by=unit)

    reading = board.rows(time, below=(from_letters, from_units), label_span=2, format="0.000")
    reading.count("time_number", "time t|시점 t")
    reading.input("word")
    reading.row("x", "xₜ\none-hot", "= IF(word = letter, 1, 0)", by=letter, format="0", shade=True)
    entering = "SUMPRODUCT(w_x, x)"
    reading.row(
        "hidden",
        "hₜ = tanh(…)",
        f"= TANH({entering} + memory * SUMPRODUCT(w_h, hidden.before(time).all(unit)))",
        first=f"= TANH({entering})",
        by=unit,
    )
    reading.row("target", "target|정답", "= word.after", last="= final")
    reading.row(
        "wanted",
        "target\none-hot|정답\none-hot",
        "= IF(target = letter, 1, 0)",
        by=letter,
        format="0",
        shade=True,
    )
    board.legend(below=reading)

    left = (given, from_units, reading)
    with board.panels(step, runs="right", labels_once=True, space=0, right_of=left) as panel:
        output = panel.columns(
            unit, labels="unit|유닛", label_span=2, title="step {}|{}걸음", format="0.00"
        )
        moved = "= w_o.before(step) - learning_rate * slope.before(step)"
        output.input("w_o", "W_o: to the score of|W_o: 문자별 점수로", by=letter, then=moved)
        guess = panel.rows(time, below=output, gap=0, format="0.00")
        guess.row("letter_read", "letter in|입력 문자", "= word")
        guess.row("score", "scores|점수\nW_o hₜ", "= SUMPRODUCT(w_o, hidden)", by=letter)
        guess.row("power", "e^score|e^점수", "= EXP(score)", by=letter)
        guess.row(
            "probability",
            "oₜ\nsoftmax",
            "= power / SUM(power.all(letter))",
            by=letter,
            colour={"good": "wanted = 1"},
        )
        guess.row("error", "oₜ −\none-hot", "= probability - wanted", by=letter)
        guess.row(
            "chance", "o of target|정답의 o", "= SUMPRODUCT(probability, wanted)", format="0.000"
        )
        guess.row("loss", "loss: −ln o|손실: −ln o", "= -LN(chance)", format="0.000")
        back = panel.columns(
            unit, below=guess, gap=0, labels="unit|유닛", label_span=2, format="0.00"
        )
        gradient = "= SUMPRODUCT(hidden, error) / COUNT(loss)"
        back.column("slope", "∂L/∂W_o", gradient, by=letter)

    history = board.columns(step, below=(panel, reading), format="0.000")
    history.count("number", "step|걸음")
    history.column("mean_loss", "L", "= AVERAGE(loss)")
    losses = board.chart(
        "Loss L, step by step|걸음마다의 손실 L",
        line("mean_loss", dotted=True),
        y="L",
        y_range=(0, None),
        right_of=history,
        width=96,
        rows=26,
    )
    board.chart(
        "How likely the right letter is|정답 문자의 확률",
        bars("chance.first(step)", label="step 1|1걸음"),
        bars("chance.last(step)", label="last step|마지막 걸음"),
        over="target",
        x="target|정답",
        y="o",
        right_of=losses,
        width=116,
        y_range=(0, 1),
    )


def reference(inputs: Inputs) -> Reference:
    """The same by matrices, for s steps, t letters, 3 units and 4 letters of the vocabulary.

    Hidden states have shape (3, t), what follows from W_o (s, …): scores (s, 4, t), W_o (s, 3, 4).
    """
    one_hot = np.eye(len(LETTERS))[[LETTERS.index(letter) for letter in inputs.word]]
    target = (*inputs.word[1:], inputs.final)
    wanted = np.eye(len(LETTERS))[[LETTERS.index(letter) for letter in target]]
    w_x, w_h = np.reshape(inputs.w_x, (4, UNITS)), np.reshape(inputs.w_h, (UNITS, UNITS))
    state, states = np.zeros(UNITS), []
    for letter in one_hot:
        state = np.tanh(letter @ w_x + inputs.memory * state @ w_h)
        states.append(state)
    hidden, w_o = np.array(states), np.reshape(inputs.w_o, (UNITS, 4))
    steps: list[Reference] = []
    for _ in range(inputs.steps):
        score = hidden @ w_o
        probability = np.exp(score) / np.exp(score).sum(axis=1, keepdims=True)
        chance = np.sum(probability * wanted, axis=1)
        slope = hidden.T @ (probability - wanted) / len(target)
        steps.append(
            {
                "w_o": w_o,
                "score": score,
                "power": np.exp(score),
                "probability": probability,
                "error": probability - wanted,
                "chance": chance,
                "loss": -np.log(chance),
                "slope": slope,
            }
        )
        w_o = w_o - inputs.learning_rate * slope
    panels = stacked(steps)
    return {
        **panels,
        "letter_read": np.array([inputs.word] * inputs.steps),
        "wanted": wanted,
        "target": np.array(target),
        "vocabulary_size": np.array([len(LETTERS)]),
        "time_number": np.arange(1, len(target) + 1),
        "x": one_hot,
        "hidden": hidden,
        "number": np.arange(1, inputs.steps + 1),
        "mean_loss": panels["loss"].mean(axis=1),
    }


HOW_TO_READ = """
A column at the left is one point in time: the letter xₜ, as one-hot (one of the letters that
{vocabulary_size} counts), comes in; the units take it up (W_x) together with their own state
before (W_h). So hₜ sums up all that was read so far. The weights are the same at every time.
| 왼쪽 표의 한 열이 한 시점입니다. 문자(종류의 수는 {vocabulary_size})를 one-hot으로 나타낸 xₜ가
들어오면 유닛은 그 입력(W_x)과 바로 앞 시점의 상태(W_h)를 함께 받습니다. 그래서 hₜ는 지금까지 읽은
것을 요약합니다. 가중치는 모든 시점에서 같습니다.

Each panel is one step of learning. W_o makes scores of hₜ, softmax makes probabilities of them,
and the target's (green) is to rise. The gradient is the mean of what is wrong at each time; the
next panel starts from W_o moved against it. To keep it on a page only W_o learns; W_x and W_h would
get their gradient back through time (BPTT).
| 표 하나가 학습 한 걸음입니다. hₜ에 W_o를 곱하면 점수, softmax를 거치면 확률이 되며, 정답(초록색)의
확률이 커져야 합니다. 기울기는 모든 시점의 오차를 평균한 것이고, 다음 표는 그 반대쪽으로 움직인
W_o에서 시작합니다. 한 페이지에 담으려고 W_o만 학습합니다. W_x와 W_h의 기울기는 시간을 거슬러
올라가며 구합니다(BPTT).

[slide] After the first l comes l, after the second o: the letter alone cannot tell, the state can,
since the columns of the two l differ ({hidden.at(time, 3)} and {hidden.at(time, 4)}). Weights and
η are ours.
| 첫 l 다음은 l, 둘째 l 다음은 o입니다. 문자만으로는 알 수 없지만 상태는 다릅니다({hidden.at(time,
3)}과 {hidden.at(time, 4)}). 가중치와 학습률은 여기서 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set the memory {memory} to 0: after either l the same is likely, so one stays wrong.|"
        "기억 {memory}을 0으로 바꾸십시오. 두 l의 확률이 똑같아져 둘을 구별하지 못합니다.",
        {"memory": 0},
        lambda before, after: (
            np.allclose(after["probability"][:, 2], after["probability"][:, 3])
            and after["mean_loss"][-1] > np.log(2) / 2 > before["mean_loss"][-1]
        ),
    ),
    to_try(
        "Set the last letter {final} to l: l always follows l, and the loss falls further.|"
        "마지막 문자 {final}를 l로 바꾸십시오. l 다음이 늘 l이 되어 손실이 더 작아집니다.",
        {"final": "l"},
        lambda before, after: after["mean_loss"][-1] < before["mean_loss"][-1],
    ),
    to_try(
        "Set the learning rate {learning_rate} to 0.1: it still guesses one of four at the end.|"
        "학습률 {learning_rate}를 0.1로 바꾸십시오. 마지막까지 넷 중 하나를 찍는 수준입니다.",
        {"learning_rate": 0.1},
        lambda before, after: np.all(abs(after["chance"][-1] - 0.25) < 0.1),
    ),
)
