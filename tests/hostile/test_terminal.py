"""What a workbook says is printed as text, and the terminal, the disk and the user may give out."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engine.packages import formulas, parts_of, write_package
from hostile.bounded import command

import sheetlab
from sheetlab.building import LESSON_PROPERTY
from sheetlab.files.fingerprint import write_property
from sheetlab.files.package import read_parts, write_parts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has other terminals")

SHEETLAB = [sys.executable, "-m", "sheetlab"]
EVIL = "\x1b[31m\x1b]0;x\x07\u202e\u2028\r\nforged\x9b1m[/red][bold]"
# What XML can hold of it.
EVIL_XML = "\x9b1m\u202e\u2028&#13;&#10;forged[/red][bold]_x001B_[31m"


def printed(*arguments: object, folder: Path, status: int | None = None) -> str:
    done = command([*SHEETLAB, *map(str, arguments)], cwd=folder)
    if status is not None:
        assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    for text in (done.stdout, done.stderr):
        for sign in text:
            assert sign == "\n" or sign == "\t" or sign.isprintable() or sign == "\xa0", repr(text)
        assert "\nforged" not in text
    return done.stdout + done.stderr


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A workbook whose every text is evil."""
    parts = parts_of(
        f'<row r="1"><c r="A1" t="inlineStr"><is><t>{EVIL_XML}</t></is></c>'
        f'<c r="B1"><f>NOBODY("{EVIL_XML}")</f></c><c r="C1"><f>1+({EVIL_XML}</f></c>'
        f'<c r="D1"><f>D1&amp;"{EVIL_XML}"</f></c><c r="E1"><f>A1</f></c>'
        f'<c r="F1"><f>LET(f,LAMBDA(f,f(f)),f(f))</f></c></row>',
        names={f"name{EVIL_XML}": "Data!$A$1", "formula": f'"{EVIL_XML}"&1'},
    )
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b'name="Data"', f'name="{EVIL_XML}"'.encode()
    )
    path = tmp_path / f"{EVIL.replace('/', '')}.xlsx"
    write_parts(path, parts)
    return path


def test_texts_of_a_workbook_are_printed_and_not_obeyed(workbook: Path, tmp_path: Path) -> None:
    for ref in ("A1", "B1", "C1", "D1", "F1", "A1:F1", "formula", "nobody", EVIL):
        printed("eval", workbook, ref, folder=tmp_path)
    printed("eval", workbook, "A1", "--strict", "--set", f"A1={EVIL}", folder=tmp_path)
    printed("eval", workbook, "C1", "--strict", folder=tmp_path, status=2)
    printed("eval", workbook, "A1", "--set", f"B1={EVIL}", folder=tmp_path, status=2)
    printed("eval", workbook, "A1", "--limit", f"{EVIL}=1", folder=tmp_path, status=2)
    printed("recalc", workbook, "-o", f"{EVIL.replace('/', '')}2.xlsx", folder=tmp_path, status=0)
    printed("recalc", workbook, "-o", EVIL, folder=tmp_path, status=2)
    printed("verify", workbook, folder=tmp_path, status=2)
    printed("verify", workbook, "--json", folder=tmp_path, status=2)
    printed("build", "sgd", "--data", workbook, folder=tmp_path, status=2)
    for arguments in (["show", EVIL], ["plot", EVIL], ["build", EVIL], [EVIL], ["new", EVIL]):
        printed(*arguments, folder=tmp_path, status=2)
    printed("list", "--lecture", EVIL, folder=tmp_path, status=2)
    printed("verify", "sgd", "--engine", EVIL, folder=tmp_path, status=2)


def test_damaged_parts_are_told_of_in_one_line(workbook: Path, tmp_path: Path) -> None:
    parts = read_parts(workbook)
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        for old, new in ((b"</", b"<\x1b/"), (b'r="A1"', b'r="\xc2\x9b1m"'), (b"sheetId", b"x")):
            path = tmp_path / "damaged.xlsx"
            write_parts(path, {**parts, part: parts[part].replace(old, new)})
            printed("eval", path, "A1", folder=tmp_path)
    write_parts(path, {**parts, f"{EVIL}.xml": b"1", f"{EVIL}.XML": b"2"})
    printed("eval", path, "A1", folder=tmp_path, status=2)


def test_properties_and_file_names_of_lessons(tmp_path: Path) -> None:
    built = sheetlab.build("sgd", tmp_path)
    parts = write_property(read_parts(built), LESSON_PROPERTY, "x")
    names = [name for name in parts if b"sgd" in parts[name] and "docProps" in name]
    for name in names:
        for evil in (b"\xc2\x9b1m", b"[/red]", "\u202e".encode()):
            path = tmp_path / "evil.xlsx"
            write_parts(path, {**parts, name: parts[name].replace(b"sgd", evil)})
            printed("verify", path, folder=tmp_path)
    (tmp_path / "[").mkdir()
    named = tmp_path / "[" / "red].xlsx"
    named.write_bytes(built.read_bytes())
    assert "agree" in printed("verify", "[/red].xlsx", folder=tmp_path, status=0)
    printed("eval", "[/red].xlsx", "alpha", folder=tmp_path, status=0)


def test_messages_are_safe_where_python_prints_them() -> None:
    from sheetlab.errors import EngineWarning, InputError
    from sheetlab.text import Text

    for kind in (InputError, EngineWarning):
        assert "\x1b" not in str(kind(Text(EVIL, EVIL)))
        assert "\n" not in str(kind(Text(EVIL, EVIL)))


@pytest.mark.parametrize(
    "content",
    [b"x,y\n" + b"1,2\n" * 200_000, b"x" * 60_000_000, b'x,y\n"' + b"1" * 200_000 + b'",2\n',
     b"x," * 300_000 + b"\n1", b"x,y\n\x1b[31m,2\n", b"\x1b[31m,y\n1,2\n"],
    ids=range(6),
)  # fmt: skip
def test_data_files_are_bounded(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    printed("build", "sgd", "--data", path, folder=tmp_path, status=2)


def test_data_workbooks_are_bounded(tmp_path: Path) -> None:
    far = parts_of(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"/></row>'
    )
    printed("build", "sgd", "--data", write_package(tmp_path, far), folder=tmp_path, status=2)
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 100_003))
    path = write_package(tmp_path, parts_of(rows))
    assert "too large" in printed("build", "sgd", "--data", path, folder=tmp_path, status=2)
    path = write_package(tmp_path, parts_of(("<row>" + "<c/>" * 10_000 + "</row>") * 600))
    assert "cells" in printed("build", "sgd", "--data", path, folder=tmp_path, status=2)


# Writing that is ended.


@pytest.fixture
def slow(tmp_path: Path) -> list[str]:
    """A command that takes seconds to write a workbook, over one that is there."""
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n / 7}</v></c><c r="B{n}"><f>A{n}/3</f></c></row>'
        for n in range(1, 30_001)
    )
    write_package(tmp_path, parts_of(rows))
    (tmp_path / "out.xlsx").write_bytes(b"old")
    program = (
        # Who is started in the background of a shell may have been told to pass it over.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import time, zipfile, sheetlab.cli as cli\n"
        "opened = zipfile.ZipFile.open\n"
        "def slowly(*a, **k):\n"
        "    if 'w' in a: print('writing', flush=True); time.sleep(30)\n"
        "    return opened(*a, **k)\n"
        "zipfile.ZipFile.open = slowly\n"
        "import sys; sys.argv = ['sheetlab', 'recalc', 'book.xlsx', '-o', 'out.xlsx']; cli.main()"
    )
    return [sys.executable, "-c", program]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_draft_stays_behind(number: int, slow: list[str], tmp_path: Path) -> None:
    process = subprocess.Popen(
        slow, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    process.send_signal(number)
    _, told = process.communicate(timeout=20)
    assert process.returncode != 0
    assert "Traceback" not in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.xlsx", "out.xlsx"]
    assert (tmp_path / "out.xlsx").read_bytes() == b"old"


def test_a_full_disk(tmp_path: Path) -> None:
    import resource

    path = sheetlab.build("sgd", tmp_path)
    (tmp_path / "out.xlsx").write_bytes(b"old")

    for arguments in (
        ["recalc", "sgd.xlsx", "-o", "out.xlsx"],
        ["build", "kmeans", "--out", "."],
        ["template", "sgd", "-o", "out.csv"],
        ["plot", "sgd", "-o", "out.png"],
    ):
        done = subprocess.run(
            [*SHEETLAB, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
            env={**os.environ, "SHEETLAB_LANG": "en", "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert done.returncode == 2, (arguments, done.stderr)
        *_, sentence = done.stderr.splitlines()
        assert sentence.startswith("sheetlab: ")
        assert "Traceback" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out.xlsx", path.name]
    assert (tmp_path / "out.xlsx").read_bytes() == b"old"


@pytest.mark.parametrize(
    "arguments",
    [["eval", "loop.xlsx", "A1"], ["recalc", "loop.xlsx", "-o", "x.xlsx"], ["verify", "loop.xlsx"],
     ["recalc", "book.xlsx", "-o", "loop.xlsx"], ["build", "sgd", "--data", "loop.csv"],
     ["build", "sgd", "--out", "loop"], ["template", "sgd", "-o", "loop.csv", "--force"],
     ["plot", "sgd", "-o", "loop.png"], ["verify", "sgd", "--dir", "loop"],
     ["eval", "/dev/zero", "A1"], ["eval", "x" * 5000, "A1"],
     ["recalc", "book.xlsx", "-o", "x" * 300 + ".xlsx"]],
    ids=" ".join,
)  # fmt: skip
def test_loops_of_links_and_other_paths(arguments: list[str], tmp_path: Path) -> None:
    write_package(tmp_path, parts_of(formulas("A1+B1")))
    for suffix in ("", ".xlsx", ".csv", ".png"):
        (tmp_path / f"loop{suffix}").symlink_to(f"pool{suffix}")
        (tmp_path / f"pool{suffix}").symlink_to(f"loop{suffix}")
    done = command([*SHEETLAB, *arguments], cwd=tmp_path)
    if arguments[:3] != ["verify", "sgd", "--dir"]:
        assert done.returncode == 2, done.stderr
        (sentence,) = done.stderr.splitlines()
        assert sentence.startswith("sheetlab: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("sink", [">/dev/full", ">&-"])
@pytest.mark.parametrize(
    "words", ["list", "eval book.xlsx A1:C1", "--help", "--version", "build -h"]
)
def test_a_result_that_cannot_be_printed(words: str, sink: str, tmp_path: Path) -> None:
    if sink == ">/dev/full" and not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    write_package(tmp_path, parts_of(formulas("A1+B1")))
    done = command(["sh", "-c", f'"{sys.executable}" -m sheetlab {words} {sink}'], cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    (sentence,) = done.stderr.splitlines()
    assert "cannot be printed" in sentence


@pytest.mark.parametrize("words", ["list", "eval book.xlsx A1:A30000", "show sgd"])
def test_a_reader_that_goes(words: str, tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 30_001))
    write_package(tmp_path, parts_of(rows))
    program = f'"{sys.executable}" -m sheetlab {words}; echo $? >status'
    done = command(["sh", "-c", f"({program}) | head -c 1"], cwd=tmp_path)
    assert "Traceback" not in done.stderr
    for _ in range(100):
        if (tmp_path / "status").exists() and (tmp_path / "status").read_text():
            break
        time.sleep(0.1)
    assert (tmp_path / "status").read_text().strip() in ("0", "141")
