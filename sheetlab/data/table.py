"""A table of data, and how its columns become the inputs of a lesson."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sheetlab.data.limits import refusal
from sheetlab.data.numbers import with_decimal_comma, with_decimal_point
from sheetlab.errors import InputError
from sheetlab.inputs import Constraint, convert, is_blank
from sheetlab.text import Text, quoted, same


@dataclass(frozen=True)
class Table:
    """Columns under headings, cell by cell as they were found.

    `rows` says how each row is called, `point_is_decimal` whether 1.234 can only be one and a
    bit here, as it is where commas separate the columns.
    """

    name: Text
    headings: tuple[str, ...]
    columns: tuple[tuple[Any, ...], ...]
    rows: tuple[str, ...]
    point_is_decimal: bool
    _taken: set[int] = field(default_factory=set, init=False, repr=False, compare=False)

    @property
    def left_out(self) -> list[str]:
        """The headings of the columns that nobody asked for."""
        return [
            heading
            for position, heading in enumerate(self.headings)
            if heading and position not in self._taken
        ]

    def fields(self, wanted: Mapping[str, Constraint]) -> dict[str, Any]:
        """The wanted inputs that have a column here, whose heading may differ in case or spaces.

        An input that is a single value has it below its heading. Raises `InputError` where no
        heading fits, two fit the same input, or a cell is not usable.
        """
        found = self._positions(wanted)
        if not found:
            inputs = ", ".join(wanted)
            headings = ", ".join(quoted(heading) for heading in self.headings[:20] if heading)
            raise refusal(
                self.name,
                f"no column is an input; the inputs are {inputs}, and the columns are {headings}",
                f"입력에 해당하는 열이 없습니다. 입력은 {inputs}이고, 열은 {headings}입니다",
            )
        return {
            name: self._values_of(name, position, wanted[name]) for name, position in found.items()
        }

    def fields_and_others(
        self, wanted: Mapping[str, Constraint], constraint: Constraint
    ) -> tuple[dict[str, Any], list[tuple[Text, tuple[float | int | str, ...]]]]:
        """The wanted inputs that have a column here, and all other columns under their headings.

        The cells of these are as `constraint` wants them. Raises `InputError` as `fields` does.
        """
        found = self._positions(wanted)
        others = [
            (same(heading), self.values(position, constraint))
            for position, heading in enumerate(self.headings)
            if heading and position not in found.values()
        ]
        return {
            name: self._values_of(name, position, wanted[name]) for name, position in found.items()
        }, others

    def _positions(self, wanted: Mapping[str, Constraint]) -> dict[str, int]:
        """Which column each wanted input has; `InputError` where two fit the same one."""
        found: dict[str, int] = {}
        names = {_letters(name): name for name in wanted}
        for position, heading in enumerate(self.headings):
            name = names.get(_letters(heading))
            if name is None:
                continue
            if name in found:
                first, second = quoted(self.headings[found[name]]), quoted(heading)
                raise refusal(
                    self.name,
                    f"the columns {first} and {second} both stand for {name}; leave one of them",
                    f"{first} 열과 {second} 열이 모두 {name}입니다. 하나만 남기십시오",
                )
            found[name] = position
        return found

    def values(self, position: int, constraint: Constraint) -> tuple[float | int | str, ...]:
        """The cells of one column down to its last that is not blank, as the constraint wants them.

        Raises `InputError` that names the first cell that is blank or not usable.
        """
        self._taken.add(position)
        cells = list(self.columns[position])
        while cells and is_blank(cells[-1]):
            cells.pop()
        for row, cell in enumerate(cells):
            if is_blank(cell):
                raise self._refusal_at(
                    position, row, "is blank; give it a value", "비어 있습니다. 값을 넣으십시오"
                )
        if not constraint.text:
            cells = self._numbers(position, cells)
        return tuple(
            self._converted(position, row, cell, constraint) for row, cell in enumerate(cells)
        )

    def _values_of(self, name: str, position: int, constraint: Constraint) -> Any:
        values = self.values(position, constraint)
        if constraint.length is not None:
            return values
        if len(values) != 1:
            heading = self.headings[position]
            raise refusal(
                self.name,
                f"the column {heading} holds {len(values)} values, but {name} is a single one;"
                " leave one below the heading",
                f"{heading} 열에 값이 {len(values)}개 있지만 {name}은(는) 하나뿐입니다."
                " 제목 아래에 하나만 남기십시오",
            )
        return values[0]

    def _converted(
        self, position: int, row: int, cell: Any, constraint: Constraint
    ) -> float | int | str:
        try:
            return convert(cell, constraint)
        except ValueError:
            shown, must = quoted(self.columns[position][row]), constraint.describe()
            if not constraint.text and not _is_number(cell):
                raise self._no_number(position, row) from None
            raise self._refusal_at(
                position,
                row,
                f"{shown} is not usable; it must be {must.en}",
                f"{shown}은(는) 쓸 수 없습니다. {must.ko}여야 합니다",
            ) from None

    def _numbers(self, position: int, cells: Sequence[Any]) -> list[Any]:
        """The cells with texts as numbers, all of one column read with the same decimal mark."""
        points, commas = [], []
        for row, cell in enumerate(cells):
            text = cell.strip() if isinstance(cell, str) else None
            with_point = cell if text is None else with_decimal_point(text)
            with_comma = cell if text is None else with_decimal_comma(text)
            if with_point is None and with_comma is None:
                raise self._no_number(position, row)
            points.append(with_point)
            commas.append(with_comma)
        if None not in points and None not in commas:
            return self._unambiguous(position, cells, points, commas)
        if None not in points:
            return points
        if None not in commas:
            return commas
        # The first cell that rules the point out, and the first that rules the comma out.
        row, other = sorted((points.index(None), commas.index(None)))
        first, second = quoted(cells[row]), quoted(cells[other])
        raise self._refusal_at(
            position,
            other,
            f"{second} has another decimal mark than {first} in row {self.rows[row]};"
            " write all numbers of the column alike",
            f"{second}의 소수점이 {self.rows[row]}행의 {first}와(과) 다릅니다."
            " 한 열의 수는 같은 방식으로 적으십시오",
        )

    def _unambiguous(
        self, position: int, cells: Sequence[Any], points: list[Any], commas: list[Any]
    ) -> list[Any]:
        for row, (cell, point, comma) in enumerate(zip(cells, points, commas, strict=True)):
            if point is comma or point == comma or (self.point_is_decimal and "," not in cell):
                continue
            raise self._refusal_at(
                position,
                row,
                f"{quoted(cell)} may be {point:.15g} or {comma:.15g}; write the numbers of the"
                " column with a decimal point and without marks between the thousands",
                f"{quoted(cell)}은(는) {point:.15g}일 수도 {comma:.15g}일 수도 있습니다."
                " 소수점은 마침표로 적고 천 단위 구분 기호는 빼십시오",
            )
        return points

    def _no_number(self, position: int, row: int) -> InputError:
        shown = quoted(self.columns[position][row])
        return self._refusal_at(
            position, row, f"{shown} is no number", f"{shown}은(는) 수가 아닙니다"
        )

    def _refusal_at(self, position: int, row: int, en: str, ko: str) -> InputError:
        heading, label = self.headings[position], self.rows[row]
        return InputError(
            Text(
                f"{self.name.en}, row {label}, column {heading}: {en}.",
                f"{self.name.ko}, {label}행 {heading} 열: {ko}.",
            )
        )


def table_of_rows(name: Text, rows: Sequence[Sequence[Any]], *, point_is_decimal: bool) -> Table:
    """The table whose headings stand in the first row that is not blank; rows count from 1.

    Raises `InputError` where all is blank, or a row has cells beyond the headings.
    """
    top = next((row for row, cells in enumerate(rows) if not all(map(is_blank, cells))), None)
    if top is None:
        raise refusal(
            name,
            "is empty; its first row must hold the names of the inputs",
            "비어 있습니다. 첫 행에 입력의 이름이 있어야 합니다",
        )
    headings = ["" if is_blank(cell) else str(cell).strip() for cell in rows[top]]
    while not headings[-1]:
        headings.pop()
    width = len(headings)
    body = rows[top + 1 :]
    for number, cells in enumerate(body, top + 2):
        if not all(map(is_blank, cells[width:])):
            raise refusal(
                name,
                f"has more cells than there are headings ({width}); give every column a heading,"
                " and put a number with a comma between quotation marks",
                f"제목의 수({width})보다 많은 셀이 있습니다. 모든 열에 제목을 주고, 쉼표가 든 수는"
                " 따옴표로 묶으십시오",
                number,
            )
    columns = tuple(
        tuple(cells[column] if column < len(cells) else None for cells in body)
        for column in range(width)
    )
    labels = tuple(str(number) for number in range(top + 2, top + 2 + len(body)))
    return Table(name, tuple(headings), columns, labels, point_is_decimal)


def _letters(heading: str) -> str:
    """A heading without what people write differently: capitals, spaces, underscores, hyphens."""
    return re.sub(r"[\s_\-.]+", "", unicodedata.normalize("NFKC", heading).casefold())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
