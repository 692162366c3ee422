"""Rows changed where they stand, which must not differ from rows changed as a tree."""

from collections.abc import Callable
from xml.parsers.expat import ExpatError

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from sheetlab.files import sheet_rows
from sheetlab.files.address import address_of, letters_of, ref_of
from sheetlab.files.cell_value import CellError, CellValue
from sheetlab.files.cell_writing import cached_xml, number_text, write_cached, write_constant
from sheetlab.files.sheet_rows import with_cached, with_constants
from sheetlab.files.sheet_tree import SheetTree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
FRAME = (
    f'<worksheet xmlns="{MAIN}" xmlns:x="urn:x"><cols><col min="1"/></cols><sheetData>',
    '</sheetData><extLst><ext uri="u"><x:y/></ext></extLst></worksheet>',
)
# The usual first: rows of these alone are changed as text.
CELLS = [
    "<c {r}><f>A1*2</f><v></v></c>",
    '<c {r} s="3"><f>A1*2</f><v>7</v></c>',
    '<c {r} t="str" s="3"><f>"a"&amp;A1</f><v>old</v></c>',
    '<c {r} s="1" t="e"><f aca="1">1/0</f><v>#DIV/0!</v><extLst><x:z/></extLst></c>',
    '<c {r}><f t="shared" si="0"/><v>2</v></c>',
    '<c {r}><f t="array" ref="{ref}">SUM(A1:A2*2)</f><v>2</v></c>',
    "<c {r}><v>1.5</v></c>",
    '<c {r} t="s"><v>0</v></c>',
    '<c {r} s="2"/>',
    "",
    "<c {r}><!-- a comment --><f>A1</f></c>",
    "<c {r} t='str'><f>A1</f><v>x</v></c>",
    "<c {r}><f>A1='x y'!A1</f></c>",
    "<c {r}>\n<f>A1</f>\n<v>1</v>\n</c>",
    '<c {r} t="inlineStr"><f>A1</f><is><t>x</t></is></c>',
    '<c {r}><f t="array" ref="{area}">A1:A4*2</f><v>2</v></c>',
    "<c {r}><x:f>A1</x:f><f>A1</f></c>",
    "<c {r}><f/></c>",
    "<c {r}><f></f><v>5</v></c>",
    '<c {r}><f t="array" ref="{area}"></f><v>5</v></c>',
    '<c {r}><f t="dataTable" ref="{area}" r1="A1"/><v>5</v></c>',
    "<c {r}><f>=A1</f><v>5</v></c>",
]
VALUES: list[CellValue | None] = [
    *(1.0, -0.0, 0.1 + 0.2, 1e22, 5e-324, True, False, "text", " <&> \n", "", "#N/A"),
    *(CellError("#N/A"), None),
]


def value_at(row: int, column: int) -> CellValue | None:
    return VALUES[(row * 7 + column * 3) % len(VALUES)]


def values(column: int, first: int, last: int) -> list[CellValue | None]:
    return [value_at(row, column) for row in range(first, last + 1)]


def numbers(column: int, first: int, last: int) -> list[CellValue | None]:
    return [row / column - 1 for row in range(first, last + 1)]


def sheet(cells: list[list[str]], first: int, gap: int) -> bytes:
    rows = []
    for index, row in enumerate(cells):
        number = first + index * gap
        said = [
            form.format(
                r=f'r="{ref_of(number, column)}"',
                ref=ref_of(number, column),
                area=f"{ref_of(number, column)}:{letters_of(column + 1)}{number + 2}",
            )
            for column, form in enumerate(row, 25)
        ]
        rows.append(f'<row r="{number}" spans="1:3">{"".join(said)}</row>')
    return "".join(rows).join(FRAME).encode()


def by_tree(xml: bytes, write: Callable[[SheetTree], None]) -> bytes:
    root = etree.fromstring(xml)
    write(SheetTree(root))
    return etree.tostring(root)


def pieces_of(xml: bytes, size: int = 10**9) -> sheet_rows.Pieces:
    # Where the rows begin has to be in the first piece.
    head = len(FRAME[0])
    return lambda: [xml[:head], *(xml[at : at + size] for at in range(head, len(xml), size))]


def whole(pieces: sheet_rows.Pieces | None) -> bytes | None:
    return None if pieces is None else b"".join(pieces())


def canonical(xml: bytes | None) -> str:
    assert xml is not None
    return str(etree.canonicalize(xml.decode()))


@pytest.mark.parametrize("column_of_values", [values, numbers])
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.lists(st.sampled_from(CELLS[:10]) | st.sampled_from(CELLS), max_size=3),
        min_size=1,
        max_size=12,
    ),
    first=st.sampled_from([1, 8, 99]),
    gap=st.integers(1, 3),
    chunk=st.sampled_from([1, 200, 1_000_000]),
    size=st.sampled_from([1, 50, 333, 1_000_000]),
)
def test_values_are_cached_as_in_a_tree(
    cells: list[list[str]],
    first: int,
    gap: int,
    chunk: int,
    size: int,
    column_of_values: Callable[[int, int, int], list[CellValue | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    xml = sheet(cells, first, gap)

    def write(tree: SheetTree) -> None:
        for row, column in list(tree.formula_cells()):
            (value,) = column_of_values(column, row, row)
            if value is not None:
                write_cached(tree.cell(row, column), value)

    with monkeypatch.context() as patched:
        patched.setattr(sheet_rows, "_CHUNK", chunk)
        found = whole(with_cached(pieces_of(xml, size), column_of_values))
    assert canonical(found) == canonical(by_tree(xml, write))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.lists(st.sampled_from(CELLS[5:10]), max_size=3), min_size=1, max_size=9),
    constants=st.dictionaries(
        st.builds(ref_of, st.integers(1, 30), st.integers(24, 29)),
        st.sampled_from(VALUES),
        min_size=1,
    ),
    chunk=st.sampled_from([1, 200, 1_000_000]),
    size=st.sampled_from([1, 50, 333, 1_000_000]),
)
def test_constants_are_written_as_in_a_tree(
    cells: list[list[str]],
    constants: dict[str, CellValue | None],
    chunk: int,
    size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    xml = sheet(cells, 3, 2)

    def write(tree: SheetTree) -> None:
        for ref, value in constants.items():
            write_constant(tree.cell(*address_of(ref)), value)

    with monkeypatch.context() as patched:
        patched.setattr(sheet_rows, "_CHUNK", chunk)
        found = whole(with_constants(pieces_of(xml, size), constants))
    assert canonical(found) == canonical(by_tree(xml, write))


def test_usual_rows_are_never_a_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_tree(*_: object) -> bytes:
        raise AssertionError

    monkeypatch.setattr(sheet_rows, "_by_tree", no_tree)
    xml = sheet([CELLS[:10]] * 3, 1, 1)
    found = whole(with_cached(pieces_of(xml), numbers))
    assert found is not None
    assert f"<f>A1*2</f><v>{number_text(1 / 25 - 1)}</v>".encode() in found
    assert whole(with_cached(pieces_of(found), numbers)) == found


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_written_as_one_by_one(found: list[float]) -> None:
    assert cached_xml(found) == [f"<v>{number_text(n)}</v>".encode() for n in found]


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c><f>A1</f></c></row>",
        '<row r="2"><c r="A2"><f>1</f></c></row><row r="1"><c r="A1"><f>1</f></c></row>',
        '<row r="1"><c r="A1"><f>1</f><!-- <row r="2"> --></c></row>',
        '<row r="1"><c r="A1"><f>1</f><v><![CDATA[<row r="2">]]></v></c></row>',
    ],
)
def test_rows_that_cannot_be_told_apart(rows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_rows, "_CHUNK", 1)
    assert with_cached(pieces_of(rows.join(FRAME).encode()), values) is None


def test_what_is_no_xml() -> None:
    with pytest.raises(ExpatError):
        with_cached(pieces_of(b"<row".join(part.encode() for part in FRAME)), values)
