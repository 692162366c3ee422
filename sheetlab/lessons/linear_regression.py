"""Linear regression by least squares, with one variable and with two, and how well it fits.

With `d` for distances from the mean, the parameters that make the squared error least are
(Legendre, 1805; Gauss, 1809)

    theta[1] = sum(dx[1] * dy) / sum(dx[1]^2)                          with one variable
    (dX.T @ dX) @ theta = dX.T @ dy                                    with several
    theta[0] = mean(y) - sum over the features k of theta[k] * mean(x[k])

and of the residuals `r = y - y_hat`

    MAE = mean |r|,  MSE = mean r^2,  RMSE = sqrt(MSE),  MAPE = mean |r / y|,
    r_squared = 1 - sum(r^2) / sum(dy^2)
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sheetlab.authoring import Board, axis, bars, dots, line
from sheetlab.inputs import LessonInputs, column, require_same_length
from sheetlab.lessons.lesson import Reference, to_try
from sheetlab.text import same

TITLE = "Linear regression by least squares|최소자승법(OLS)으로 푸는 선형회귀"
SHEET_NAME = "Regression"
EQUATION = "ŷ = θ₀ + θ₁x₁ + θ₂x₂,   Σ (y − ŷ)² → min"
SLIDES = [
    ("001", "1. Univariate Linear Regression (단변수선형회귀)"),
    ("001", "Linear Regression 의 Accuracy (정확도) 측정"),
    ("001", "2. Multivariate Linear Regression (다변수선형회귀)"),
    ("004", "손실함수1 (loss function)"),
]

COLUMNS = ("first_x", "second_x", "y")
CLOSEST = 0.98  # correlation of the features, beyond which digits are lost

numbers = partial(column, at_least=-500, at_most=500, length=(4, 1000))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The five points of the lecture's SGD, a second feature of ours, and a line to compare."""

    first_x: tuple[float, ...] = numbers((1, 2, 4, 3, 5), "x₁")
    second_x: tuple[float, ...] = numbers((2, 5, 3, 1, 4), "x₂")
    y: tuple[float, ...] = numbers((1, 3, 3, 2, 5), "y")
    own_theta: tuple[float, ...] = column((1, 0.5), "your θ₀, θ₁|내 θ₀, θ₁", length=2)

    def check(self) -> None:
        """As many values of each, all of them varied, and the features not one and the same."""
        require_same_length(self, *COLUMNS)
        given = np.array([getattr(self, name) for name in COLUMNS])
        self.require(
            np.all(np.ptp(given, axis=1)) and abs(np.corrcoef(given)[0, 1]) <= CLOSEST,
            f"Vary first_x, second_x and y, the two x correlated below ±{CLOSEST}.",
            "first_x, second_x, y의 값을 저마다 다르게, 두 x의 상관계수는"
            f" ±{CLOSEST} 이내로 주십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The points with all three predictions, the parameters below, and charts of the residuals."""
    point, trial = axis("point", len(inputs.y)), axis("trial", 21)
    model = axis("model", ("yours|내 직선", "1 var.|단변수", "2 var.|다변수"))
    feature, parameter = axis("feature", ("d₁", "d₂")), axis("parameter", ("θ₀", "θ₁", "θ₂"))

    samples = board.columns(down=point, labels="point|점", format="0.00")
    with samples.group("data|데이터"):
        for name in COLUMNS:
            samples.input(name, format="General")
    with samples.group("distance from the mean|평균과의 차이"):
        distances = ["= first_x - mean_first_x", "= second_x - mean_second_x"]
        samples.column("deviation", "x − x̄", distances, by=feature)
        samples.column("y_deviation", "dy = y − ȳ", "= y - mean_y")
    hyperplane = "= {0}.at(1) + {0}.at(2) * first_x + {0}.at(3) * second_x"
    models = [hyperplane.format(f"{name}_theta") for name in ("own", "simple", "multiple")]
    samples.column("prediction", "prediction ŷ|예측값 ŷ", models, by=model)
    samples.column("residual", "residual r = y − ŷ|잔차 r = y − ŷ", "= y - prediction", by=model)
    samples.column("absolute", same("|r|"), "= ABS(residual)", by=model)
    samples.column("squared", "r²", "= residual^2", by=model)
    samples.column("relative", same("|r / y|"), "= ABS(residual / y)", by=model, format="0%")
    mean = samples.foot("mean|평균")
    for name in COLUMNS:
        mean.value(f"mean_{name}", f"= AVERAGE({name})", format="0.00")
    # Of the inputs: LibreOffice 7.4 would read old distances, from 100 points on.
    first, second, last = (f"{name} - mean_{name}" for name in COLUMNS)
    for k, d, label in ((1, first, "d₁"), (2, second, "d₂")):
        sums = samples.foot(f"Σ · {label}")
        products = [f"= SUMPRODUCT({one}, {d})" for one in (first, second)]
        sums.value(f"sums_{k}", products, under="deviation")
        sums.value(f"y_sum_{k}", f"= SUMPRODUCT({last}, {d})", under="y_deviation")

    parameters = board.columns(down=parameter, labels="θ", below=samples, span=2, format="0.0000")
    with parameters.group("yours|내 직선"):
        parameters.input("own_theta", then="= 0", heading="choose|고르기", format="0.00")
    with parameters.group("1 var.: θ₁ = Σd₁dy / Σd₁²|단변수: θ₁ = Σd₁dy / Σd₁²"):
        intercept = "= mean_y - simple_theta.at(2) * mean_first_x"
        simple = [intercept, "= y_sum_1 / sums_1.at(1)", "= 0"]
        parameters.column("simple_theta", "by sums|합으로", simple)
        found = ["= INTERCEPT(y, first_x)", "= SLOPE(y, first_x)", "= 0"]
        parameters.column("simple_function", "INTERCEPT, SLOPE", found)
    with parameters.group("2 var.: S · θ = s|다변수: S · θ = s"):
        intercept = "= mean_y - {0}.at(2) * mean_first_x - {0}.at(3) * mean_second_x"
        cramer = [
            "= (y_sum_1 * sums_2.at(2) - y_sum_2 * sums_1.at(2)) / determinant",
            "= (y_sum_2 * sums_1.at(1) - y_sum_1 * sums_1.at(2)) / determinant",
        ]
        solved = [intercept.format("multiple_theta"), *cramer]
        parameters.column("multiple_theta", "by sums|합으로", solved)
        found = [f"= INDEX(LINEST(y_deviation, deviation, FALSE), 1, {k})" for k in (2, 1)]
        found = [intercept.format("multiple_function"), *found]
        parameters.column("multiple_function", "LINEST", found)
    determinant = "= sums_1.at(1) * sums_2.at(2) - sums_1.at(2)^2"
    parameters.foot("det S").value("determinant", determinant, under="multiple_theta")

    place: dict[str, Any] = {"right_of": parameters, "below": samples}
    metrics = board.rows(model, labels="fit|평가", label_span=3, format="0.000", **place)
    metrics.row("mae", same("MAE = Σ|r| / n"), "= AVERAGE(absolute)")
    metrics.row("mse", "MSE = Σr² / n", "= AVERAGE(squared)")
    metrics.row("rmse", "RMSE = √MSE", "= SQRT(mse)")
    metrics.row("mape", same("MAPE = Σ|r / y| / n"), "= AVERAGE(relative)", format="0.0%")
    tint = {"bad": "r_squared < 0", "good": "r_squared = MAX(r_squared.all)"}
    explained = "= 1 - SUM(squared) / SUMSQ(y_deviation)"
    metrics.row("r_squared", "R² = 1 − Σr² / Σdy²", explained, colour=tint)
    board.legend(right_of=metrics, below=samples)

    bowl = board.columns(down=trial, beside=samples, format="0.00")
    spread = "MAX(1, 1.5 * ABS(own_theta.at(2) - simple_theta.at(2)))"
    tried = f"= simple_theta.at(2) + {spread} * (ROWS(tried_slope.so_far) - 11) / 10"
    bowl.column("tried_slope", "θ₁", tried, helper=True)
    error = "= SUMPRODUCT((y_deviation - tried_slope * deviation.at(feature, 1))^2) / COUNT(y)"
    bowl.column("tried_mse", "MSE", error, helper=True)

    size: dict[str, Any] = {"below": parameters, "width": 50, "rows": 23}
    lines = board.chart(
        "The points and the lines|데이터와 직선",
        dots("y", label="y", colour=7),
        line("prediction.at(model, 1)", label="yours|내 직선"),
        line("prediction.at(model, 2)", label="1 var.|단변수"),
        dots("prediction.at(model, 3)", label="2 var.|다변수"),
        over="first_x",
        y="y, ŷ",
        **size,
    )
    title, residuals = "What each model leaves|모델마다 남은 잔차", bars("residual", each=model)
    left = board.chart(title, residuals, over="point", right_of=lines, **size)
    board.chart(
        "The error of every slope (best θ₀)|기울기마다의 오차 (θ₀은 최적)",
        line("tried_mse", over="tried_slope", label="MSE"),
        dots("mse.at(model, 1)", over="own_theta.at(2)", label="yours|내 직선"),
        dots("mse.at(model, 2)", over="simple_theta.at(2)", label="1 var.|단변수"),
        x="θ₁",
        right_of=left,
        **size,
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, least squares by its singular value decomposition.

    Columns by point have shape (n_points,), those by model (n_points, 3): the own line, one and two
    variables. Parameters and metrics have (3,), the sums of products (2,).
    """
    features = np.column_stack([inputs.first_x, inputs.second_x])
    y = np.array(inputs.y)
    deviation, y_deviation = features - features.mean(axis=0), y - y.mean()
    sums = deviation.T @ deviation
    theta = np.zeros((3, 3))
    theta[0, :2] = inputs.own_theta
    theta[1, 1:2] = np.linalg.lstsq(deviation[:, :1], y_deviation)[0]
    theta[2, 1:] = np.linalg.lstsq(deviation, y_deviation)[0]
    theta[1:, 0] = y.mean() - theta[1:, 1:] @ features.mean(axis=0)
    prediction = theta[:, 0] + features @ theta[:, 1:].T
    residual = y[:, None] - prediction
    tried = theta[1, 1] + max(1, 1.5 * abs(theta[0, 1] - theta[1, 1])) * np.linspace(-1, 1, 21)
    absolute, squared = np.abs(residual), residual**2
    relative = absolute / np.abs(np.where(y == 0, np.nan, y))[:, None]
    mae, mse, mape = (one.mean(axis=0) for one in (absolute, squared, relative))
    return {
        **{f"mean_{name}": np.mean(getattr(inputs, name)) for name in COLUMNS},
        "deviation": deviation,
        "y_deviation": y_deviation,
        "prediction": prediction,
        "residual": residual,
        **{"absolute": absolute, "squared": squared, "relative": relative},
        "own_theta": theta[0],
        **dict.fromkeys(("simple_theta", "simple_function"), theta[1]),
        **dict.fromkeys(("multiple_theta", "multiple_function"), theta[2]),
        **{"mae": mae, "mse": mse, "rmse": np.sqrt(mse), "mape": mape},
        "r_squared": 1 - mse / y.var(),
        **{f"sums_{k + 1}": sums[k] for k in range(2)},
        **{f"y_sum_{k + 1}": y_deviation @ deviation[:, k] for k in range(2)},
        "determinant": np.linalg.det(sums),
        "tried_slope": tried,
        "tried_mse": np.mean((y_deviation - tried[:, None] * deviation[:, 0]) ** 2, axis=1),
    }


HOW_TO_READ = """
Three models predict the same y: your own line ({own_theta.input}), the line of least squares over
x₁ alone, and the plane over x₁ and x₂. Follow one point from left to right, to its residual.
| 세 모델이 같은 y를 예측합니다. 내가 정한 직선({own_theta.input}), x₁만 쓰는 최소자승 직선, x₁과
x₂를 함께 쓰는 평면입니다. 점 하나의 예측값, 잔차, 오차를 왼쪽에서 오른쪽으로 따라가십시오.

Least squares needs only sums of products of distances from the mean. With one variable the slope is
a quotient of two sums; with two it solves the normal equations S · θ = s of such sums.
| 최소자승법에는 평균과의 차이를 곱하여 더한 합만 있으면 됩니다. 단변수의 기울기는 두 합의
비율이고, 다변수에서는 그런 합으로 된 정규방정식 S · θ = s를 풉니다.

R² ({r_squared}) compares with always predicting the mean: 1 is perfect, 0 no better. It lies
between 0 and 1 for least squares on the data learned from, and below 0 for some other lines.
| R²({r_squared})는 늘 평균으로 예측하는 것과 비교한 값으로, 1이면 완벽하고 0이면 평균과 같습니다.
학습한 데이터에서 최소자승법의 R²는 0과 1 사이지만 다른 직선은 0보다 작을 수 있습니다.

[slide] x₁ and y are the points of the lecture's SGD, which goes to {simple_theta}; x₂ is ours.
| x₁과 y는 강의의 SGD에 나온 다섯 점이고, SGD는 {simple_theta}로 갑니다. x₂는 새로 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set your line ({own_theta.input}) to 0.4 and 0.8: it has the smallest MSE of all lines.|"
        "내 직선({own_theta.input})을 0.4와 0.8로 바꾸십시오. 모든 직선 중 MSE가 가장 작습니다.",
        {"own_theta.input": (0.4, 0.8)},
        lambda before, after: np.isclose(after["mse"][0], after["mse"][1]),
    ),
    to_try(
        "Set it to 6 and −1: R² ({r_squared.at(1)}) falls below 0, worse than always the mean.|"
        "6과 −1로 바꾸십시오. R²({r_squared.at(1)})가 음수, 곧 평균만도 못한 예측이 됩니다.",
        {"own_theta.input": (6, -1)},
        lambda before, after: after["r_squared"][0] < 0,
    ),
    to_try(
        "Set {y.at(5)} to 15: one outlier more than triples the slope ({simple_theta.at(2)}).|"
        "{y.at(5)}를 15로 바꾸십시오. 이상치 하나로 기울기({simple_theta.at(2)})가 3배를 넘습니다.",
        {"y.at(5)": 15},
        lambda before, after: after["simple_theta"][1] > 3 * before["simple_theta"][1],
    ),
    to_try(
        "Set {second_x.input} to 2, 4, 8, 6, 10, twice x₁: det S is 0, nothing fixes θ.|"
        "{second_x.input}을 x₁의 두 배인 2, 4, 8, 6, 10으로 바꾸십시오. det S = 0, θ가 없습니다.",
        {"second_x.input": (2, 4, 8, 6, 10)},
        lambda before, after: np.isnan(after["multiple_theta"]),
    ),
)
