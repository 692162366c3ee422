"""Data files: what is read, how it is read, and how what cannot be is named."""

import datetime
import io
import re
import string
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetlab.data import Table, frames, inputs_with, limits, read_table, template
from sheetlab.data.table import table_of_rows
from sheetlab.errors import InputError, SheetlabError
from sheetlab.files.package import read_parts, write_parts
from sheetlab.inputs import LessonInputs, column, constraints, number
from sheetlab.lessons import lesson, lesson_names
from sheetlab.text import same


@dataclass(frozen=True)
class Inputs(LessonInputs):
    learning_rate: float = number(0.5, same("rate"), above=0)
    x: tuple[float, ...] = column((1, 2), same("x"))
    y: tuple[float, ...] = column((3, 4), same("y"))
    kind: tuple[str, ...] = column(("a", "b"), same("kind"), text=True)
    colour: tuple[str, ...] = column(("red",), same("c"), text=True, choices=("red", "blue"))


def fields(source: Any) -> dict[str, Any]:
    return read_table(source).fields(constraints(Inputs))


def refusal(source: Any) -> tuple[str, str]:
    with pytest.raises(InputError) as refused:
        fields(source)
    english, korean = refused.value.message
    assert english.endswith(".")
    assert english.count(". ") == 0
    assert "\n" not in english
    assert any("가" <= letter <= "힣" for letter in korean)
    return english, korean


@pytest.fixture
def text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write a text file and say its name, which is how a person in its folder calls it."""
    monkeypatch.chdir(tmp_path)

    def write(content: str, name: str = "text.csv", encoding: str = "utf-8") -> str:
        Path(name).write_bytes(content.encode(encoding))
        return name

    return write


@pytest.mark.parametrize(
    ("content", "en", "ko"),
    [
        (
            "x,y\n1,eins\n2,zwei\n",
            "text.csv, row 2, column y: 'eins' is no number.",
            "text.csv, 2행 y 열: 'eins'은(는) 수가 아닙니다.",
        ),
        (
            "\n\nX, Y \n1,1\n2,zwei\n",
            "text.csv, row 5, column Y: 'zwei' is no number.",
            "text.csv, 5행 Y 열: 'zwei'은(는) 수가 아닙니다.",
        ),
        (
            "Learning Rate\n-1\n",
            "text.csv, row 2, column Learning Rate: '-1' is not usable; it must be a number,"
            " above 0.",
            "text.csv, 2행 Learning Rate 열: '-1'은(는) 쓸 수 없습니다. 0보다 큰 수여야 합니다.",
        ),
        (
            "colour\nred\npurple\n",
            "text.csv, row 3, column colour: 'purple' is not usable; it must be one of red, blue.",
            "text.csv, 3행 colour 열: 'purple'은(는) 쓸 수 없습니다. red, blue 중 하나여야 합니다.",
        ),
        (
            "x,y\n1,1\n2,\n3,3\n",
            "text.csv, row 3, column y: is blank; give it a value.",
            "text.csv, 3행 y 열: 비어 있습니다. 값을 넣으십시오.",
        ),
        (
            "x,y\n1,1\n\n3,3\n",
            "text.csv, row 3, column x: is blank; give it a value.",
            "text.csv, 3행 x 열: 비어 있습니다. 값을 넣으십시오.",
        ),
        (
            "x,y\n1,5,2,5\n",
            "text.csv, row 2: has more cells than there are headings (2); give every column a"
            " heading, and put a number with a comma between quotation marks.",
            "text.csv, 2행: 제목의 수(2)보다 많은 셀이 있습니다. 모든 열에 제목을 주고,"
            " 쉼표가 든 수는 따옴표로 묶으십시오.",
        ),
        (
            'x,y\n1,2\n2,"3\n',
            "text.csv, row 3: cannot be split into cells (unexpected end of data); look for a"
            " quotation mark that is not closed.",
            "text.csv, 3행: 셀로 나눌 수 없습니다(unexpected end of data). 닫히지 않은 따옴표를"
            " 찾으십시오.",
        ),
        (
            "a,b\n1,2\n",
            "text.csv: no column is an input; the inputs are learning_rate, x, y, kind, colour,"
            " and the columns are 'a', 'b'.",
            "text.csv: 입력에 해당하는 열이 없습니다. 입력은 learning_rate, x, y, kind,"
            " colour이고, 열은 'a', 'b'입니다.",
        ),
        (
            "x,X\n1,2\n",
            "text.csv: the columns 'x' and 'X' both stand for x; leave one of them.",
            "text.csv: 'x' 열과 'X' 열이 모두 x입니다. 하나만 남기십시오.",
        ),
        (
            "learning_rate,x\n1,2\n2,3\n",
            "text.csv: the column learning_rate holds 2 values, but learning_rate is a single"
            " one; leave one below the heading.",
            "text.csv: learning_rate 열에 값이 2개 있지만 learning_rate은(는) 하나뿐입니다."
            " 제목 아래에 하나만 남기십시오.",
        ),
        (
            " \n\n",
            "text.csv: is empty; its first row must hold the names of the inputs.",
            "text.csv: 비어 있습니다. 첫 행에 입력의 이름이 있어야 합니다.",
        ),
        (
            "x\n1_000\n",
            "text.csv, row 2, column x: '1_000' is no number.",
            "text.csv, 2행 x 열: '1_000'은(는) 수가 아닙니다.",
        ),
        (
            "x\n=A1*2\n",
            "text.csv, row 2, column x: '=A1*2' is no number.",
            "text.csv, 2행 x 열: '=A1*2'은(는) 수가 아닙니다.",
        ),
    ],
)
def test_errors_name_file_row_and_column(text: Any, content: str, en: str, ko: str) -> None:
    assert refusal(text(content)) == (en, ko)


@pytest.mark.parametrize(
    "cell", ["nan", "inf", "NA", "-", "0x10", "1e", "1,23,456", "1.2.3", "²", "１２", "TRUE", "1 2"]
)
def test_what_is_no_number_is_not_taken_for_one(text: Any, cell: str) -> None:
    assert f"'{cell}' is no number" in refusal(text(f"x;y\n{cell};1\n"))[0]


def test_a_very_long_cell_is_cut_off_in_the_sentence(text: Any) -> None:
    assert len(refusal(text("x\n" + "z" * 10_000))[0]) < 200


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".txt", ""])
def test_separators_line_ends_and_suffixes(
    text: Any, separator: str, ending: str, suffix: str
) -> None:
    rows = [["x", "y", "kind"], ["1", "2.5", "a"], ["2", "3", '"b, c; d"'], ["", "", ""], [""]]
    content = ending.join(separator.join(row) for row in rows)
    assert fields(text(content, "data" + suffix)) == {
        "x": (1, 2),
        "y": (2.5, 3),
        "kind": ("a", "b, c; d"),
    }


def test_a_line_of_excel_says_the_separator(text: Any) -> None:
    assert fields(text("sep=;\nx;y,z\n1;2\n")) == {"x": (1,)}
    assert "row 2, column x" in refusal(text("sep=;\r\nx;y\r\nno;2\r\n"))[0]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
def test_encodings(text: Any, encoding: str) -> None:
    assert fields(text("x,kind\n1,파랑\n2,빨강\n", encoding=encoding)) == {
        "x": (1, 2),
        "kind": ("파랑", "빨강"),
    }


@pytest.mark.parametrize(
    "content", [b"x\n\xff\xfe\xfd\n", b"PK\x03\x04\x00\x00\x14\x00", bytes(range(256)) * 10]
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "data.csv").write_bytes(content)
    assert "is no text in UTF-8, UTF-16 or CP949" in refusal(tmp_path / "data.csv")[0]


@pytest.mark.parametrize(
    "heading", ["LEARNING_RATE", "Learning rate", " learning-rate ", "ｌearningRate"]
)
def test_headings_may_differ_in_capitals_and_spaces(text: Any, heading: str) -> None:
    assert fields(text(f"{heading},x\n0.25,1\n")) == {"learning_rate": 0.25, "x": (1,)}


def test_columns_that_are_not_needed_are_left_out_and_named(text: Any) -> None:
    table = read_table(text("note,x,,Y2\nanything,1,no heading,=1\n,2,,\n"))
    assert table.fields(constraints(Inputs)) == {"x": (1, 2)}
    assert table.left_out == ["note", "Y2"]


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1,5", "2,25"], [1.5, 2.25]),
        (["1.5", "2.25"], [1.5, 2.25]),
        (["1,234", "0,5"], [1.234, 0.5]),
        (["1,234", "5,5"], [1.234, 5.5]),
        (["1,234", "1,234.5"], [1234, 1234.5]),
        (["1,234,567", "1,234"], [1234567, 1234]),
        (["1.234,5", "1.234"], [1234.5, 1234]),
        (["1.234.567", "12"], [1234567, 12]),
        (["0,123", "1,234"], [0.123, 1.234]),
        (["1 234,5", "7"], [1234.5, 7]),
        (["1\u202f234\u202f567", "1\u00a0234"], [1234567, 1234]),
        (["1'234.5", "1’234"], [1234.5, 1234]),
        (["−1", "+2"], [-1, 2]),
        (["12,5%", "50 %"], [0.125, 0.5]),
        (["1e-3", "2.5E+4"], [0.001, 25000]),
        ([".5", "5."], [0.5, 5]),
        (["1234,567", "1"], [1234.567, 1]),
    ],
)
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_decimal_marks_are_decided_by_column(
    text: Any, cells: list[str], numbers: list[float], separator: str
) -> None:
    quoted = [f'"{cell}"' for cell in cells]
    rows = "\n".join(f"{cell}{separator}7" for cell in quoted)
    found = fields(text(f"x{separator}y\n{rows}\n"))
    assert found["x"] == tuple(numbers)
    assert found["y"] == (7, 7)


@pytest.mark.parametrize("cells", [["1,234"], ["5", "1,234"], ["12,345", "999,000"]])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_a_comma_that_may_be_either_is_refused(text: Any, cells: list[str], separator: str) -> None:
    rows = "\n".join(f'"{cell}"{separator}1' for cell in cells)
    english, _ = refusal(text(f"x{separator}y\n{rows}\n"))
    assert "column x" in english
    assert "may be" in english


def test_a_point_before_three_digits_is_decimal_where_commas_separate(text: Any) -> None:
    assert fields(text("x,y\n1.234,1\n"))["x"] == (1.234,)
    assert "'1.234' may be 1.234 or 1234" in refusal(text("x;y\n1.234;1\n"))[0]
    assert fields(pd.DataFrame({"x": ["1.234"]}))["x"] == (1.234,)
    assert "may be" in refusal(pd.DataFrame({"x": ["1,234"]}))[0]


def test_numbers_with_different_marks_are_refused(text: Any) -> None:
    english, _ = refusal(text("x;y\n5;1\n1,5;1\n2.5;1\n"))
    assert english == (
        "text.csv, row 4, column x: '2.5' has another decimal mark than '1,5' in row 3; write all"
        " numbers of the column alike."
    )


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5),
    st.sampled_from([(".", ","), (",", ";"), (".", "\t"), (",", "\t")]),
)
@settings(deadline=None)
def test_any_number_is_read_as_it_was_written_or_refused(
    numbers: list[float], marks: tuple[str, str]
) -> None:
    mark, separator = marks
    cells = [repr(value).replace(".", mark) for value in numbers]
    rows = [f"x{separator}y", *(f"{cell}{separator}1" for cell in cells)]
    table = table_of_rows(
        same("data.csv"),
        [row.split(separator) for row in rows],
        point_is_decimal=separator == ",",
    )
    try:
        found = table.fields(constraints(Inputs))["x"]
    except InputError as error:
        assert "may be" in error.message.en  # noqa: PT017
    else:
        assert found == tuple(numbers)


@given(st.text(string.digits + ".,' -+e%", min_size=1, max_size=8))
@settings(deadline=None)
def test_a_number_is_one_of_python_or_has_marks_of_thousands_or_percent(cell: str) -> None:
    table = table_of_rows(same("t"), [["x"], [cell]], point_is_decimal=True)
    try:
        (found,) = table.fields(constraints(Inputs))["x"] or (None,)
    except InputError:
        return
    if found is None:
        assert not cell.strip()
    elif not set(cell) & set(",'% "):
        assert found == float(cell)


def test_texts_stay_texts(text: Any) -> None:
    assert fields(text("kind\n=1+1\n 007 \n1.0\n"))["kind"] == ("=1+1", "007", "1.0")
    assert "'a\tb' is not usable" in refusal(text('x,kind\n1,"a\tb"\n'))[0]
    assert "characters on one line" in refusal(text("kind\n" + "k" * 256))[0]


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    book.create_sheet("Later").append(["x", 9])
    book.save(path)
    return path


def test_a_workbook_gives_its_first_sheet_calculated(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        [],
        [None, "X", "Y", "Kind"],
        [None, 1.5, "=B3*2", True],
        [None, "2,5", 2, 1.0],
        [],
    ]
    assert fields(workbook(tmp_path / "data.xlsx", rows)) == {
        "x": (1.5, 2.5),
        "y": (3, 2),
        "kind": ("TRUE", "1"),
    }


def test_dates_in_cells_that_give_no_address(tmp_path: Path) -> None:
    path = workbook(tmp_path / "data.xlsx", [["kind"], [datetime.date(2024, 5, 1)], ["b"]])
    said = fields(path)
    assert said["kind"][0].startswith("2024-05-01")
    parts, sheet = read_parts(path), "xl/worksheets/sheet1.xml"
    unsaid = re.sub(rb' r="[A-Z]*[0-9]+"', b"", parts[sheet])
    assert len(unsaid) < len(parts[sheet])
    write_parts(path, {**parts, sheet: unsaid})
    assert fields(path) == said


def test_errors_in_a_workbook_are_named_as_excel_numbers_them(tmp_path: Path) -> None:
    path = tmp_path / "data.xlsx"
    for cell, shown in (("=1/0", "#DIV/0!"), (datetime.date(2024, 5, 1), "2024-05-01")):
        workbook(path, [[], ["x", "kind"], [1, "a"], [cell, "b"]])
        assert f"data.xlsx, row 4, column x: '{shown}" in refusal(path)[0]
        assert "is no number" in refusal(path)[0]
    workbook(path, [["kind"], ["=NA()"]])
    assert "row 2, column kind: '#N/A'" in refusal(path)[0]
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"] = "kind", "=quoted"
    sheet["A2"].data_type = "s"
    book.save(path)
    assert fields(path) == {"kind": ("=quoted",)}


def test_a_frame_or_mapping_is_data_too() -> None:
    frame = pd.DataFrame({"X": [1, 2], "Y": [1.5, "2"], "kind": pd.Categorical(["a", 1.0])})
    assert fields(frame) == {"x": (1, 2), "y": (1.5, 2), "kind": ("a", "1")}
    assert fields({"x": range(3), "learning rate": 0.25, "y": [1.0, None]}) == {
        "x": (0, 1, 2),
        "learning_rate": 0.25,
        "y": (1,),
    }
    frame = pd.DataFrame({"x": [1, None, 3]}, index=["one", "two", "three"])
    assert refusal(frame) == (
        "the data, row two, column x: is blank; give it a value.",
        "데이터, two행 x 열: 비어 있습니다. 값을 넣으십시오.",
    )
    for value in (True, pd.Timestamp("2024-01-01"), "zwei", [1]):
        assert "row 1, column x" in refusal({"x": [1, value]})[0]
    assert "is a int" in refusal(5)[0]


def test_parquet_needs_pyarrow_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(frames, "import_module", missing)
    (tmp_path / "data.parquet").write_bytes(b"PAR1")
    assert "pip install pyarrow" in refusal(tmp_path / "data.parquet")[0]


def test_parquet_is_read_where_pyarrow_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    path = tmp_path / "data.parquet"
    pd.DataFrame({"X": [1, 2], "kind": ["a", "b"], "note": [None, None]}).to_parquet(path)
    assert fields(path) == {"x": (1, 2), "kind": ("a", "b")}
    pd.DataFrame({"x": ["1", "zwei"]}).to_parquet(path)
    assert "data.parquet, row 1, column x: 'zwei' is no number" in refusal(path)[0]
    monkeypatch.setattr(limits, "MAX_ROWS", 1)
    assert "is too large" in refusal(path)[0]
    path.write_bytes(b"PAR1 and then nothing")
    assert "is no Parquet file" in refusal(path)[0]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    path = tmp_path / f"data{suffix}"
    frame = pd.DataFrame({"x": range(30)})
    if suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_excel(path, index=False)
    assert len(fields(path)["x"]) == 30
    monkeypatch.setattr(limits, "MAX_ROWS", 20)
    assert "is too large" in refusal(path)[0]
    assert "is too large" in refusal(frame)[0]


def test_bytes_are_bounded_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 1000)
    (tmp_path / "data.csv").write_text("x\n" + "1\n" * 1000)
    assert "is too large" in refusal(tmp_path / "data.csv")[0]
    assert "is too large" in refusal("/dev/zero")[0]
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 10_000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/workbook.xml", " " * 1_000_000)
    with pytest.raises(SheetlabError, match=r"bomb\.xlsx"):
        read_table(tmp_path / "bomb.xlsx")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.csv", "there is no such data file"),
        ("folder.csv", "cannot be read"),
        ("data.json", "is of a kind that is not read"),
        ("old.xls", "is of a kind that is not read"),
    ],
)
def test_files_that_are_not_read_are_named(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    english, _ = refusal(tmp_path / name)
    assert name in english
    assert said in english


def test_a_broken_workbook_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK not really")
    with pytest.raises(SheetlabError, match=r"broken\.xlsx"):
        read_table(tmp_path / "broken.xlsx")


@pytest.mark.parametrize("name", lesson_names())
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_the_template_of_every_lesson_is_read_as_its_inputs(
    tmp_path: Path, name: str, suffix: str
) -> None:
    found = lesson(name)
    path = tmp_path / f"{name}{suffix}"
    written = template(found.inputs())
    if suffix == ".csv":
        path.write_text(written, encoding="utf-8-sig", newline="")
    else:
        pd.read_csv(io.StringIO(written)).to_excel(path, index=False)
    table = read_table(path)
    assert inputs_with(found, table, {}) == found.inputs()
    assert table.left_out == []
    headings = written.splitlines()[0].split(",")
    assert headings == list(found.inputs().to_table())
    assert set(found.inputs.from_table(table)) == set(constraints(found.inputs))


@dataclass(frozen=True)
class AnyTable(LessonInputs):
    """Attributes and a class, whatever they are called, row by row."""

    headings: tuple[str, ...] = column(("slope", "speed"), same("h"), text=True, length=(2, 100))
    cells: tuple[str, ...] = column(("steep", "slow", "flat", "fast"), same("c"), text=True)

    @classmethod
    def from_table(cls, table: Table) -> dict[str, Any]:
        cells = constraints(cls)["cells"]
        columns = [table.values(position, cells) for position in range(len(table.headings))]
        return {
            "headings": table.headings,
            "cells": [cell for row in zip(*columns, strict=True) for cell in row],
        }

    def to_table(self) -> dict[str, Any]:
        width = len(self.headings)
        return {name: self.cells[number::width] for number, name in enumerate(self.headings)}


def test_a_lesson_may_take_whatever_columns_there_are(text: Any) -> None:
    table = read_table(text("outlook;wind;play\nsunny;weak;no\nrain;strong;=yes\n"))
    found = AnyTable(**AnyTable.from_table(table))
    assert found.headings == ("outlook", "wind", "play")
    assert found.cells == ("sunny", "weak", "no", "rain", "strong", "=yes")
    assert table.left_out == []
    again = read_table(text(template(found)))
    assert AnyTable(**AnyTable.from_table(again)) == found
    with pytest.raises(InputError, match=r"row 2, column b: is blank"):
        AnyTable.from_table(read_table(text("a,b\n1,\n2,3\n")))


def test_settings_come_after_data_and_errors_name_lesson_and_file(text: Any) -> None:
    sgd = lesson("sgd")
    table = read_table(text("x,y,learning_rate\n1,2,0.5\n2,4,\n"))
    changed = inputs_with(sgd, table, {"learning_rate": "0.25"})
    assert changed == sgd.inputs().change({"x": (1, 2), "y": (2, 4), "learning_rate": 0.25})
    for settings_, said in (
        ({"y": "1,2,3"}, "sgd, text.csv: The columns need"),
        ({"speed": "1"}, "sgd, text.csv: There is no input 'speed'"),
    ):
        with pytest.raises(InputError) as refused:
            inputs_with(sgd, table, settings_)
        assert refused.value.message.en.startswith(said)
    with pytest.raises(InputError, match=r"^sgd: .*speed"):
        inputs_with(sgd, None, {"speed": 1})
