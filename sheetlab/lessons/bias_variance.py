"""Bias and variance: polynomials of three degrees, each fitted to several samples of a noisy sine.

A model's expected error on data that it has not seen has three sources (Geman, Bienenstock and
Doursat, 1992), at each point x over all samples:

    bias^2   = (mean of the fits - sin x)^2
    variance = mean of (fit - mean of the fits)^2
    noise    = sigma^2

Least squares is solved with orthogonal polynomials (Forsythe, 1957), here over t from -1 to 1:
P[0] = 1, P[1] = t, P[j] = t P[j-1] - P[j-2] sum(P[j-1]^2) / sum(P[j-2]^2). Then each coefficient is
sum(P[j] y) / sum(P[j]^2), and a polynomial of degree d takes the first d + 1 of them. Over ever
more samples, the variance tends to sigma^2 (d + 1) / n in the mean over the n points.
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, axis, bars, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Bias and variance: too simple, too complex|Bias와 variance: 과소적합과 과적합"
SHEET_NAME = "BiasVariance"
EQUATION = "expected error = bias² + variance + noise|오차의 기댓값 = bias² + variance + noise"
SLIDES = [
    ("001", "Overfitting(과적합) 과 Underfitting(과소적합)"),
    ("001", "Bias-Variance Trade-off"),
    ("001", "Bias – True & Inference Function 차이"),
]

TERMS = 7  # of the polynomials, up to degree 6
NOISE = """
    1.8  1.1 -0.4 -2.2   -0.1 -1.7  1.4  0.5    0.3 -1.1 -0.4 -0.3
    0.3 -0.6 -1.0  1.4    2.2  0.1 -1.0 -0.2   -0.5 -0.7 -0.5 -0.4
    1.0  0.4  1.0  0.3    0.4  0.0 -0.5  0.2    0.5  1.3 -1.0 -0.2
"""


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """Nine points of a sine, four times with noise of ours, and the degrees of three models."""

    points: int = number(9, "number of points|점의 수", whole=True, at_least=TERMS + 1, at_most=60)
    sigma: float = number(0.5, "noise σ", at_least=0, at_most=10)
    degree: tuple[int, ...] = column(
        (1, 3, 6), "degree|차수", whole=True, at_least=0, at_most=TERMS - 1, length=3
    )
    noise: tuple[float, ...] = column(
        tuple(map(float, NOISE.split())),
        "noise drawn, point by point|점마다 뽑은 noise",
        at_least=-10,
        at_most=10,
        length=(2 * (TERMS + 1), 360),
    )

    def check(self) -> None:
        """As much noise for every point: one draw a sample."""
        samples, rest = divmod(len(self.noise), self.points)
        self.require(
            rest == 0 and 2 <= samples <= 6,
            f"noise has {len(self.noise)} values; give each of the {self.points} points as"
            " many, one for each of 2 to 6 samples.",
            f"noise의 값이 {len(self.noise)}개입니다. 점 {self.points}개마다 표본 수만큼,"
            " 곧 2~6개씩 똑같이 주십시오.",
        )


def write(board: Board, inputs: Inputs) -> None:
    """The samples and their coefficients, a panel for each model, and what its error is made of."""
    point = axis("point", inputs.points)
    sample = axis("sample", len(inputs.noise) // inputs.points)
    term, model = axis("term", range(TERMS)), axis("model", 3)

    data = board.columns(down=point, format="0.00")
    data.column("x", "x", f"= 2 * PI() * (ROWS(x.so_far) - 1) / {point.size - 1}")
    data.column("true_y", "sin x", "= SIN(x)")
    data.input("noise", "noise drawn: sample|뽑은 noise: 표본", by=sample, format="0.0")
    label = "y = sin x + σ · noise: sample|y = sin x + σ · noise: 표본"
    data.column("y", label, "= true_y + sigma * noise", by=sample)
    basis = board.columns(down=point, right_of=data, format="0.000")
    basis.column("t", "t", "= x / PI() - 1")
    steps = [
        f"= t * basis.at(term, {k}) - basis.at(term, {k - 1}) * square.at({k}) / square.at({k - 1})"
        for k in range(2, TERMS)
    ]
    label = "polynomials P of degree|차수별 다항식 P"
    basis.column("basis", label, ["= 1", "= t", *steps], by=term, show_labels=False)
    counted = "= COLUMNS(term_degree.so_far) - 1"
    basis.start().value("term_degree", counted, under="basis", label="degree|차수", format="0")
    basis.foot("ΣP²").value("square", "= SUMSQ(basis)")
    fitted = board.columns(down=sample, labels="sample|표본", right_of=basis, format="0.00")
    projected = "= SUMPRODUCT(basis, {}) / square"
    fitted.column("coefficient", "c = Σ P · y / ΣP²", projected.format("y"), by=term)
    of_truth = fitted.foot("sin x")
    of_truth.value("true_coefficient", projected.format("true_y"), under="coefficient")
    settings = board.rows(right_of=basis, below=fitted, label_span=2)
    settings.input("sigma")
    board.legend(right_of=settings, below=fitted, span=4)

    with board.panels(model, runs="right", labels_once=True, space=1, below=(data, basis)) as panel:
        fits = panel.columns(point, labels="point|점", title="model {}|모델 {}", format="0.00")
        fit = "= SUMPRODUCT(coefficient, basis, (term_degree <= degree) * 1)"
        fits.column("fit", "fit to sample|표본별 예측", fit, by=sample)
        fits.column("mean_fit", "mean|평균", "= AVERAGE(fit)")
        fits.column("squared_bias", "bias²", "= (mean_fit - true_y)^2")
        fits.column("spread", "variance", "= VARP(fit)")
        fits.start("degree|차수").input("degree", under="mean_fit", format="0")
        means = fits.foot("mean|평균")
        means.value("bias", "= AVERAGE(squared_bias)")
        means.value("variance", "= AVERAGE(spread)")
        panel.chart(
            "Model {}: fits and sin x|모델 {}: 예측과 sin x",
            line("fit", each=sample, label="sample {}|표본 {}"),
            line("true_y", colour=7, width=3),
            over="x",
            y="y",
            width=fits,
            rows=23,
        )
    summary = board.rows(across=model, labels="model|모델", right_of=panel, format="0.000")
    summary.row("model_degree", "degree|차수", "= degree", format="0")
    with summary.group("these\nsamples|이\n표본들"):
        summary.row("model_bias", "bias²", "= bias")
        summary.row("model_variance", "variance", "= variance")
        summary.row("model_noise", "noise σ²", "= sigma^2")
        total = "= model_bias + model_variance + model_noise"
        best = {"good": "expected_error = MIN(expected_error.all)"}
        summary.row("expected_error", "on new data|새 데이터 오차", total, colour=best)
        summary.row("training_error", "training|학습 오차", "= SUMXMY2(y, fit) / COUNT(y)")
    with summary.group("samples\nwithout\nend|표본이\n무한할 때"):
        left = "SUMSQ(true_y) - SUMPRODUCT(true_coefficient^2, square, (term_degree <= degree) * 1)"
        summary.row("exact_bias", "bias²", f"= ({left}) / COUNT(true_y)")
        summary.row("exact_variance", "variance", "= sigma^2 * (degree + 1) / COUNT(true_y)")
        total = "= exact_bias + exact_variance + sigma^2"
        summary.row("exact_error", "on new data|새 데이터 오차", total)
    board.chart(
        "Error on new data|새 데이터 오차",
        *map(bars, ("model_bias", "model_variance", "model_noise")),
        over="model_degree",
        x="degree|차수",
        y="error|오차",
        stacked=True,
        below=summary,
        width=38,
        rows=25,
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, each model the projection onto the polynomials of its degree.

    Columns by point have shape (n_points,), samples (n_points, n_samples), coefficients
    (n_samples, 7); fits have (3, n_points, n_samples), what a model comes to has (3,).
    """
    n, sigma, degree = inputs.points, inputs.sigma, np.array(inputs.degree)
    noise, t = np.reshape(inputs.noise, (n, -1)), np.linspace(-1, 1, n)
    x = np.pi * (t + 1)
    true_y = np.sin(x)
    y = true_y[:, None] + sigma * noise
    # Orthogonal columns by QR; what R has on its diagonal makes them monic.
    orthogonal, upper = np.linalg.qr(np.vander(t, TERMS, increasing=True))
    basis = orthogonal * np.diag(upper)
    square = np.sum(basis**2, axis=0)
    projections = np.array([orthogonal[:, : d + 1] @ orthogonal[:, : d + 1].T for d in degree])
    fit = projections @ y
    mean_fit = fit.mean(axis=2)
    squared_bias, spread = (mean_fit - true_y) ** 2, fit.var(axis=2)
    bias, variance = squared_bias.mean(axis=1), spread.mean(axis=1)
    exact_bias = np.mean((true_y - projections @ true_y) ** 2, axis=1)
    exact_variance = sigma**2 * (degree + 1) / n
    return {
        "x": x,
        "true_y": true_y,
        "y": y,
        "t": t,
        "term_degree": np.arange(TERMS),
        "basis": basis,
        "square": square,
        "coefficient": y.T @ basis / square,
        "true_coefficient": true_y @ basis / square,
        "fit": fit,
        "mean_fit": mean_fit,
        "squared_bias": squared_bias,
        "spread": spread,
        "bias": bias,
        "variance": variance,
        "model_degree": degree,
        "model_bias": bias,
        "model_variance": variance,
        "model_noise": np.full(3, sigma**2),
        "expected_error": bias + variance + sigma**2,
        "training_error": np.mean((y - fit) ** 2, axis=(1, 2)),
        "exact_bias": exact_bias,
        "exact_variance": exact_variance,
        "exact_error": exact_bias + exact_variance + sigma**2,
    }


HOW_TO_READ = """
The truth is a sine; each sample measures it once at every point, with noise. Every model is fitted
to every sample. How far the mean of its fits is from the sine is bias; how much the fits differ
from sample to sample is variance.
| 참값은 sine 함수입니다. 표본마다 모든 점을 noise와 함께 한 번씩 측정하고, 세 모델을 모든 표본에
맞춥니다. 예측의 평균이 sine에서 벗어난 정도가 bias, 표본마다 예측이 달라지는 정도가 variance입니다.

A polynomial of degree d is Σ c · P over the first d + 1 polynomials P. They are orthogonal, so
each coefficient {coefficient} is found alone, and a higher degree only adds further ones.
| d차 다항식은 처음 d + 1개의 P로 만든 합 Σ c · P입니다. P는 서로 직교하므로 계수 {coefficient}를
하나씩 따로 구하며, 차수를 올려도 앞의 계수는 그대로이고 새 계수만 더해집니다.

The error on the training data {training_error} falls with every degree; on new data
{expected_error} it falls and rises again. A few samples show this roughly, {exact_error} exactly.
| 학습 데이터의 오차 {training_error}는 차수가 오를수록 작아지지만, 새 데이터의 오차
{expected_error}는 작아졌다가 다시 커집니다. 표본이 몇 개뿐이면 어림값이고, 정확한 값은
{exact_error}에 있습니다.

[slide] The lecture draws this without numbers; points, degrees and noise are chosen here.
| 강의에는 그림만 있어 점, 차수, noise는 여기서 골랐습니다.
"""

TO_TRY = (
    to_try(
        "Set σ {sigma} to 0: no variance is left, but the bias of degree 1 stays.|"
        "σ {sigma}를 0으로 바꾸십시오. variance가 사라져도 1차의 bias는 그대로 남습니다.",
        {"sigma": 0},
        lambda before, after: np.all(after["variance"] < 1e-20) and after["bias"][0] > 0.2,
    ),
    to_try(
        "Set the degree {degree.first(model)} to 0: only the mean is learned, bias² grows.|"
        "차수 {degree.first(model)}을 0으로 바꾸십시오. 평균만 배우게 되어 bias²이 커집니다.",
        {"degree.first(model)": 0},
        lambda before, after: after["bias"][0] > before["bias"][0] + 0.1,
    ),
    to_try(
        "Set {noise.at(point, 3).at(sample, 2)} to 5: an outlier bends degree 6, degree 1 hardly.|"
        "{noise.at(point, 3).at(sample, 2)}를 5로 바꾸십시오. 이상치에 6차는 크게 휩니다.",
        {"noise.at(point, 3).at(sample, 2)": 5},
        lambda before, after: (rise := after["variance"] - before["variance"])[2] > 2 * rise[0],
    ),
)
