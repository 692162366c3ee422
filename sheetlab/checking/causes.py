"""Why a workbook does not agree: where its formulas are not those that the lesson builds."""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from sheetlab.building import write_workbook
from sheetlab.checking.engines.cells import StoredFormula, meanings_of_names, stored_cells
from sheetlab.checking.formula_text import CellArea, area_of, references, relative_form
from sheetlab.checking.subject import CellAddress, read_lesson_and_inputs
from sheetlab.files.address import address_of, ref_of
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.package import Parts, read_parts
from sheetlab.inputs import LessonInputs
from sheetlab.lessons import Lesson
from sheetlab.text import LANGUAGES, Text

# Sheet, row and column.
Cell = tuple[str, int, int]

Kind = Literal[
    "formula", "number", "text", "error", "blank", "name gone", "name moved", "rearranged"
]


@dataclass(frozen=True)
class Cause:
    """One difference between a workbook and what its lesson builds from the same inputs.

    `kind` says what stands there in place of the lesson's formula: another formula, a typed
    number, text or error, or nothing; or what became of a defined name, or of most of them.

    Attributes:
        file: the workbook.
        lesson: the lesson's name.
        where: the cells ("SGD!H10", "SGD!H4:H9"), or the name.
        found: what is there; None where nothing is.
        expected: what the lesson has there.
        quantities: the other quantities that merely follow: some of their cells read these.
        figures: the ids of the printed figures that merely follow.
    """

    file: str
    lesson: str
    kind: Kind
    where: str
    found: str | None
    expected: str | None
    quantities: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()

    def describe(self) -> Text:
        """One sentence: what is wrong, where, and how much follows from it."""
        what, quantities, figures = self._what(), len(self.quantities), len(self.figures)
        en, ko = [], []
        if quantities:
            en.append(f"{quantities} quantit{'y' if quantities == 1 else 'ies'}")
            ko.append(f"양 {quantities}개")
        if figures:
            en.append(f"{figures} figure{'' if figures == 1 else 's'}")
            ko.append(f"슬라이드의 수 {figures}개")
        if not en:
            return Text(f"{self.file}: {what.en}.", f"{self.file}: {what.ko}.")
        follow = "follows" if quantities + figures == 1 else "follow"
        return Text(
            f"{self.file}: {what.en}; {' and '.join(en)} merely {follow} from it.",
            f"{self.file}: {what.ko}. 이 때문에 {', '.join(ko)}가 다릅니다.",
        )

    def _what(self) -> Text:
        where, found, expected = self.where, self.found, self.expected
        several = ":" in where
        match self.kind:
            case "formula":
                return Text(
                    f"{where} {'hold' if several else 'holds'} another formula than the lesson's"
                    f" ({found} in place of {expected})",
                    f"{where}의 수식이 예제의 것과 다릅니다({expected} 대신 {found})",
                )
            case "number" | "text" | "error":
                typed = f"hold typed {self.kind}s" if several else f"holds a typed {self.kind}"
                thing = {"number": "수가", "text": "글이", "error": "오류값이"}[self.kind]
                return Text(
                    f"{where} {typed} where a formula belongs ({found} in place of {expected})",
                    f"{where}에 수식 대신 직접 입력한 {thing} 있습니다({expected} 대신 {found})",
                )
            case "blank":
                return Text(
                    f"{where} {'are' if several else 'is'} empty where a formula belongs"
                    f" ({expected})",
                    f"{where}이(가) 비어 있습니다. 수식 {expected}이(가) 있어야 합니다",
                )
            case "name gone":
                return Text(
                    f"the name {where} is gone; in the lesson it stands for {expected}",
                    f"{where}(이)라는 이름이 없어졌습니다. 예제에서는 {expected}을(를) 뜻합니다",
                )
            case "name moved":
                return Text(
                    f"the name {where} stands for {found} in place of {expected}",
                    f"{where}(이)라는 이름이 {expected} 대신 {found}을(를) 뜻합니다",
                )
            case "rearranged":
                return Text(
                    f"most names stand for other cells than the lesson's ({where} for {found} in"
                    f" place of {expected}), so that formulas cannot be compared cell by cell",
                    f"이름이 대부분 예제와 다른 셀을 뜻하여({where}: {expected} 대신 {found})"
                    " 수식을 셀마다 비교할 수 없습니다",
                )


def find_causes(
    path: Path,
    wrong: Mapping[str, Set[CellAddress]],
    failed_figures: Mapping[str, tuple[str, CellAddress | None]],
) -> list[Cause]:
    """What in the workbook at `path` differs from the lesson, what others follow from first.

    Args:
        path: a workbook of a lesson.
        wrong: the cells that do not agree with the reference, by quantity; none for a quantity
            whose name is gone.
        failed_figures: quantity and cell of each printed figure that does not hold, by its id.

    Differences without effect are left out, except for what is typed where a formula belongs.
    """
    lesson, inputs, _ = read_lesson_and_inputs(path)
    search = _Search(
        str(path),
        lesson.name,
        _read(read_parts(path)),
        {quantity: {_cell(address) for address in cells} for quantity, cells in wrong.items()},
        {
            figure: (quantity, None if address is None else _cell(address))
            for figure, (quantity, address) in failed_figures.items()
        },
    )
    expected = _most_similar(search.found, lesson, inputs)
    moved = [name for name, areas in expected.names.items() if search.found.names[name] != areas]
    causes = [search.name_cause(name, expected.names[name]) for name in moved if name in wrong]
    if len(moved) > len(expected.names) / 2:
        if not causes:
            return []
        return [search.rearranged(moved[0], expected.names[moved[0]])]
    return causes + search.cell_causes(_differences(search.found, expected))


class _Contents(NamedTuple):
    """What a workbook holds: the formula that fills each cell, the values, the cells of names."""

    formulas: dict[Cell, StoredFormula]
    values: dict[Cell, CellValue]
    names: dict[str, list[CellArea]]


class Difference(NamedTuple):
    """A cell that does not hold the lesson's formula; neighbours of one `form` are told at once."""

    cell: Cell
    kind: Kind
    found: str | None
    expected: str
    form: tuple[str, str]


@dataclass
class _Search:
    """The search for the causes in one workbook."""

    file: str
    lesson: str
    found: _Contents
    wrong: dict[str, set[Cell]]
    failed_figures: dict[str, tuple[str, Cell | None]]
    _readers: dict[Cell, list[StoredFormula]] = field(default_factory=dict)

    def name_cause(self, name: str, areas: Sequence[CellArea]) -> Cause:
        """The cause that a name is gone, or stands for other cells."""
        figures = [
            figure for figure, (quantity, _) in self.failed_figures.items() if quantity == name
        ]
        there = self.found.names[name]
        return Cause(
            self.file,
            self.lesson,
            "name moved" if there else "name gone",
            name,
            _areas_text(there) if there else None,
            _areas_text(areas),
            figures=tuple(figures),
        )

    def rearranged(self, name: str, areas: Sequence[CellArea]) -> Cause:
        """The cause that most names stand for other cells, as after inserting a row by force."""
        found = self.found.names[name]
        return Cause(
            self.file,
            self.lesson,
            "rearranged",
            name,
            _areas_text(found) if found else "#REF!",
            _areas_text(areas),
            tuple(self.wrong),
            tuple(self.failed_figures),
        )

    def cell_causes(self, differences: Sequence[Difference]) -> list[Cause]:
        """The causes in cells, those before others that they lead to."""
        self._readers = _readers(self.found, {difference.cell for difference in differences})
        groups = neighbours(differences)
        reached = [self._reached({one.cell for one in group}) for group in groups]
        above = [
            sum(group[0].cell in cells for other, cells in enumerate(reached) if other != number)
            for number, group in enumerate(groups)
        ]
        order = sorted(range(len(groups)), key=lambda number: above[number])
        causes = (self._cell_cause(groups[number], reached[number]) for number in order)
        return [cause for cause in causes if cause is not None]

    def _cell_cause(self, group: Sequence[Difference], reached: Set[Cell]) -> Cause | None:
        cells, first = {one.cell for one in group}, group[0]
        own = {
            quantity
            for quantity, areas in self.found.names.items()
            if any(cell in cells for area in areas for cell in area.cells())
        }
        follows = [q for q, wrong in self.wrong.items() if q not in own and wrong & reached]
        is_wrong = any(self.wrong.get(quantity, set()) & cells for quantity in own)
        has_effect = is_wrong or bool(follows and not own)
        if first.kind not in ("number", "text", "error") and not has_effect:
            return None
        beyond = reached - cells
        figures = [figure for figure, (_, cell) in self.failed_figures.items() if cell in beyond]
        return Cause(
            self.file,
            self.lesson,
            first.kind,
            _cells_text(cells),
            first.found,
            first.expected,
            tuple(follows),
            tuple(figures),
        )

    def _reached(self, cells: Set[Cell]) -> set[Cell]:
        """The cells, and all that read them, directly or not."""
        reached, stack = set(cells), list(cells)
        while stack:
            for formula in self._readers.get(stack.pop(), ()):
                new = set(area_of(formula.sheet, formula.area).cells()) - reached
                reached |= new
                stack.extend(new)
        return reached


def _read(parts: Parts) -> _Contents:
    cells = stored_cells(parts)
    names: dict[str, list[CellArea]] = defaultdict(list)
    for (sheet, name), meaning in meanings_of_names(parts).items():
        if sheet is None:
            names[name] = list(references(meaning, ""))
    return _Contents(
        {
            cell: formula
            for formula in cells.formulas
            for cell in area_of(formula.sheet, formula.area).cells()
        },
        {_cell(address): value for address, value in cells.values.items()},
        names,
    )


def _most_similar(found: _Contents, lesson: Lesson, inputs: LessonInputs) -> _Contents:
    """What the lesson builds from the inputs, in the language whose formulas the workbook has."""
    builds = []
    for language in LANGUAGES:
        written = write_workbook(lesson, inputs, language)[0]
        with zipfile.ZipFile(io.BytesIO(written)) as package:
            builds.append(_read({name: package.read(name) for name in package.namelist()}))
        if not _differences(found, builds[-1]):
            break
    return min(builds, key=lambda build: len(_differences(found, build)))


def _differences(found: _Contents, expected: _Contents) -> list[Difference]:
    """The cells on the lesson's own sheets that do not hold its formulas."""
    sheets = {area.sheet for areas in expected.names.values() for area in areas}
    differences = []
    for cell, formula in expected.formulas.items():
        there = found.formulas.get(cell)
        if cell[0] not in sheets or (there is not None and _same(there, formula)):
            continue
        value = found.values.get(cell)
        kind: Kind
        if there is not None:
            kind, text = "formula", _formula_text(there)
        elif value is None:
            kind, text = "blank", None
        elif isinstance(value, CellError):
            kind, text = "error", value.code
        elif isinstance(value, str):
            kind, text = "text", f'"{value}"'
        else:
            kind, text = "number", f"{value:.15g}"
        form = ("" if there is None else _form(there), _form(formula))
        differences.append(Difference(cell, kind, text, _formula_text(formula), form))
    return differences


def _same(one: StoredFormula, other: StoredFormula) -> bool:
    same_cells = one.area == other.area if one.fills_area or other.fills_area else True
    return same_cells and _plain(one.text) == _plain(other.text)


def _plain(formula: str) -> str:
    """The formula without what programs change when they save: spaces and small letters."""
    parts = re.split(r'("(?:[^"]|"")*")', formula)
    outside = (re.sub(r"\s*([-+*/^&=<>(),;{}])\s*", r"\1", part).upper() for part in parts[::2])
    parts[::2] = [part.replace("TRUE()", "TRUE").replace("FALSE()", "FALSE") for part in outside]
    return "".join(parts)


def _form(formula: StoredFormula) -> str:
    return relative_form(formula.text, *address_of(formula.cell[1]))


def _formula_text(formula: StoredFormula) -> str:
    return f"{{{formula.text}}}" if formula.fills_area else formula.text


def _readers(found: _Contents, others: Set[Cell]) -> dict[Cell, list[StoredFormula]]:
    """The formulas that read each cell which holds a formula or is among `others`."""
    names = {name.lower(): areas for name, areas in found.names.items()}
    told = found.formulas.keys() | others
    readers: dict[Cell, list[StoredFormula]] = defaultdict(list)
    for formula in dict.fromkeys(found.formulas.values()):
        for area in references(formula.text, formula.sheet, names):
            for cell in _among(told, area):
                readers[cell].append(formula)
    return readers


def _among(cells: Set[Cell], area: CellArea) -> Iterable[Cell]:
    """Those of the cells that lie in the area, which may be a whole column."""
    if (area.bottom - area.top + 1) * (area.right - area.left + 1) <= len(cells):
        return [cell for cell in area.cells() if cell in cells]
    return [
        (sheet, row, column)
        for sheet, row, column in cells
        if sheet == area.sheet
        and area.top <= row <= area.bottom
        and area.left <= column <= area.right
    ]


def neighbours(differences: Sequence[Difference]) -> list[list[Difference]]:
    """Rectangles of differences that are one formula filled on, in the order of their first."""
    place = {one.cell: number for number, one in enumerate(differences)}

    def alike(one: Difference) -> tuple[object, ...]:
        return one.cell[0], one.kind, one.form

    columns: list[list[Difference]] = []
    for one in sorted(differences, key=lambda one: (one.cell[0], one.cell[2], one.cell[1])):
        last = columns[-1][-1] if columns else None
        sheet, row, column = one.cell
        if last and alike(last) == alike(one) and last.cell == (sheet, row - 1, column):
            columns[-1].append(one)
        else:
            columns.append([one])
    groups: list[list[list[Difference]]] = []
    for run in sorted(columns, key=lambda run: (run[0].cell[:2], run[-1].cell[1], run[0].cell[2])):
        last_run = groups[-1][-1] if groups else None
        beside = [(one.cell[0], one.cell[1], one.cell[2] - 1) for one in run]
        if (
            last_run
            and alike(last_run[0]) == alike(run[0])
            and [one.cell for one in last_run] == beside
        ):
            groups[-1].append(run)
        else:
            groups.append([run])
    flat = [[one for run in group for one in run] for group in groups]
    return sorted(flat, key=lambda group: place[group[0].cell])


def _cell(address: CellAddress) -> Cell:
    return address[0], *address_of(address[1])


def _cells_text(cells: Set[Cell]) -> str:
    """Cells that form a rectangle, as people write it: SGD!H4:H9."""
    (sheet, top, left), (_, bottom, right) = min(cells), max(cells)
    return _areas_text([CellArea(sheet, top, left, bottom, right)])


def _areas_text(areas: Sequence[CellArea]) -> str:
    texts = []
    for sheet, top, left, bottom, right in areas:
        first, last = ref_of(top, left), ref_of(bottom, right)
        texts.append(f"{sheet}!{first}" if first == last else f"{sheet}!{first}:{last}")
    return ",".join(texts)
