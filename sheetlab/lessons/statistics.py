"""Expectation, variance, skewness and covariance from samples, and maximum likelihood.

An expectation is estimated by the mean over N independent samples (Monte Carlo; Metropolis and
Ulam, 1949), which comes closer to it as 1 / sqrt(N):

    E[f(x)]   ~ mean of f(x[i])
    V(x)      = E[(x - E[x])^2]
    skewness  = E[((x - E[x]) / sqrt(V(x)))^3]
    Cov(x, y) = E[(x - E[x]) * (y - E[y])]

Of all normal distributions, the one with that mean and that variance makes the samples likeliest:

    log L(mu, sigma) = -N * ln(sigma * sqrt(2 pi)) - sum((x - mu)^2) / (2 sigma^2)
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, axis, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Statistics from samples, and maximum likelihood|표본으로 구하는 통계량과 최대가능도"
SHEET_NAME = "Statistics"
EQUATION = "E[f(x)] ≈ (1/N) Σ f(xᵢ),   log L(μ, σ) = −N ln(σ √(2π)) − Σ (xᵢ − μ)² / 2σ²"
SLIDES = [("003", "(AI Math 6강) 확률론 맛보기"), ("003", "(AI Math 7강) 통계학 맛보기")]

# Draws of a standard normal distribution by a random number generator, rounded to two decimals.
FIRST = """
-0.59 0.63 1.04 1.03 1.82 -0.39 0.54 -0.37 -1.42 -0.7 0.14 -0.92 -0.19 1.12 0.57 0.57 0.35
-0.18 -1.87 0.99 -1.51 0.22 -0.11 0.14 0.25 -0.33 0.9 -1.29 0.79 -1.69
"""
SECOND = """
1.19 -0.51 0.37 1.51 -2.16 -0.31 0.57 0.9 1.36 0.61 0.51 0.11 0.27 0.07 0.99 0.16 0.67 1.62
1.17 -0.34 -0.1 0.73 -0.64 -1.83 -1.01 0.54 -0.21 -0.36 0.75 -1.05
"""

# Draws that hardly differ have no skewness that arithmetic could tell from noise.
LEAST_DEVIATION = 0.3

numbers = partial(column, at_least=-6, at_most=6, length=(3, 1000))


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """A true distribution of our own with 30 draws of it, and a guess of its parameters."""

    mu: float = number(5.0, "true μ|실제 μ", at_least=-50, at_most=50)
    sigma: float = number(2.0, "true σ|실제 σ", at_least=0.1, at_most=50)
    rho: float = number(0.6, "true correlation ρ|실제 상관계수 ρ", at_least=-1, at_most=1)
    own_mu: float = number(4.0, "your μ|내가 정한 μ", at_least=-200, at_most=200)
    own_sigma: float = number(3.0, "your σ|내가 정한 σ", at_least=0.1, at_most=200)
    first_draw: tuple[float, ...] = numbers(tuple(map(float, FIRST.split())), "draw a|난수 a")
    second_draw: tuple[float, ...] = numbers(tuple(map(float, SECOND.split())), "draw b|난수 b")

    def check(self) -> None:
        """As many draws of both, and draws that differ."""
        require_same_length(self, "first_draw", "second_draw")
        self.require(
            min(np.std(self.first_draw), np.std(correlated(self))) >= LEAST_DEVIATION,
            "The values of x or of y hardly differ; change first_draw or second_draw.",
            "x나 y의 값이 거의 같습니다. first_draw나 second_draw를 바꾸십시오.",
        )


def correlated(inputs: Inputs) -> Values:
    """The samples of y, (n,): standard normal, with the correlation rho to the first draws."""
    a, b = np.array(inputs.first_draw), np.array(inputs.second_draw)
    return np.asarray(inputs.rho * a + np.sqrt(1 - inputs.rho**2) * b)


def write(board: Board, inputs: Inputs) -> None:
    """Samples at the left, what they come to and both charts at the right."""
    sample, trial = axis("sample", len(inputs.first_draw)), axis("trial", 25)
    moment = axis("moment", ("E[x]", "V(x)", "Skewness", "Cov(x, y)"))
    candidate = axis("candidate", ("yours|내 값", "best|최대", "truth|실제 값"))

    samples = board.columns(sample, format="0.00")
    samples.count("number", "N")
    samples.input("first_draw", "a")
    samples.input("second_draw", "b")
    samples.column("x", "x =\nμ + σ a", "= mu + sigma * first_draw")
    mixed = "= rho * first_draw + SQRT(1 - rho^2) * second_draw"
    samples.column("y", "y = ρ a +\n√(1−ρ²) b", mixed)
    with samples.group("Monte Carlo: mean of x so far|몬테카를로: 여기까지 x의 평균"):
        samples.column("running_mean", "(1/N) Σ x", "= AVERAGE(x.so_far)")
        samples.column("band_low", "μ − 2σ/√N", "= mu - 2 * sigma / SQRT(number)")
        samples.column("band_high", "μ + 2σ/√N", "= mu + 2 * sigma / SQRT(number)")
    with samples.group("f(x), whose means are below|f(x): 그 평균이 아래에"):
        samples.column("squared", "(x − x̄)²", "= (x - mean_x)^2")
        samples.column("cubed", "((x−x̄)/s)³", "= ((x - mean_x) / SQRT(variance))^3")
        samples.column("crossed", "(x−x̄)(y−ȳ)", "= (x - mean_x) * (y - mean_y)")
    mean = samples.foot("mean|평균")
    mean.value("mean_x", "= AVERAGE(x)")
    mean.value("mean_y", "= AVERAGE(y)")
    mean.value("variance", "= AVERAGE(squared)")
    mean.value("skewness", "= AVERAGE(cubed)")
    mean.value("covariance", "= AVERAGE(crossed)")
    board.freeze(samples)

    skew = "= SKEW(x) * (COUNT(x) - 2) / SQRT(COUNT(x) * (COUNT(x) - 1))"
    joint = "= CORREL(x, y) * STDEVP(x) * STDEVP(y)"
    summary = board.columns(moment, below=samples, label_span=2, span=2, format="0.000")
    found = ["= mean_x", "= variance", "= skewness", "= covariance"]
    summary.column("by_samples", "means above|위의 평균", found)
    functions = ["= AVERAGE(x)", "= VARP(x)", skew, joint]
    summary.column("by_functions", "functions|스프레드시트 함수", functions)
    summary.column("in_truth", "truth|실제 값", ["= mu", "= sigma^2", "= 0", "= rho * sigma"])
    board.legend(right_of=summary, below=samples, span=2)

    settings = board.rows(right_of=samples, label_span=2)
    settings.inputs("mu", "sigma", "rho", "own_mu", "own_sigma")
    likelihood = board.rows(candidate, right_of=settings, label_span=2, format="0.000")
    likelihood.row("candidate_mu", "μ", ["= own_mu", "= mean_x", "= mu"])
    likelihood.row("candidate_sigma", "σ", ["= own_sigma", "= SQRT(variance)", "= sigma"])
    logarithm = "= -COUNT(x) * LN(candidate_sigma * SQRT(2 * PI()))"
    logarithm += " - SUMPRODUCT((x - candidate_mu)^2) / (2 * candidate_sigma^2)"
    largest = {"good": "log_likelihood = MAX(log_likelihood.all)"}
    likelihood.row("log_likelihood", "log L", logarithm, colour=largest)

    convergence = board.chart(
        "Monte Carlo: the mean comes closer as 1 / √N|몬테카를로: 1 / √N로 가까워지는 평균",
        line("running_mean", label="(1/N) Σ x"),
        line("band_low", label="μ − 2σ/√N", colour=7, dashed=True),
        line("band_high", label="μ + 2σ/√N", colour=7, dashed=True),
        y="mean|평균",
        below=settings,
        x_extent=(1, sample.size),
        width=76,
        rows=23,
    )
    likeliest = board.chart(
        "Likelihood of other μ and σ|다른 μ와 σ의 가능도",
        line("mu_likelihood", over="tried_mu", label="μ (σ = s)"),
        line("sigma_likelihood", over="tried_sigma", label="σ (μ = x̄)"),
        x="μ, σ",
        y="L / max L",
        below=convergence,
    )
    tried = board.columns(trial, right_of=[likelihood, likeliest], format="0.00")
    curved = "offset + EXP(-2 * offset) / 2 - 0.5"
    with tried.group("for the chart|차트용"):
        for name, label, formula in (
            ("offset", "t", "= (ROWS(offset.so_far) - 13) / 4 / SQRT(COUNT(x))"),
            ("tried_mu", "μ", "= mean_x + SQRT(variance) * offset"),
            ("mu_likelihood", "L(μ)", "= EXP(-COUNT(x) * offset^2 / 2)"),
            ("tried_sigma", "σ", "= SQRT(variance) * EXP(offset)"),
            ("sigma_likelihood", "L(σ)", f"= EXP(-COUNT(x) * ({curved}))"),
        ):
            tried.column(name, label, formula, helper=True)


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy: columns have shape (n,), by moment (4,), candidate (3,), trial (25,)."""
    mu, sigma, rho = inputs.mu, inputs.sigma, inputs.rho
    x, y = mu + sigma * np.array(inputs.first_draw), correlated(inputs)
    n, count, mean, deviation = len(x), np.arange(1, len(x) + 1), x.mean(), x.std()
    squared, cubed = (x - mean) ** 2, ((x - mean) / deviation) ** 3
    crossed = (x - mean) * (y - y.mean())
    moments = np.array([mean, squared.mean(), cubed.mean(), crossed.mean()])
    all_mu = np.array([inputs.own_mu, mean, mu])
    all_sigma = np.array([inputs.own_sigma, deviation, sigma])
    squares = np.sum((x - all_mu[:, None]) ** 2, axis=1)
    offset = np.linspace(-3, 3, 25) / np.sqrt(n)
    return {
        **dict(zip(("mean_x", "variance", "skewness", "covariance"), moments, strict=True)),
        **{"squared": squared, "cubed": cubed, "crossed": crossed},
        "by_samples": moments,
        "by_functions": moments,
        "in_truth": np.array([mu, sigma**2, 0, rho * sigma]),
        "number": count,
        "x": x,
        "y": y,
        "mean_y": y.mean(),
        "running_mean": np.cumsum(x) / count,
        "band_low": mu - 2 * sigma / np.sqrt(count),
        "band_high": mu + 2 * sigma / np.sqrt(count),
        "candidate_mu": all_mu,
        "candidate_sigma": all_sigma,
        "log_likelihood": -n * np.log(all_sigma * np.sqrt(2 * np.pi)) - squares / 2 / all_sigma**2,
        "offset": offset,
        "tried_mu": mean + deviation * offset,
        "mu_likelihood": np.exp(-n * offset**2 / 2),
        "tried_sigma": deviation * np.exp(offset),
        "sigma_likelihood": np.exp(-n * (offset + np.exp(-2 * offset) / 2 - 0.5)),
    }


HOW_TO_READ = """
Each row is one independent sample: x and y are made of a and b, fixed draws of a standard normal
distribution, with the true μ, σ and ρ. The mean so far {running_mean} is the Monte Carlo estimate
of E[x]. Dashed, how far off to expect it: 2σ/√N; half the error takes four times the samples.
| 한 행이 독립적으로 뽑은 표본 하나입니다. a와 b는 표준정규분포에서 뽑아 고정해 둔 난수이고, 여기에
실제 μ, σ, 상관계수 ρ를 넣어 x와 y를 만듭니다. 여기까지의 평균 {running_mean}이 E[x]의 몬테카를로
추정값입니다. 점선은 예상되는 오차 2σ/√N이며, 오차를 반으로 줄이려면 표본이 네 배 필요합니다.

Variance, skewness and covariance are expectations too, of other f(x): the means of the columns
{squared.column} to {crossed.column}. The spreadsheet's functions find the same (SKEW times a
factor); the truth is only near.
| 분산, 왜도, 공분산도 다른 f(x)의 기댓값이며, {squared.column}~{crossed.column}열의 평균입니다.
스프레드시트 함수로도 같은 값이 나오고(SKEW에는 계수를 곱함), 실제 값과는 비슷할 뿐입니다.

The likelihood L tells how likely a normal distribution makes exactly these samples. It is largest
for their mean and their variance by 1/N ({candidate_mu.at(2)} and below), not for the truth. The
lower chart shows how it falls to both sides, of μ and of σ, as a part of the largest.
| 가능도 L은 어떤 정규분포에서 바로 이 표본이 나올 가능성입니다. 실제 값이 아니라 표본의 평균과
N으로 나눈 분산일 때({candidate_mu.at(2)}와 그 아래) 가장 큽니다. 아래 차트는 μ와 σ가 거기서 멀어질
때 L이 최댓값에 비해 얼마나 줄어드는지 보여 줍니다.

[slide] The notebook gives the formulas without numbers; distribution and draws are chosen here.
| 노트북에는 식만 있고 숫자가 없어 분포와 난수는 여기서 정했습니다.
"""

TO_TRY = (
    to_try(
        "Set your μ {own_mu} to 5, your σ {own_sigma} to 2, the truth: less likely than the best.|"
        "내가 정한 μ {own_mu}를 5, σ {own_sigma}를 2(실제 값)로 바꾸십시오. 최대는 아닙니다.",
        {"own_mu": 5, "own_sigma": 2},
        lambda before, after: np.argmax(after["log_likelihood"]) == 1,
    ),
    to_try(
        "Set {first_draw.at(1)} to 6: one outlier more than doubles the variance, and x is skewed.|"
        "{first_draw.at(1)}을 6으로 바꾸십시오. 이상치 하나로 분산이 두 배를 넘고 왜도가 커집니다.",
        {"first_draw.at(1)": 6},
        lambda before, after: after["variance"] > 2 * before["variance"] and after["skewness"] > 1,
    ),
    to_try(
        "Set ρ {rho} to −0.9: x and y move against each other, the covariance is negative.|"
        "ρ {rho}을 −0.9로 바꾸십시오. x와 y가 반대로 움직여 공분산이 음수가 됩니다.",
        {"rho": -0.9},
        lambda before, after: after["covariance"] < -1,
    ),
    to_try(
        "Set the true σ {sigma} to 4: the mean strays twice as far from μ.|"
        "실제 σ {sigma}을 4로 바꾸십시오. 평균이 μ에서 두 배만큼 벗어납니다.",
        {"sigma": 4},
        lambda before, after: np.allclose(after["running_mean"] + 5, 2 * before["running_mean"]),
    ),
)
