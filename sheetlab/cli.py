"""The commands: parse, call, print. Heavy imports wait until a command needs them."""

import contextlib
import io
import math
import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from sheetlab.errors import EngineWarning, InputError, SheetlabError, WorkbookError
from sheetlab.limits import Limits, limit_names
from sheetlab.text import LANGUAGES, Text, printable, quoted, user_language
from sheetlab.usage import Command, Commands

if TYPE_CHECKING:
    from sheetlab.building import Order, Outcome
    from sheetlab.inputs import LessonInputs
    from sheetlab.lessons import Lesson

ENGINE_CHOICES = ("sheetlab", "formulas", "libreoffice", "ironcalc", "all")
DEFAULT_ENGINES = ("sheetlab", "formulas")


def _help(en: str, ko: str) -> str:
    return str(Text(en, ko))


def _lesson_names(incomplete: str) -> list[str]:
    from sheetlab.lessons import lesson_names

    return [name for name in lesson_names() if name.startswith(incomplete)]


def _engine_names(incomplete: str) -> list[str]:
    return [name for name in ENGINE_CHOICES if name.startswith(incomplete)]


def _languages(incomplete: str) -> list[str]:
    return [language for language in LANGUAGES if language.startswith(incomplete)]


app = typer.Typer(
    name="sheetlab",
    cls=Commands,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_help(
        "Machine-learning lectures as live, verified spreadsheets.",
        "기계학습 강의의 예제를 수식으로 계산되고 검증된 스프레드시트로 만듭니다.",
    ),
    epilog=_help(
        "Exit status: 0 all is well, 1 a check failed, 2 the call or an input is wrong."
        " SHEETLAB_LANG=ko speaks Korean, and builds Korean workbooks.",
        "종료 상태: 0 이상 없음, 1 검사 실패, 2 명령이나 입력이 잘못됨."
        " SHEETLAB_LANG=en이면 영어로 말하고 영어 파일을 만듭니다.",
    ),
)

LessonNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[LESSON]...",
        autocompletion=_lesson_names,
        help=_help("Lessons; all of them by default.", "예제 이름. 없으면 모두."),
    ),
]
LessonName = Annotated[
    str,
    typer.Argument(
        metavar="LESSON", autocompletion=_lesson_names, help=_help("A lesson.", "예제 이름.")
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help=_help(
            "Set an input; columns as x=1,2,3. May be repeated.",
            "입력 하나를 정합니다. 열은 x=1,2,3처럼 적습니다. 여러 번 쓸 수 있습니다.",
        ),
    ),
]
DataFile = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="FILE",
        help=_help(
            "A .csv, .tsv, .txt, .xlsx or .parquet file whose columns are inputs by name."
            " sheetlab template writes one to start from.",
            "열 이름이 입력 이름인 .csv, .tsv, .txt, .xlsx, .parquet 파일."
            " sheetlab template으로 시작할 파일을 만들 수 있습니다.",
        ),
    ),
]
WorkbookLanguage = Annotated[
    str | None,
    typer.Option(
        "--lang",
        metavar="en|ko",
        autocompletion=_languages,
        help=_help(
            "Language of the workbook; that of the commands by default.",
            "파일의 언어. 기본은 명령의 언어.",
        ),
    ),
]
Bounds = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=NUMBER",
        help=_help(
            f"Change a limit: {', '.join(limit_names())}. May be repeated.",
            f"한도를 바꿉니다: {', '.join(limit_names())}. 여러 번 쓸 수 있습니다.",
        ),
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict",
        help=_help(
            "Refuse a workbook with a cycle or a text that is no formula.",
            "순환이나 수식이 아닌 텍스트가 있으면 거절합니다.",
        ),
    ),
]
Workbook = Annotated[Path, typer.Argument(metavar="FILE", help=_help("A workbook.", "엑셀 파일."))]


@app.callback()
def start(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help=_help("Show the version.", "버전을 보입니다."))
    ] = False,
) -> None:
    """Show the version or, where no command is given, the help."""
    if version:
        from sheetlab import __version__

        _say(f"sheetlab {__version__}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command(cls=Command, help=_help("Write the workbooks.", "엑셀 파일을 만듭니다."))
def build(
    names: LessonNames = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help=_help(
                "Where to; by default workbooks, workbooks/ko in Korean, and workbooks/own where"
                " inputs were given.",
                "만들 폴더. 기본은 workbooks, 한국어는 workbooks/ko, 입력을 바꾸었으면"
                " workbooks/own.",
            ),
        ),
    ] = None,
    lang: WorkbookLanguage = None,
    settings: Settings = None,
    data: DataFile = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help=_help(
                "Overwrite workbooks that were changed since they were built, or built from"
                " something else.",
                "만든 뒤에 바뀌었거나 다른 것으로 만든 파일도 덮어씁니다.",
            ),
        ),
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help=_help(
                "Write nothing; say whether the workbooks there are current.",
                "쓰지 않고, 있는 파일이 최신인지만 말합니다.",
            ),
        ),
    ] = False,
) -> None:
    """Write, or with --check only compare, a workbook for each lesson."""
    from sheetlab import building
    from sheetlab.inputs import language_of

    language = language_of(lang)
    orders = [
        building.Order(
            lesson.name, inputs, language, building.workbook_path(lesson, inputs, language, out)
        )
        for lesson, inputs in _chosen(names, settings, data)
    ]
    if not names and not settings and data is None:
        orders.append(building.index_order(language, out))
    outcomes = _carried_out(orders, force=force, check=check)
    for outcome in outcomes:
        if outcome.error is not None:
            _complain(outcome.error)
        else:
            _say(f"{outcome.order.path}  {_STATES[outcome.state]}")
    states = {outcome.state for outcome in outcomes}
    if states & {"failed", "stale"}:
        raise typer.Exit(2 if "failed" in states else 1)


_STATES = {
    "written": Text("written", "만들었습니다"),
    "current": Text("current, left as it is", "최신이므로 그대로 둡니다"),
    "stale": Text(
        "is missing or not what the code builds; run sheetlab build",
        "없거나 코드가 만드는 것과 다릅니다. sheetlab build를 실행하십시오",
    ),
}


@app.command(
    cls=Command,
    help=_help(
        "Write a lesson's inputs as a CSV file: change it, and build with --data.",
        "예제의 입력을 CSV 파일로 씁니다. 값을 바꾸어 build --data로 쓰십시오.",
    ),
    epilog=_help(
        "Each input is a column under its name. An input that is a single value, such as"
        " learning_rate, has it in the first row below its heading.",
        "입력마다 그 이름의 열이 하나 있습니다. learning_rate처럼 값이 하나인 입력은 제목 바로"
        " 아래 행에 그 값이 있습니다.",
    ),
)
def template(
    name: LessonName,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="CSV",
            help=_help("The file; LESSON.csv by default.", "쓸 파일. 기본은 LESSON.csv."),
        ),
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help=_help("Overwrite a file that is there.", "이미 있는 파일도 덮어씁니다."),
        ),
    ] = False,
) -> None:
    """Write the slide's inputs as a CSV file that --data reads."""
    from sheetlab.data import write_template
    from sheetlab.lessons import lesson

    path = out or Path(f"{name}.csv")
    write_template(lesson(name).inputs(), path, force=force)
    _say(f"{path}")


@app.command(
    cls=Command, help=_help("Recompute workbooks and compare.", "다시 계산하여 비교합니다.")
)
def verify(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LESSON|FILE]...",
            autocompletion=_lesson_names,
            help=_help(
                "Lessons or workbook files; all lessons by default.",
                "예제 이름이나 파일. 없으면 모든 예제.",
            ),
        ),
    ] = None,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ENGINE",
            autocompletion=_engine_names,
            help=_help(
                f"Which engine calculates: {', '.join(ENGINE_CHOICES)};"
                f" {' and '.join(DEFAULT_ENGINES)} by default. May be repeated.",
                f"계산할 엔진: {', '.join(ENGINE_CHOICES)}."
                f" 기본은 {', '.join(DEFAULT_ENGINES)}. 여러 번 쓸 수 있습니다.",
            ),
        ),
    ] = None,
    json_: Annotated[
        bool, typer.Option("--json", help=_help("Print JSON.", "JSON으로 출력합니다."))
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            help=_help(
                "Where the workbooks are; workbooks by default.", "파일의 폴더. 기본은 workbooks."
            ),
        ),
    ] = None,
) -> None:
    """Hold workbooks against NumPy, other engines and the slides."""
    from sheetlab.checking import verify_files

    engines = _engines(engine or DEFAULT_ENGINES)
    with _workbooks(targets or [], folder) as paths, _busy("") as tell:
        report = verify_files(paths, engines, tell)
    if json_:
        from sheetlab.tables import print_json

        print_json(report.to_json())
    else:
        from sheetlab.tables import print_report

        print_report(report)
    if not report.ok:
        raise typer.Exit(1)


@app.command("list", cls=Command, help=_help("List the lessons.", "예제를 나열합니다."))
def list_lessons(
    lecture: Annotated[
        str | None,
        typer.Option(
            "--lecture",
            metavar="KEY",
            help=_help("Only those of a lecture, such as 003.", "한 강의의 예제만. 예: 003."),
        ),
    ] = None,
) -> None:
    """Print the lessons, their sources and their numbers of figures."""
    from sheetlab.ledger import lectures
    from sheetlab.lessons import lessons
    from sheetlab.tables import print_lessons

    if lecture is not None and lecture not in lectures():
        known = "; ".join(f"{key} {one.name}" for key, one in lectures().items())
        raise InputError(
            Text(
                f"There is no lecture {quoted(lecture)}; the lectures are {known}.",
                f"{quoted(lecture)} 강의는 없습니다. 강의는 {known}입니다.",
            )
        )
    print_lessons(
        [one for one in lessons() if lecture in (None, *(slide for slide, _ in one.slides))]
    )


@app.command(
    cls=Command, help=_help("Show a lesson's table here.", "예제의 표를 터미널에 보입니다.")
)
def show(
    name: LessonName,
    formulas: Annotated[
        bool, typer.Option("--formulas", help=_help("Show formulas.", "수식을 보입니다."))
    ] = False,
    lang: WorkbookLanguage = None,
    settings: Settings = None,
    data: DataFile = None,
) -> None:
    """Print the tables of a lesson's sheet."""
    from sheetlab.building import calculate
    from sheetlab.inputs import language_of
    from sheetlab.tables import print_example

    ((lesson, inputs),) = _chosen([name], settings, data)
    with _busy(lesson.name):
        book, example = calculate(lesson, inputs, language_of(lang))
    print_example(example, book, formulas=formulas)


@app.command(cls=Command, help=_help("Draw a lesson's charts.", "예제의 차트를 그립니다."))
def plot(
    name: LessonName,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="PNG",
            help=_help("The picture; LESSON.png by default.", "그림 파일. 기본은 LESSON.png."),
        ),
    ] = None,
    lang: WorkbookLanguage = None,
    settings: Settings = None,
    data: DataFile = None,
) -> None:
    """Draw the charts of a lesson's recalculated workbook with matplotlib."""
    from sheetlab.building import calculate
    from sheetlab.inputs import language_of
    from sheetlab.plotting import plot as draw

    ((lesson, inputs),) = _chosen([name], settings, data)
    path = out or Path(f"{name}.png")
    with _busy(lesson.name):
        book, example = calculate(lesson, inputs, language_of(lang))
        sheet = example.sheet
        draw(book, sheet.title, sheet.charts, sheet.language, path)
    _say(f"{path}")


@app.command(cls=Command, help=_help("Write the skeleton of a lesson.", "예제의 뼈대를 만듭니다."))
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help=_help("Its name.", "예제의 이름."))],
) -> None:
    """Write a small lesson and its test, to be written over."""
    from sheetlab.skeleton import write_skeleton

    for path in write_skeleton(name, Path()):
        _say(f"{path}")


@app.command(
    "eval", cls=Command, help=_help("Values of any workbook.", "아무 엑셀 파일의 값을 구합니다.")
)
def evaluate(
    file: Workbook,
    refs: Annotated[
        list[str],
        typer.Argument(
            metavar="REF...",
            help=_help("Cells, ranges or names: SGD!E5, alpha.", "셀, 범위, 이름: SGD!E5, alpha."),
        ),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="REF=VALUE",
            help=_help("Change a cell first. May be repeated.", "먼저 셀을 바꿉니다."),
        ),
    ] = None,
    limit: Bounds = None,
    strict: Strict = False,
) -> None:
    """Print the recalculated values of cells, ranges and defined names."""
    from sheetlab.engine import load
    from sheetlab.tables import print_values

    with _busy(f"{file}"):
        book = load(file, strict=strict, limits=_limits(limit))
        book.set({ref: _cell_value(text) for ref, text in _pairs(settings).items()})
        values = {ref: book[ref] for ref in refs}
    print_values(values)


@app.command(
    cls=Command, help=_help("Cache the values in a workbook.", "파일에 계산된 값을 저장합니다.")
)
def recalc(
    file: Workbook,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT", help=_help("The result.", "결과 파일."))
    ],
    limit: Bounds = None,
    strict: Strict = False,
) -> None:
    """Write the same workbook with every formula's value cached."""
    from sheetlab.engine import load

    _check_result(file, out)
    with _busy(f"{file}"):
        load(file, strict=strict, limits=_limits(limit)).save(out)
    _say(f"{out}")


def main() -> None:
    """Run the command line; every refusal is one sentence on stderr and exit status 2."""
    warnings.showwarning = _show_warning
    # What fails while things are cleared away follows from what was told.
    sys.unraisablehook = lambda unraisable: None
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal of another code page cannot show is spelled out.
            stream.reconfigure(errors="backslashreplace")
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            # As an exception, so that files aside are removed.
            signal.signal(getattr(signal, name), _end)
    try:
        try:
            app(prog_name="sheetlab")
        except SystemExit as end:
            # Libraries that print exit by themselves when the reader has gone.
            if isinstance(end.__context__, BrokenPipeError):
                raise end.__context__ from None
            raise
        finally:
            sys.stdout.flush()
    except SheetlabError as error:
        _complain(error)
        status = 2
    except BrokenPipeError:
        # The reader has gone, as `head` does; there is nobody left to tell.
        status = 0
    except OSError as error:
        _complain(_failure(error))
        status = 2
    except (MemoryError, RecursionError):
        _complain(
            InputError(
                Text(
                    "This takes more memory than there is; give less at once, or set a lower"
                    " --limit.",
                    "메모리가 모자랍니다. 한 번에 더 적게 주거나 --limit을 낮추십시오.",
                )
            )
        )
        status = 2
    # What could not be written would be tried, and told, once more at the end.
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _end(number: int, frame: object) -> None:
    sys.exit(128 + number)


def _open_closed_streams() -> None:
    """Give a stream that the caller closed its place, lest a file that is opened take it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # Writing to what is open for reading fails, as writing to a closed stream should.
            mode = os.O_RDWR if name == "stderr" else os.O_RDONLY
            descriptor = os.open(os.devnull, mode)
            if descriptor != number:
                os.dup2(descriptor, number)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


def _failure(error: OSError) -> WorkbookError:
    """What the system refused: to print, or to use a file."""
    why = error.strerror or type(error).__name__
    if error.filename is None:
        return WorkbookError(
            Text(
                f"The result cannot be printed ({why}); check the disk or the terminal.",
                f"결과를 출력할 수 없습니다({why}). 디스크나 터미널을 확인하십시오.",
            )
        )
    return WorkbookError(
        Text(
            f"{error.filename}: cannot be used ({why}); check the path and the disk.",
            f"{error.filename}: 쓸 수 없습니다({why}). 경로와 디스크를 확인하십시오.",
        )
    )


def _say(line: str) -> None:
    typer.echo(printable(line))


def _complain(error: SheetlabError | EngineWarning) -> None:
    # Where that cannot be written either, the exit status tells.
    with contextlib.suppress(OSError):
        typer.echo(printable(f"sheetlab: {error}"), err=True)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Tell what the engine warns of in one sentence, and everything else as Python does."""
    if isinstance(message, EngineWarning):
        _complain(message)
    else:
        said = warnings.formatwarning(message, category, filename, lineno, line)
        print("\n".join(map(printable, said.splitlines())), file=sys.stderr)


def _chosen(
    names: Sequence[str] | None, settings: Sequence[str] | None, data: Path | None
) -> list[tuple["Lesson", "LessonInputs"]]:
    """The lessons with the inputs that were given for them."""
    from sheetlab.data import inputs_with, read_table
    from sheetlab.lessons import lesson as find
    from sheetlab.lessons import lesson_names

    if not names and (settings or data):
        raise InputError(
            Text(
                "--set and --data are for certain lessons; name these.",
                "--set과 --data는 정해진 예제에만 쓸 수 있습니다. 예제 이름을 적으십시오.",
            )
        )
    table = None if data is None else read_table(data)
    chosen = [find(name) for name in dict.fromkeys(names or lesson_names())]
    pairs = [(lesson, inputs_with(lesson, table, _pairs(settings))) for lesson in chosen]
    if table is not None and table.left_out:
        headings = ", ".join(map(quoted, table.left_out))
        note = Text(
            f"{data}: these columns are no inputs and are left out: {headings}.",
            f"{data}: 입력이 아닌 열은 쓰지 않았습니다: {headings}.",
        )
        typer.echo(printable(str(note)), err=True)
    return pairs


def _pairs(settings: Sequence[str] | None, option: str = "--set") -> dict[str, str]:
    pairs = {}
    for setting in settings or ():
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise InputError(
                Text(
                    f"{option} {setting}: write it as NAME=VALUE.",
                    f"{option} {setting}: NAME=VALUE 꼴로 적으십시오.",
                )
            )
        pairs[name.strip()] = value.strip()
    return pairs


def _limits(settings: Sequence[str] | None) -> Limits:
    given: dict[str, float] = {}
    for name, text in _pairs(settings, "--limit").items():
        try:
            given[name] = int(text)
        except ValueError:
            try:
                given[name] = float(text)
            except ValueError:
                given[name] = math.nan
        if name not in limit_names():
            known = ", ".join(limit_names())
            raise InputError(
                Text(
                    f"There is no limit {quoted(name)}; the limits are {known}.",
                    f"{quoted(name)}(이)라는 한도는 없습니다. 한도는 {known}입니다.",
                )
            )
    return Limits(**given)  # type: ignore[arg-type]


def _cell_value(text: str) -> float | str | bool:
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    try:
        return float(text)
    except ValueError:
        return text


def _engines(names: Sequence[str]) -> list[str]:
    for name in names:
        if name not in ENGINE_CHOICES:
            raise InputError(
                Text(
                    f"--engine {name}: the engines are {', '.join(ENGINE_CHOICES)}.",
                    f"--engine {name}: 쓸 수 있는 엔진은 {', '.join(ENGINE_CHOICES)}입니다.",
                )
            )
    return list(ENGINE_CHOICES[:-1]) if "all" in names else list(dict.fromkeys(names))


def _check_result(file: Path, out: Path) -> None:
    """Refuse to write a workbook over the one that it comes from, or under a wrong suffix."""
    if _exists(out) and _exists(file) and out.samefile(file):
        raise InputError(
            Text(
                f"{out}: is the workbook itself; give another name with -o.",
                f"{out}: 원본 파일입니다. -o로 다른 이름을 주십시오.",
            )
        )
    suffix = file.suffix.lower()
    wanted = suffix if suffix in (".xlsm", ".xltx", ".xltm") else ".xlsx"
    if out.suffix.lower() != wanted:
        raise InputError(
            Text(
                f"{out}: the result is a workbook; give it a name that ends in {wanted}.",
                f"{out}: 결과는 엑셀 파일입니다. {wanted}로 끝나는 이름을 주십시오.",
            )
        )


def _exists(path: Path) -> bool:
    """Whether a file is there; what cannot be asked for is left to reading and writing."""
    try:
        return path.exists()
    except OSError:
        return False


@contextmanager
def _workbooks(targets: Sequence[str], folder: Path | None) -> Iterator[list[Path]]:
    """The files to verify; a lesson without a workbook in `folder` is built aside first."""
    from sheetlab import building
    from sheetlab.lessons import lesson, lesson_names

    folder = folder or building.FOLDER
    with tempfile.TemporaryDirectory() as aside:
        paths, orders = [], []
        for target in dict.fromkeys(targets or lesson_names()):
            path = Path(target)
            if path.suffix.lower() not in (".xlsx", ".xlsm") and not path.is_file():
                found, path = lesson(target), folder / f"{target}.xlsx"
                in_language = folder / user_language() / path.name
                if in_language.exists():
                    path = in_language
                elif not path.exists():
                    note = Text(
                        f"{path} is not there; a fresh build is verified.",
                        f"{path} 파일이 없어 새로 만들어 검증합니다.",
                    )
                    typer.echo(printable(str(note)), err=True)
                    path = Path(aside) / path.name
                    orders.append(building.Order(target, found.inputs(), "en", path))
            paths.append(path)
        for outcome in _carried_out(orders):
            if outcome.error is not None:
                raise outcome.error
        yield paths


def _carried_out(
    orders: "Sequence[Order]", *, force: bool = False, check: bool = False
) -> "list[Outcome]":
    """The outcomes of the orders, with progress on a terminal."""
    from sheetlab import building

    outcomes = []
    # Processes start before the thread that shows the progress.
    with building.carried_out(orders, force=force, check=check) as results, _busy("") as tell:
        for number, order in enumerate(orders, 1):
            tell(f"{number}/{len(orders)} {order.lesson}")
            outcomes.append(next(results))
    return outcomes


@contextmanager
def _busy(what: str) -> Iterator[Any]:
    """Show on a terminal that work goes on, and on what; be quiet in a pipe."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console
    from rich.text import Text as Line

    with Console(stderr=True).status(Line(printable(what))) as status:
        yield lambda step: status.update(Line(printable(step)))
