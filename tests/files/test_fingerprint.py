import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.packaging.custom import IntProperty, StringProperty

from sheetlab.files.fingerprint import (
    FINGERPRINT_PROPERTY,
    NO_FINGERPRINT,
    is_sealed,
    read_property,
    seal,
    write_property,
)
from sheetlab.files.package import Parts, read_parts, write_parts

CUSTOM = "docProps/custom.xml"


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    book: Any = Workbook()
    book.worksheets[0]["A1"] = "=1+1"
    book.custom_doc_props.append(StringProperty(name="sheetlab lesson", value="sgd & more"))
    book.custom_doc_props.append(IntProperty(name="edition", value=3))
    book.custom_doc_props.append(StringProperty(name=FINGERPRINT_PROPERTY, value=NO_FINGERPRINT))
    book.save(tmp_path / "book.xlsx")
    return read_parts(tmp_path / "book.xlsx")


def test_properties(parts: Parts) -> None:
    assert read_property(parts, "sheetlab lesson") == "sgd & more"
    assert read_property(parts, "edition") == "3"
    assert read_property(parts, "nothing") is None
    assert read_property({}, "sheetlab lesson") is None


def test_a_property_is_written_as_others_read_it(parts: Parts, tmp_path: Path) -> None:
    written = write_property(parts, "sheetlab origin", "<ko> & more")
    assert read_property(written, "sheetlab origin") == "<ko> & more"
    assert {name for name in parts if parts[name] != written[name]} == {CUSTOM}
    write_parts(tmp_path / "book.xlsx", written)
    book: Any = load_workbook(tmp_path / "book.xlsx")
    last = book.custom_doc_props.props[-1]
    assert (last.name, last.value) == ("sheetlab origin", "<ko> & more")
    assert len(set(re.findall(rb'pid="(\d+)"', written[CUSTOM]))) == 4


def test_sealed_until_changed(parts: Parts, tmp_path: Path) -> None:
    assert not is_sealed(parts)
    sealed = seal(parts)
    assert is_sealed(sealed)
    assert re.fullmatch("[0-9a-f]{64}", read_property(sealed, FINGERPRINT_PROPERTY) or "")
    assert {name for name in parts if parts[name] != sealed[name]} == {CUSTOM}
    write_parts(tmp_path / "sealed.xlsx", sealed)
    assert is_sealed(read_parts(tmp_path / "sealed.xlsx"))


def test_any_change_breaks_the_seal(parts: Parts) -> None:
    sealed = seal(parts)
    for name, content in sealed.items():
        if name != CUSTOM:
            assert not is_sealed({**sealed, name: content + b" "}), name
            assert not is_sealed({n: c for n, c in sealed.items() if n != name}), name
    assert not is_sealed({**sealed, "xl/added.xml": b""})
    assert not is_sealed({**sealed, CUSTOM: sealed[CUSTOM].replace(b"more", b"less")})
    first, second = "xl/styles.xml", "xl/theme/theme1.xml"
    assert not is_sealed({**sealed, first: sealed[second], second: sealed[first]})


def test_saving_by_another_program_breaks_the_seal(parts: Parts, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    write_parts(path, seal(parts))
    book = load_workbook(path)
    book.worksheets[0]["A1"] = "=1+2"
    book.save(path)
    saved = read_parts(path)
    assert read_property(saved, FINGERPRINT_PROPERTY) not in (None, NO_FINGERPRINT)
    assert not is_sealed(saved)
    assert is_sealed(seal(saved))


def test_sealing_again_changes_nothing(parts: Parts) -> None:
    assert seal(seal(parts)) == seal(parts)


def test_files_of_others(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "book.xlsx")
    others = read_parts(tmp_path / "book.xlsx")
    assert not is_sealed(others)
    with pytest.raises(ValueError, match="has no property 'sheetlab fingerprint'"):
        seal(others)
