"""K-means clustering, a block of columns a round, and the Euclidean distance that it rests on.

Each round assigns every point to its nearest centroid and then moves every centroid to the mean of
its points, until no centroid moves any more (Lloyd, 1982):

    distance(a, b) = sqrt(sum over the features i of (a[i] - b[i])^2)
    cluster[n]     = argmin over k of distance(point[n], centroid[k])
    centroid[k]    = mean of the points n with cluster[n] = k

Source: AI study lecture, "K-Means Clustering 알고리즘".
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from openpyxl.utils import get_column_letter

from sheetlab.authoring import Chart, Series, Sheet
from sheetlab.authoring.style import ColourName
from sheetlab.inputs import LessonInputs, column, number, require_same_length
from sheetlab.lessons.lesson import Reference
from sheetlab.text import Text, same

TITLE = Text("K-Means Clustering, round by round", "K-Means Clustering 한 단계씩")
SHEET_NAME = "KMeans"

CLUSTERS = 3

Values = np.ndarray[Any, Any]

# Distances that differ by less are equal: it is the last binary digits that differ.
EQUAL_DISTANCES = 1e-9

# Up to this, floating-point arithmetic leaves distances exact well below EQUAL_DISTANCES.
LARGEST = 1e5

CUSTOMER = Text("customer", "고객")
FEATURES = (Text("age", "나이"), Text("income", "수입"), Text("education", "교육"))
SQUARED_DIFFERENCE, DISTANCE = same("(x₁ − x₂)²"), same("Distance")
FOLLOW = Text(
    "K-Means, below: read a round from top to bottom (steps 1 to 5), then go on to the round at its"
    " right. The distance to the nearest centroid has the colour of its cluster. Of equal distances"
    " the lower number counts; a cluster without points keeps its centroid.",
    "아래 K-Means는 한 반복을 위에서 아래로(1~5단계) 읽고 오른쪽 반복으로 넘어갑니다. 가장 가까운"
    " centroid까지의 거리에는 그 cluster의 색이 있습니다. 거리가 같으면 작은 번호를 고르고,"
    " data point가 없는 cluster의 centroid는 그대로 둡니다.",
)
ROUND, ROUND_FORMAT = Text("Round", "반복"), Text('"Round "0', '"반복 "0')
CENTROID = Text("Centroid", "Centroid (중심점)")
STEP_1_X, STEP_1_Y = same("1. centroid, x"), same("1. centroid, y")
STEP_2 = Text(
    "2. Distance of each data point to each centroid", "2. 각 centroid에서 각 data point까지의 거리"
)
STEP_3 = Text("3. Nearest\ncentroid:\nthe cluster", "3. 가장\n가까운\ncentroid에\n할당")
STEP_4_X, STEP_4_Y = same("4. new centroid, x"), same("4. new centroid, y")
STEP_5 = Text("5. moved by", "5. 이동 거리")
POINT, SIZE = Text("point", "번호"), Text("points in the cluster", "cluster의 데이터 수")
INERTIA, MOVED = same("inertia"), Text("5. in all", "5. 합계")
AGAIN = Text("again?", "또 반복?")
AGAIN_FORMAT = Text('"stop";;"again"', '"끝";;"반복"')
STILL_FORMAT = Text(
    '"Nothing moves any more from round "0" on";;"They still move: build more rounds"',
    '"반복 "0"부터 centroid가 더 움직이지 않습니다";;'
    '"centroid가 아직 움직입니다. 반복을 늘리십시오"',
)
ROUNDS = Text("rounds", "반복 횟수")
FOR_THE_CHART = Text("For the chart: y of the points of each cluster", "그래프용:\ncluster별 y")
FIRST_CENTROIDS = Text("centroids at the start", "처음 centroid")
LAST_CENTROIDS = Text("centroids at the end", "마지막 centroid")

QUANTITIES = {
    "customer_1": Text("customer 1", "고객 1"),
    "customer_2": Text("customer 2", "고객 2"),
    "customer_squared_difference": Text("squared difference of the customers", "고객 차이의 제곱"),
    "customer_distance": Text("Distance of the customers", "고객 사이의 Distance"),
    "rounds": Text("number of rounds", "반복 횟수"),
    "round_number": Text("round", "반복"),
    "point": Text("number of the point", "데이터 번호"),
    "point_x": Text("x of the point", "데이터의 x"),
    "point_y": Text("y of the point", "데이터의 y"),
    "centroid_x": Text("x of the centroid", "centroid의 x"),
    "centroid_y": Text("y of the centroid", "centroid의 y"),
    "distance": Text("distance to the centroid", "centroid까지의 거리"),
    "cluster": Text("nearest centroid", "가장 가까운 centroid"),
    "cluster_size": SIZE,
    "new_centroid_x": Text("x of the new centroid", "새 centroid의 x"),
    "new_centroid_y": Text("y of the new centroid", "새 centroid의 y"),
    "centroid_shift": Text("how far the centroid moves", "centroid의 이동 거리"),
    "inertia": Text("inertia, sum of squared distances", "inertia, 거리 제곱의 합"),
    "total_shift": Text("how far the centroids move in all", "centroid 이동 거리의 합"),
    "converged": Text("1 where no centroid moves", "움직이는 centroid가 없으면 1"),
    "converged_round": Text(
        "first round in which none moves, or 0", "centroid가 움직이지 않는 첫 반복, 없으면 0"
    ),
    "cluster_y": Text("y of the points of each cluster", "cluster별 데이터의 y"),
}

HOW_TO_READ = (
    Text(
        "A2:D5 is the slide's distance of two customers: the differences of all features, squared,"
        " added up, and the root of the sum. K-Means measures every distance in this way.",
        "A2:D5는 슬라이드의 두 고객 사이의 거리입니다. 모든 feature의 차이를 제곱하여 더하고"
        " 제곱근을 구합니다. K-Means의 모든 거리를 이렇게 계산합니다.",
    ),
    Text(
        "Each round is three columns, one for each centroid: where the centroids are, how far each"
        " point is from them, which one is nearest (column W on), and the mean of the points of"
        " each cluster, which is the new centroid and the start of the next round.",
        "반복 한 번은 centroid마다 한 열씩 세 열입니다. centroid의 위치, 각 data point까지의 거리,"
        " 가장 가까운 centroid(W열부터), 그리고 cluster마다 data point의 평균을 차례로 구합니다."
        " 이 평균이 new centroid이며 다음 반복의 출발점입니다.",
    ),
    Text(
        "Inertia is the sum of the squared distances to the nearest centroid. It never rises; once"
        " no centroid moves any more, all later rounds are the same.",
        "inertia는 가장 가까운 centroid까지의 거리를 제곱하여 더한 값입니다. 커지는 일은 없으며,"
        " centroid가 더 움직이지 않으면 그 뒤의 반복은 모두 같습니다.",
    ),
    Text(
        "Distances that differ by less than 0.000000001 count as equal, so that the last digits of"
        " a computer's arithmetic do not decide.",
        "0.000000001보다 적게 다른 거리는 같은 것으로 봅니다. 컴퓨터 계산의 마지막 자리가 결과를"
        " 정하지 않게 하기 위해서입니다.",
    ),
)
TO_TRY = (
    Text(
        "Set D21:F21 to 2, 8, 5 and D22:F22 to 2, 3, 8, one centroid in each group: nothing moves"
        " any more from round 2 on.",
        "D21:F21을 2, 8, 5로, D22:F22를 2, 3, 8로 바꾸어 무리마다 centroid를 하나씩 두십시오."
        " 반복 2부터 움직이지 않습니다.",
    ),
    Text(
        "Set D21 to 50: no point is nearest to centroid 1, its cluster stays empty, and two"
        " clusters share the points.",
        "D21을 50으로 바꾸십시오. centroid 1에 가장 가까운 data point가 없어 빈 cluster로 남고,"
        " 나머지 두 cluster가 나누어 가집니다.",
    ),
    Text(
        "Set C25 to 5: point 2 now lies between two groups and changes its colour only in round 5.",
        "C25를 5로 바꾸십시오. 2번 data point가 두 무리 사이에 놓여 반복 5에서야 색이 바뀝니다.",
    ),
    Text(
        "Set C2 and C3 to 1900 and 2000, as if the income had another unit: it alone decides the"
        " distance.",
        "C2와 C3를 수입의 단위가 바뀐 것처럼 1900과 2000으로 바꾸십시오. 거리가 거의 수입만으로"
        " 정해집니다.",
    ),
)

CENTROIDS_ROW, POINTS_ROW = 20, 24
FIRST_COLUMN = 4

# What `STILL_FORMAT` says, in either language.
VERDICT_WIDTH = 48

COLOURS: tuple[ColourName, ...] = ("first", "second", "third")


def numbers(default: tuple[float, ...], quantity: str, length: tuple[int, int]) -> Any:
    """A field for a column of numbers, none so large that rounding could decide a distance."""
    return column(default, QUANTITIES[quantity], at_least=-LARGEST, at_most=LARGEST, length=length)


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """What the slide gives, two customers; and twelve points with three centroids to start from."""

    customer_1: tuple[float, ...] = numbers((54, 190, 3), "customer_1", (3, 3))
    customer_2: tuple[float, ...] = numbers((50, 200, 8), "customer_2", (3, 3))
    rounds: int = number(6, QUANTITIES["rounds"], whole=True, at_least=1, at_most=50)
    point_x: tuple[float, ...] = numbers(
        (1.2, 1.8, 2.6, 3.1, 6.7, 7.4, 8.3, 8.6, 4.1, 4.9, 5.6, 6.3), "point_x", (3, 1000)
    )
    point_y: tuple[float, ...] = numbers(
        (1.9, 3.1, 1.4, 2.7, 2.2, 3.6, 1.6, 3.0, 7.3, 8.6, 6.8, 8.1), "point_y", (3, 1000)
    )
    centroid_x: tuple[float, ...] = numbers((4.9, 1.8, 0.7), "centroid_x", (CLUSTERS, CLUSTERS))
    centroid_y: tuple[float, ...] = numbers((1.0, 0.8, 2.2), "centroid_y", (CLUSTERS, CLUSTERS))

    def check(self) -> None:
        """As many x as y."""
        require_same_length(self, "point_x", "point_y")


@dataclass(frozen=True)
class Layout:
    """Where things stand for a number of points and of rounds: letters of columns, and rows."""

    points: int
    rounds: int

    @property
    def last_point(self) -> int:
        """The row of the last point; the new centroids stand below it."""
        return POINTS_ROW + self.points - 1

    def block(self, round_number: int) -> tuple[str, str, str]:
        """The columns of a round, one for each centroid."""
        left = FIRST_COLUMN + CLUSTERS * (round_number - 1)
        first, second, third = map(get_column_letter, range(left, left + CLUSTERS))
        return first, second, third

    def cluster(self, round_number: int) -> str:
        """The column of the nearest centroid in a round; that of round 0 holds the headings."""
        return get_column_letter(FIRST_COLUMN + CLUSTERS * self.rounds + round_number)

    def chart_data(self) -> tuple[str, str, str]:
        """The columns of the chart's data, one for each cluster, after a gap of one column."""
        first, second, third = (self.cluster(self.rounds + 1 + index) for index in (1, 2, 3))
        return first, second, third

    def blocks(self, row: int, last: int | None = None) -> str:
        """The range of one row, or of several, over the blocks of all rounds."""
        return f"{self.block(1)[0]}{row}:{self.block(self.rounds)[-1]}{last or row}"

    def clusters(self, row: int, last: int | None = None) -> str:
        """The range of one row, or of several, over the nearest centroids of all rounds."""
        return f"{self.cluster(1)}{row}:{self.cluster(self.rounds)}{last or row}"


def write(sheet: Sheet, inputs: Inputs) -> None:
    """The customers and the charts above; below them the points, and a block for each round."""
    layout = Layout(len(inputs.point_x), inputs.rounds)
    write_customers(sheet)
    write_points(sheet, layout)
    write_centroids(sheet, layout)
    write_distances(sheet, layout)
    write_clusters(sheet, layout)
    write_new_centroids(sheet, layout)
    write_progress(sheet, layout)
    write_chart_data(sheet, layout)
    draw(sheet, layout)

    fit_columns(sheet, layout, inputs)
    sheet.freeze("D1")


def fit_columns(sheet: Sheet, layout: Layout, inputs: Inputs) -> None:
    """Columns as wide as the largest numbers that can be expected in them, with two decimals."""
    coordinates = inputs.point_x + inputs.point_y + inputs.centroid_x + inputs.centroid_y
    largest = max(map(abs, coordinates))
    distance, inertia = (
        len(f"{number:.2f}") + 0.8 for number in (2 * largest, layout.points * largest**2)
    )
    first, _, third = layout.chart_data()
    sheet.width("A", 12)
    sheet.width("B:C", max(distance, 8))
    sheet.width(layout.blocks(1), max(distance, 5.8))
    each = max(inertia, 7)
    sheet.width(layout.cluster(0), max(12, VERDICT_WIDTH - each * layout.rounds))
    sheet.width(layout.clusters(1), each)
    sheet.width(layout.cluster(layout.rounds + 1), 2)
    sheet.width(f"{first}:{third}", max(distance, 6))


def write_customers(sheet: Sheet) -> None:
    """The slide's two customers, feature by feature, and their distance."""
    sheet.headings("A1", (CUSTOMER, *FEATURES, ""))
    for row, customer in ((2, "customer_1"), (3, "customer_2")):
        sheet.label(f"A{row}", row - 1, "heading")
        sheet.input(f"B{row}:D{row}", customer, name=customer)
    sheet.headings("A4", (SQUARED_DIFFERENCE,))
    sheet.fill("B4:D4", "=(B2-B3)^2", name="customer_squared_difference")
    sheet.headings("A5", (DISTANCE,))
    sheet.fill("B5", "=SQRT(SUM(B4:D4))", name="customer_distance", number_format="0.00")
    for row in range(1, 5):
        sheet.merge(f"D{row}:E{row}")
    sheet.merge("B5:E5")
    sheet.legend("A7:E7")
    sheet.note("A10:E17", FOLLOW)


def write_points(sheet: Sheet, layout: Layout) -> None:
    """The points, a row each, and the headings of all rows at their side."""
    top, last = CENTROIDS_ROW - 1, layout.last_point
    labels = {
        top: ROUND,
        CENTROIDS_ROW: CENTROID,
        CENTROIDS_ROW + 1: STEP_1_X,
        CENTROIDS_ROW + 2: STEP_1_Y,
        last + 1: SIZE,
        last + 2: STEP_4_X,
        last + 3: STEP_4_Y,
        last + 4: STEP_5,
    }
    for row, text in labels.items():
        sheet.headings(f"A{row}", (text,))
        sheet.merge(f"A{row}:C{row}")
    sheet.headings(f"A{POINTS_ROW - 1}", (POINT, "x", "y"))
    first = f"A{POINTS_ROW}"
    sheet.fill(f"{first}:A{last}", f"=ROWS(A${POINTS_ROW}:{first})", name="point")
    for letter, field in (("B", "point_x"), ("C", "point_y")):
        cells = f"{letter}{POINTS_ROW}:{letter}{last}"
        sheet.input(cells, field, name=field, number_format="0.0#")


def write_centroids(sheet: Sheet, layout: Layout) -> None:
    """Step 1: the centroids at the start of each round; from the second on, the new ones."""
    numbers, new_row = CENTROIDS_ROW, layout.last_point + 2
    first, _, last = layout.block(1)
    for offset, field in enumerate(("centroid_x", "centroid_y")):
        row = CENTROIDS_ROW + 1 + offset
        sheet.input(f"{first}{row}:{last}{row}", field, number_format="0.0#")
        if layout.rounds > 1:
            second = layout.block(2)[0]
            end = layout.block(layout.rounds)[-1]
            sheet.fill(
                f"{second}{row}:{end}{row}", f"={first}{new_row + offset}", number_format="0.00"
            )
        sheet.name(field, layout.blocks(row))
    for round_number in range(1, layout.rounds + 1):
        left, _, right = layout.block(round_number)
        sheet.fill(
            f"{left}{numbers - 1}",
            f"={layout.cluster(round_number)}{POINTS_ROW - 1}",
            number_format=ROUND_FORMAT.to(sheet.language),
            style="heading",
        )
        sheet.merge(f"{left}{numbers - 1}:{right}{numbers - 1}")
        for index, letter in enumerate(layout.block(round_number), 1):
            sheet.label(f"{letter}{numbers}", index, "heading")
    for index, colour in enumerate(COLOURS, 1):
        sheet.colour(layout.blocks(numbers), f"{first}{numbers}={index}", colour)


def write_distances(sheet: Sheet, layout: Layout) -> None:
    """Step 2: the distance of each point to each centroid, in the colour of the nearest."""
    head, row = POINTS_ROW - 1, POINTS_ROW
    first = layout.block(1)[0]
    sheet.headings(f"{first}{head}", (STEP_2,))
    x, y = f"{first}${CENTROIDS_ROW + 1}", f"{first}${CENTROIDS_ROW + 2}"
    sheet.merge(layout.blocks(head))
    sheet.fill(
        layout.blocks(row, layout.last_point),
        f"=SQRT(($B{row}-{x})^2+($C{row}-{y})^2)",
        name="distance",
        number_format="0.00",
    )
    for round_number in range(1, layout.rounds + 1):
        nearest = f"${layout.cluster(round_number)}{row}"
        for index, letter in enumerate(layout.block(round_number), 1):
            cells = f"{letter}{row}:{letter}{layout.last_point}"
            sheet.colour(cells, f"{nearest}={index}", COLOURS[index - 1])


def write_clusters(sheet: Sheet, layout: Layout) -> None:
    """Step 3: the number of the nearest centroid, a column for each round."""
    head, row, last = POINTS_ROW - 1, POINTS_ROW, layout.last_point
    label, first = layout.cluster(0), layout.cluster(1)
    sheet.headings(f"{label}{head}", (ROUND,))
    sheet.fill(
        layout.clusters(head),
        f"=COLUMNS(${first}{head}:{first}{head})",
        name="round_number",
        style="heading",
    )
    sheet.headings(f"{label}{row}", (STEP_3,))
    sheet.merge(f"{label}{row}:{label}{last}")
    for round_number in range(1, layout.rounds + 1):
        one, two, three = (f"{letter}{row}" for letter in layout.block(round_number))
        letter = layout.cluster(round_number)
        sheet.fill(
            f"{letter}{row}:{letter}{last}",
            f"=IF({one}<=MIN({two}:{three})+{EQUAL_DISTANCES:.0E},1,"
            f"IF({two}<={three}+{EQUAL_DISTANCES:.0E},2,3))",
        )
    clusters = layout.clusters(row, last)
    sheet.name("cluster", clusters)
    for index, colour in enumerate(COLOURS, 1):
        sheet.colour(clusters, f"{first}{row}={index}", colour)


def write_new_centroids(sheet: Sheet, layout: Layout) -> None:
    """Steps 4 and 5: the mean of each cluster's points, and how far that is from the centroid."""
    top, last = CENTROIDS_ROW, layout.last_point
    size, new_x, new_y, shift = range(last + 1, last + 5)
    for round_number in range(1, layout.rounds + 1):
        first, _, third = layout.block(round_number)
        letter = layout.cluster(round_number)
        nearest, number_here = f"${letter}${POINTS_ROW}:${letter}${last}", f"{first}${top}"
        sheet.fill(f"{first}{size}:{third}{size}", f"=COUNTIF({nearest},{number_here})")
        for row, old, axis in ((new_x, top + 1, "B"), (new_y, top + 2, "C")):
            values = f"${axis}${POINTS_ROW}:${axis}${last}"
            sheet.fill(
                f"{first}{row}:{third}{row}",
                f"=IF({first}${size}=0,{first}{old},"
                f"SUMIF({nearest},{number_here},{values})/{first}${size})",
                number_format="0.00",
            )
    sheet.name("cluster_size", layout.blocks(size))
    sheet.name("new_centroid_x", layout.blocks(new_x))
    sheet.name("new_centroid_y", layout.blocks(new_y))
    first = layout.block(1)[0]
    sheet.fill(
        layout.blocks(shift),
        f"=SQRT(({first}{new_x}-{first}{top + 1})^2+({first}{new_y}-{first}{top + 2})^2)",
        name="centroid_shift",
        number_format="0.00",
    )
    sheet.colour(layout.blocks(shift), f"{first}{shift}<{EQUAL_DISTANCES:.0E}", "good")


def write_progress(sheet: Sheet, layout: Layout) -> None:
    """What each round comes to: inertia, how far the centroids move, and whether they go on."""
    last = layout.last_point
    inertia, total, converged, shift = last + 1, last + 2, last + 3, last + 4
    label = layout.cluster(0)
    for row, text in ((inertia, INERTIA), (total, MOVED), (converged, AGAIN)):
        sheet.headings(f"{label}{row}", (text,))
    for round_number in range(1, layout.rounds + 1):
        first, _, third = layout.block(round_number)
        letter = layout.cluster(round_number)
        nearest = f"{letter}{POINTS_ROW}:{letter}{last}"
        distances = f"{first}{POINTS_ROW}:{third}{last}"
        sheet.fill(
            f"{letter}{inertia}",
            f"=SUMPRODUCT(({nearest}={first}{CENTROIDS_ROW}:{third}{CENTROIDS_ROW})*{distances}^2)",
            number_format="0.00",
        )
        sheet.fill(f"{letter}{total}", f"=SUM({first}{shift}:{third}{shift})", number_format="0.00")
    sheet.name("inertia", layout.clusters(inertia))
    sheet.name("total_shift", layout.clusters(total))
    first = layout.cluster(1)
    sheet.fill(
        layout.clusters(converged),
        f"=IF({first}{total}<{EQUAL_DISTANCES:.0E},1,0)",
        name="converged",
        number_format=AGAIN_FORMAT.to(sheet.language),
    )
    sheet.colour(layout.clusters(total, converged), f"{first}${converged}=1", "good")
    top, end = CENTROIDS_ROW, layout.cluster(layout.rounds)
    sheet.headings(f"{label}{top}", (ROUNDS,))
    sheet.fill(f"{first}{top}", f"=MAX({layout.clusters(POINTS_ROW - 1)})", name="rounds")
    sheet.fill(
        f"{label}{top + 1}",
        f"=IFERROR(MATCH(1,{layout.clusters(converged)},0),0)",
        name="converged_round",
        number_format=STILL_FORMAT.to(sheet.language),
        style="heading",
    )
    sheet.merge(f"{label}{top + 1}:{end}{top + 2}")
    sheet.colour(f"{label}{top + 1}", f"${label}${top + 1}>0", "good")


def write_chart_data(sheet: Sheet, layout: Layout) -> None:
    """The y of each point in the column of its last cluster, an error value in the others."""
    head, row, last = POINTS_ROW - 1, POINTS_ROW, layout.last_point
    first, _, third = layout.chart_data()
    sheet.headings(f"{first}{CENTROIDS_ROW - 1}", (FOR_THE_CHART,))
    sheet.merge(f"{first}{CENTROIDS_ROW - 1}:{third}{head - 1}")
    for index, letter in enumerate(layout.chart_data(), 1):
        sheet.label(f"{letter}{head}", index, "heading")
    cells = f"{first}{row}:{third}{last}"
    sheet.fill(
        cells,
        f"=IF(${layout.cluster(layout.rounds)}{row}={first}${head},$C{row},NA())",
        name="cluster_y",
        number_format="0.0#",
    )
    sheet.colour(cells, f"ISERROR({first}{row})", "faint")


def draw(sheet: Sheet, layout: Layout) -> None:
    """The points in the colours of their last clusters with the centroids, and the inertia."""
    last, top = layout.last_point, CENTROIDS_ROW
    x = f"B{POINTS_ROW}:B{last}"
    clusters = (
        Series(
            same(f"cluster {index}"),
            x,
            f"{letter}{POINTS_ROW}:{letter}{last}",
            "points",
        )
        for index, letter in enumerate(layout.chart_data(), 1)
    )
    first, _, third = layout.block(1)
    start, _, end = layout.block(layout.rounds)
    sheet.chart(
        "G1:S17",
        Chart(
            Text("The clusters of the last round", "마지막 반복의 cluster"),
            same("x"),
            same("y"),
            (
                *clusters,
                Series(
                    FIRST_CENTROIDS,
                    f"{first}{top + 1}:{third}{top + 1}",
                    f"{first}{top + 2}:{third}{top + 2}",
                    "points",
                    colour=3,
                ),
                Series(
                    LAST_CENTROIDS,
                    f"{start}{last + 2}:{end}{last + 2}",
                    f"{start}{last + 3}:{end}{last + 3}",
                    "points",
                    colour=7,
                ),
            ),
        ),
    )
    sheet.chart(
        "T1:AB17",
        Chart(
            Text("Inertia, round by round", "반복마다의 inertia"),
            ROUND,
            INERTIA,
            (
                Series(
                    INERTIA,
                    layout.clusters(POINTS_ROW - 1),
                    layout.clusters(last + 1),
                    "both",
                ),
            ),
        ),
    )


def nearest(distance: Values) -> Values:
    """The index of the smallest distance in each row, the first of equal ones."""
    smallest = distance.min(axis=1, keepdims=True)
    found: Values = np.argmax(distance <= smallest + EQUAL_DISTANCES, axis=1)
    return found


def means(points: Values, members: Values, centroids: Values) -> Values:
    """The mean of each cluster's points; a cluster without points keeps its centroid."""
    sizes = members.sum(axis=0)[:, None]
    return np.where(sizes > 0, members.T @ points / np.maximum(sizes, 1), centroids)


def reference(inputs: Inputs) -> Reference:
    """The same quantities by NumPy.

    For n points, r rounds and k = 3 centroids: `distance` has shape (n, r, k), `cluster` (n, r),
    the centroids, their sizes and shifts (r, k), what is said of a whole round (r,), and
    `cluster_y` (n, k), with nan where the point is in another cluster. Centroids are those at the
    start of a round, new ones those at its end; all coordinates are in the unit of the points.
    """
    rounds = inputs.rounds
    points = np.column_stack([inputs.point_x, inputs.point_y])
    centroids = np.empty((rounds + 1, CLUSTERS, 2))
    centroids[0] = np.column_stack([inputs.centroid_x, inputs.centroid_y])
    distance = np.empty((rounds, len(points), CLUSTERS))
    members = np.empty((rounds, len(points), CLUSTERS), dtype=bool)
    for j in range(rounds):
        distance[j] = np.linalg.norm(points[:, None] - centroids[j], axis=2)
        members[j] = nearest(distance[j])[:, None] == np.arange(CLUSTERS)
        centroids[j + 1] = means(points, members[j], centroids[j])
    shift = np.linalg.norm(np.diff(centroids, axis=0), axis=2)
    converged = shift.sum(axis=1) < EQUAL_DISTANCES
    differences = np.array(inputs.customer_1) - np.array(inputs.customer_2)
    return {
        "customer_1": np.array(inputs.customer_1),
        "customer_2": np.array(inputs.customer_2),
        "customer_squared_difference": differences**2,
        "customer_distance": np.array([np.linalg.norm(differences)]),
        "rounds": np.array([rounds]),
        "round_number": np.arange(1, rounds + 1),
        "point": np.arange(1, len(points) + 1),
        "point_x": points[:, 0],
        "point_y": points[:, 1],
        "centroid_x": centroids[:-1, :, 0],
        "centroid_y": centroids[:-1, :, 1],
        "distance": distance.swapaxes(0, 1),
        "cluster": members.argmax(axis=2).T + 1,
        "cluster_size": members.sum(axis=1),
        "new_centroid_x": centroids[1:, :, 0],
        "new_centroid_y": centroids[1:, :, 1],
        "centroid_shift": shift,
        "inertia": np.sum(distance**2, axis=(1, 2), where=members),
        "total_shift": shift.sum(axis=1),
        "converged": converged.astype(int),
        "converged_round": np.array([converged.argmax() + 1 if converged.any() else 0]),
        "cluster_y": np.where(members[-1], points[:, 1:], np.nan),
    }
