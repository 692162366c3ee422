"""Cells read from the XML of sheets: plain rows, and all rows parsed, which must not differ."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetlab import compiled
from sheetlab.engine.grid import Grid, Run
from sheetlab.engine.reading import scan as scanning
from sheetlab.engine.reading.plain_rows import read_plain_rows
from sheetlab.engine.reading.scan import scan, scan_pieces
from sheetlab.engine.reading.sheet_cells import KnownFormulas, SheetCells
from sheetlab.engine.syntax.filling import filling
from sheetlab.errors import MalformedError
from sheetlab.files.address import letters_of
from sheetlab.files.cell_reading import ValueReader
from sheetlab.files.cell_value import CellError

TEXTS = ("zero", "one", "two & three")


def cells_of(rows: str, *, head: str = "<worksheet><sheetData>") -> dict[tuple[int, int], Any]:
    """Each cell's constant, or its formula as a text with "="."""
    return listed(
        scan(worksheet(rows, head), ValueReader(TEXTS), frozenset(("1",)), 10_000, KnownFormulas())
    )


def worksheet(rows: str, head: str = "<worksheet><sheetData>") -> bytes:
    return f"{head}{rows}</sheetData></worksheet>".encode(errors="surrogateescape")


def in_pieces(xml: bytes, size: int) -> dict[tuple[int, int], Any] | None:
    """As `cells_of`, of XML that comes in pieces; None where it has to be read as a whole."""
    pieces = [xml[start : start + size] for start in range(0, len(xml), size)]
    cells = scan_pieces(
        pieces, len(xml), ValueReader(TEXTS), frozenset(("1",)), 10_000, KnownFormulas()
    )
    return None if cells is None else listed(cells)


def listed(cells: SheetCells) -> dict[tuple[int, int], Any]:
    found: dict[tuple[int, int], Any] = {}
    for constants in cells.constants:
        for offset, number in enumerate(constants.numbers.tolist()):
            value = number
            if number != number:
                value = None if constants.objects is None else constants.objects[offset]
                if value is None:
                    continue
            _keep(found, (constants.first + offset, constants.column), value)
    for family in cells.families:
        filled = filling(family.text, family.first, family.column)
        for row in range(family.first, family.first + family.count):
            for column in range(family.column, family.column + family.width):
                # Beside a formula, a cached value is no constant.
                _keep(found, (row, column), filled.at(row, column))
    for array in cells.arrays:
        found[array.row, array.column] = (array.rows, array.columns, array.text, array.spills)
    return found


class _TwiceError(Exception):
    pass


def _keep(found: dict[tuple[int, int], Any], place: tuple[int, int], value: Any) -> None:
    if place in found:
        raise _TwiceError(place)
    found[place] = value


def in_parts(rows: str, monkeypatch: pytest.MonkeyPatch, chunk: int) -> dict[Any, Any]:
    with monkeypatch.context() as patched:
        patched.setattr(scanning, "_CHUNK", chunk)
        return cells_of(rows)


def in_a_tree(
    rows: str, monkeypatch: pytest.MonkeyPatch, read: Callable[[str], Any] = cells_of
) -> Any:
    with monkeypatch.context() as patched:
        patched.setattr(compiled, "reading", None)
        return read(rows)


def column(kind: str, row: int, letters: str) -> str:
    """One cell of a column of some kind, as programs write it."""
    ref = f'r="{letters}{row}"'
    match kind:
        case "number":
            return f"<c {ref}><v>{row * 0.37}</v></c>"
        case "exact":
            return f"<c {ref} t='n'><v>{row / 7!r}</v></c>".replace("'", '"')
        case "small":
            return f"<c {ref}><v>-{row}.5E-{row % 300}</v></c>"
        case "styled":
            return f'<c {ref} s="{row % 3}"><v>{row - 20}</v></c>'
        case "shared text":
            return f'<c {ref} s="4" t="s"><v>{row % 3}</v></c>'
        case "inline":
            return f'<c {ref} t="inlineStr"><is><t>row {row} &lt;&#65;&gt;</t></is></c>'
        case "characters by number":
            formula = f"IF(A{row}&#60;&#x33;,&quot;&#8722;&#x1F642;&quot;,&#65;{row})"
            return f'<c {ref} t="str"><f>{formula}</f><v>&#8722;</v></c>'
        case "texts by number":
            return f'<c {ref} t="inlineStr"><is><t>&#x3b1;&#9;{row}&#128;&#x10FFFF;</t></is></c>'
        case "truth":
            return f'<c {ref} t="b"><v>{row % 2}</v></c>'
        case "error":
            return f'<c {ref} t="e"><v>#DIV/0!</v></c>'
        case "date":
            return f'<c {ref} t="d"><v>2024-01-0{row % 9 + 1}</v></c>'
        case "blank":
            return f'<c {ref} s="1"/>'
        case "empty":
            return f"<c {ref}><v/></c>"
        case "formula":
            return f"<c {ref}><f>A{row}*$B$2+C{row + 1}</f><v></v></c>"
        case "above":
            return f"<c {ref}><f>SUM({letters}{max(row - 1, 1)},A$1:A{row})</f><v/></c>"
        case "escaped":
            return f'<c {ref} t="str"><f>IF(A{row}&lt;3,"A1 &amp; x","")</f><v>x</v></c>'
        case "text that moves":
            return f'<c {ref}><f>"A{row}"&amp;A{row}</f></c>'
        case "two kinds":
            formula = f"A{row}+1" if row % 40 < 25 else f"A{row}-1"
            return f"<c {ref}><f>{formula}</f><v>1</v></c>"
        case "no two alike":
            return f"<c {ref}><f>A{row * 7 % 50 + 1}</f><v>1</v></c>"
        case "with a sign":
            return f"<c {ref}><f>=A{row}*2</f><v>1</v></c>"
        case "with a sign at times":
            sign = "=" if row % 30 < 20 else ""
            return f"<c {ref}><f>{sign}A{row}*{row % 2}</f><v>1</v></c>"
        case "no formula at times":
            return f"<c {ref}><f>{f'A{row}' if row % 25 else row % 2 * '='}</f><v>{row}</v></c>"
        case "inline without text":
            return f'<c {ref} t="inlineStr"><v>{row}</v></c>'
        case "calculated":
            return f'<c {ref}><f aca="false">A{row}</f><v>{row}</v></c>'
        case "mixed":
            return column(("number", "truth", "shared text")[row // 20 % 3], row, letters)
        case "now and then":
            return column("number", row, letters) if row % 9 else ""
        case _:
            raise AssertionError(kind)


KINDS = [
    *("number", "exact", "small", "styled", "shared text", "inline", "truth", "error", "date"),
    *("blank", "empty", "formula", "above", "escaped", "text that moves", "two kinds"),
    *("no two alike", "calculated", "mixed", "now and then", "with a sign"),
    *("with a sign at times", "no formula at times", "inline without text"),
    *("characters by number", "texts by number"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_is_read_as_its_rows_are(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f'<row r="{row}">{column(kind, row, "D")}</row>' for row in range(1, 131))
    expected = in_a_tree(rows, monkeypatch)
    assert cells_of(rows) == expected
    for chunk in (700, 100_000):
        assert in_parts(rows, monkeypatch, chunk) == expected
    assert not any(str(held).startswith("==") for held in expected.values())
    if kind not in ("blank", "empty", "inline without text"):
        assert len(expected) >= 100
    for size in (200, 333, 2000, 100_000):
        assert in_pieces(worksheet(rows), size) == expected


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=5),
    first=st.sampled_from([1, 2, 8, 95, 990]),
    stretches=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), min_size=1, max_size=3),
    attributes=st.sampled_from(["", ' spans="1:9"', ' ht="15" customHeight="1"']),
    chunk=st.sampled_from([300, 2000, 100_000]),
)
def test_any_sheet_reads_alike(
    kinds: list[str],
    first: int,
    stretches: list[tuple[int, int]],
    attributes: str,
    chunk: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows, row = [], first
    for count, gap in stretches:
        for row in range(row, row + count):  # noqa: B020
            cells = "".join(
                column(kind, row, letters_of(place)) for place, kind in enumerate(kinds, 26)
            )
            rows.append(f'<row r="{row}"{attributes}>{cells}</row>')
        row += gap + 1
    expected = in_a_tree("".join(rows), monkeypatch)
    assert cells_of("".join(rows)) == expected
    assert in_parts("".join(rows), monkeypatch, chunk) == expected
    assert in_pieces(worksheet("".join(rows)), chunk) == expected


PIECES = [
    *("<row>", '<row r="7">', '<row r="7"/>', "</row>", "<c>", '<c r="B7"/>', "</c>", "<v>"),
    *("<v/>", "</v>", "<f>", "</f>", "<f/>", '<f t="shared" si="0"/>', '<f t="shared" si="0">'),
    *("<is><t>", "</t></is>", ' t="s"', ' t="str"', ' t="b"', ' t="e"', ' t="n"', ' s="3"'),
    *(' r="A1"', ' r="XFE1"', ' cm="1"', ' r="0"', " ", "\n", "\r", "\t", "\0", "\x1f"),
    *(
        '"',
        "'",
        "<",
        ">",
        "/",
        "&",
        "&lt;",
        "&#65;",
        "&#61;",
        "&#x20AC;",
        "&#0;",
        "&#xD800;",
        "&#xFFFF;",
        "&#1114112;",
        "&#00000065;",
        "&#X41;",
        "&#;",
        "&#x;",
        "&nope;",
        "=",
        "A1+1",
        "é",
        "\udcff",
        "\uffff",
    ),
    *("-", ".", "1e5", "1e999", "_", "0", "99", "00", "1048577", ":", "a:b", "]]>", "[B]"),
    *("<!-- -->", "<![CDATA[1]]>", "<?a b?>", "</sheetData>"),
]


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=3),
    edits=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(["", *PIECES])),
        min_size=1,
        max_size=3,
    ),
    size=st.integers(40, 400),
)
def test_damaged_rows_read_alike(
    kinds: list[str],
    edits: list[tuple[float, int, str]],
    size: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = "".join(
        f'<row r="{row}">{"".join(column(k, row, letters_of(p)) for p, k in enumerate(kinds, 1))}'
        "</row>"
        for row in range(1, 4)
    )
    for where, length, piece in edits:
        place = int(where * len(rows))
        rows = rows[:place] + piece + rows[place + length :]
    expected = outcome(rows)
    assert expected == in_a_tree(rows, monkeypatch, outcome)
    # What is refused in pieces is read as a whole for its cells, or the reason, to be told.
    found = outcome(rows, lambda rows: in_pieces(worksheet(rows), size))
    assert found in (expected, None, "malformed")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('ht="15" ht="15"', "malformed"),
        ('r="1"', "malformed"),
        ('spans="1:2" ht="15"', {(1, 1): 1.0}),
        (" ".join(f'a{n}="1"' for n in range(40)), {(1, 1): 1.0}),
    ],
    ids=["twice", "number twice", "usual", "many"],
)
def test_attributes_of_rows_read_alike(
    attributes: str, expected: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = f'<row r="1" {attributes}><c r="A1"><v>1</v></c></row>'
    assert outcome(rows) == expected == in_a_tree(rows, monkeypatch, outcome)


def outcome(rows: str, read: Callable[[str], Any] = cells_of) -> Any:
    """The cells of some rows, or why they are refused."""
    try:
        return read(rows)
    except MalformedError:
        return "malformed"
    except _TwiceError as error:
        return error.args


@pytest.mark.skipif(compiled.reading is None, reason="nothing is plain without what is compiled")
@pytest.mark.parametrize("kind", ["characters by number", "texts by number"])
def test_characters_by_number_are_plain(kind: str) -> None:
    xml = f'<row r="1">{column(kind, 1, "A")}</row>'.encode()
    assert read_plain_rows(xml, 0, len(xml), 0).stop == len(xml)


@pytest.mark.parametrize("sign", ["=", "&#61;", "&#x3D;"])
def test_a_sign_before_a_formula_is_passed_over(sign: str) -> None:
    assert cells_of(f'<row r="1"><c r="A1"><f>{sign}B1</f></c></row>') == {(1, 1): "=B1"}


def test_a_filled_formula_is_one_family(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "_CHUNK", 3000)
    rows = "".join(
        f'<row r="{row}"><c r="B{row}"><v>{row}</v></c>'
        f'<c r="C{row}"><f>C{row - 1}+$B$2*B{row}</f><v/></c></row>'
        for row in range(2, 2500)
    )
    cells = scan(
        f"<x><sheetData>{rows}</sheetData></x>".encode(),
        ValueReader(),
        frozenset(),
        10_000,
        KnownFormulas(),
    )
    (family,) = cells.families
    assert (family.first, family.count, family.text) == (2, 2498, "=C1+$B$2*B2")
    numbers = np.concatenate([part.numbers for part in cells.constants])
    assert numbers.tolist() == list(range(2, 2500))


@pytest.mark.parametrize("count", [3, 200])
def test_shared_formulas(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    first = '<row r="4"><c r="B4"><f t="shared" ref="B4:C9" si="0">A4+$A$1&amp;""</f></c>'
    first += '<c r="C4"><f t="shared" si="0"/><v>1</v></c></row>'
    rest = "".join(
        f'<row r="{row}"><c r="B{row}"><f t="shared" si="0"/><v>1</v></c></row>'
        for row in range(5, 5 + count)
    )
    expected = {(row, 2): f'=A{row}+$A$1&""' for row in range(4, 5 + count)}
    expected[4, 3] = '=B4+$A$1&""'
    assert cells_of(first + rest) == expected
    assert in_parts(first + rest, monkeypatch, 100_000) == expected


@pytest.mark.parametrize("count", [2, 40])
def test_a_group_may_come_to_share_another_formula(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(first: int, text: str) -> str:
        shared = [f'<c r="B{first}"><f t="shared" si="0">{text}</f></c>'] + [
            f'<c r="B{row}"><f t="shared" si="0"/></c>' for row in range(first + 1, first + count)
        ]
        return "".join(f'<row r="{row}">{cell}</row>' for row, cell in enumerate(shared, first))

    expected = {(row, 2): f"=A{row}+1" for row in range(5, 5 + count)}
    expected |= {(row, 2): f"=A{row - 1}*2" for row in range(100, 100 + count)}
    both = rows(5, "A5+1") + rows(100, "A99*2")
    assert cells_of(both) == in_a_tree(both, monkeypatch) == expected
    missing = both.replace(f'r="B{99 + count}"><f t="shared" si="0"', 'r="B1"><f si="7" t="shared"')
    missing = missing.replace(f'<row r="{99 + count}">', '<row r="1">')
    with pytest.raises(MalformedError, match="7"):
        cells_of(missing)
    with pytest.raises(MalformedError, match="7"):
        in_a_tree(missing, monkeypatch)


def test_array_formulas_and_what_spills() -> None:
    rows = (
        '<row r="2"><c r="B2"><f t="array" ref="B2:C3">A1:B2*2</f><v>1</v></c>'
        '<c r="C2"><v>2</v></c>'
        '<c r="E2" cm="1"><f t="array" ref="E2:E4">SORT(A1:A3)</f><v>1</v></c></row>'
        '<row r="3"><c r="G3"><f t="dataTable" ref="G3:G5" r1="A1"/><v>1</v></c></row>'
    )
    assert cells_of(rows) == {
        (2, 2): (2, 2, "=A1:B2*2", False),
        (2, 3): 2.0,
        (2, 5): (3, 1, "=SORT(A1:A3)", True),
        (3, 7): (3, 1, "=TABLE()", False),
    }


def test_cells_without_addresses_follow_each_other() -> None:
    rows = (
        "<row><c><v>1</v></c><c><v>2</v></c></row>"
        "<row r='4'><c r='C4'><v>3</v></c><c><v>4</v></c></row>"
    )
    assert cells_of(rows) == {(1, 1): 1.0, (1, 2): 2.0, (4, 3): 3.0, (4, 4): 4.0}


@pytest.mark.parametrize("texts", [(5,), (1, 2), (3, 4), (2, 3, 6)])
@pytest.mark.parametrize("numbers", [(1, 2, 3, 4, 5, 6), (1, 4, 5, 2, 6, 3), (6, 1, 3, 4, 5, 2)])
def test_texts_among_numbers_in_parts(
    texts: tuple[int, ...], numbers: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(
        f'<row r="{row}">{column("inline" if row // 10 in texts else "number", row, "A")}</row>'
        for ten in numbers
        for row in range(10 * ten, 10 * ten + 9)
    )
    expected = in_a_tree(rows, monkeypatch)
    for size in (100, 400, 1000):
        assert in_pieces(worksheet(rows), size) == expected
        pieces = [worksheet(rows)[at : at + size] for at in range(0, len(rows) + 100, size)]
        cells = scan_pieces(
            pieces, len(rows), ValueReader(TEXTS), frozenset(), 10_000, KnownFormulas()
        )
        assert cells is not None
        grid = Grid(
            (part.column, Run(part.first, part.numbers, part.objects)) for part in cells.constants
        )
        assert {row: grid.value(row, 1) for row, _ in expected} == {
            row: value for (row, _), value in expected.items()
        }


@pytest.mark.parametrize("extra", ["<!-- <row r='1'> -->", "<?note x?>", "<![CDATA[ ]]>"])
def test_comments_among_the_rows(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f'<row r="{row}">{column("number", row, "A")}</row>' for row in range(1, 60)]
    expected = cells_of("".join(rows))
    rows.insert(40, extra)
    assert in_parts("".join(rows), monkeypatch, 500) == expected
    assert in_pieces(worksheet("".join(rows)), 500) is None


def test_what_stands_around_rows_that_come_in_pieces() -> None:
    rows = "".join(f'<row r="{row}">{column("number", row, "A")}</row>' for row in range(1, 60))
    head = '<worksheet xmlns="urn:main"><cols/><sheetData>'
    expected = cells_of(rows, head=head)
    behind = b"</sheetData><rowBreaks><brk/></rowBreaks><drawing/></worksheet>"
    xml = worksheet(rows, head).replace(b"</sheetData></worksheet>", behind)
    for size in range(len(head), 400):
        assert in_pieces(xml, size) == expected
    assert in_pieces(xml, len(head) - 1) is None
    assert in_pieces(xml.replace(behind, behind + b" " * 20_000 + b"<"), 300) == expected
    for broken in (xml[:-1], xml.replace(b"<brk/>", b"<brk>"), xml.replace(b"<cols/>", b"<cols>")):
        with pytest.raises(MalformedError):
            in_pieces(broken, 300)
    assert in_pieces(xml[: xml.index(b"</sheetData>")], 300) is None


def test_a_row_longer_than_pieces_is_read_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "_CHUNK", 2000)
    cells = "".join(column("number", 7, letters_of(place)) for place in range(1, 400))
    rows = f'<row r="7">{cells}</row>'
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        for start in range(0, len(rows), 100):
            taken += 1
            yield worksheet(rows)[start : start + 100]

    assert (
        scan_pieces(pieces(), len(rows), ValueReader(), frozenset(), 10_000, KnownFormulas())
        is None
    )
    assert taken < 30


def test_texts_of_every_kind() -> None:
    rows = (
        "<row r='1'><c r='A1' t='inlineStr'><is><r><rPr/><t>one </t></r><r><t>two</t></r>"
        "<rPh><t>no</t></rPh></is></c><c r='B1' t='str'><v>a_x000a_b</v></c>"
        "<c r='C1' t='str'><v></v></c><c r='D1' t='s'><v>2</v></c></row>"
    )
    assert cells_of(rows) == {
        (1, 1): "one two",
        (1, 2): "a\nb",
        (1, 3): "",
        (1, 4): "two & three",
    }


def test_prefixed_namespaces() -> None:
    head = '<x:worksheet xmlns:x="urn:main"><x:sheetData>'
    xml = head + '<x:row r="1"><x:c r="A1"><x:v>5</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    assert listed(scan(xml.encode(), ValueReader(), frozenset(), 10_000, KnownFormulas())) == {
        (1, 1): 5.0
    }


def test_errors() -> None:
    found = cells_of('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>')
    assert found == {(1, 1): CellError("#N/A")}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(-1e308, 1e308), min_size=16, max_size=40))
def test_numbers_are_read_exactly(numbers: list[float]) -> None:
    for written in ([repr(n) for n in numbers], [f"{n:.15g}" for n in numbers]):
        rows = "".join(
            f'<row r="{row}"><c r="A{row}"><v>{text}</v></c></row>'
            for row, text in enumerate(written, 1)
        )
        assert [*cells_of(rows).values()] == [float(text) for text in written]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "XFE1"),
        ('<row r="1048577"><c r="A1048577"><v>1</v></c></row>', "no row 1048577"),
        ('<row r="2"><c r="A1"><v>1</v></c></row>', "stands in row 2"),
        ('<row r="1"><c r="A1"><v>one</v></c></row>', "'one'"),
        ('<row r="1"><c r="A1" t="s"><v>99</v></c></row>', "'99'"),
        ('<row r="1"><c r="A1"><v>1E999</v></c></row>', "'1E999'"),
        ("<row><c></row>", "mismatch"),
    ],
)
def test_what_cannot_be_read_is_told(rows: str, said: str) -> None:
    with pytest.raises(MalformedError, match=said):
        cells_of(rows)
