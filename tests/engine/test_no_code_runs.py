"""What looks like Python in a workbook is text, a name or an error, and is never run."""

from pathlib import Path

import pytest
from engine.packages import SHEET, formulas, parts_of, write_package
from openpyxl import Workbook
from openpyxl.worksheet.table import Table

from sheetlab import load
from sheetlab.errors import SheetlabError
from sheetlab.files.cell_value import CellValue

pytestmark = pytest.mark.filterwarnings("ignore::sheetlab.errors.EngineWarning")


@pytest.fixture
def sentinel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the code would make, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "x"


CODE = "__import__('os').system('touch x')"
# As Excel allows it in a sheet's name (31 characters at most) and in a column of a table.
SHEET_NAMES = ["');open('x','w')#", "{open('x','w')}", "exec(\"open('x','w')\")", "__import__"]
STRINGS = [
    CODE,
    f"{{{CODE}}}",
    f'"+{CODE}+"',
    f"'+{CODE}+'",
    f"\\'+{CODE}#",
    f'"""\n{CODE}\n"""',
    "%(x)s {0.__class__}",
    "\\x27\\n\\",
    "{{7*7}}",
]


def values_or_refusal(path: Path) -> list[CellValue] | str:
    try:
        return [value for *_, value in load(path).cells()]
    except SheetlabError as refusal:
        return str(refusal)


@pytest.mark.parametrize("text", STRINGS)
def test_texts(text: str, sentinel: Path) -> None:
    book = Workbook()
    book.worksheets[0].title = "Data"
    book.worksheets[0]["A1"] = text
    book.worksheets[0]["B1"] = "=A1"
    book.worksheets[0]["C1"] = '="' + text.replace('"', '""') + '"'
    book.worksheets[0]["D1"] = f"=LEN(A1)={len(text)}"
    book.save("book.xlsx")
    loaded = load("book.xlsx")
    assert [loaded[ref] for ref in ("A1", "B1", "C1", "D1")] == [text, text, text, True]
    assert not sentinel.exists()


@pytest.mark.parametrize("sheet", SHEET_NAMES)
def test_names_of_sheets(sheet: str, sentinel: Path) -> None:
    parts = parts_of(formulas("'" + sheet.replace("'", "''") + "'!A1+B1"), sheets=(sheet, "Other"))
    write_package(sentinel.parent, parts)
    assert load("book.xlsx").cells() == [(sheet, "C1", load("book.xlsx").formula(sheet, "C1"), 5)]
    assert not sentinel.exists()


def test_names_and_what_they_stand_for(sentinel: Path) -> None:
    names = {"__import__": "Data!$A$1", "os.system": "Data!$B$1", "lambda_": "6", "self": "7"}
    parts = parts_of(formulas("__import__+os.system", "lambda_*self"), names=names)
    write_package(sentinel.parent, parts)
    assert [value for *_, value in load("book.xlsx").cells()] == [5, 42]
    assert not sentinel.exists()


def test_a_name_that_stands_for_code(sentinel: Path) -> None:
    for meaning in (CODE, f'"{CODE}"', f"'{CODE}'!$A$1", f"Data!$A$1);{CODE}#"):
        parts = parts_of(formulas("A1+B1", "rate"), names={"rate": meaning})
        path = write_package(sentinel.parent, parts)
        found = values_or_refusal(path)
        if isinstance(found, list):
            assert found[0] == 5
            assert str(found[1]).startswith("#") or found[1] == CODE
        assert not sentinel.exists()


@pytest.mark.parametrize(
    "formula",
    [
        CODE,
        '__import__("os").system("touch x")',
        "eval(\"open('x','w')\")",
        "EXEC(\"open('x','w')\")",
        'open("x","w")',
        'SYSTEM("touch x")',
        'CALL("libc","system","JC","touch x")',
        'os.system("touch x")',
        '__builtins__.open("x","w")',
        "[x for x in [open('x','w')]]",
        "lambda:open('x','w')",
        "A1.__class__",
        '(A1)if(open("x","w"))else(B1)',
        "CMD|'/C touch x'!A0",
    ],
)
def test_formulas(formula: str, sentinel: Path) -> None:
    found = values_or_refusal(write_package(sentinel.parent, parts_of(formulas(formula))))
    if isinstance(found, list):
        assert [str(value)[:1] for value in found] == ["#"]
    else:
        assert "Data!C1" in found
    assert not sentinel.exists()


@pytest.mark.parametrize("name", ["__import__", "eval", "self", "None", "lambda", "exec", "print"])
def test_variables(name: str, sentinel: Path) -> None:
    text = (
        f"_xlfn.LET(_xlpm.{name},A1+B1,_xlpm.{name}*2)",
        f"_xlfn.LAMBDA(_xlpm.{name},_xlpm.{name}*2)(A1)",
    )
    write_package(sentinel.parent, parts_of(formulas(*text)))
    assert [value for *_, value in load("book.xlsx").cells()] == [10, 4]
    assert not sentinel.exists()


@pytest.mark.parametrize("column", ["__import__", "{open('x','w')}", "a');open('x','w')("])
def test_columns_of_tables(column: str, sentinel: Path) -> None:
    book = Workbook()
    book.worksheets[0].title = "Data"
    for row in ((column, "other"), (2, 5), (3, 6)):
        book.worksheets[0].append(row)
    book.worksheets[0].add_table(Table(displayName="__import__", ref="A1:B3"))
    # An apostrophe escapes another one, and names with punctuation stand in brackets of their own.
    escaped = column.replace("'", "''")
    book.worksheets[0]["D1"] = f"=SUM(__import__[[{escaped}]])"
    book.save("book.xlsx")
    assert load("book.xlsx")["D1"] == 5
    assert not sentinel.exists()


def test_a_formula_that_fills_a_range_with_code(sentinel: Path) -> None:
    parts = parts_of(formulas("A1+B1"))
    parts[SHEET] = parts[SHEET].replace(b"<f>A1+B1</f>", f'<f>"{CODE}"&amp;A1</f>'.encode())
    write_package(sentinel.parent, parts)
    assert [value for *_, value in load("book.xlsx").cells()] == [f"{CODE}2"]
    assert not sentinel.exists()


def test_names_given_to_python_are_only_looked_up(sentinel: Path) -> None:
    parts = parts_of(formulas("A1+B1"), names={"rate": "Data!$A$1", "total": f'"{CODE}"'})
    write_package(sentinel.parent, parts)
    book = load("book.xlsx")
    for key in (CODE, f"Data!{CODE}", f"'{CODE}'!A1"):
        with pytest.raises(SheetlabError):
            book[key]
    book.set({"rate": CODE})
    assert book["rate"] == CODE
    assert book["total"] == CODE
    book.save("saved.xlsx")
    assert load("saved.xlsx")["rate"] == CODE
    assert not sentinel.exists()


def test_dates_and_formats_are_not_code(sentinel: Path) -> None:
    book = Workbook()
    book.worksheets[0].title = "Data"
    book.worksheets[0]["A1"] = 2
    book.worksheets[0]["A1"].number_format = f'"{CODE}"0'
    book.worksheets[0]["B1"] = '=TEXT(A1,"0.0")'
    book.save("book.xlsx")
    assert load("book.xlsx")["B1"] == "2.0"
    assert not sentinel.exists()
