"""A decision tree, question by question: ID3's information gain with CART's Gini beside it.

All records begin in one node. A node of several classes is split by the feature that gains most, a
branch for each of its values, until no node can be split (Quinlan, 1986). Over a node's records,

    entropy(node) = mean of -log2(share),   gini(node) = mean of 1 - share

where share is how many have the record's own class: -sum of p * log2(p) and 1 - sum of p^2. To gain
is to take off the mean over the children. CART (Breiman and others, 1984) splits in two.
"""

from dataclasses import dataclass

import numpy as np

from sheetlab.authoring import Axis, Board, Columns, axis, colours_in_turn, line
from sheetlab.inputs import Categorical, LessonInputs, number, table
from sheetlab.lessons.lesson import Reference, Values, stacked, to_try

TITLE = "Decision tree, question by question|Decision Tree: 질문 하나씩"
SHEET_NAME = "DecisionTree"
EQUATION = (
    "Gain = Entropy(node) − mean Entropy(children),   Gini = 1 − Σ p²|"
    "Gain = Entropy(node) − Entropy(child)의 가중평균,   Gini = 1 − Σ p²"
)
SLIDES = [("001", "Decision Tree 알고리즘의 종류"), ("001", "Decision Tree 알고리즘 (ID3)")]

# What is measured, by which algorithm, and what a record adds, by the share of its class.
MEASURES = {"entropy": ("Entropy", "ID3", "-LOG({}, 2)"), "gini": ("Gini", "CART", "1 - {}")}
DECIMALS = 9  # in which gains are equal that are so on paper, whatever their last binary digits
NO_SPLIT = -1  # instead of the gain of a feature that does not split the node
# The records before this one that were with it and give the same answer.
TOGETHER = "(node.earlier(record) = node) * (answer.earlier(record) = answer)"


@dataclass(frozen=True)
class Inputs(LessonInputs):
    """The four roads of the slide. Of any table, the last column is the class."""

    records: tuple[Categorical, ...] = table(
        {
            "slope|경사도": ("steep", "steep", "flat", "steep"),
            "surface|노면상태": ("bumpy", "smooth", "bumpy", "smooth"),
            "speed limit|속도제한": ("Yes", "Yes", "No", "No"),
            "speed|속도": ("slow", "slow", "fast", "fast"),
        },
        "records|데이터",
        columns=(3, 7),
        length=(2, 20),  # LibreOffice gives up on the chains of longer tables
        reserved="record level asked class feature node size share entropy gini answer goes mates"
        " child path leaf rule count predicted right accuracy questions mean left depth",
    )
    left_out: int = number(3, "left out (0: none)|뺄 Feature (0: 없음)", whole=True, at_least=0)
    depth: int = number(2, "depth|깊이", whole=True, at_least=1, at_most=6)


def write(board: Board, inputs: Inputs) -> None:
    """The records; to their right a table for each question, and below what the tree comes to."""
    *features, label = inputs.records
    record, level = axis("record", len(label.values)), axis("level", inputs.depth)
    classes, asked = axis("class_label", label.labels), axis("asked", inputs.depth + 1)
    feature = axis("feature", [one.label for one in features])

    given = board.columns(down=record, labels="no.|번호", format="@")
    for heading, columns in (("Feature", features), ("Label", [label])):
        with given.group(heading):
            given.inputs(*(one.name for one in columns))
    settings = board.rows(below=given, label_span=4)
    settings.inputs("left_out", "depth")
    board.legend(below=settings, span=4)

    names, aside = [one.name for one in features], (given, settings)
    with board.panels(level, right_of=aside) as panel:
        nodes = panel.columns(record, labels="no.|번호", title="Question {}|질문 {}", format="0.00")
        write_question(nodes, names, label.name, feature)

    leaves = board.columns(record, labels="no.|번호", right_of=aside, below=panel, format="0")
    leaves.column("leaf", "leaf", "= goes.last(level)", colour=colours_in_turn("leaf", 4))
    count = f"= SUMPRODUCT((leaf.all = leaf) * ({label.name}.all = class_label))"
    leaves.column("count", "records in it|leaf의 데이터 수", count, by=classes)
    texts = ['"' + text.replace('"', '""') + '"' for text in label.categories]
    # IronCalc finds nothing in a range of one cell.
    most = "MATCH(MAX(count), count, 0)" if classes.size > 1 else "1"
    majority = f"= CHOOSE({most}, {', '.join(texts)})"
    colour = {"good": f"predicted = {label.name}", "bad": f"predicted <> {label.name}"}
    leaves.column("predicted", "majority|다수결", majority, format='" "@', colour=colour)

    mixed = board.columns(asked, labels=False, below=leaves, format="0.000")
    mixed.count("questions", "questions asked|질문 수", first=0)
    for measure, (heading, _, _) in MEASURES.items():
        after = [f"= AVERAGE({measure}_left.at(level, {k}))" for k in range(1, level.size + 1)]
        start = f"= AVERAGE({measure}_of_record.at(level, 1))"
        mixed.column(f"mean_{measure}", f"mean {heading}|{heading} 평균", [start, *after])
    lines = [line(f"mean_{one}", dotted=True, label=MEASURES[one][0]) for one in MEASURES]
    title, y = "How mixed the nodes are|node의 혼잡도", "mean over all records|전체 평균"
    chart = board.chart(title, *lines, y=y, right_of=leaves, rows=18, y_range=(0, None))
    with board.panels(level, right_of=aside, below=(chart, mixed)) as below:
        title = "How question {} is worked out|질문 {}의 계산 과정"
        workings = below.columns(record, labels="no.|번호", title=title, format="0.000")
        write_workings(workings, names, label.name, feature)


def write_question(nodes: Columns, features: list[str], label: str, feature: Axis) -> None:
    """One level of the tree: how mixed each record's node is, and which feature splits it."""
    in_node, same_class = "(node.all(record) = node)", f"({label}.all = {label})"
    in_child = [f"{in_node} * ({one}.all = {one})" for one in features]
    colour = colours_in_turn("node", 4)
    nodes.column("node", "node", "= goes.before(level)", first="= 1", format="0", colour=colour)
    nodes.column("size", "records|데이터 수", f"= SUMPRODUCT({in_node} * 1)", format="0")
    share = f"= SUMPRODUCT({in_node} * {same_class}) / size"
    nodes.column("share", "share of its class|같은 클래스 비율", share, format="0.00")
    for measure, (heading, algorithm, _) in MEASURES.items():
        mean = f"= SUMPRODUCT({in_node} * {measure}_of_record.all(record)) / size"
        nodes.column(measure, heading, mean, colour={"good": "share = 1"})
        gains = [
            f"= IF(OR(left_out = {k}, SUMPRODUCT({child}) = size), {NO_SPLIT}, ROUND({measure}"
            f" - SUMPRODUCT({in_node} * {measure}_of_child.all(record)) / size, {DECIMALS}))"
            for k, child in enumerate(in_child, 1)
        ]
        gain, asks = f"{measure}_gain", f"{measure}_asks"
        colour = {"good": f"AND({asks} > 0, {gain} = MAX({gain}.all(feature)))"}
        form = '0.000;"–";0.000'
        nodes.column(gain, f"{heading}: Gain", gains, by=feature, format=form, colour=colour)
        largest = f"IF(MAX({gain}) = {NO_SPLIT}, 0, MATCH(MAX({gain}), {gain}, 0))"
        heading, form = f"{algorithm} asks|{algorithm}의 질문", '"no. "0;;"leaf"|0"번";;"leaf"'
        nodes.column(asks, heading, f"= IF(share = 1, 0, {largest})", format=form)
    chosen = f'= IF(entropy_asks = 0, "–", CHOOSE(entropy_asks, {", ".join(features)}))'
    nodes.column("answer", "answer|답", chosen, format='" "@')
    with_mates = f"SUMPRODUCT({TOGETHER} * goes.earlier(record)) / mates"
    goes = f"= IF(mates = 0, MAX(goes.earlier(record)) + 1, {with_mates})"
    nodes.column("goes", "goes to node|다음 node", goes, first="= 1", format="0")
    branch = 'IF(entropy_asks = 0, "", " → " & answer)'
    path = f"= path.before(level) & {branch}"
    nodes.column("path", "path|경로", path, first=f'= "root" & {branch}', format='" "@')


def write_workings(workings: Columns, features: list[str], label: str, feature: Axis) -> None:
    """What a record adds to the measures of its node, and of each child that it could be in."""
    heading, together = "earlier, same way|앞선 같은 길", f"= SUMPRODUCT({TOGETHER})"
    workings.column("mates", heading, together, first="= 0", format="0", helper=True)
    child = "SUMPRODUCT((node.all(record) = node) * ({0}.all = {0}){1})"
    own = f" * ({label}.all = {label})"
    shares = [f"= {child.format(one, own)} / {child.format(one, '')}" for one in features]
    workings.column("child_share", "share in child|child에서 비율", shares, by=feature, helper=True)
    for measure, (heading, _, of) in MEASURES.items():
        own, child = f"{measure}_of_record", f"{measure}_of_child"
        workings.column(own, heading, f"= {of.format('share')}", helper=True)
        of_child = f"= {of.format('child_share')}"
        workings.column(child, f"{heading} child", of_child, by=feature, helper=True)
        left = f"= IF(entropy_asks = 0, {own}, INDEX({child}, entropy_asks))"
        workings.column(f"{measure}_left", f"{heading} left|남은 {heading}", left, helper=True)


def reference(inputs: Inputs) -> Reference:
    """The same by NumPy; entropies in bits, shares fractions of 1.

    For n records, f features, c classes, d levels: records at a level have shape (d, n), features
    there (d, n, f), leaves (n,), counts (n, c), means (d + 1,).
    """
    *features, label = inputs.records
    table, own = np.array([one.values for one in features]), np.array(label.values)
    node, path = np.ones(len(own), dtype=int), np.full(len(own), "root")
    levels = []
    for _ in range(inputs.depth):
        found = question(node, table, alike(own), inputs.left_out)
        longer = [" → ".join(parts) for parts in zip(path, found["answer"], strict=True)]
        path = np.where(found["entropy_asks"] > 0, longer, path)
        levels.append(found | {"path": path})
        node = found["goes"]
    result = stacked(levels)
    count = alike(node) @ (own[:, None] == label.categories)
    predicted = np.array(label.categories)[count.argmax(axis=1)]
    for measure in MEASURES:
        every = [result[f"{measure}_of_record"][0], *result[f"{measure}_left"]]
        result[f"mean_{measure}"] = np.mean(every, axis=1)
    result |= {"leaf": node, "count": count, "predicted": predicted}
    return result | {"questions": np.arange(inputs.depth + 1)}


def alike(values: Values) -> Values:
    """1 for each pair of records with the same value, (n, n)."""
    return np.equal.outer(values, values).astype(int)


def question(node: Values, table: Values, same_class: Values, left_out: int) -> Reference:
    """One level of the tree: `table` (f, n) has the features, `same_class` (n, n) the pairs."""
    members = alike(node)
    children = np.array([members * alike(values) for values in table])
    size, rows = members.sum(axis=1), np.arange(len(node))
    share = (members * same_class).sum(axis=1) / size
    child_share = ((children * same_class).sum(axis=2) / children.sum(axis=2)).T
    splits = (children.sum(axis=2) < size).T & (np.arange(1, len(table) + 1) != left_out)[None]
    is_open = (share < 1) & splits.any(axis=1)
    found = {"node": node, "size": size, "share": share, "child_share": child_share}
    shares = np.column_stack([share, child_share])
    for measure, added in (("entropy", -np.log2(shares)), ("gini", 1 - shares)):
        own, child = added[:, 0], added[:, 1:]
        mixed = members @ own / size
        gain = np.round(mixed[:, None] - members @ child / size[:, None], DECIMALS)
        found[f"{measure}_gain"] = gain = np.where(splits, gain, NO_SPLIT)
        found |= {measure: mixed, f"{measure}_of_record": own, f"{measure}_of_child": child}
        found[f"{measure}_asks"] = np.where(is_open, gain.argmax(axis=1) + 1, 0)
        asks = found["entropy_asks"]
        found[f"{measure}_left"] = np.where(asks > 0, child[rows, asks - 1], own)
    answer = np.where(asks > 0, table[asks - 1, rows], "–")
    together = members * alike(answer)
    goes = np.unique(together.argmax(axis=1), return_inverse=True)[1] + 1
    return found | {"answer": answer, "goes": goes, "mates": np.tril(together, -1).sum(axis=1)}


HOW_TO_READ = """
Follow a record from left to right: all with the same answers so far are in its node. A Feature's
Gain is what it takes off the node's Entropy ({entropy.first(level)}); ID3 asks the largest (green).
| 데이터 하나를 왼쪽에서 오른쪽으로 따라가 보십시오. 지금까지 답이 같은 것은 한 node에 있습니다.
Gain은 Feature로 나눌 때 node의 Entropy({entropy.first(level)})가 줄어드는 양이며, ID3는 Gain이 가장
큰 Feature(초록색)를 묻고 답에 따라 다음 node로 보냅니다.

A node of one class is a leaf, and so is one that no Feature splits any more (–). There the majority
decides ({predicted}), the first class of equally many. CART measures with Gini, 1 − Σ p²
({gini.first(level)}), and splits in two only; where a Feature has two values, that is the same.
| 한 클래스만 남았거나 더 나눌 Feature가 없는(–) node가 leaf입니다. leaf의 답은 다수결로 정하고
({predicted}), 수가 같으면 앞의 클래스입니다. CART는 Gini, 곧 1 − Σ p²로 재고({gini.first(level)})
둘로만 나눕니다. 값이 둘이면 같은 분할입니다.

[slide] The speed limit alone would tell slow from fast; it is left out ({left_out}) at first, so
that the tree asks more than once. The slide's 0.312 for slope is 0.311 when nothing is rounded.
| 속도제한 하나로 slow와 fast가 나뉘므로, 질문이 둘 이상인 tree를 보려고 처음에는 뺐습니다
({left_out}). 슬라이드의 경사도 정보 이득 0.312는 중간에 반올림하지 않으면 0.311입니다.
"""

TO_TRY = (
    to_try(
        "Set {left_out} to 0: the speed limit gains 1, and one question is the whole tree.|"
        "{left_out}을 0으로 바꾸십시오. 속도제한의 Gain이 1이어서 질문 하나로 끝납니다.",
        {"left_out": 0},
        lambda _, after: after["mean_entropy"][1] == 0,
    ),
    to_try(
        "Set {speed.at(2)} to fast: one cell turns the tree around, which asks surface first.|"
        "{speed.at(2)}을 fast로 바꾸십시오. 한 칸 때문에 tree가 노면상태부터 묻습니다.",
        {"speed.at(2)": "fast"},
        lambda was, after: was["entropy_asks"][0, 0] == 1 < after["entropy_asks"][0, 0],
    ),
    to_try(
        "Set {slope.at(3)} to steep: slope splits nothing (–), surface is asked and gains 0.|"
        "{slope.at(3)}을 steep으로 바꾸십시오. 경사도는 쓸 수 없고(–) 노면상태의 Gain은 0입니다.",
        {"slope.at(3)": "steep"},
        lambda _, after: np.all(after["mean_entropy"] == 1) and after["entropy_asks"][0, 0] == 2,
    ),
)
