"""Bayes' theorem: what a test result says of a disease, and what a second one adds.

A test finds the sick with its sensitivity and clears the healthy with its specificity. How likely a
person with a positive result is sick depends on how likely that was before (Bayes, 1763):

    posterior = P(sick | result) = P(result | sick) * prior / P(result)
    P(result) = P(result | sick) * prior + P(result | healthy) * (1 - prior)

The posterior of one result is the prior of the next, as long as results err independently.
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, axis, dots, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Bayes: from prior to posterior|베이즈: 사전확률에서 사후확률로"
SHEET_NAME = "Bayes"
EQUATION = (
    "P(sick ∣ result) = P(result ∣ sick) · P(sick) / P(result)|"
    "P(병 ∣ 결과) = P(결과 ∣ 병) · P(병) / P(결과)"
)
SLIDES = [("003", "(Al Math 8강) 베이즈 통계학 맛보기")]

STEPS = 20  # of the curve, from a prior of 0 to one of 1
LIKELIHOODS = {
    "sick": "P(result ∣ sick)|P(결과 ∣ 병)",
    "healthy": "P(result ∣ healthy)|P(결과 ∣ 건강)",
}


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """A rare disease, a good test, and a person who is tested three times."""

    prior: float = number(0.01, "prior P(sick)|사전확률 P(병)", above=0, at_most=0.99)
    sensitivity: float = number(
        0.9, "sensitivity P(+ ∣ sick)|민감도 P(+ ∣ 병)", at_least=0.01, at_most=0.99
    )
    specificity: float = number(
        0.91, "specificity P(− ∣ healthy)|특이도 P(− ∣ 건강)", at_least=0.01, at_most=0.99
    )
    people: int = number(10000, "people|사람 수", whole=True, at_least=1, at_most=10**9)
    result: tuple[str, ...] = column(
        ("+", "+", "−"), "result|결과", text=True, choices=("+", "−"), length=(1, 30)
    )


def write(board: Board, inputs: Inputs) -> None:
    """The test, the people it sorts, the theorem for each result, and results one by one."""
    state = axis("state", ("sick|병", "healthy|건강"))
    outcome = axis("outcome", ("+", "−"))
    test, point = axis("test", len(inputs.result)), axis("point", STEPS + 1)

    given = board.rows(label_span=2, format="0.00##")
    given.inputs("prior", "sensitivity", "specificity")
    given.input("people", format="#,##0")
    legend = board.legend(below=given)

    counts = board.columns(
        state, title="People, sorted by the test|검사로 나눈 사람들", right_of=given, format="#,##0"
    )
    counts.column("count", "people|사람 수", ["= people * prior", "= people * (1 - prior)"])
    counts.column(
        "count_positive", "test +|양성 +", ["= count * sensitivity", "= count * (1 - specificity)"]
    )
    counts.column("count_negative", "test −|음성 −", "= count - count_positive")
    total = counts.foot("all|모두")
    total.value("all_positive", "= SUM(count_positive)")
    total.value("all_negative", "= SUM(count_negative)")
    share = counts.foot("share sick|병의 비율")
    for sign in ("positive", "negative"):
        share.value(
            f"sick_among_{sign}",
            f"= count_{sign}.first / all_{sign}",
            under=f"count_{sign}",
            format="0.00%",
        )

    theorem = board.rows(
        outcome, title="By Bayes' theorem|베이즈 정리로 구한 값", below=legend, format="0.0000"
    )
    likelihood = ["= sensitivity", "= 1 - sensitivity"]
    theorem.row("likelihood_sick", LIKELIHOODS["sick"], likelihood)
    likelihood = ["= 1 - specificity", "= specificity"]
    theorem.row("likelihood_healthy", LIKELIHOODS["healthy"], likelihood)
    evidence = "= likelihood_sick * prior + likelihood_healthy * (1 - prior)"
    theorem.row("evidence", "P(result)|P(결과)", evidence)
    posterior = "= likelihood_sick * prior / evidence"
    theorem.row("posterior", "P(sick ∣ result)|P(병 ∣ 결과)", posterior)

    updates = board.columns(
        test, title="Result after result|결과를 하나씩", below=theorem, format="0.0000"
    )
    updates.count("test_number", "no.|번호")
    updates.input("result", format='"   "@')
    updates.column("prior_now", "prior|사전확률", "= posterior_now.before", first="= prior")
    for name, label in LIKELIHOODS.items():
        seen = f'= IF(result = "+", likelihood_{name}.first, likelihood_{name}.last)'
        updates.column(f"{name}_now", label, seen)
    updates.column(
        "posterior_now",
        "posterior|사후확률",
        "= sick_now * prior_now / (sick_now * prior_now + healthy_now * (1 - prior_now))",
        colour={"bad": "posterior_now >= 0.5", "good": "posterior_now < 0.01"},
    )

    after = board.chart(
        "How sure one is after each result|결과를 볼 때마다 바뀌는 확률",
        line("posterior_now", dotted=True, label="posterior|사후확률"),
        line("prior_now", dotted=True, label="prior|사전확률"),
        x="result no.|결과 번호",
        y="P(sick)|P(병)",
        right_of=counts,
        width=62,
        rows=15,
        y_range=(0, 1),
    )
    board.chart(
        "A positive result, for any prior|사전확률에 따른 양성 뒤의 확률",
        line("curve_posterior", label="after +|양성 뒤"),
        line("curve_prior", label="before|검사 전"),
        dots("posterior.first", over="prior", label="here|여기", colour=7),
        over="curve_prior",
        x="prior|사전확률",
        y="posterior|사후확률",
        below=after,
        rows=15,
        x_range=(0, 1),
        y_range=(0, 1),
    )
    curve = board.columns(point, right_of=after, format="0.00")
    curve.column(
        "curve_prior", "prior|사전확률", f"= (ROWS(curve_prior.so_far) - 1) / {STEPS}", helper=True
    )
    curve.column(
        "curve_posterior",
        "after +|양성 뒤",
        "= sensitivity * curve_prior"
        " / (sensitivity * curve_prior + (1 - specificity) * (1 - curve_prior))",
        helper=True,
    )


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy; probabilities are fractions of 1.

    What is said of the sick and the healthy has shape (2,), of the results + and - too; results one
    after the other (n_tests,), the curve (21,).
    """
    prior, people = inputs.prior, inputs.people
    given_state = np.array(
        [
            [inputs.sensitivity, 1 - inputs.sensitivity],
            [1 - inputs.specificity, inputs.specificity],
        ]
    )
    joint = np.array([[prior], [1 - prior]]) * given_state
    counts = people * joint
    column = np.array([0 if result == "+" else 1 for result in inputs.result])
    now = np.empty(len(column) + 1)
    now[0] = prior
    for test, result in enumerate(column):
        sick, healthy = given_state[:, result] * (now[test], 1 - now[test])
        now[test + 1] = sick / (sick + healthy)
    curve = np.linspace(0, 1, STEPS + 1)
    positive = inputs.sensitivity * curve
    return {
        "count": people * np.array([prior, 1 - prior]),
        "count_positive": counts[:, 0],
        "count_negative": counts[:, 1],
        "all_positive": counts[:, 0].sum(),
        "all_negative": counts[:, 1].sum(),
        "sick_among_positive": joint[0, 0] / joint[:, 0].sum(),
        "sick_among_negative": joint[0, 1] / joint[:, 1].sum(),
        "likelihood_sick": given_state[0],
        "likelihood_healthy": given_state[1],
        "evidence": joint.sum(axis=0),
        "posterior": joint[0] / joint.sum(axis=0),
        "test_number": np.arange(1, len(column) + 1),
        "prior_now": now[:-1],
        "sick_now": given_state[0, column],
        "healthy_now": given_state[1, column],
        "posterior_now": now[1:],
        "curve_prior": curve,
        "curve_posterior": positive / (positive + (1 - inputs.specificity) * (1 - curve)),
    }


HOW_TO_READ = """
Of all people ({people}), the prior says how many are sick. The test is right about most of the sick
and most of the healthy; but where a disease is rare, the healthy are so many that their few false
alarms outnumber the sick it finds. How many of those with a positive result are sick is the answer
({sick_among_positive}).
| 전체 인원({people}) 가운데 사전확률만큼이 환자입니다. 검사는 환자도 건강한 사람도 대부분 맞게
가려내지만, 병이 드물면 건강한 사람이 훨씬 많아서 위양성이 찾아낸 환자보다 많아집니다. 답은 양성인
사람 중 실제 환자의 비율입니다({sick_among_positive}).

Bayes' theorem gives the same without counting people: likelihood times prior, divided by the
probability of the result.
| 베이즈 정리로는 사람을 세지 않고도 같은 값을 얻습니다. 가능도에 사전확률을 곱하고 결과의 확률로
나눕니다.

The posterior of one result is the prior of the next: follow the last table row by row.
| 한 결과의 사후확률이 다음 결과의 사전확률이 됩니다. 마지막 표를 한 행씩 따라가십시오.
"""

TO_TRY = (
    to_try(
        "Set the prior ({prior}) to 0.3: now most positive results are right.|"
        "사전확률({prior})을 0.3으로 바꾸십시오. 양성 판정이 대부분 맞게 됩니다.",
        {"prior": 0.3},
        lambda before, after: before["posterior"][0] < 0.1 and after["posterior"][0] > 0.8,
    ),
    to_try(
        "Set the specificity ({specificity}) to 0.99: fewer false alarms, and + means much more.|"
        "특이도({specificity})를 0.99로 바꾸십시오. 위양성이 줄어 양성을 훨씬 믿을 만해집니다.",
        {"specificity": 0.99},
        lambda before, after: after["posterior"][0] > 5 * before["posterior"][0],
    ),
    to_try(
        "Set {result.last} to +: a third positive result leaves little doubt.|"
        "{result.last}을 +로 바꾸십시오. 세 번째도 양성이면 거의 의심할 여지가 없습니다.",
        {"result.last": "+"},
        lambda before, after: (
            before["posterior_now"][-1] < 0.2 and after["posterior_now"][-1] > 0.9
        ),
    ),
    to_try(
        "Set {sensitivity} to 0.5 and {specificity} to 0.5: a coin toss changes no belief.|"
        "{sensitivity}과 {specificity}을 0.5로 바꾸십시오. 동전 던지기와 같아 확률이 그대로입니다.",
        {"sensitivity": 0.5, "specificity": 0.5},
        lambda before, after: abs(after["posterior_now"] - after["prior"]) < 1e-12,
    ),
)
