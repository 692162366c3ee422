"""PHONETIC shows the readings that a file keeps beside texts."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from engine.packages import parts_of, write_package

from sheetlab.engine import load
from sheetlab.files.cell_value import CellError

STRINGS = (
    "<si><t>plain</t></si>"
    "<si><t>東京タワー</t><rPh sb='0' eb='2'><t>とうきょう</t></rPh><phoneticPr fontId='1'/></si>"
    "<si><t>課きく</t><rPh sb='0' eb='1'><t>カ</t></rPh>"
    "<phoneticPr fontId='1' type='Hiragana'/></si>"
    "<si><r><t>山</t></r><r><t> と 川</t></r><rPh sb='0' eb='1'><t>ヤマ</t></rPh>"
    "<rPh sb='4' eb='5'><t>ガワ</t></rPh><phoneticPr fontId='1' type='halfwidthKatakana'/></si>"
    "<si><t>東京タワー</t></si>"
)
INLINE = (
    "<is><t>今日</t><rPh sb='0' eb='2'><t>きょう</t></rPh>"
    "<phoneticPr fontId='1' type='noConversion'/></is>"
)


def package(*formulas: str, strings: str = STRINGS) -> Any:
    rows = "".join(
        f"<row r='{row}'><c r='A{row}' t='s'><v>{row - 1}</v></c></row>" for row in range(1, 6)
    )
    rows += f"<row r='6'><c r='A6' t='inlineStr'>{INLINE}</c></row>"
    rows += "<row r='7'><c r='A7'><v>5</v></c><c r='B7' t='str'><f>A2</f></c></row>"
    cells = "".join(f"<c r='{chr(65 + n)}8'><f>{text}</f></c>" for n, text in enumerate(formulas))
    return parts_of(f"{rows}<row r='8'>{cells}</row>", strings=strings)


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("PHONETIC(A1)", "plain"),
        ("PHONETIC(A2)", "トウキョウタワー"),
        ("PHONETIC(A3)", "かきく"),
        ("PHONETIC(A4)", "ﾔﾏ と ｶﾞﾜ"),
        # The same text without a reading.
        ("PHONETIC(A5)", "東京タワー"),
        ("PHONETIC(A6)", "きょう"),
        ("PHONETIC(A2:A6)", "トウキョウタワー"),
        ("PHONETIC((A2,A6))", CellError("#N/A")),
        ("PHONETIC(A7)", ""),
        ("PHONETIC(B7)", ""),
        ("PHONETIC(A9)", ""),
        ('PHONETIC("abc")', "abc"),
        ("LEN(PHONETIC(INDEX(A1:A9,2)))", 8),
    ],
)
def test_readings(formula: str, shown: Any, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load(write_package(tmp_path, package(formula)))["A8"] == shown


def test_a_text_that_is_changed_has_no_reading(tmp_path: Path) -> None:
    book = load(write_package(tmp_path, package("PHONETIC(A2)")))
    assert book["A8"] == "トウキョウタワー"
    book.set({"A2": "大阪"})
    assert book["A8"] == "大阪"
    book.save(tmp_path / "saved.xlsx")
    assert load(tmp_path / "saved.xlsx")["A8"] == "大阪"


def test_readings_are_kept_when_saved(tmp_path: Path) -> None:
    book = load(write_package(tmp_path, package("PHONETIC(A2)")))
    book.set({"A1": "else"})
    book.save(tmp_path / "saved.xlsx")
    assert load(tmp_path / "saved.xlsx")["A8"] == "トウキョウタワー"


def test_a_workbook_without_shared_texts(tmp_path: Path) -> None:
    parts = parts_of(
        "<row r='1'><c r='A1' t='str'><v>a</v></c><c r='B1'><f>PHONETIC(A1)</f></c></row>"
    )
    assert load(write_package(tmp_path, parts))["B1"] == "a"


@pytest.mark.parametrize("places", ["sb='-1' eb='2'", "sb='2' eb='0'", "eb='2'"])
def test_readings_over_nothing(places: str, tmp_path: Path) -> None:
    strings = STRINGS.replace("sb='0' eb='2'", places)
    book = load(write_package(tmp_path, package("PHONETIC(A2)", strings=strings)))
    assert book["A8"] == "東京タワー"
