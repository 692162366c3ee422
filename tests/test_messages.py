"""What goes wrong is told as a code with fields, whose sentences stand in both languages."""

import ast
import pickle
import re
import string
from pathlib import Path
from typing import Any, get_args

import pytest
from engine.workbooks import book_of

import sheetlab
from sheetlab.engine import explanation
from sheetlab.errors import EngineError, EngineWarning, InputError, SheetlabError, WorkbookError
from sheetlab.files.package import write_parts
from sheetlab.messages import SENTENCES, Code, Message, Phrase
from sheetlab.text import LANGUAGES, Text

CODES, PHRASES = frozenset(get_args(Code)), frozenset(get_args(Phrase))
PACKAGE = Path(sheetlab.__file__).parent
HANGUL = re.compile("[가-힣]")
TELLERS = (
    *("InputError", "WorkbookError", "EngineError", "EngineWarning"),
    *("MalformedError", "FormulaError", "Message"),
)


def told_by(path: Path) -> list[tuple[str, set[str]]]:
    """The codes that a file tells, with the names of the fields that it gives."""
    return [
        (call.args[0].value, {keyword.arg or "**" for keyword in call.keywords})
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in TELLERS
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    ]


TOLD = [told for path in sorted(PACKAGE.rglob("*.py")) for told in told_by(path)]


def fields_of(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def test_every_code_has_its_sentence_in_both_languages() -> None:
    assert SENTENCES.keys() == CODES | PHRASES
    assert not CODES & PHRASES
    for english, korean in SENTENCES.values():
        assert not HANGUL.search(english)
        assert HANGUL.search(korean)


@pytest.mark.parametrize(("code", "fields"), TOLD, ids=[code for code, _ in TOLD])
def test_a_sentence_has_the_fields_that_are_given(code: str, fields: set[str]) -> None:
    assert code in CODES | PHRASES
    for sentence in SENTENCES[code]:  # type: ignore[index]
        assert fields_of(sentence) == fields


def test_every_code_is_told_somewhere() -> None:
    phrases = {*explanation._WAYS.values(), *explanation._LANES.values()}
    assert {code for code, _ in TOLD} | phrases == CODES | PHRASES
    for phrase in phrases:
        assert not any(map(fields_of, SENTENCES[phrase]))


@pytest.mark.parametrize("path", sorted((PACKAGE / "engine").rglob("*.py")), ids=str)
def test_the_engine_words_nothing(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not HANGUL.search(source)
    assert not re.search(r"\bText\(|import .*\bText\b", source)


def test_whoever_catches_an_error_may_ask_what_happened(tmp_path: Path) -> None:
    book = book_of(tmp_path, {"A1": "=B1", "B1": "=A1+1", "C1": "=1+"}, strict=True)
    with pytest.raises(EngineError) as refused:
        book["A1"]
    error, path = refused.value, tmp_path / "book.xlsx"
    way = "Data!A1 → Data!B1 → Data!A1"
    assert (error.code, error.fields) == ("cycle", {"path": path, "cell": "Data!A1", "way": way})
    assert error.message == Text(
        f"{path}, Data!A1: the cell refers back to itself ({way}); change one of these formulas.",
        f"{path}, Data!A1: 셀이 돌고 돌아 자신을 참조합니다({way})."
        " 이 가운데 한 수식을 고치십시오.",
    )
    with pytest.raises(EngineError) as refused:
        book["C1"]
    error = refused.value
    assert (error.code, error.fields["why"].code) == ("no_formula", "ends_too_early")
    with pytest.raises(InputError) as wrong:
        book.set({"C1:D1": [1, 2, 3]})
    assert wrong.value.code == "wrong_shape"
    assert wrong.value.fields["shape"] == (3,)


def test_a_text_of_its_own_has_no_code() -> None:
    error = InputError(Text("no", "아니요"))
    assert (error.code, error.fields, error.message) == (None, {}, Text("no", "아니요"))


WARNED: list[tuple[dict[str, Any], str, str, str]] = [
    ({"A1": "=A1+1"}, "A1", "cycle_shown", "자신을 참조하여"),
    ({"A1": "={1,2;3}"}, "A1", "no_formula_shown", "행마다 길이가 다름"),
    ({"A1": "=loop"}, "A1", "no_formula_shown", "loop 이름이 자신을 참조함"),
    ({"A1": "=NOSUCH(1)"}, "A1", "unknown_function", "Data!A1: NOSUCH 함수를"),
    ({"A1": 1}, "unknown", "unknown_function_of_name", "book.xlsx: NOSUCH 함수를"),
]


@pytest.mark.parametrize(("cells", "key", "code", "said"), WARNED)
def test_a_warning_has_a_code_as_well(
    cells: dict[str, Any],
    key: str,
    code: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHEETLAB_LANG", "ko")
    book = book_of(tmp_path, cells, {"loop": "loop+1", "unknown": "NOSUCH(1)"})
    with pytest.warns(EngineWarning, match=said) as told:
        book[key]
    (warning,) = [one.message for one in told]
    assert isinstance(warning, EngineWarning)
    assert warning.code == code
    assert str(warning) == warning.message.ko


def test_why_a_file_is_damaged_is_told_in_both_languages(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = book_of(tmp_path, {"A1": 1})
    part = "xl/worksheets/sheet1.xml"
    for old, new, code in (
        (b'r="A1"', b'r="A9"', "cell_in_other_row"),
        (b"sheetData", b"sheetDato", "no_sheet_data"),
        (b"<v>1</v>", b"<v>one</v>", "no_value"),
        (b"<v>1</v>", b"<v>1</w>", "invalid_xml"),
    ):
        parts = book.parts()
        parts[part] = parts[part].replace(old, new)
        assert parts != book.parts()
        write_parts(path, parts)
        with pytest.raises(WorkbookError) as refused:
            sheetlab.load(path)
        error = refused.value
        assert (error.code, error.fields["why"].code) == ("damaged_sheet", code)
        for language in LANGUAGES:
            assert error.fields["why"].to(language) in error.message.to(language)


def test_what_is_told_in_another_process_arrives_whole() -> None:
    why = Message("no_row", row="0")
    told: list[SheetlabError | EngineWarning] = [
        WorkbookError("damaged_sheet", path=Path("book.xlsx"), sheet="Data", why=why),
        EngineWarning("over_limit", path=Path("book.xlsx"), cell="Data!A1", limit="steps"),
        InputError(Text("no", "아니요")),
    ]
    for one in told:
        again = pickle.loads(pickle.dumps(one))
        assert type(again) is type(one)
        assert (again.code, again.message, str(again)) == (one.code, one.message, str(one))
        assert str(type(one)(*one.args)) == str(one)
