"""Logistic regression: will somebody of this age and salary buy? Learned step by step.

The model gives the probability of a purchase, and learns by gradient descent on the binary
cross-entropy (Cox, 1958; McCullagh and Nelder, 1989), with age and salary in standard scale:

    y_hat    = 1 / (1 + exp(-z)),   z = theta[0] + theta[1] * x[1] + theta[2] * x[2]
    loss     = -mean(y * ln(y_hat) + (1 - y) * ln(1 - y_hat))
    gradient = mean((y_hat - y) * x), with x[0] = 1;   theta = theta - learning_rate * gradient
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Logistic regression, step by step|로지스틱 회귀 한 걸음씩"
SHEET_NAME = "Logistic"
EQUATION = "ŷ = 1 / (1 + e⁻ᶻ),   z = θ₀ + θ₁x₁ + θ₂x₂,   θ ← θ − η · (1/n) Σ (ŷ − y) x"
SLIDES = [
    ("001", "Logistic Regression (로지스틱 회귀)"),
    ("001", "Sigmoid 함수"),
    ("001", "Cost Function - Logistic Regression (Binary Cross-entropy)"),
    ("000", "Deep learning & logistic regression"),
]

DECIMALS = 9  # beyond which probabilities that are equal on paper differ in binary arithmetic
LEAST_SLOPE = 0.01  # of theta[2]; with less, the decision line stands all but upright
LARGEST_EXPONENT = 709  # of e in a spreadsheet

PEOPLE = ("age", "salary", "bought")
people = partial(column, length=(4, 500), at_least=0, at_most=10_000)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """Ten people of ours, few enough to follow; a learning rate, some steps, a poor start."""

    learning_rate: float = number(2.0, "learning rate η|학습률 η", above=0, at_most=1000)
    threshold: float = number(0.5, "threshold|임곗값", at_least=0.01, at_most=0.99)
    steps: int = number(5, "number of steps|걸음 수", whole=True, at_least=1, at_most=50)
    age: tuple[float, ...] = people((22, 25, 28, 31, 35, 38, 42, 46, 50, 54), "age|나이")
    salary: tuple[float, ...] = people((30, 62, 41, 85, 48, 36, 90, 55, 72, 44), "salary|급여")
    bought: tuple[float, ...] = people(
        (0, 0, 0, 1, 0, 1, 1, 0, 1, 1), "bought\n(y)|구매\n(y)", at_most=1, whole=True
    )
    initial_theta: tuple[float, ...] = column(
        (0, -1, 1), "θ at the start|θ의 초깃값", length=3, at_least=-10, at_most=10
    )

    def check(self) -> None:
        """As many values of each, and ages and salaries that differ."""
        require_same_length(self, *PEOPLE)
        self.require(
            np.ptp(self.age) and np.ptp(self.salary),
            "age and salary each need at least two different values; change some.",
            "age와 salary에는 각각 서로 다른 값이 둘 이상 있어야 합니다. 값을 바꾸십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The people at the left, a panel for each step, and charts of where it leads."""
    person, step = axis("person", len(inputs.age)), axis("step", inputs.steps)
    parameter, end = axis("parameter", ("θ₀", "θ₁", "θ₂")), axis("end", 2)
    feature, grid = axis("feature", ("age|나이", "salary|급여")), axis("grid", 13)

    scale = board.rows(feature, labels="scale|표준화", format="0.00", span=2)
    scale.row("mean", "mean|평균", ["= AVERAGE(age)", "= AVERAGE(salary)"])
    scale.row("deviation", "σ", ["= STDEVP(age)", "= STDEVP(salary)"])
    settings = board.rows(right_of=scale, label_span=3)
    settings.inputs("learning_rate", "threshold")
    board.legend(right_of=settings, span=4)

    with board.panels(step, runs="right", labels_once=True, space=0, below=scale) as panel:
        top = panel.rows(parameter, labels=" ", label_span=6, title="step {}|{}걸음", format="0.00")
        descent = "= theta.before(step) - learning_rate * gradient.before(step)"
        top.input("initial_theta", "θ", name="theta", then=descent)
        steps = panel.columns(person, labels="no.|번호", below=top, gap=0, format="0.00")
        for name in PEOPLE:
            steps.input(name, once=True, format="General")
        steps.column("scaled_age", "x₁", "= (age - mean.at(1)) / deviation.at(1)", once=True)
        steps.column("scaled_salary", "x₂", "= (salary - mean.at(2)) / deviation.at(2)", once=True)
        weighted = "= theta.at(1) + theta.at(2) * scaled_age + theta.at(3) * scaled_salary"
        steps.column("z", "z", weighted)
        steps.column("y_hat", "ŷ", "= 1 / (1 + EXP(-z))")
        says = f"= IF(ROUND(y_hat, {DECIMALS}) >= threshold, 1, 0)"
        marks = {"good": "predicted = bought", "bad": "predicted <> bought"}
        steps.column("predicted", "ŷ ≥ t", says, format="0", colour=marks)
        # 1 - y_hat, without losing its digits where y_hat is nearly 1.
        steps.column("loss", "loss|손실", "= IF(bought = 1, -LN(y_hat), -LN(1 / (1 + EXP(z))))")
        total = steps.foot("accuracy, mean loss|정확도, 평균 손실")
        correct = "= SUMPRODUCT((predicted = bought) * 1) / COUNT(bought)"
        total.value("accuracy", correct, under="predicted", format="0%")
        total.value("mean_loss", "= AVERAGE(loss)")
        back = panel.rows(parameter, labels=False, label_span=6, below=steps, gap=0, format="0.00")
        scaled = [f"SUMPRODUCT(y_hat - bought, {x})" for x in ("scaled_age", "scaled_salary")]
        gradient = [f"= {one} / COUNT(bought)" for one in ("(SUM(y_hat) - SUM(bought))", *scaled)]
        back.row("gradient", "gradient: mean of (ŷ − y) · x|기울기: (ŷ − y) · x의 평균", gradient)
    board.freeze(steps)

    history = board.columns(step, labels="step|걸음", below=panel, format="0.00")
    history.column("loss_history", "loss|손실", "= mean_loss")
    theta = [f"theta.at(parameter, {k})" for k in (1, 2, 3)]
    by_age = f"{theta[1]} * (end_age - mean.at(1)) / deviation.at(1)"
    turning = f"(LN(threshold / (1 - threshold)) - {theta[0]} - {by_age}) / {theta[2]}"
    height = f"IF(ABS({theta[2]}) < {LEAST_SLOPE}, NA(), mean.at(2) + deviation.at(2) * {turning})"
    label = "salary where ŷ = t|ŷ = t인 급여"
    history.column("end_salary", label, f"= {height}", by=end, show_labels=False)
    ages = ["= MIN(age)", "= MAX(age)"]
    history.start("age|나이").value("end_age", ages, under="end_salary", format="General")
    curve = board.columns(down=grid, below=history, format="0.00")
    curve.column("grid_z", "z", "= ROWS(grid_z.so_far) - 7", helper=True)
    curve.column("grid_y_hat", "ŷ", "= 1 / (1 + EXP(-grid_z))", helper=True)
    outcome = axis("outcome", ("not bought|구매 안 함", "bought|구매"))
    classes = board.columns(down=person, right_of=curve, below=history)
    by_outcome = ["= IF(bought = 0, salary, NA())", "= IF(bought = 1, salary, NA())"]
    classes.column("salary_by_outcome", "salary|급여", by_outcome, by=outcome, helper=True)

    size: dict[str, Any] = {"below": panel, "rows": 25}
    title, loss = "Loss of each step|걸음마다의 손실", line("loss_history", dotted=True)
    losses = board.chart(title, loss, over="step", whole_x=True, right_of=classes, width=38, **size)
    sigmoid = board.chart(
        "Sigmoid at the last step|마지막 걸음의 sigmoid",
        line("grid_y_hat", over="grid_z", label="σ(z)"),
        dots("y_hat.last(step)", over="z.last(step)", label="ŷ"),
        dots("bought", over="z.last(step)", label="y"),
        x="z",
        y="ŷ, y",
        right_of=losses,
        width=44,
        **size,
    )
    board.chart(
        "Decision line: age and salary|결정 경계: 나이와 급여",
        dots("salary_by_outcome", over="age", each=outcome),
        line("end_salary.first(step)", over="end_age", label="start|처음", dashed=True),
        line("end_salary.last(step)", over="end_age", label="end|마지막"),
        x="age|나이",
        y="salary|급여",
        y_extent=(0.9 * min(inputs.salary), 1.1 * max(inputs.salary)),
        right_of=sigmoid,
        width=52,
        **size,
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy.

    Columns by person in each step have shape (n_steps, n_people), `theta` and `gradient`
    (n_steps, 3), `end_salary` (n_steps, 2): the line's height at the smallest and largest age.
    """
    features, bought = np.column_stack([inputs.age, inputs.salary]), np.array(inputs.bought)
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    x = np.column_stack([np.ones(len(bought)), (features - mean) / deviation])
    theta, gradient = np.empty((inputs.steps, 3)), np.empty((inputs.steps, 3))
    place = np.array(inputs.initial_theta)
    for k in range(inputs.steps):
        theta[k], gradient[k] = place, (sigmoid(x @ place) - bought) @ x / len(bought)
        place = place - inputs.learning_rate * gradient[k]
    z = theta @ x.T
    y_hat = sigmoid(z)
    loss = -np.log(np.where(bought == 1, y_hat, sigmoid(-z)))
    predicted = np.where(np.isnan(y_hat), np.nan, np.round(y_hat, DECIMALS) >= inputs.threshold)
    lines = np.where(np.abs(theta[:, 2:]) < LEAST_SLOPE, np.nan, theta)
    scaled_end = np.sort(x[:, 1])[[0, -1]]
    logit = np.log(inputs.threshold / (1 - inputs.threshold))
    turning = (logit - lines[:, :1] - lines[:, 1:2] * scaled_end) / lines[:, 2:]
    return {
        "mean": mean,
        "deviation": deviation,
        "theta": theta,
        "scaled_age": x[:, 1],
        "scaled_salary": x[:, 2],
        "z": z,
        "y_hat": y_hat,
        "predicted": predicted,
        "loss": loss,
        "accuracy": 1 - np.abs(predicted - bought).mean(axis=1),
        "mean_loss": loss.mean(axis=1),
        "gradient": gradient,
        "loss_history": loss.mean(axis=1),
        "end_age": np.sort(features[:, 0])[[0, -1]],
        "end_salary": mean[1] + deviation[1] * turning,
        "grid_z": np.arange(-6, 7),
        "grid_y_hat": sigmoid(np.arange(-6, 7)),
        "salary_by_outcome": np.where(bought[:, None] == (0, 1), features[:, 1:], np.nan),
    }


def sigmoid(z: Values) -> Values:
    """1 / (1 + exp(-z)); nan where exp(z) or exp(-z) is too large for a spreadsheet."""
    return 1 / (1 + np.exp(-np.where(np.abs(z) > LARGEST_EXPONENT, np.nan, z)))


HOW_TO_READ = """
Age and salary are put in standard scale, x₁ and x₂. Read a step from top to bottom: its θ, each
person's z and probability ŷ of a purchase, the prediction at the threshold t ({threshold}), the
loss (−ln ŷ or, who did not buy, −ln(1 − ŷ)), and the gradient that moves θ.
| 나이와 급여를 표준화하여 x₁, x₂로 바꾼 다음, 한 걸음을 위에서 아래로 읽습니다. 그 걸음의 θ,
사람마다의 z와 구매 확률 ŷ, 임곗값 t({threshold})로 정한 예측, 손실(구매했으면 −ln ŷ, 아니면
−ln(1 − ŷ)), 그리고 다음 걸음의 θ를 정하는 기울기입니다.

Where ŷ is just t, the decision turns; in the plane of age and salary that is a straight line. It
turns with every step, as fewer people are red (predicted wrongly).
| ŷ이 꼭 t인 곳에서 예측이 바뀌며, 나이와 급여의 평면에서 그곳은 직선(결정 경계)입니다. 직선은
걸음마다 돌고, 빨간색(틀린 예측)은 줄어듭니다.

[slide] The lecture has no table of its buyers; these ten people and the poor start are chosen here.
| 강의에는 구매자의 데이터가 없어 열 사람의 값과 일부러 나쁘게 잡은 θ의 초깃값을 여기서 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set the threshold {threshold} to 0.8: fewer are predicted to buy, the line moves up.|"
        "임곗값 {threshold}을 0.8로 바꾸십시오. 구매한다는 예측이 줄고 직선이 올라갑니다.",
        {"threshold": 0.8},
        lambda before, after: (
            np.sum(after["predicted"] - before["predicted"], axis=1)[-1] < 0
            and np.all(after["end_salary"] > before["end_salary"])
        ),
    ),
    to_try(
        "Set y {bought.at(6)} to 0 and {bought.at(8)} to 1: a line parts them, all are right.|"
        "y {bought.at(6)}을 0, {bought.at(8)}을 1로 바꾸십시오. 직선으로 나뉘어 모두 맞습니다.",
        {"bought.at(6)": 0, "bought.at(8)": 1},
        lambda before, after: after["accuracy"][-1] == 1 and after["mean_loss"][-1] < 0.2,
    ),
    to_try(
        "Set the learning rate {learning_rate} to 30: the steps leap over, the loss jumps up.|"
        "학습률 {learning_rate}을 30으로 바꾸십시오. 최솟값을 건너뛰어 손실이 치솟습니다.",
        {"learning_rate": 30},
        lambda before, after: after["mean_loss"].max() > 1.5 * before["mean_loss"].max(),
    ),
)
