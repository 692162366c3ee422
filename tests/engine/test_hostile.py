"""Files that are damaged or written to do harm: each loads and calculates, or is refused."""

import io
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from engine.guarded import outcomes
from engine.packages import MAIN, SHEET, formulas, parts_of, write_package
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table

from sheetlab import load
from sheetlab.errors import WorkbookError
from sheetlab.files import package
from sheetlab.files.cell_value import CellError
from sheetlab.files.package import Parts, read_parts
from sheetlab.limits import Limits

NAME, REF, VALUE = (repr(CellError(code)) for code in ("#NAME?", "#REF!", "#VALUE!"))

needs_limits = pytest.mark.skipif(sys.platform == "win32", reason="has no limits of memory")


def refusal(path: Path) -> str:
    with pytest.raises(WorkbookError) as refused:
        load(path).cells()
    message = refused.value.message
    assert str(path) in message.en
    assert str(path) in message.ko
    return message.en


def guarded(folder: Path, parts: Parts) -> dict[str, object]:
    """The values of a workbook, or {"refused": message}, got within bounds of memory and time."""
    path = write_package(folder, parts)
    (found,) = outcomes(path, seconds=15)
    assert "failed" not in found, found["failed"]
    assert found["seconds"] < 8
    if "refused" in found:
        assert str(path) in found["refused"]
        return {"refused": found["refused"]}
    return dict(found["values"])


# Files that are no workbook.


@pytest.mark.parametrize("start", ["D0CF11E0A1B11AE1", "D0CF11E0"])
def test_a_protected_or_old_file(start: str, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    stream = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(bytes.fromhex(start).ljust(512, b"\0") + stream + bytes(2048))
    assert "password" in refusal(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"a,b\n1,2\n", b"<html></html>", bytes(5000)])
def test_what_is_no_zip(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    assert "not a workbook" in refusal(path)


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "book.xlsx").mkdir()
    assert "folder" in refusal(tmp_path / "book.xlsx")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off(share: float, tmp_path: Path) -> None:
    path = write_package(tmp_path, parts_of(formulas("A1+B1")))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "damaged" in refusal(path)


@pytest.mark.parametrize("sheets", ["<sheets/>", ""])
def test_a_workbook_without_sheets(sheets: str, tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    parts["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}">{sheets}</workbook>'.encode()
    refusal(write_package(tmp_path, parts))


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/_rels/workbook.xml.rels"])
def test_a_workbook_without_a_part(part: str, tmp_path: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    del parts[part]
    refusal(write_package(tmp_path, parts))


# Files that are far larger than they look.


def bomb(size: int, members: int = 1) -> bytes:
    """A zip of one member that unpacks to so many zeros, in as many entries of its directory."""
    block = 1 << 20
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    repeated = deflate.compress(bytes(block)) + deflate.flush(zlib.Z_FULL_FLUSH)
    data = repeated * (size // block) + deflate.flush()
    check = 0
    for _ in range(size // block):
        check = zlib.crc32(bytes(block), check)
    name = b"xl/workbook.xml"
    header = struct.pack("<5H3L2H", 20, 0, 8, 0, 33, check, len(data), size, len(name), 0)
    entry = b"PK\1\2" + struct.pack("<H", 20) + header + struct.pack("<3H2L", 0, 0, 0, 0, 0) + name
    local = b"PK\3\4" + header + name + data
    end = struct.pack("<4H2LH", 0, 0, members, members, len(entry) * members, len(local), 0)
    return local + entry * members + b"PK\5\6" + end


def test_a_bomb_is_what_it_says(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(bomb(4 << 20))) as archive:
        assert archive.read("xl/workbook.xml") == bytes(4 << 20)


@needs_limits
def test_a_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(bomb(3 << 30))
    (found,) = outcomes(path)
    assert "unpacks to more than 2,147,483,648 bytes" in found["refused"]
    assert found["seconds"] < 2


def test_a_limit_of_the_caller(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(bomb(4 << 20))
    assert len(read_parts(path, 4 << 20)) == 1
    with pytest.raises(WorkbookError, match="more than 4,194,303 bytes"):
        load(path, limits=Limits(unpacked_bytes=(4 << 20) - 1))


@needs_limits
def test_members_that_overlap(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(bomb(16 << 20, members=100))
    (found,) = outcomes(path)
    assert "damaged" in found["refused"]
    assert found["seconds"] < 2


def test_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_package(tmp_path, parts_of(formulas("A1+B1")))
    monkeypatch.setattr(package, "MAX_PARTS", 4)
    assert "more than 4 parts" in refusal(path)


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))


@needs_limits
@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/sharedStrings.xml"])
@pytest.mark.parametrize("kind", ["laughs", "file", "parameter", "attribute"])
def test_entities(part: str, kind: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    declared, used = {
        "laughs": (LAUGHS, "&l9;"),
        "file": (f'<!ENTITY e SYSTEM "{secret.as_uri()}">', "&e;"),
        "parameter": (f'<!ENTITY % e SYSTEM "{secret.as_uri()}"> %e;', ""),
        "attribute": (LAUGHS, ""),
    }[kind]
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><f>A1&amp;"!"</f></c></row>'
    parts = parts_of(rows, strings=f"<si><t>word{used}</t></si>", names={"rate": f"1{used}"})
    xml = parts[part].decode().replace("amp;", "").replace("&", "&amp;").replace("&amp;l9", "&l9")
    xml = xml.replace("&amp;e;", "&e;").replace('"!"', f'"{used}"')
    if kind == "attribute":
        xml = xml.replace("><", ' note="&l9;"><', 1)
    parts[part] = f"<!DOCTYPE r [{declared}]>{xml}".encode()
    found = guarded(tmp_path, parts)
    assert part in str(found["refused"])
    assert "secret" not in str(found["refused"]).replace(str(tmp_path), "")


@needs_limits
@pytest.mark.parametrize(
    "before",
    [
        '<dimension ref="A1:ZZZZZ1048576"/>',
        '<dimension ref="A1:XFD1048576"/>',
        '<dimension ref="B7"/>',
        '<cols><col min="1" max="16384" width="9"/></cols>',
        '<cols><col min="1" max="999999999" width="9"/></cols>',
    ],
)
def test_a_sheet_that_claims_to_be_huge(before: str, tmp_path: Path) -> None:
    rows = formulas("A1+B1").replace("<row ", '<row spans="1:1000000" ')
    assert guarded(tmp_path, parts_of(rows, before=before)) == {"Data!C1": 5}


@needs_limits
@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><f t="array" ref="A1:XFD1048576">1+1</f></c></row>',
        '<row r="1"><c r="A1"><f t="shared" si="0" ref="A1:XFD1048576">1+1</f></c></row>',
        formulas('REPT("x",1E9)'),
        formulas("SEQUENCE(1048576,16384)"),
        formulas("SUM(E1:XFD1048576*2)"),
    ],
    ids=["array", "shared", "REPT", "SEQUENCE", "SUM"],
)
def test_formulas_that_would_fill_the_memory(rows: str, tmp_path: Path) -> None:
    found = guarded(tmp_path, parts_of(rows))
    assert len(found) == 1


# Cells that cannot be.


@needs_limits
@pytest.mark.parametrize("ref", ["XFE1", "A1048577", "ZZZZZ1", "A0", "A", "1", "$A$1", "A1:B2", ""])
def test_a_cell_outside_of_a_sheet(ref: str, tmp_path: Path) -> None:
    rows = f'<row><c r="{ref}"><v>1</v></c></row>'
    assert "Data" in str(guarded(tmp_path, parts_of(rows))["refused"])


@needs_limits
@pytest.mark.parametrize("row", ["1048577", "0", "-1", "x", "99999999999999999999", ""])
def test_a_row_outside_of_a_sheet(row: str, tmp_path: Path) -> None:
    rows = f'<row r="{row}"><c><v>1</v></c></row>'
    assert "Data" in str(guarded(tmp_path, parts_of(rows))["refused"])


@needs_limits
@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="B1"><v>1</v></c><c r="B1"><v>2</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c></row><row r="1"><c r="B1"><f>1+1</f></c></row>',
        '<row r="1"><c r="B1"><f>1+1</f></c></row><row r="1"><c r="B1"><f>2+1</f></c></row>',
    ],
)
def test_two_cells_with_one_address(rows: str, tmp_path: Path) -> None:
    assert "Data!B1" in str(guarded(tmp_path, parts_of(rows))["refused"])


@needs_limits
@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1" t="s"><v>7</v></c>',
        '<c r="A1" t="s"><v>-1</v></c>',
        '<c r="A1" t="s"><v>one</v></c>',
        '<c r="A1"><v>one</v></c>',
        '<c r="A1"><v>nan</v></c>',
        '<c r="A1"><v>1e999</v></c>',
        '<c r="A1" t="b"><v>maybe</v></c>',
        '<c r="A1"><f t="shared" si="3"/><v>1</v></c>',
        '<c r="A1"><f t="array" ref="B2:A">1</f></c>',
    ],
)
def test_a_cell_without_a_meaning(cell: str, tmp_path: Path) -> None:
    parts = parts_of(f'<row r="1">{cell}</row>', strings="<si><t>word</t></si>")
    assert "Data" in str(guarded(tmp_path, parts)["refused"])


@needs_limits
@pytest.mark.parametrize(
    "formula", ["XFE1", "A1048577", "XFE1+1", "SUM(A1:XFE1)", "SUM(A1:A1048577)"]
)
def test_a_reference_outside_of_a_sheet(formula: str, tmp_path: Path) -> None:
    found = guarded(tmp_path, parts_of(formulas(formula)))
    assert found == {"Data!C1": NAME} or "Data!C1" in str(found["refused"])


# Formulas that are deep or long.


@needs_limits
@pytest.mark.parametrize(
    "formula",
    [
        "(" * 10_000 + "1" + ")" * 10_000,
        "(" * 10_000,
        "SUM(" * 10_000 + "1" + ")" * 10_000,
        "-" * 10_000 + "1",
        "{" * 10_000,
        "IF(1," * 10_000 + "1" + ")" * 10_000,
        "1" + "%" * 10_000,
        "1" + "+1" * 1_000_000,
        "A1:" * 10_000 + "A1",
        '"' * 10_001,
        "Data!" * 10_000 + "A1",
    ],
    ids=range(11),
)
def test_deep_formulas(formula: str, tmp_path: Path) -> None:
    found = guarded(tmp_path, parts_of(formulas(formula, "A1+1")))
    assert found.pop("Data!D1") == 3
    assert found["Data!C1"] in (1, 2, 0, 1_000_001, NAME)


@needs_limits
def test_a_sum_as_long_as_excel_allows(tmp_path: Path) -> None:
    found = guarded(tmp_path, parts_of(formulas("A1" + "+1" * 4000, "(" * 60 + "B1" + ")" * 60)))
    assert found == {"Data!C1": 4002, "Data!D1": 3}


@needs_limits
def test_a_long_chain_of_cells(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{row}"><c r="A{row}"><f>A{row + 1}+1</f></c></row>' for row in range(1, 20_000)
    )
    found = guarded(tmp_path, parts_of(f'{rows}<row r="20000"><c r="A20000"><v>1</v></c></row>'))
    assert found.get("Data!A1") == 20_000


@needs_limits
def test_a_circle(tmp_path: Path) -> None:
    found = guarded(tmp_path, parts_of(formulas("D1+1", "C1+1", "A1+1")))
    assert found == {"Data!C1": REF, "Data!D1": REF, "Data!E1": 3}


# Files that were damaged by chance.


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workbook with a bit of everything that is read."""
    book = Workbook()
    data, other = book.worksheets[0], book.create_sheet("Other data")
    for row in (("x", "y", "sum"), (1, 2, "=A2+B2"), (3, 4.5, "=A3+B3"), (True, "a\nb", "=A4&B4")):
        data.append(row)
    data.add_table(Table(displayName="Points", ref="A1:C4"))
    data["E1"] = "=SUM(Points[x],B2:B3)"
    data["E2"] = ArrayFormula("E2:E3", "=A2:A3*2")
    other["B2"] = "='Data'!E1*rate+LN(Data!A2)"
    other["B3"] = '=IF(B2>1,"big",#N/A)'
    data.title = "Data"
    book.defined_names["rate"] = DefinedName("rate", attr_text="Data!$B$3")
    path = tmp_path_factory.mktemp("good") / "good.xlsx"
    book.save(path)
    return path


def test_the_file_to_damage_is_good(good: Path) -> None:
    values = {(sheet, ref): value for sheet, ref, _, value in load(good).cells()}
    assert values == {
        ("Data", "C2"): 3,
        ("Data", "C3"): 7.5,
        ("Data", "C4"): "TRUEa\nb",
        ("Data", "E1"): 10.5,
        ("Data", "E2"): 2,
        ("Data", "E3"): 6,
        ("Other data", "B2"): 47.25,
        ("Other data", "B3"): "big",
    }


@needs_limits
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("way", "count"), [("flip_zip", 700), ("flip_part", 500), ("edit_part", 500)]
)
def test_files_damaged_by_chance(way: str, count: int, seed: int, good: Path) -> None:
    *failed, last = outcomes("--fuzz", way, seed, count, good, seconds=120)
    assert not failed, failed[:3]
    assert sum(last["tally"].values()) == count
    assert last["tally"]["refused"] > count / 20
    if way != "flip_zip":
        assert last["tally"].get("values", 0) > count / 20


@needs_limits
def test_a_text_that_doubles_in_every_row(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1" t="str"><v>word</v></c></row>' + "".join(
        f'<row r="{row}"><c r="A{row}"><f>A{row - 1}&amp;A{row - 1}</f></c></row>'
        for row in range(2, 200)
    )
    found = guarded(tmp_path, parts_of(rows))
    assert found["Data!A2"] == "wordword"
    assert found["Data!A199"] == VALUE


@needs_limits
@pytest.mark.parametrize(
    "meaning", ["name_{0}+name_{0}", "1+name_{0}", "SUM(name_{0},name_{0})", "-name_{0}"]
)
def test_names_that_stand_for_names(meaning: str, tmp_path: Path) -> None:
    names = {f"name_{number}": meaning.format(number + 1) for number in range(300)}
    names["name_300"] = "1"
    found = guarded(tmp_path, parts_of(formulas("name_0", "A1+1"), names=names))
    assert found == {"Data!C1": NAME, "Data!D1": 3}
