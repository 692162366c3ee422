"""The commands, as a person types them: what they print, and how they refuse."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from rich.cells import cell_len

import sheetlab
from sheetlab.cli import DEFAULT_ENGINES, ENGINE_CHOICES, main
from sheetlab.engine import load
from sheetlab.lessons import lesson, lesson_names
from sheetlab.text import LANGUAGES, printable

Run = Callable[..., tuple[int, str, str]]

# Any lessons beside sgd.
OTHERS = [name for name in lesson_names() if name != "sgd"][:3]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run a command line in an empty folder: exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHEETLAB_LANG", "en")

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["sheetlab", *arguments])
        with pytest.raises(SystemExit) as ending:
            main()
        captured = capsys.readouterr()
        code = ending.value.code
        return code if isinstance(code, int) else int(code is not None), captured.out, captured.err

    return command


def one_sentence(error: str) -> bool:
    return error.startswith("sheetlab: ") and error.count("\n") == 1 and "Traceback" not in error


def is_korean(path: Path) -> bool:
    """Whether a workbook of sgd tells its title in Korean."""
    sheets = openpyxl.load_workbook(path).worksheets
    texts = {str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row}
    titles = lesson("sgd").title
    assert (titles.ko in texts) != (titles.en in texts)
    return titles.ko in texts


def break_a_cell(path: Path) -> str:
    """Type a wrong number over the first squared error of sgd; which cell that is."""
    sheet, ref = load(path).range_refs("squared_error")[0]
    workbook = openpyxl.load_workbook(path)
    workbook[sheet][ref] = 12345
    workbook.save(path)
    return f"{sheet}!{ref}"


def test_build_then_verify(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("build", "sgd", "confusion")
    assert status == 0
    assert out.splitlines()[0].startswith("workbooks/sgd.xlsx")
    assert len(out.splitlines()) == 2
    status, out, err = run("verify", "sgd", "confusion", "--json")
    assert (status, err) == (0, "")
    report = json.loads(out)
    assert report["ok"] is True
    assert {figure["lesson"] for figure in report["figures"]} == {"sgd", "confusion"}
    assert {"id", "quantity", "index", "printed", "status", "computed", "reference", "ok"} <= (
        report["figures"][0].keys()
    )
    assert {"quantity", "cells", "engine", "max_error", "ok"} <= report["quantities"][0].keys()
    status, out, _ = run("verify", "sgd")
    assert status == 0
    assert f"All {len(lesson('sgd').figures)} figures" in out


def test_build_check_tells_current_from_stale(run: Run, tmp_path: Path) -> None:
    assert run("build", "sgd", "--check")[0] == 1
    assert not (tmp_path / "workbooks").exists()
    assert run("build", "sgd")[0] == 0
    assert run("build", "sgd", "--check")[0] == 0
    own = ("build", "sgd", "--set", "epochs=2", "--out", "workbooks", "--force")
    assert run(*own)[0] == 0
    status, out, _ = run("build", "sgd", "--check")
    assert status == 1
    assert "sheetlab build" in out


def test_own_data_reaches_the_cells(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x,y\n1,2\n2,4\n3,6\n")
    arguments = ("--data", "data.csv", "--set", "epochs=2", "--lang", "ko")
    assert run("build", "sgd", *arguments)[0] == 0
    path = tmp_path / "workbooks/own/ko/sgd.xlsx"
    assert load(path)["x"].tolist() == [1, 2, 3, 1, 2, 3]
    assert is_korean(path)
    status, out, _ = run("verify", "workbooks/own/ko/sgd.xlsx", "--json")
    assert status == 0
    assert json.loads(out)["figures"] == []


def test_verify_without_a_workbook_builds_one_aside(run: Run, tmp_path: Path) -> None:
    status, _, err = run("verify", "sgd")
    assert status == 0
    assert "sgd.xlsx is not there" in err
    assert not (tmp_path / "workbooks").exists()


def test_verify_reports_a_changed_cell(run: Run, tmp_path: Path) -> None:
    run("build", "sgd")
    path = tmp_path / "workbooks" / "sgd.xlsx"
    cell = break_a_cell(path)
    status, out, _ = run("verify", str(path))
    assert status == 1
    complaints = [line for line in out.splitlines() if line.startswith("✗")]
    assert complaints[0].startswith(f"✗ {path}: {cell} holds a typed number")
    for engine in DEFAULT_ENGINES:
        assert any(f"sgd.squared_error ({cell}, {engine})" in line for line in complaints)


def test_list_names_every_lesson(run: Run) -> None:
    status, out, _ = run("list")
    assert status == 0
    assert all(name in out for name in lesson_names())


def test_list_of_one_lecture(run: Run) -> None:
    status, out, _ = run("list", "--lecture", "003")
    assert status == 0
    ours = {name for name in lesson_names() if "003" in dict(lesson(name).slides)}
    listed = {line.split()[0] for line in out.splitlines()[1:] if line and line[0] != " "}
    assert listed == ours
    status, _, complaint = run("list", "--lecture", "9")
    assert status == 2
    assert "the lectures are 000" in complaint


def test_show_prints_values_and_formulas(run: Run) -> None:
    status, out, _ = run("show", "sgd", "--set", "epochs=2")
    assert status == 0
    assert lesson("sgd").title.en in out
    status, out, _ = run("show", "sgd", "--formulas")
    assert "=E4-$A$3*$H4" in out


def test_plot_writes_a_picture(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("plot", "sgd", "-o", "picture.png")
    assert (status, out) == (0, "picture.png\n")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_eval_and_recalc_work_on_any_workbook(run: Run, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Mine"
    for row in ((1, "=A1*2"), (5, "=A2*2")):
        sheet.append(row)
    workbook.save(tmp_path / "mine.xlsx")
    assert run("eval", "mine.xlsx", "Mine!B1") == (0, "Mine!B1\t2\n", "")
    status, out, _ = run("eval", "mine.xlsx", "A1:B2", "--set", "A1=10")
    assert (status, out) == (0, "A1:B2\n10\t20\n5\t10\n")
    assert run("recalc", "mine.xlsx", "-o", "out.xlsx")[0] == 0
    assert openpyxl.load_workbook("out.xlsx", data_only=True)["Mine"]["B2"].value == 10


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("build", "sgd", "--set", "learning_rate=abc"), "sgd: learning_rate is 'abc'"),
        (("build", "sgd", "--set", "learning_rate"), "NAME=VALUE"),
        (("build", "sgd", "--set", "speed=1"), "no input 'speed'"),
        (("build", "sdg"), "no lesson 'sdg'"),
        (("build", "sgd", "--lang", "fr"), "no language 'fr'"),
        (("build", "sgd", "--data", "none.csv"), "none.csv"),
        (("build", "--set", "epochs=2"), "name these"),
        (("build", "--data", "none.csv"), "name these"),
        (("build", "sgd", "--data", "text.csv"), "text.csv, row 3, column y: 'zwei' is no number"),
        (("template", "sdg"), "no lesson 'sdg'"),
        (("template", "sgd", "-o", "no/such/folder.csv"), "no/such/folder.csv: cannot be written"),
        (("template", "sgd", "-o", "sgd.xlsx"), "sgd.xlsx: a template is a CSV file"),
        (("template", "sgd", "-o", "text.csv"), "text.csv: is there already"),
        (("recalc", "foreign.xlsx", "-o", "foreign.xlsx"), "foreign.xlsx: is the workbook itself"),
        (("recalc", "foreign.xlsx", "-o", "./link.xlsx"), "link.xlsx: is the workbook itself"),
        (("recalc", "foreign.xlsx", "-o", "hard.xlsx"), "hard.xlsx: is the workbook itself"),
        (("recalc", "foreign.xlsx", "-o", "out.csv"), "a name that ends in .xlsx"),
        (("recalc", "foreign.xlsx", "-o", "out.xlsm"), "a name that ends in .xlsx"),
        (("recalc", "foreign.xlsx", "-o", "out"), "a name that ends in .xlsx"),
        (("build", "--frce"), "build: there is no option '--frce' (did you mean --force?)"),
        (("build", "--set"), "build: --set needs a value"),
        (("build", "--force=1"), "build: --force takes no value"),
        (("show",), "show: LESSON is missing; sheetlab show --help"),
        (("show", "sgd", "more"), "show: 'more' is too much here"),
        (("recalc", "foreign.xlsx"), "recalc: -o, --out OUT is missing"),
        (("eval", "foreign.xlsx"), "eval: REF... is missing"),
        (("-x",), "there is no option '-x'"),
        (("biuld",), "There is no command 'biuld'; did you mean build?"),
        (("frobnicate",), "the commands are build"),
        (("show", "\x1b[31m\nred"), "\\x1b[31m\\nred"),
        (("verify", "sdg"), "no lesson 'sdg'"),
        (("verify", "text.xlsx"), "text.xlsx: is not a workbook"),
        (("verify", "missing.xlsx"), "missing.xlsx: there is no such file"),
        (("verify", "foreign.xlsx"), "foreign.xlsx: is not a workbook of a lesson"),
        (("verify", "--engine", "abacus"), "--engine abacus"),
        (("eval", "text.xlsx", "A1"), "text.xlsx: is not a workbook"),
        (("eval", "foreign.xlsx", "no_such_name"), "no_such_name"),
        (("eval", "foreign.xlsx", "Nowhere!A1"), "Nowhere"),
        (("recalc", "foreign.xlsx", "-o", "no/such/folder.xlsx"), "no/such/folder.xlsx"),
        (("recalc", "half.xlsx", "-o", "out.xlsx"), "half.xlsx"),
        (("plot", "sgd", "-o", "no/such/picture.png"), "no/such/picture.png"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_wrong_input_is_refused_in_one_sentence(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
    language: str,
) -> None:
    monkeypatch.setenv("SHEETLAB_LANG", language)
    openpyxl.Workbook().save("foreign.xlsx")
    Path("link.xlsx").symlink_to("foreign.xlsx")
    Path("hard.xlsx").hardlink_to("foreign.xlsx")
    Path("text.xlsx").write_text("not a workbook")
    Path("text.csv").write_text("x,y\n1,1\n2,zwei\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    Path("half.xlsx").write_bytes(Path("foreign.xlsx").read_bytes()[:2000])
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert one_sentence(err), err
    if language == "en":
        assert words in err
    else:
        assert any("가" <= letter <= "힣" for letter in err)
    assert all(path.read_bytes() == content for path, content in before.items())


@pytest.mark.parametrize("protected", ["folder", "file"])
def test_what_may_not_be_written_stays_whole(run: Run, tmp_path: Path, protected: str) -> None:
    run("build", "sgd")
    path = tmp_path / "workbooks" / "sgd.xlsx"
    before = path.read_bytes()
    target = path if protected == "file" else path.parent
    target.chmod(0o555 if target.is_dir() else 0o444)
    try:
        status, _, err = run("build", "sgd", "--force")
        assert status == 2
        assert one_sentence(err), err
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]
    finally:
        target.chmod(0o755 if target.is_dir() else 0o644)


def test_the_module_runs_quietly_in_a_pipe() -> None:
    command = [sys.executable, "-c", "from sheetlab.cli import main; main()", "eval"]
    finished = subprocess.run([*command, "none.xlsx", "A1"], capture_output=True, text=True)
    assert finished.returncode == 2
    assert finished.stdout == ""
    assert one_sentence(finished.stderr)


def test_what_the_engine_warns_of_is_one_sentence(run: Run, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.worksheets[0]["A1"] = "=NOSUCH(1)"
    workbook.save(tmp_path / "book.xlsx")
    status, out, err = run("eval", "book.xlsx", "A1")
    assert status == 0
    assert out == "A1\t#NAME?\n"
    assert one_sentence(err)
    assert "NOSUCH" in err


def as_process(
    *arguments: str, environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "sheetlab", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"SHEETLAB_LANG": "en", "COLUMNS": "80"} | (environment or {}),
    )


def edit(path: Path) -> bytes:
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[0]["A60"] = "my remark"
    workbook.save(path)
    return path.read_bytes()


def test_a_current_workbook_keeps_its_bytes(run: Run, tmp_path: Path) -> None:
    run("build", "sgd")
    path = tmp_path / "workbooks" / "sgd.xlsx"
    before = path.read_bytes()
    path.chmod(0o444)
    status, out, err = run("build", "sgd")
    assert (status, out, err) == (0, "workbooks/sgd.xlsx  current, left as it is\n", "")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "language", "path"),
    [
        ((), "en", "workbooks/sgd.xlsx"),
        ((), "ko", "workbooks/ko/sgd.xlsx"),
        (("--lang", "ko"), "en", "workbooks/ko/sgd.xlsx"),
        (("--lang", "en"), "ko", "workbooks/sgd.xlsx"),
        (("--set", "epochs=4"), "en", "workbooks/sgd.xlsx"),
        (("--set", "epochs=2"), "en", "workbooks/own/sgd.xlsx"),
        (("--data", "own.csv"), "ko", "workbooks/own/ko/sgd.xlsx"),
        (("--data", "own.csv", "--out", "mine"), "ko", "mine/sgd.xlsx"),
    ],
)
def test_language_and_own_inputs_go_beside_the_shipped_workbook(
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    language: str,
    path: str,
) -> None:
    (tmp_path / "own.csv").write_text("x,y\n1,2\n2,4\n")
    run("build", "sgd")
    shipped = tmp_path / "workbooks" / "sgd.xlsx"
    before = shipped.read_bytes()
    monkeypatch.setenv("SHEETLAB_LANG", language)
    status, out, _ = run("build", "sgd", *arguments)
    assert status == 0
    assert out.startswith(f"{path}  ")
    assert shipped.read_bytes() == before
    assert is_korean(tmp_path / path) == ("ko/" in path or path.startswith("mine"))


def test_an_explicit_folder_keeps_what_was_built_from_something_else(
    run: Run, tmp_path: Path
) -> None:
    run("build", "sgd")
    path = tmp_path / "workbooks" / "sgd.xlsx"
    before = path.read_bytes()
    for other in (("--lang", "ko"), ("--set", "epochs=2")):
        status, _, err = run("build", "sgd", *other, "--out", "workbooks")
        assert status == 2
        assert "was built from other inputs or in another language" in err
        assert one_sentence(err)
        assert path.read_bytes() == before
    assert run("build", "sgd", "--lang", "ko", "--out", "workbooks", "--force")[0] == 0
    assert path.read_bytes() != before


def test_what_cannot_be_written_does_not_keep_the_rest(run: Run, tmp_path: Path) -> None:
    one, two, three, four = (*OTHERS, "sgd")
    run("build", two, four, "--out", "mine")
    edited = edit(tmp_path / "mine" / f"{two}.xlsx")
    (tmp_path / "mine" / f"{one}.xlsx").mkdir()
    status, out, err = run("build", one, two, three, four, "--out", "mine")
    assert status == 2
    assert out.splitlines() == [
        f"mine/{three}.xlsx  written",
        f"mine/{four}.xlsx  current, left as it is",
    ]
    first, second = err.splitlines()
    assert f"mine/{one}.xlsx" in first
    assert f"mine/{two}.xlsx" in second
    assert (tmp_path / "mine" / f"{two}.xlsx").read_bytes() == edited


def test_a_workbook_that_cannot_be_read_is_called_that(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", "sgd")
    opened = Path.open

    def locked(self: Path, *arguments: object, **keywords: object) -> object:
        if self.parent.name == "workbooks":
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **keywords)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", locked)
    status, _, err = run("build", "sgd")
    assert status == 2
    assert "close the program that holds it" in err


def test_processes_and_one_after_the_other_give_the_same(tmp_path: Path) -> None:
    together, alone = tmp_path / "together", tmp_path / "alone"
    for folder, cores in ((together, 2), (alone, 1)):
        command = (
            "from sheetlab import processes; from sheetlab.cli import main;"
            f"processes._cores = lambda: {cores}; main()"
        )
        subprocess.run(
            [sys.executable, "-c", command, "build", *OTHERS, "--out", str(folder)],
            check=True,
            capture_output=True,
        )
    for name in OTHERS:
        assert (together / f"{name}.xlsx").read_bytes() == (alone / f"{name}.xlsx").read_bytes()


def test_data_and_settings_together(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("X;Y;Note\n1,5;2;=1+1\n2,5;4;\n")
    status, out, err = run("build", "sgd", "--data", "own.csv", "--set", "epochs=1")
    assert (status, out) == (0, "workbooks/own/sgd.xlsx  written\n")
    assert err == "own.csv: these columns are no inputs and are left out: 'Note'.\n"
    book = load("workbooks/own/sgd.xlsx")
    assert book["x"].tolist() == [1.5, 2.5]


def test_a_template_is_where_data_starts(run: Run, tmp_path: Path) -> None:
    assert run("template", "sgd") == (0, "sgd.csv\n", "")
    lines = (tmp_path / "sgd.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "learning_rate,epochs,initial_alpha,initial_beta,x,y"
    assert lines[2] == ",,,,2.0,3.0"
    assert run("build", "sgd", "--data", "sgd.csv")[1].startswith("workbooks/sgd.xlsx")
    assert run("template", "sgd", "--force")[0] == 0
    assert run("template", "sgd", "-o", "mine.csv")[1] == "mine.csv\n"


def test_a_macro_workbook_stays_one(run: Run, tmp_path: Path) -> None:
    openpyxl.Workbook().save("book.xlsm")
    assert run("recalc", "book.xlsm", "-o", "out.xlsm")[0] == 0
    assert run("recalc", "book.xlsm", "-o", "out.xlsx")[0] == 2


def test_verify_takes_the_workbook_of_the_language(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHEETLAB_LANG", "ko")
    run("build", "sgd")
    break_a_cell(Path("workbooks/ko/sgd.xlsx"))
    status, _, err = run("verify", "sgd")
    assert (status, err) == (1, "")


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, f"sheetlab {sheetlab.__version__}\n", "")


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    status, out, err = run()
    assert (status, err) == (0, "")
    assert out == run("--help")[1] == run("-h")[1]
    for name in COMMANDS:
        assert f"  {name} " in out


COMMANDS = ("build", "template", "verify", "list", "show", "plot", "eval", "recalc")


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_is_korean_and_fits_sixty_columns(command: tuple[str, ...]) -> None:
    narrow = {"SHEETLAB_LANG": "ko", "COLUMNS": "60"}
    korean = as_process(*command, "--help", environment=narrow)
    assert (korean.returncode, korean.stderr) == (0, "")
    lines = korean.stdout.splitlines()
    assert max(map(cell_len, lines)) <= 60
    assert lines[0].startswith("사용법: sheetlab")
    # Placeholders, names of options and file suffixes are the same in both; sentences are not.
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", korean.stdout.replace("sheetlab ", ""))
    english = as_process(*command, "--help", environment={"COLUMNS": "60"})
    assert max(map(cell_len, english.stdout.splitlines())) <= 60
    assert not any("가" <= letter <= "힣" for letter in english.stdout)
    options = re.compile(r"^  (-\w, )?(--[\w-]+)", re.MULTILINE)
    assert options.findall(korean.stdout) == options.findall(english.stdout)


def test_help_imports_nothing_heavy() -> None:
    command = (
        "import sys; from sheetlab.cli import main\ntry: main()\n"
        "finally: print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", command, "--help"], capture_output=True, text=True
    )
    assert finished.returncode == 0
    heavy = {"numpy", "pandas", "openpyxl", "lxml", "matplotlib", "formulas", "multiprocessing"}
    assert not heavy & set(finished.stderr.split())


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("sheetlab bui", ["build"]),
        ("sheetlab build conf", ["confusion"]),
        ("sheetlab show sg", ["sgd"]),
        ("sheetlab build --lang k", ["ko"]),
        ("sheetlab verify --engine libre", ["libreoffice"]),
        ("sheetlab build --for", ["--force"]),
    ],
)
def test_the_shell_completes_commands_lessons_and_engines(words: str, offered: list[str]) -> None:
    position = str(len(words.split()) - 1)
    asked = {"_SHEETLAB_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": position}
    finished = as_process(environment=asked)
    assert (finished.stdout.split(), finished.stderr) == (offered, "")


@pytest.mark.parametrize(("language", "said"), [("en", "are completed in"), ("ko", "완성됩니다")])
def test_completion_installs_itself(tmp_path: Path, language: str, said: str) -> None:
    home = {
        "HOME": str(tmp_path),
        "SHEETLAB_LANG": language,
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    finished = as_process("--install-completion", "bash", environment=home)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert said in finished.stdout
    assert finished.stdout.count("\n") == 1
    assert (tmp_path / ".bashrc").exists()
    refused = as_process("--install-completion", "sh", environment=home)
    assert refused.returncode == 2
    assert one_sentence(refused.stderr)


def test_engines_are_those_of_the_checking() -> None:
    from sheetlab.checking import ENGINES

    assert (*ENGINES, "all") == ENGINE_CHOICES
    assert set(DEFAULT_ENGINES) <= set(ENGINES)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_and_results_in_the_pipe(tmp_path: Path) -> None:
    terminal, end = os.openpty()
    environment = os.environ | {"SHEETLAB_LANG": "en", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "sheetlab", "build", "sgd", "confusion"],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(Path(sheetlab.__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=end,
        text=True,
    ) as process:
        out, _ = process.communicate()
    os.close(end)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert out == "workbooks/sgd.xlsx  written\nworkbooks/confusion.xlsx  written\n"
    assert "1/2 sgd" in shown
    assert "2/2 confusion" in shown


STEERING = "a\x1b[31m[bold]:smile:\u202e\x9b"


def test_names_and_texts_are_shown_and_not_obeyed(run: Run, tmp_path: Path) -> None:
    book_path = tmp_path / f"{STEERING}.xlsx"
    openpyxl.Workbook().save(book_path)
    book = load(book_path)
    book.set({"A1": STEERING, "A2": "two\nlines"})
    book.save(book_path)
    shown = "a\\x1b[31m[bold]:smile:\\u202e\\x9b"
    assert run("eval", str(book_path), "A1", "A2") == (0, f"A1\t{shown}\nA2\ttwo\\nlines\n", "")
    status, out, _ = run("recalc", str(book_path), "-o", f"2{STEERING}.xlsx")
    assert (status, out) == (0, f"2{shown}.xlsx\n")
    status, _, err = run("verify", str(book_path))
    assert status == 2
    assert f"{shown}.xlsx: is not a workbook of a lesson" in err
    run("build", "sgd", "--set", "epochs=2", "--out", STEERING)
    status, out, _ = run("verify", f"{STEERING}/sgd.xlsx")
    assert status == 0
    assert f"{shown}/sgd.xlsx: its inputs" in out
    assert printable(out.replace("\n", "")) == out.replace("\n", "")


def test_json_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    from sheetlab.tables import print_json

    print_json({"text": STEERING, "한글": ["\u2028"]})
    out = capsys.readouterr().out
    assert json.loads(out) == {"text": STEERING, "한글": ["\u2028"]}
    assert printable(out.replace("\n", "")) == out.replace("\n", "")
    assert "한글" in out
