"""Gradient descent for a straight line, every term of both partial derivatives a cell.

The model is `y_hat = alpha + beta * x`, the loss the sum of squared residuals. Each step takes all
instances and moves both parameters against the gradient (Cauchy, 1847):

    d loss / d alpha = sum of -2 (y - y_hat),    alpha <- alpha - learning_rate * d loss / d alpha
    d loss / d beta  = sum of -2 x (y - y_hat),  beta  <- beta  - learning_rate * d loss / d beta

With mini-batches, the sums are of a few instances only, and the parameters move after each batch.
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Board, axis, line
from sheetlab.inputs import LessonInputs, column, number
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Gradient descent, term by term|경사하강법(GD), 항 하나하나"
SHEET_NAME = "GD"
EQUATION = (
    "(α, β) ← (α, β) − learning rate · (∂/∂α, ∂/∂β) Σ (y − (α + βx))²|"
    "(α, β) ← (α, β) − 학습률 · (∂/∂α, ∂/∂β) Σ (y − (α + βx))²"
)
SLIDES = [
    ("000", "GD(Gradient Descent) 미분 최적화"),
    ("000", "GD(Gradient Descent) 연산의 복잡도 기하급수 증가"),
    ("000", "SGD(Stochastic Gradient Descent) 알고리즘의 종류"),
]

PARAMETERS = (("alpha", "intercept", "α", ""), ("beta", "slope", "β", "x * "))
LOSS = "Σ (y − ŷ)²"


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The slides' points, start and large case, the rate of its SGD sheet; batches of our size."""

    learning_rate: float = number(0.01, "learning rate|학습률", above=0, at_most=1)
    batch_size: int = number(2, "mini-batch size|미니배치 크기", whole=True, at_least=1)
    epochs: int = number(4, "epochs|epoch 수", whole=True, at_least=1, at_most=100)
    initial_alpha: float = number(0.0, "α at the start|α의 초깃값")
    initial_beta: float = number(0.0, "β at the start|β의 초깃값")
    x: tuple[float, ...] = column((1, 2, 4, 3, 5), "x", length=(2, 100))
    y: tuple[float, ...] = column((1, 3, 3, 2, 5), "y", as_long_as="x")
    genes: int = number(20_000, "derivatives (genes)|미분식 (유전자)", whole=True, at_least=1)
    patients: int = number(1_000_000, "terms (instances)|항 (인스턴스)", whole=True, at_least=1)
    gene_steps: int = number(1_000, "steps|걸음 수", whole=True, at_least=1)


def write(board: Board, inputs: Inputs) -> None:
    """A panel for each full-batch epoch; below, the same points in mini-batches, and the costs."""
    epoch, point = axis("epoch", inputs.epochs), axis("point", len(inputs.x))

    given = board.rows(label_span=2)
    given.inputs("learning_rate", "batch_size")
    board.legend(below=given, gap=0)
    here = board.rows(right_of=given, title="Here|이 시트에서", label_span=2, format="#,##0")
    here.row("parameters", "derivatives|미분식", "= COUNT(mini_alpha.first, mini_beta.first)")
    here.row("instances", "terms of each|미분식마다의 항", "= COUNT(x)")
    here.row("epochs", "epochs|epoch 수", "= MAX(epoch)")
    here.row("evaluations", "product|곱", "= parameters * instances * epochs")
    large = "The slide's large case|슬라이드의 큰 예"
    genes = board.rows(right_of=here, title=large, label_span=3, span=2, format="#,##0")
    genes.inputs("genes", "patients", "gene_steps")
    all_terms = "= genes * patients * gene_steps"
    genes.row("terms_full_batch", "product, all terms a step|곱: 걸음마다 모든 항", all_terms)
    one_term = "product, one term a step|곱: 걸음마다 항 하나"
    genes.row("terms_one_instance", one_term, "= genes * gene_steps")

    above = (given, genes)
    with board.panels(epoch, runs="right", labels_once=True, space=0, below=above) as panel:
        title = "Full batch, epoch {}|전체 배치, epoch {}"
        terms = panel.columns(point, labels="instance|인스턴스", title=title, format="0.00")
        terms.inputs("x", "y", format="General", once=True)
        terms.column("y_hat", "ŷ = α + βx", "= alpha + beta * x")
        start = terms.start("α, β")
        total = terms.foot("Σ: gradient|Σ: 기울기")
        moved = terms.foot("new α, β|새 α, β")
        for name, slope, greek, x in PARAMETERS:
            label = f"∂/∂{greek}:\n−2{x.strip(' *')} (y − ŷ)"
            terms.column(f"{name}_term", label, f"= -2 * {x}(y - y_hat)")
            under, again, first = f"{name}_term", f"= new_{name}.before(epoch)", f"= initial_{name}"
            start.value(name, again, first=first, under=under, format="0.0000")
            total.value(f"gradient_{slope}", f"= SUM({under})")
            step = f"= {name} - learning_rate * gradient_{slope}"
            moved.value(f"new_{name}", step, under=under, format="0.0000")
        terms.foot(LOSS).value("loss", "= SUMXMY2(y, y_hat)", under="y_hat")
    board.freeze(terms)

    mini = board.columns(epoch * point, below=panel, format="0.00")
    mini.count("epoch", "epoch", over=epoch)
    following = "= IF(instance.before = COUNT(x.all), 1, instance.before + 1)"
    mini.column("instance", "instance|인스턴스", following, first="= 1", format="0")
    mini.column("terms", "terms|항의\n수", "= terms.before + 2", first="= 2", format="0")
    with mini.group("Mini-batches|미니배치"):
        for name, _, greek, x in PARAMETERS:
            term = f"2 * {x}(y - {{0}}alpha{{1}} - {{0}}beta{{1}} * x)"
            label = f"Σ ∂/∂{greek}\nso far|Σ ∂/∂{greek}\n지금까지"
            so_far = f"= IF(full.before = 1, 0, sum_{name}.before)"
            first = f"= -{term.format('initial_', '')}"
            added = f"{so_far} - {term.format('mini_', '.before')}"
            mini.column(f"sum_{name}", label, added, first=first)
        ends = "= IF(OR(MOD(instance, batch_size) = 0, instance = COUNT(x.all)), 1, 0)"
        shown, good = '"step";;"–"|"걸음";;"–"', {"good": "full = 1"}
        mini.column("full", "batch full?|배치\n끝?", ends, format=shown, colour=good)
        for name, _, greek, _ in PARAMETERS:
            step = f" - full * learning_rate * sum_{name}"
            before, first = f"= mini_{name}.before{step}", f"= initial_{name}{step}"
            mini.column(f"mini_{name}", greek, before, first=first, format="0.0000")
        mini.column("mini_loss", LOSS, "= SUMPRODUCT((y.all - mini_alpha - mini_beta * x.all)^2)")
    after = "SUMPRODUCT((y.all - new_alpha - new_beta * x.all)^2)"
    label = f"full batch:\n{LOSS}|전체 배치:\n{LOSS}"
    mini.column("full_loss", label, f"= IF(instance < COUNT(x.all), loss, {after})")
    initial = mini.start("start|시작")
    initial.input("initial_alpha", under="mini_alpha")
    initial.input("initial_beta", under="mini_beta")

    board.chart(
        "The same terms, more steps|같은 수의 항, 더 많은 걸음",
        line("full_loss", label="full batch|전체 배치", dotted=True),
        line("mini_loss", label="mini-batches|미니배치", dotted=True),
        over="terms",
        x="terms so far|지금까지 계산한 항",
        y=LOSS,
        right_of=mini,
        width=56,
        rows=24,
        y_log=True,
        whole_x=True,
    )


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy.

    For n points and e epochs: `y_hat` and the terms have shape (e, n), what belongs to an epoch
    (e,), what follows the instances one by one (e * n,); single values (1,).
    """
    x, y, rate = np.array(inputs.x), np.array(inputs.y), inputs.learning_rate
    epochs, n = inputs.epochs, len(x)
    features = np.column_stack([np.ones(n), x])
    start = np.array([inputs.initial_alpha, inputs.initial_beta])
    full = descent(features, y, start, rate, n, epochs)
    mini = descent(features, y, start, rate, inputs.batch_size, epochs)
    before = np.vstack([start, full["after"][n - 1 :: n]])
    y_hat = before[:-1] @ features.T
    found: Reference = {
        "y_hat": y_hat,
        "loss": np.sum((y - y_hat) ** 2, axis=1),
        "epochs": np.array([epochs]),
        "epoch": np.arange(1, epochs + 1),
        "instance": np.tile(np.arange(1, n + 1), epochs),
        "terms": 2 * np.arange(1, epochs * n + 1),
        "full": mini["full"],
        "mini_loss": mini["loss"],
        "full_loss": full["loss"],
        "parameters": np.array([2]),
        "instances": np.array([n]),
        "evaluations": np.array([2 * n * epochs]),
        "terms_full_batch": np.array([inputs.genes * inputs.patients * inputs.gene_steps]),
        "terms_one_instance": np.array([inputs.genes * inputs.gene_steps]),
    }
    for k, (name, slope, _, _) in enumerate(PARAMETERS):
        terms = -2 * features[:, k] * (y - y_hat)
        found |= {
            name: before[:-1, k],
            f"new_{name}": before[1:, k],
            f"{name}_term": terms,
            f"gradient_{slope}": terms.sum(axis=1),
            f"sum_{name}": mini["sum"][:, k],
            f"mini_{name}": mini["after"][:, k],
        }
    return found


def descent(
    features: Values, y: Values, start: Values, rate: float, size: int, epochs: int
) -> Reference:
    """What each instance adds to its batch's gradient, and where the parameters then are.

    `features` is (n, 2). `sum` and `after` are (epochs * n, 2), `full` and `loss` (epochs * n,).
    """
    n, theta, total = len(y), start, np.zeros(2)
    full = np.tile((np.arange(n) % size == size - 1) | (np.arange(n) == n - 1), epochs)
    sums, after = np.empty((epochs * n, 2)), np.empty((epochs * n, 2))
    for j, ends in enumerate(full):
        x = features[j % n]
        sums[j] = total = total - 2 * (y[j % n] - x @ theta) * x
        if ends:
            theta, total = theta - rate * total, np.zeros(2)
        after[j] = theta
    loss = np.sum((y - after @ features.T) ** 2, axis=1)
    return {"sum": sums, "after": after, "full": full.astype(int), "loss": loss}


HOW_TO_READ = """
Each instance adds one term to either partial derivative of Σ (y − ŷ)². Their sums
({gradient_slope.first(epoch)} for β) point to where the loss rises; so α and β move the other way,
by the learning rate times the sum. The next epoch, at the right, starts from there.
| 인스턴스마다 Σ (y − ŷ)²의 두 편미분에 항을 하나씩 더합니다. 그 합(β는
{gradient_slope.first(epoch)})은 손실이 커지는 방향이므로, α와 β는 학습률 × 합만큼 그 반대쪽으로
움직입니다. 오른쪽의 다음 epoch는 여기서 출발합니다.

[slide] With α = β = 0 the sums are −28 and −100, as the slide has them. It gives no learning rate
here and no batch size: 0.01 is that of its SGD sheet, 2 is chosen here.
| α = β = 0에서 합은 슬라이드와 같이 −28과 −100입니다. 학습률과 배치 크기는 이 슬라이드에 없어서,
학습률은 SGD 슬라이드의 0.01을, 배치 크기는 2를 골랐습니다.

Below, the same points come one by one. Terms are summed until the batch is full; only then is there
a step, and the sum starts anew. A batch of all points is the full batch, batches of 1 are SGD.
| 아래에서는 같은 점이 하나씩 들어옵니다. 배치가 찰 때까지 항을 더하고, 차면 한 걸음 움직인 뒤 합을
새로 시작합니다. 배치 크기가 점의 수와 같으면 전체 배치, 1이면 SGD입니다.

An epoch needs as many terms in either way ({evaluations} in all epochs); small batches make more
steps of them. Where the data are large, as many steps that look at one instance each cost
{terms_one_instance} terms instead of {terms_full_batch}.
| 한 epoch에 계산하는 항의 수는 어느 쪽이나 같지만(모든 epoch에서 {evaluations}), 배치가 작으면 그
항들로 더 여러 걸음을 걷습니다. 데이터가 클 때 걸음마다 인스턴스 하나만 보면, 걸음 수가 같아도 항의
수가 {terms_full_batch}에서 {terms_one_instance}로 줄어듭니다.
"""

TO_TRY = (
    to_try(
        "Set the learning rate {learning_rate} to 0.02: full batch explodes, mini-batches learn.|"
        "학습률 {learning_rate}을 0.02로 바꾸십시오. 전체 배치는 발산하고 미니배치는 수렴합니다.",
        {"learning_rate": 0.02},
        lambda before, after: after["full_loss"][-1, -1] > 100 > 4 > after["mini_loss"][-1, -1],
    ),
    to_try(
        "Set the batch size {batch_size} to 1: of the same 40 terms come twenty small steps (SGD).|"
        "배치 크기 {batch_size}를 1로 바꾸십시오. 같은 항 40개로 작은 걸음을 20번 걷습니다(SGD).",
        {"batch_size": 1},
        lambda before, after: after["full"].sum() == 20 and after["evaluations"] == 40,
    ),
    to_try(
        "Set {batch_size} to 5: each batch has all points, and both losses are the same.|"
        "{batch_size}를 5로 바꾸십시오. 모든 점이 한 배치가 되어 두 손실이 같아집니다.",
        {"batch_size": 5},
        lambda before, after: np.allclose(after["mini_loss"], after["full_loss"], rtol=1e-9),
    ),
)
