"""The commands: parse, call, print. Heavy imports wait until a command needs them."""

import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from sheetlab.errors import EngineWarning, InputError, SheetlabError
from sheetlab.text import LANGUAGES, Language, Text

if TYPE_CHECKING:
    from sheetlab.inputs import LessonInputs
    from sheetlab.lessons import Lesson

FOLDER = Path("workbooks")
ENGINE_CHOICES = ("formulas", "libreoffice", "ironcalc", "all")


def _help(en: str, ko: str) -> str:
    return str(Text(en, ko))


app = typer.Typer(
    name="sheetlab",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_help(
        "Machine-learning lectures as live, verified spreadsheets.",
        "기계학습 강의의 예제를 살아 있는, 검증된 스프레드시트로 만듭니다.",
    ),
    epilog=_help(
        "Exit status: 0 all is well, 1 a check failed, 2 the call or an input is wrong."
        " SHEETLAB_LANG=ko speaks Korean.",
        "종료 상태: 0 이상 없음, 1 검사 실패, 2 명령이나 입력이 잘못됨."
        " SHEETLAB_LANG=en이면 영어로 말합니다.",
    ),
)

LessonNames = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[LESSON]...",
        show_default=False,
        help=_help("Lessons; all of them by default.", "예제 이름. 없으면 모두."),
    ),
]
LessonName = Annotated[str, typer.Argument(metavar="LESSON", help=_help("A lesson.", "예제 이름."))]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        show_default=False,
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
        show_default=False,
        help=_help(
            "A CSV or .xlsx file whose columns are inputs by name.",
            "열 이름이 입력 이름인 CSV나 .xlsx 파일.",
        ),
    ),
]
WorkbookLanguage = Annotated[
    str, typer.Option("--lang", metavar="en|ko", help=_help("Language.", "언어."))
]


@app.command(help=_help("Write the workbooks.", "엑셀 파일을 만듭니다."))
def build(
    names: LessonNames = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help=_help("Where to.", "만들 폴더."))
    ] = FOLDER,
    lang: WorkbookLanguage = "en",
    settings: Settings = None,
    data: DataFile = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help=_help(
                "Overwrite workbooks that were changed since they were built.",
                "만든 뒤에 바뀐 파일도 덮어씁니다.",
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

    language = _language(lang)
    stale = False
    for lesson, inputs in _chosen(names, settings, data):
        path = out / f"{lesson.name}.xlsx"
        with _busy(lesson.name):
            parts = building.build(lesson, inputs, language)
        if check:
            current = building.is_current(parts, path)
            stale = stale or not current
            state = Text("is current", "최신입니다") if current else _STALE
        else:
            building.write_built(parts, path, force=force)
            state = Text(
                f"written: {len(lesson.figures)} printed figures to check",
                f"만들었습니다. 확인할 슬라이드의 수 {len(lesson.figures)}개",
            )
        typer.echo(f"{path}  {state}")
    if stale:
        raise typer.Exit(1)


_STALE = Text(
    "is missing or not what the code builds; run sheetlab build",
    "없거나 코드가 만드는 것과 다릅니다. sheetlab build를 실행하십시오",
)


@app.command(help=_help("Recompute workbooks and compare.", "다시 계산하여 비교합니다."))
def verify(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LESSON|FILE]...",
            show_default=False,
            help=_help(
                "Lessons or workbook files; all lessons by default.",
                "예제 이름이나 파일. 없으면 모든 예제.",
            ),
        ),
    ] = None,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join(ENGINE_CHOICES),
            show_default=False,
            help=_help(
                "Which engine calculates; formulas by default. May be repeated.",
                "계산할 엔진. 기본은 formulas. 여러 번 쓸 수 있습니다.",
            ),
        ),
    ] = None,
    json_: Annotated[
        bool, typer.Option("--json", help=_help("Print JSON.", "JSON으로 출력합니다."))
    ] = False,
    folder: Annotated[
        Path,
        typer.Option(
            "--dir", metavar="DIR", help=_help("Where the workbooks are.", "파일의 폴더.")
        ),
    ] = FOLDER,
) -> None:
    """Hold workbooks against NumPy, other engines and the slides."""
    from sheetlab.checking import verify_files

    engines = _engines(engine or ["formulas"])
    with _workbooks(targets or [], folder) as paths, _busy("") as tell:
        report = verify_files(paths, engines, tell)
    if json_:
        import json

        typer.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        from sheetlab.tables import print_report

        print_report(report)
    if not report.ok:
        raise typer.Exit(1)


@app.command("list", help=_help("List the lessons.", "예제를 나열합니다."))
def list_lessons() -> None:
    """Print the lessons, their sources and their numbers of figures."""
    from sheetlab.lessons import lessons
    from sheetlab.tables import print_lessons

    print_lessons(lessons())


@app.command(help=_help("Show a lesson's table here.", "예제의 표를 터미널에 보입니다."))
def show(
    name: LessonName,
    formulas: Annotated[
        bool, typer.Option("--formulas", help=_help("Show formulas.", "수식을 보입니다."))
    ] = False,
    lang: WorkbookLanguage = "en",
    settings: Settings = None,
    data: DataFile = None,
) -> None:
    """Print the quantities of a lesson, those that stand side by side as one table."""
    from sheetlab.building import calculate
    from sheetlab.tables import print_quantities

    ((lesson, inputs),) = _chosen([name], settings, data)
    with _busy(lesson.name):
        book, sheet = calculate(lesson, inputs, _language(lang))
    print_quantities(lesson, book, sheet, formulas=formulas)


@app.command(help=_help("Draw a lesson's charts.", "예제의 차트를 그립니다."))
def plot(
    name: LessonName,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--out",
            metavar="PNG",
            show_default=False,
            help=_help("The picture; LESSON.png by default.", "그림 파일. 기본은 LESSON.png."),
        ),
    ] = None,
    lang: WorkbookLanguage = "en",
    settings: Settings = None,
    data: DataFile = None,
) -> None:
    """Draw the charts of a lesson's recalculated workbook with matplotlib."""
    from sheetlab.building import calculate
    from sheetlab.plotting import plot as draw

    ((lesson, inputs),) = _chosen([name], settings, data)
    path = out or Path(f"{name}.png")
    with _busy(lesson.name):
        book, sheet = calculate(lesson, inputs, _language(lang))
        draw(book, sheet.title, sheet.charts, sheet.language, path)
    typer.echo(f"{path}")


@app.command("eval", help=_help("Values of any workbook.", "아무 엑셀 파일의 값을 구합니다."))
def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_help("A workbook.", "엑셀 파일."))],
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
            show_default=False,
            help=_help("Change a cell first. May be repeated.", "먼저 셀을 바꿉니다."),
        ),
    ] = None,
) -> None:
    """Print the recalculated values of cells, ranges and defined names."""
    from sheetlab.engine import load
    from sheetlab.tables import print_values

    with _busy(f"{file}"):
        book = load(file)
        book.set({ref: _cell_value(text) for ref, text in _pairs(settings).items()})
        values = {ref: book[ref] for ref in refs}
    print_values(values)


@app.command(help=_help("Cache the values in a workbook.", "파일에 계산된 값을 저장합니다."))
def recalc(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_help("A workbook.", "엑셀 파일."))],
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="OUT", help=_help("The result.", "결과 파일."))
    ],
) -> None:
    """Write the same workbook with every formula's value cached."""
    from sheetlab.engine import load

    with _busy(f"{file}"):
        load(file).save(out)
    typer.echo(f"{out}")


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
        print(f"sheetlab: {message}", file=sys.stderr)
    else:
        print(warnings.formatwarning(message, category, filename, lineno, line), file=sys.stderr)


def main() -> None:
    """Run the command line; every refusal is one sentence on stderr and exit status 2."""
    warnings.showwarning = _show_warning
    try:
        app()
    except SheetlabError as error:
        print(f"sheetlab: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # The reader has gone, as `head` does; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _chosen(
    names: Sequence[str] | None, settings: Sequence[str] | None, data: Path | None
) -> list[tuple["Lesson", "LessonInputs"]]:
    from sheetlab.inputs import read_data
    from sheetlab.lessons import lesson as find
    from sheetlab.lessons import lesson_names

    chosen = [find(name) for name in names or lesson_names()]
    changes: dict[str, Any] = {**(read_data(data) if data else {}), **_pairs(settings)}
    return [(lesson, _changed(lesson, changes)) for lesson in chosen]


def _changed(lesson: "Lesson", changes: Mapping[str, Any]) -> "LessonInputs":
    try:
        return lesson.inputs().change(changes)
    except InputError as error:
        en, ko = error.message
        raise InputError(Text(f"{lesson.name}: {en}", f"{lesson.name}: {ko}")) from error


def _pairs(settings: Sequence[str] | None) -> dict[str, str]:
    pairs = {}
    for setting in settings or ():
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise InputError(
                Text(
                    f"--set {setting}: write it as NAME=VALUE.",
                    f"--set {setting}: NAME=VALUE 꼴로 적으십시오.",
                )
            )
        pairs[name.strip()] = value.strip()
    return pairs


def _cell_value(text: str) -> float | str | bool:
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    try:
        return float(text)
    except ValueError:
        return text


def _language(text: str) -> Language:
    for language in LANGUAGES:
        if text == language:
            return language
    raise InputError(
        Text(
            f"--lang {text}: the languages are {', '.join(LANGUAGES)}.",
            f"--lang {text}: 쓸 수 있는 언어는 {', '.join(LANGUAGES)}입니다.",
        )
    )


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


@contextmanager
def _workbooks(targets: Sequence[str], folder: Path) -> Iterator[list[Path]]:
    """The files to verify; a lesson without a workbook in `folder` is built aside first."""
    from sheetlab.building import build as build_parts
    from sheetlab.building import write_built
    from sheetlab.lessons import lesson, lesson_names

    with tempfile.TemporaryDirectory() as aside:
        paths = []
        for target in targets or lesson_names():
            path = Path(target)
            if path.suffix.lower() not in (".xlsx", ".xlsm") and not path.is_file():
                found = lesson(target)
                path = folder / f"{target}.xlsx"
                if not path.exists():
                    path = Path(aside) / f"{target}.xlsx"
                    note = Text(
                        f"{folder}/{target}.xlsx is not there; a fresh build is verified.",
                        f"{folder}/{target}.xlsx 파일이 없어 새로 만들어 검증합니다.",
                    )
                    typer.echo(str(note), err=True)
                    with _busy(target):
                        write_built(build_parts(found, found.inputs(), "en"), path)
            paths.append(path)
        yield paths


@contextmanager
def _busy(what: str) -> Iterator[Any]:
    """Show on a terminal that work goes on, and on what; be quiet in a pipe."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status(what) as status:
        yield status.update
