"""What Excel would refuse or repair, told by a validator of the file format."""

from pathlib import Path

import pytest
from openxml_audit import OpenXmlValidator, ValidationSeverity

from sheetlab.building import build, build_index, write_built
from sheetlab.lessons import lesson, lesson_names
from sheetlab.text import LANGUAGES, Language


def what_excel_would_repair(path: Path) -> list[str]:
    return [
        f"{finding.part_uri} {finding.path}: {finding}"
        for finding in OpenXmlValidator().validate(path).errors
        if finding.severity == ValidationSeverity.ERROR
        # openpyxl orders the elements of a font in its own way, which Excel accepts.
        and not (finding.part_uri == "/xl/styles.xml" and "/font[" in str(finding.path))
        # The validator's schema lacks the attribute that Excel itself writes there.
        and not str(finding.path).endswith("/dispNaAsBlank[1]")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", lesson_names())
def test_excel_finds_nothing_to_repair(name: str, language: Language, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.xlsx"
    found = lesson(name)
    write_built(build(found, found.inputs(), language), path)
    assert what_excel_would_repair(path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_excel_finds_nothing_to_repair_in_the_table_of_contents(
    language: Language, tmp_path: Path
) -> None:
    path = tmp_path / "index.xlsx"
    write_built(build_index(language), path)
    assert what_excel_would_repair(path) == []


def test_the_validator_finds_what_excel_would_refuse(tmp_path: Path) -> None:
    from sheetlab.files.package import read_parts, write_parts

    path = tmp_path / "sgd.xlsx"
    found = lesson("sgd")
    write_built(build(found, found.inputs(), "en"), path)
    parts = read_parts(path)
    sheet = "xl/worksheets/sheet1.xml"
    write_parts(path, {**parts, sheet: parts[sheet].replace(b"<sheetData>", b"<data/><sheetData>")})
    assert not OpenXmlValidator().validate(path).is_valid
