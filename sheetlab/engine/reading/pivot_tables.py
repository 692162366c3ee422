"""Where pivot tables of a file show what, for formulas that ask for one of their values."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from sheetlab.engine import budget
from sheetlab.engine.cell_range import Address, CellRange, range_on
from sheetlab.engine.values.conversions import serial_of, text_of
from sheetlab.engine.values.value import Scalar
from sheetlab.errors import WorkbookError
from sheetlab.files.cell_value import CellError
from sheetlab.files.xml import decode_escapes, parse, relations

# The number of the field that stands for which of several values is shown.
_DATA = -2
_LINES_OF_A_STEP = 16


class _Line(NamedTuple):
    """One row or column of a pivot table: its items, of which the first are those of the last line.

    `items` are numbers of items of the fields from `repeated` on; a `total` is one of all that
    lies below them.
    """

    repeated: int
    items: tuple[int, ...]
    data: int
    is_total: bool
    is_blank: bool


class _Axis(NamedTuple):
    """The fields of the rows or the columns, by number, and the lines."""

    fields: tuple[int, ...]
    lines: tuple[_Line, ...]

    def place(self, wanted: Mapping[int, frozenset[int]], data: int) -> int | None:
        """The line that shows a value for some items, by field, and of all other fields the total.

        Where a group has a heading and a total, the total.
        """
        budget.current().spend(len(self.lines) / _LINES_OF_A_STEP)
        at: list[int] = []
        found = None
        for place, line in enumerate(self.lines):
            at[line.repeated :] = line.items
            fields = [field for field in self.fields[: len(at)] if field != _DATA]
            is_wanted = (
                not line.is_blank
                and (_DATA not in self.fields or line.data == data)
                and len(fields) == len(wanted)
                and all(
                    field in wanted and item in wanted[field]
                    for field, item in zip(self.fields, at, strict=False)
                    if field != _DATA
                )
            )
            if is_wanted and (found is None or line.is_total):
                found = place
        return found


class PivotTable(NamedTuple):
    """A pivot table: its cells, the first cell with a value, and what its rows and columns show.

    `names` are those of the fields in lower case; `items` the values of each field's items, by
    field, with the captions that they were given; `pages` the one item of a field to which the
    table is limited, None for all; `data` the names of each value that is shown.
    """

    cells: CellRange
    first: tuple[int, int]
    names: tuple[frozenset[str], ...]
    items: tuple[tuple[tuple[Scalar, ...], ...], ...]
    rows: _Axis
    columns: _Axis
    pages: Mapping[int, int | None]
    data: tuple[frozenset[str], ...]

    def cell(self, data: str, wanted: Sequence[tuple[str, Scalar]]) -> Address | None:
        """The cell with a value of some items, given as field and item; None where it has none."""
        shown = next((n for n, names in enumerate(self.data) if data.lower() in names), None)
        sought: dict[int, frozenset[int]] = {}
        for name, item in wanted:
            field = next((n for n, names in enumerate(self.names) if name.lower() in names), None)
            if field is None:
                return None
            values = self.items[field]
            budget.current().spend(len(values) / _LINES_OF_A_STEP)
            sought[field] = frozenset(n for n, shown in enumerate(values) if _is_any(item, shown))
        if shown is None or any(not self._is_on_page(field, sought) for field in sought):
            return None
        sides = [
            axis.place({field: sought[field] for field in axis.fields if field in sought}, shown)
            for axis in (self.rows, self.columns)
        ]
        row, column = sides
        if row is None or column is None:
            return None
        at = self.first[0] + row, self.first[1] + column
        return (
            (self.cells.sheet, *at)
            if at[0] <= self.cells.bottom and at[1] <= self.cells.right
            else None
        )

    def _is_on_page(self, field: int, sought: Mapping[int, frozenset[int]]) -> bool:
        """Whether a field is one of the rows or columns, or the table is limited to the item."""
        if field in (*self.rows.fields, *self.columns.fields):
            return True
        return self.pages.get(field) in sought[field]


def _is_any(wanted: Scalar, shown: Sequence[Scalar]) -> bool:
    """Whether a value is that of an item, or its caption."""
    if isinstance(wanted, CellError):
        return False
    text = text_of(wanted).lower()
    return any(
        value == wanted if type(value) is type(wanted) is float else text == _shown(value)
        for value in shown
    )


def _shown(value: Scalar) -> str:
    return value.code.lower() if isinstance(value, CellError) else text_of(value).lower()


class PivotTables:
    """The pivot tables of a file, read when the first of their sheet is asked for."""

    def __init__(self, path: Path, parts: Mapping[str, bytes], sheets: Mapping[str, str]) -> None:
        self._path, self._parts, self._sheets = path, parts, sheets
        self._known: dict[str, list[PivotTable]] = {}

    def at(self, cells: CellRange) -> PivotTable | None:
        """The last pivot table that has any of some cells; a damaged one is none."""
        if cells.sheet not in self._known:
            self._known[cells.sheet] = list(self._of_sheet(cells.sheet))
        known = self._known[cells.sheet]
        budget.current().spend(len(known) / _LINES_OF_A_STEP)
        tables = [table for table in known if table.cells.overlaps(cells)]
        return tables[-1] if tables else None

    def _of_sheet(self, sheet: str) -> Iterator[PivotTable]:
        part = self._sheets.get(sheet)
        if part is None:
            return
        for kind, target in relations(self._parts, part, self._path).values():
            if kind == "pivotTable":
                try:
                    yield self._read(sheet, target)
                except (WorkbookError, ValueError, IndexError):
                    # Whoever asks it is told #REF!, and all else can be read.
                    continue

    def _read(self, sheet: str, part: str) -> PivotTable:
        """A pivot table (ECMA-376 part 1, 18.10); `ValueError` or `IndexError` where damaged."""
        root = parse(self._parts, part, self._path)
        links = relations(self._parts, part, self._path).values()
        cache = next(target for kind, target in links if kind == "pivotCacheDefinition")
        known = list(parse(self._parts, cache, self._path).iterfind("{*}cacheFields/{*}cacheField"))
        own = list(root.iterfind("{*}pivotFields/{*}pivotField"))
        if len(own) > len(known):
            raise ValueError("a field has no data")
        location = root.find("{*}location")
        if location is None:
            raise ValueError("it has no place")
        cells = range_on(sheet, location.get("ref", ""))
        titles = [decode_escapes(field.get("name", "")) for field in known]
        return PivotTable(
            cells,
            (
                cells.top + int(location.get("firstDataRow", "1")),
                cells.left + int(location.get("firstDataCol", "1")),
            ),
            tuple(
                frozenset({title.lower(), decode_escapes(field.get("name", title)).lower()})
                for title, field in zip(titles, own, strict=False)
            ),
            tuple(tuple(_items(field, data)) for field, data in zip(own, known, strict=False)),
            _axis(root, "row", len(own)),
            _axis(root, "col", len(own)),
            {
                int(page.get("fld", "-1")): None
                if page.get("item") is None
                else int(page.get("item", ""))
                for page in root.iterfind("{*}pageFields/{*}pageField")
            },
            tuple(
                frozenset(
                    {
                        decode_escapes(shown.get("name", "")).lower(),
                        titles[_number(shown.get("fld", ""), len(titles))].lower(),
                    }
                )
                for shown in root.iterfind("{*}dataFields/{*}dataField")
            ),
        )


def _axis(root: etree._Element, side: str, count: int) -> _Axis:
    fields = tuple(
        int(field.get("x", "")) for field in root.iterfind(f"{{*}}{side}Fields/{{*}}field")
    )
    if any(field != _DATA and not 0 <= field < count for field in fields):
        raise ValueError("there is no such field")
    lines = tuple(
        _Line(
            _number(line.get("r", "0"), len(fields) + 1),
            # The items of a grand total mean nothing.
            ()
            if line.get("t") == "grand"
            else tuple(int(item.get("v", "0")) for item in line.iterfind("{*}x"))[: len(fields)],
            int(line.get("i", "0")),
            line.get("t", "data") not in ("data", "blank"),
            line.get("t") == "blank",
        )
        for line in root.iterfind(f"{{*}}{side}Items/{{*}}i")
    )
    return _Axis(fields, lines or (_Line(0, (), 0, True, False),))


def _number(said: str, count: int) -> int:
    number = int(said)
    if not 0 <= number < count:
        raise ValueError(f"{said} is not below {count}")
    return number


def _items(field: etree._Element, data: etree._Element) -> Iterator[tuple[Scalar, ...]]:
    """The values of a field's items, each with its caption where it was given one."""
    grouped = data.find("{*}fieldGroup/{*}groupItems")
    shared = data.find("{*}sharedItems") if grouped is None else grouped
    values = [] if shared is None else [_value(item) for item in shared.iterchildren("{*}*")]
    for item in field.iterfind("{*}items/{*}item"):
        place, caption = item.get("x"), item.get("n")
        shown: list[Scalar] = [] if place is None else [values[_number(place, len(values))]]
        yield tuple(shown if caption is None else [*shown, decode_escapes(caption)])


def _value(item: etree._Element) -> Scalar:
    said = item.get("v", "")
    match etree.QName(item).localname:
        case "n":
            return float(said)
        case "b":
            return said in ("1", "true")
        case "e":
            return CellError(said)
        case "d":
            moment = datetime.fromisoformat(said.rstrip("Z"))
            day = serial_of(moment.date())
            seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
            return None if day is None else day + seconds / 86400
        case "m":
            return "(blank)"
        case _:
            return decode_escapes(said)
