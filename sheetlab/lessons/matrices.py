"""Matrices: product, inner products of rows, inverse, pseudo-inverse, and least squares by it.

    (XY)[i, j]     = sum over k of X[i, k] * Y[k, j]
    inner(X, Z)    = X @ Z.T, the inner product of each row of X with each row of Z
    inverse(X) @ X = identity
    pinv(Y)        = inverse(Y.T @ Y) @ Y.T, where the columns of Y do not depend on each other

The last is the pseudo-inverse of Moore (1920) and Penrose (1955); `beta = pinv(A) @ y` makes
`|y - A @ beta|` least.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sheetlab.authoring import Board, axis, bars
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference, Values, to_try

TITLE = "Matrices: product, inverse, least squares|행렬: 곱셈, 역행렬, 최소제곱"
SHEET_NAME = "Matrices"
EQUATION = "(XY)ᵢⱼ = Σₖ xᵢₖ yₖⱼ,   X⁻¹X = I,   Y⁺ = (YᵀY)⁻¹Yᵀ,   β = A⁺y"
SLIDES = [("003", "(AI Math 2강) 행렬이 뭐에요?"), ("003", "(AI Math 4강) 경사하강법 - 매운맛")]

# Beyond this condition number, an inverse of X or of YᵀY is mostly noise of the arithmetic.
WORST_CONDITION = 40

numbers = partial(column, at_least=-1000, at_most=1000)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The matrices of the slide, row by row, its data for least squares, and what is looked at."""

    chosen_row: int = number(1, "row i of X|X의 행 i", whole=True, at_least=1, at_most=3)
    chosen_column: int = number(1, "column j of Y|Y의 열 j", whole=True, at_least=1, at_most=2)
    x: tuple[float, ...] = numbers((1, -2, 3, 7, 5, 0, -2, -1, 2), "X", length=9)
    y: tuple[float, ...] = numbers((0, 1, 1, -1, -2, 1), "Y", length=6)
    z: tuple[float, ...] = numbers((0, 1, -1, 1, -1, 0), "Z", length=6)
    b: tuple[float, ...] = numbers((2, 12, -1), "b", length=3)
    first_x: tuple[float, ...] = numbers((1, 1, 2, 2), "x₁", length=(4, 1000))
    second_x: tuple[float, ...] = numbers((1, 2, 2, 3), "x₂", length=(4, 1000))
    target: tuple[float, ...] = numbers((6, 8, 9, 11), "y", length=(4, 1000))
    test_x: tuple[float, ...] = numbers((3, 5), "x_test", length=2)

    def check(self) -> None:
        """As many values of each column, and matrices that can be inverted safely."""
        require_same_length(self, "first_x", "second_x", "target")
        for name, matrix in (
            ("x", np.reshape(self.x, (3, 3))),
            ("y", np.reshape(self.y, (3, 2))),
            ("first_x, second_x", design_matrix(self)),
        ):
            self.require(
                np.linalg.cond(matrix) <= WORST_CONDITION,
                f"A column of the matrix of {name} follows (almost) from the others, so it"
                " has no safe inverse; change these values.",
                f"{name} 행렬의 한 열이 다른 열로 (거의) 정해져서 역행렬을 안전하게 구할"
                " 수 없습니다. 값을 바꾸십시오.",
            )


def design_matrix(inputs: Inputs) -> Values:
    """The features and a column of ones for the intercept, of shape (n_samples, 3)."""
    ones = np.ones(len(inputs.first_x))
    return np.column_stack([inputs.first_x, inputs.second_x, ones])


def write(board: Board, inputs: Inputs) -> None:
    """Products at the head, inverses in the middle, and least squares with its chart below."""
    row, k, other = axis("row", (1, 2, 3)), axis("k", (1, 2, 3)), axis("other", (1, 2, 3))
    col, z_row = axis("col", (1, 2)), axis("z_row", (1, 2))
    other_col = axis("other_col", (1, 2))
    sample = axis("sample", len(inputs.target))
    parameter = axis("parameter", ("x₁", "x₂", "1"))
    choice = board.rows(title="Which entry of XY?|XY의 어느 성분?", label_span=3)
    choice.inputs("chosen_row", "chosen_column")
    entry = "(XY)ᵢⱼ: sum of all terms|(XY)ᵢⱼ: 항을 모두 더한 값"
    choice.row("entry", entry, "= SUM(term)", colour={"good": "entry = SUM(term)"})
    ys = board.columns(k, right_of=choice, labels="k")
    ys.input("y", by=col, colour={"second": "col = chosen_column"})
    xs = board.columns(row, below=[choice, ys], labels="i")
    xs.input("x", by=k, colour={"first": "row = chosen_row"})
    products = board.columns(row, beside=xs, labels="i")
    in_sight = {"good": "AND(row = chosen_row, col = chosen_column)"}
    products.column("product", "X @ Y", "{= MMULT(x, y)}", by=col, colour=in_sight)
    terms = board.columns(k, right_of=ys, labels="k", title="(XY)ᵢⱼ = Σₖ xᵢₖ yₖⱼ")
    row_entry, column_entry = "= INDEX(x.all, chosen_row, k)", "= INDEX(y.all, k, chosen_column)"
    terms.column("row_entry", "xᵢₖ", row_entry, colour={"first": "k > 0"})
    terms.column("column_entry", "yₖⱼ", column_entry, colour={"second": "k > 0"})
    terms.column("term", "xᵢₖ yₖⱼ", "= row_entry * column_entry")
    zs = board.columns(z_row, right_of=terms, labels="j", gap=2)
    zs.input("z", by=k)
    inners = board.columns(row, right_of=terms, below=terms, labels="i", gap=2, span=2)
    inners.column("inner", "np.inner(X, Z)\n= X @ Zᵀ", "= SUMPRODUCT(x, z)", by=z_row)
    board.legend(right_of=zs)

    inverses = board.columns(k, below=[xs, products], labels="k", format="0.0000")
    inverses.column("inverse", "X⁻¹", "{= MINVERSE(x)}", by=row)
    inverses.column("identity", "X⁻¹ @ X", "{= MMULT(inverse, x)}", by=other)
    solving = board.columns(row, right_of=inverses, gap=2, labels="i", format="0.0###")
    solving.input("b", "X w = b")
    solving.column("solution", "w = X⁻¹ b", "{= MMULT(inverse, b)}")
    solving.column("back", "X w", "{= MMULT(x, solution)}")
    pseudo = board.columns(col, below=inverses, labels="j", format="0.0000")
    pseudo.column("gram", "YᵀY", "{= MMULT(TRANSPOSE(y), y)}", by=other_col, format="General")
    pseudo.column("gram_inverse", "(YᵀY)⁻¹", "{= MINVERSE(gram)}", by=other_col)
    inverted = "{= MMULT(gram_inverse, TRANSPOSE(y))}"
    pseudo.column("pseudo_inverse", "Y⁺ = (YᵀY)⁻¹ @ Yᵀ", inverted, by=k)
    back = "{= MMULT(pseudo_inverse, y)}"
    pseudo.column("pseudo_identity", "Y⁺ @ Y", back, by=other_col)

    samples = board.columns(sample, below=pseudo, format="0.000")
    samples.count("number", "no.|번호")
    samples.inputs("first_x", "second_x", "target", format="General")
    design = ["= first_x", "= second_x", "= 1"]
    samples.column("design", "A = [X 1]", design, by=parameter, format="General")
    weights = "{= MMULT(design, MINVERSE(MMULT(TRANSPOSE(design), design)))}"
    samples.column("weights", "(A⁺)ᵀ = A @ (AᵀA)⁻¹", weights, by=parameter)
    samples.column("fitted", "ŷ = A β", "= SUMPRODUCT(design, beta)")
    samples.column("residual", "r = y − ŷ", "= ROUND(target - fitted, 9)")
    samples.foot("β = A⁺ y").value("beta", "= SUMPRODUCT(weights, target)", under="weights")
    by_function = [f"= INDEX(LINEST(target, design.all, FALSE), 1, {k})" for k in (3, 2, 1)]
    samples.foot("LINEST").value("beta_function", by_function, under="weights")
    orthogonal = "= ROUND(SUMPRODUCT(design, residual), 6)"
    samples.foot("Aᵀ r").value("orthogonal", orthogonal, under="design", format="0.0##")
    test = samples.foot("x_test")
    test.input("test_x", under="design", then="= 1", format="General")
    test.value("test_y", "= SUMPRODUCT(test_x, beta)", under="fitted")
    board.chart(
        "Least squares: y and ŷ|최소제곱: y와 ŷ",
        bars("target", label="y", colour=7),
        bars("fitted", label="ŷ = A β"),
        y="y, ŷ",
        below=inners,
        rows=25,
    )


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy, inverses by singular value decomposition.

    `x`, `inverse`, `identity` are (3, 3), `y` (3, 2), `z` (2, 3), `product`, `inner` (3, 2),
    `pseudo_inverse` (2, 3). For n samples, `design` and `weights` are (n, 3), `beta` (3,).
    """
    x, y = np.reshape(inputs.x, (3, 3)), np.reshape(inputs.y, (3, 2))
    z, b = np.reshape(inputs.z, (2, 3)), np.array(inputs.b)
    design, target = design_matrix(inputs), np.array(inputs.target)
    row, col = inputs.chosen_row - 1, inputs.chosen_column - 1
    inverse, pseudo_inverse, weights = (np.linalg.pinv(one) for one in (x, y, design))
    beta, *_ = np.linalg.lstsq(design, target)
    residual = np.round(target - design @ beta, 9)
    test_x = np.array([*inputs.test_x, 1])
    return {
        "product": x @ y,
        "row_entry": x[row],
        "column_entry": y[:, col],
        "term": x[row] * y[:, col],
        "entry": x[row] @ y[:, col],
        "inner": np.inner(x, z),
        "inverse": inverse,
        "identity": np.eye(3),
        "solution": inverse @ b,
        "back": b,
        "gram": y.T @ y,
        "gram_inverse": pseudo_inverse @ pseudo_inverse.T,
        "pseudo_inverse": pseudo_inverse,
        "pseudo_identity": np.eye(2),
        "number": np.arange(1, len(target) + 1),
        "design": design,
        "weights": weights.T,
        "fitted": design @ beta,
        "residual": residual,
        "beta": beta,
        "beta_function": beta,
        "orthogonal": np.round(design.T @ residual, 6),
        "test_x": test_x,
        "test_y": test_x @ beta,
    }


HOW_TO_READ = """
The colours show one entry of X @ Y ({product}): row i of X times column j of Y, term by term
({term}). np.inner(X, Z) takes rows of both ({inner}): it is X @ Zᵀ.
| 색칠한 곳이 X @ Y({product})의 한 성분입니다. X의 행 i와 Y의 열 j를 항마다 곱해 더합니다({term}).
np.inner(X, Z)는 둘 다 행을 쓰므로({inner}) X @ Zᵀ와 같습니다.

The inverse X⁻¹ undoes X: where X w = b ({b}), w = X⁻¹ b ({solution}). The product with X is the
identity ({identity}); where the slide has 1.11022302e-16, it is 0 with the noise of arithmetic.
| 역행렬 X⁻¹는 X를 되돌립니다. X w = b이면({b}) w = X⁻¹ b입니다({solution}). X와 곱하면
단위행렬이고({identity}), 슬라이드의 1.11022302e-16은 부동소수점 오차가 섞인 0입니다.

Y has more rows than columns and no inverse, but a pseudo-inverse Y⁺ ({pseudo_inverse}). The formula
(YᵀY)⁻¹Yᵀ needs columns that do not depend on each other; np.linalg.pinv does without.
| 행이 열보다 많은 Y에는 역행렬이 없지만 유사역행렬 Y⁺({pseudo_inverse})가 있습니다. 식 (YᵀY)⁻¹Yᵀ는
열이 서로 독립일 때만 쓸 수 있고, np.linalg.pinv는 그렇지 않아도 구합니다.

Least squares: A is X with a column of ones for the intercept. Each parameter of β ({beta}) is the y
summed with the weights above it, and LINEST finds the same. The residuals r are at right angles to
every column of A (Aᵀr = 0): no other β comes closer to y.
| 최소제곱: A는 X에 절편을 위해 1로 채운 열을 붙인 행렬입니다. 파라미터 β({beta})는 저마다 위에 있는
가중치를 y에 곱해 더한 값이고, LINEST도 같은 값을 구합니다. 잔차 r은 A의 모든 열과 직교하므로
(Aᵀr = 0) y에 더 가까운 β는 없습니다.

[slide] The slide fits no numbers of its own; those here are from the 4th part of the same notebook,
y = x₁ + 2x₂ + 3, so β is exactly 1, 2, 3. The vector b and x_test are chosen here.
| 이 슬라이드의 회귀분석에는 숫자가 없어서 같은 노트북 4강의 데이터 y = x₁ + 2x₂ + 3을 썼습니다.
그래서 β는 정확히 1, 2, 3입니다. 벡터 b와 x_test는 여기서 정했습니다.
"""

TO_TRY = (
    to_try(
        "Set {chosen_row} to 3 and {chosen_column} to 2: another row meets another column, sum 1.|"
        "{chosen_row}에 3, {chosen_column}에 2를 넣으십시오. 다른 행과 열이 만나 합이 1이 됩니다.",
        {"chosen_row": 3, "chosen_column": 2},
        lambda before, after: after["entry"] == 1 == after["product"][2, 1],
    ),
    to_try(
        "Set row 3 of X ({x.at(row, 3)}) to 2, −4, 6, twice row 1: X has no inverse.|"
        "X의 3행({x.at(row, 3)})에 1행의 두 배인 2, −4, 6을 넣으십시오. 역행렬이 없어집니다.",
        {"x.at(row, 3)": (2, -4, 6)},
        lambda _, after: np.isnan(after["inverse"]).all() and np.isfinite(after["product"]).all(),
    ),
    to_try(
        "Set {target.at(4)} to 15: no β fits all now; the residuals stay orthogonal (Aᵀr = 0).|"
        "{target.at(4)}에 15를 넣으십시오. 다 맞는 β는 없지만 잔차는 여전히 직교합니다(Aᵀr = 0).",
        {"target.at(4)": 15},
        lambda before, after: (
            np.abs(after["residual"]).max() > 0.5 and np.all(np.abs(after["orthogonal"]) < 1e-6)
        ),
    ),
    to_try(
        "Set {second_x} to 1, 1, 2, 2, the same as x₁: which of the two counts, nothing can tell.|"
        "{second_x}에 x₁과 같은 1, 1, 2, 2를 넣으십시오. 둘 중 무엇의 영향인지 정할 수 없습니다.",
        {"second_x": (1, 1, 2, 2)},
        lambda before, after: np.all(np.isnan(after["beta"])),
    ),
)
