"""Ensembles: AdaBoost over decision stumps, majority votes, and what bagging does to variance.

AdaBoost (Freund and Schapire, 1997) trains one stump after the other on weighted records. The stump
with the least weighted error gets an amount of say, and weights move to what it got wrong:

    say    = ln((1 - error) / error) / 2
    weight <- weight * exp(-say * y * h(x)) / their sum, where y and h(x) are 1 or -1

Bagging (Breiman, 1996) lets b models vote that are trained apart. Their mean has, with correlation
rho between any two, the variance rho * sigma^2 + (1 - rho) * sigma^2 / b, which is sigma^2 / b for
independent ones; k of b independent voters are right with the binomial probability.
"""

import math
from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, Columns, axis, bars, line
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, to_try

TITLE = "Ensembles: boosting, voting, bagging|앙상블: 부스팅, 투표, 배깅"
SHEET_NAME = "Ensembles"
EQUATION = (
    "say = ½ ln((1 − error) / error),   variance of a mean of b models = σ² / b|"
    "발언권(say) = ½ ln((1 − 오차) / 오차),   모델 b개의 평균의 분산 = σ² / b"
)
SLIDES = [
    ("001", "What is Bagging (Bootstrap Aggregating) ?"),
    ("001", "What is Boosting ?"),
    ("001", "(참고) AdaBoost (Adaptive Boosting)"),
]

# Errors that are equal on paper differ in their last binary digits, but not in so many decimals.
DECIMALS = 10
LEAST_ERROR = 0.001  # counted, since a stump without error would have an infinite say


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """Ten records on a line that no single stump tells apart, and eleven voters."""

    rounds: int = number(3, "number of stumps|stump 수", whole=True, at_least=1, at_most=10)
    x: tuple[float, ...] = column((0, 1, 2, 3, 4, 5, 6, 7, 8, 9), "x", length=(2, 60))
    y: tuple[int, ...] = column(
        (1, 1, 1, -1, -1, -1, 1, 1, 1, -1), "y", whole=True, at_least=-1, at_most=1, length=(2, 60)
    )
    variance: float = number(1.0, "variance σ² of a model|모델 하나의 분산 σ²", above=0)
    correlation: float = number(0.2, "correlation ρ|모델 사이의 상관 ρ", at_least=0, at_most=1)
    accuracy: float = number(0.6, "p of a voter|한 표가 맞을 확률 p", at_least=0.01, at_most=0.99)
    voters: int = number(11, "voters b|투표자 수 b", whole=True, at_least=1, at_most=20)

    def check(self) -> None:
        """As many x as y, and only 1 and -1 as y."""
        require_same_length(self, "x", "y")
        for i, y in enumerate(self.y):
            self.require(
                y != 0,
                f"y[{i}] is 0; write 1 or -1, one for each class.",
                f"y[{i}] 값이 0입니다. 클래스마다 1이나 -1을 쓰십시오.",
            )


def write(board: Board, inputs: Inputs) -> None:
    """A panel for each stump; below, more and more voters, and charts of both."""
    record, rounds = axis("record", len(inputs.x)), axis("round", inputs.rounds)
    model, votes = axis("model", inputs.voters), axis("votes", inputs.voters)

    with board.panels(rounds, runs="right", labels_once=True, space=0) as panel:
        stumps = panel.columns(record, labels="no.|번호", title="Stump {}", format="0.000")
        stumps.input("x", format="General", once=True)
        stumps.input("y", format="+0;-0;0", once=True)
        write_stump(stumps)
    board.freeze(stumps)

    given = board.rows(below=panel, label_span=3, format="0.0##")
    for name in ("rounds", "variance", "correlation", "accuracy", "voters"):
        given.input(name, format="0" if name in ("rounds", "voters") else None)
    board.legend(below=given, span=3)

    stump_weights = [
        bars(f"weight.at(round, {k + 1})", label=f"Stump {k + 1}") for k in range(rounds.size)[:3]
    ]
    weights = board.chart(
        "The weights: what was wrong counts more|가중치: 틀린 데이터가 커집니다",
        *stump_weights,
        over="record",
        x="record|데이터",
        right_of=given,
        width=48,
        rows=18,
    )
    fall = board.chart(
        "Bagging: variance falls with b|배깅: b가 커지면 분산이 작아집니다",
        line("bagged_variance", dotted=True, label="σ²/b"),
        line("correlated_variance", dotted=True, label="ρσ² + (1−ρ)σ²/b"),
        y="variance|분산",
        y_range=(0, None),
        right_of=weights,
        width=42,
    )
    title = "Voting: many weak voters|투표: 약한 투표자 여럿"
    majority = line("majority_right", dotted=True)
    board.chart(title, majority, y="P(right)|P(맞음)", y_range=(0, 1), right_of=fall, width=42)
    models = board.columns(model, labels=False, format="0.000")
    models.count("model_count", "b")
    models.column("bagged_variance", "σ²/b", "= variance / model_count")
    correlated = "= correlation * variance + (1 - correlation) * bagged_variance"
    models.column("correlated_variance", "with ρ|상관 ρ", correlated)
    models.column("majority_right", "majority right|다수결이 맞음", "= SUM(vote)")
    exactly = (
        "FACT(model_count) / FACT(votes) / FACT(MAX(model_count - votes, 0))"
        " * accuracy^votes * (1 - accuracy)^(model_count - votes)"
    )
    wins = "IF(2 * votes = model_count, 1 / 2, 1)"
    vote = f"= IF(OR(votes > model_count, 2 * votes < model_count), 0, {wins} * {exactly})"
    faint = {"faint": "vote = 0"}
    with models.group("P(exactly so many are right, and win)|P(정확히 이만큼이 맞고 이김)"):
        models.column("vote", "votes|표", vote, by=votes, colour=faint)


def write_stump(stumps: Columns) -> None:
    """One round: the weights, the best place for a split, its say, and the vote so far."""
    start, then = "= 1 / COUNT(x.all(record))", "= new_weight.before(round)"
    stumps.column("weight", "weight|가중치", then, first=start, shade=True)
    wrong = "(2 * (x.all(record) <= x) - 1) * y.all(record) < 0"
    error = f"= ROUND(SUMPRODUCT(weight.all(record) * ({wrong})), {DECIMALS})"
    heading = "error if +1 up to here|여기까지 +1일 때 오차"
    stumps.column("error_here", heading, error, colour={"good": "x = split"})
    answer, colour = "= IF(x <= split, sign, -sign)", {"good": "says = y", "bad": "says <> y"}
    stumps.column("says", "stump says|stump의 답", answer, format="+0;-0", colour=colour)
    scaled = "= weight * EXP(-say * y * says)"
    stumps.column("scaled", "weight · e^(∓say)|가중치 · e^(∓say)", scaled)
    stumps.column("new_weight", "next weight|다음 가중치", "= scaled / SUM(scaled.all(record))")
    stumps.column(
        "vote_so_far",
        "sum of says|say의 합",
        "= ROUND(vote_so_far.before(round) + say * says, 9)",
        first="= ROUND(say * says, 9)",
        colour={"good": "vote_so_far * y > 0", "bad": "vote_so_far * y <= 0"},
    )
    least, most = "MIN(error_here)", f"ROUND(1 - MAX(error_here), {DECIMALS})"
    rounded = f"MAX(error, {LEAST_ERROR})"
    place = "MATCH(IF(sign > 0, MIN(error_here), MAX(error_here)), error_here, 0)"
    for name, label, formula, shown in (
        ("error", "least error|가장 작은 오차", f"MIN({least}, {most})", "0.000"),
        ("sign", "answer left of it|왼쪽의 답", f"IF({least} <= {most}, 1, -1)", "+0;-0"),
        ("split", "split: x ≤|분할점: x ≤", f"INDEX(x, {place})", "General"),
        ("say", "amount of say|발언권 say", f"LN((1 - {rounded}) / {rounded}) / 2", "0.000"),
    ):
        stumps.foot(label).value(name, f"= {formula}", under="error_here", format=shown)
    wrong = "= SUMPRODUCT((vote_so_far * y <= 0) * 1) / COUNT(x)"
    foot = stumps.foot("ensemble wrong|앙상블의 오류")
    foot.value("share_wrong", wrong, under="vote_so_far", format="0%")


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy; shares and errors are fractions of 1.

    For n records and r stumps, what is said of a record has shape (r, n), of a stump (r,), of the b
    numbers of models (b,), `vote` (b, b).
    """
    x, y = np.array(inputs.x), np.array(inputs.y)
    weight, total, found = np.full(len(x), 1 / len(x)), np.zeros(len(x)), []
    answers = np.where(x <= x[:, None], 1, -1)
    for _ in range(inputs.rounds):
        here = np.round((answers != y) @ weight, DECIMALS)
        error, sign = min((here.min(), -1), (np.round(1 - here.max(), DECIMALS), 1))
        sign = -int(sign)
        best = here.argmin() if sign > 0 else here.argmax()
        says = sign * answers[best]
        counted = max(error, LEAST_ERROR)
        say = np.log((1 - counted) / counted) / 2
        scaled = weight * np.exp(-say * y * says)
        total = np.round(total + say * says, 9)
        wrong = np.mean(total * y <= 0)
        one = (weight, here, says, scaled, scaled / scaled.sum(), total)
        found.append((*one, error, sign, x[best], say, wrong))
        weight = scaled / scaled.sum()
    names = "weight error_here says scaled new_weight vote_so_far error sign split say share_wrong"
    columns = dict(zip(names.split(), map(np.array, zip(*found, strict=True)), strict=True))
    b, p, rho = np.arange(1, inputs.voters + 1), inputs.accuracy, inputs.correlation
    ahead = np.heaviside(2 * b - b[:, None], 0.5)
    ways = np.array([[math.comb(n, k) for k in b.tolist()] for n in b.tolist()])
    vote = ahead * ways * p**b * (1 - p) ** np.maximum(b[:, None] - b, 0)
    return {
        **columns,
        "model_count": b,
        "bagged_variance": inputs.variance / b,
        "correlated_variance": inputs.variance * (rho + (1 - rho) / b),
        "majority_right": vote.sum(axis=1),
        "vote": vote,
    }


HOW_TO_READ = """
AdaBoost, above: every record begins with the same weight. The split with the least weighted error
makes the stump (green; the largest error, with the answers swapped, is the least as well); the
smaller its error, the more say it has. What it got wrong weighs more for the next stump.
| 위는 AdaBoost입니다. 처음에는 모든 데이터의 가중치가 같습니다. 가중 오차가 가장 작은 분할점이
stump가 되며(초록색, 오차가 가장 클 때는 답을 뒤집으면 가장 작아집니다), 오차가 작을수록 발언권
say가 큽니다. 틀린 데이터는 오른쪽의 다음 stump에서 가중치가 커집니다.

The ensemble adds up the answers, each times its say ({vote_so_far.last(round)}); the sign answers.
How many are wrong stands in {share_wrong.last(round)}. An error below 0.001 counts as 0.001.
| 앙상블은 stump의 답에 say를 곱하여 더하고({vote_so_far.last(round)}) 그 부호로 답합니다. 틀린
비율은 {share_wrong.last(round)}에 있습니다. 0.001보다 작은 오차는 0.001로 봅니다.

Bagging, below: the mean of b independent models has the variance σ²/b ({bagged_variance}). Models
that err together keep the part ρ, hence the random features of a Random Forest.
| 아래는 배깅입니다. 서로 독립인 모델 b개의 평균은 분산이 σ²/b입니다({bagged_variance}). 같이 틀리는
모델에서는 ρ만큼이 줄지 않으므로 Random Forest는 feature도 무작위로 고릅니다.

The majority is right more often than one voter ({majority_right}), if voters err independently and
less than half of the time; a coin decides a tie.
| 투표자들이 서로 독립이고 맞힐 확률이 절반을 넘으면 다수결이 한 명보다 더 자주 맞습니다
({majority_right}). 동수이면 동전을 던져 정합니다.
"""

TO_TRY = (
    to_try(
        "Set {y.at(5)} to 1: an odd record gathers weight, and three stumps still get it wrong.|"
        "{y.at(5)}를 1로 바꾸십시오. 이 이상치에 가중치가 쌓이지만 stump 셋으로는 여전히 틀립니다.",
        {"y.at(5)": 1},
        lambda before, after: (
            after["new_weight"][-1][4] > 0.2
            and before["share_wrong"][-1] == 0
            and after["vote_so_far"][-1][4] < 0
        ),
    ),
    to_try(
        "Set ρ ({correlation}) to 0.6: models that err together; no number of them gets below 0.6.|"
        "ρ({correlation})를 0.6으로 바꾸십시오. 모델을 늘려도 분산이 0.6 아래로 내려가지 않습니다.",
        {"correlation": 0.6},
        lambda _, after: np.all(after["correlated_variance"] > 0.6 - 1e-12),
    ),
    to_try(
        "Set p ({accuracy}) to 0.4: voters who are mostly wrong; more of them make it worse.|"
        "p({accuracy})를 0.4로 바꾸십시오. 절반도 못 맞히는 투표자는 많을수록 나빠집니다.",
        {"accuracy": 0.4},
        lambda was, after: after["majority_right"][-1] < 0.3 < 0.7 < was["majority_right"][-1],
    ),
)
