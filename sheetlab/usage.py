"""How the commands explain themselves: help and usage errors, in the language of the user."""

import io
import shutil
import sys
from contextlib import redirect_stdout
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from sheetlab.errors import InputError
from sheetlab.text import Text, printable, quoted

if TYPE_CHECKING:
    from rich.console import RenderableType

# The parser's own exceptions have moved between the releases of Typer; their base has not.
_UsageError: Any = typer.BadParameter.__mro__[1]

_NARROWEST, _WIDEST = 40, 100
_WIDEST_TERM = 24

_INSTALL = "--install-completion"
_HELP_OF_THE_PARSER = {
    "--help": Text("Show this help.", "이 도움말을 보입니다."),
    _INSTALL: Text(
        "Complete commands by the tab key in this shell.",
        "이 셸에서 탭 키로 명령을 완성하게 합니다.",
    ),
    "--show-completion": Text(
        "Print what --install-completion would install.",
        "--install-completion이 설치할 내용을 출력합니다.",
    ),
}
_ANY_OPTIONS = Text("[OPTIONS]", "[옵션]")
_ANY_COMMAND = Text("COMMAND …", "명령 …")
_USAGE = Text("Usage:", "사용법:")
_COMMANDS_TITLE = Text("Commands", "명령")
_ARGUMENTS = Text("Arguments", "인자")
_OPTIONS = Text("Options", "옵션")


class Command(TyperCommand):
    """A command that refuses in one sentence and whose help is in the user's language."""

    # What is too much is refused here, in words that can be told in both languages.
    allow_extra_args = True

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the command line; `InputError` where the command does not take it."""
        rest = _parsed(self, ctx, args, super().parse_args)
        if rest and not ctx.resilient_parsing:
            raise _refusal(
                ctx,
                f"{quoted(rest[0])} is too much here",
                f"{quoted(rest[0])}은(는) 여기에 쓸 수 없습니다",
            )
        return rest

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of the command."""
        formatter.write(_help(self, ctx))


class Commands(TyperGroup):
    """All commands together, with the same refusals and help as each of them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read what stands before the command; `InputError` where that is no option."""
        for param in self.params:
            if _INSTALL in param.opts:
                param.callback = _install_completion
        return _parsed(self, ctx, args, super().parse_args)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """The command of that name; `InputError` where there is none."""
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing:
            names = self.list_commands(ctx)
            near = get_close_matches(name, names, n=1)
            meant = Text(f"did you mean {near[0]}", f"{near[0]}입니까") if near else None
            every = Text(f"the commands are {', '.join(names)}", f"명령은 {', '.join(names)}입니다")
            shown, (en, ko) = quoted(name), meant or every
            raise InputError(
                Text(
                    f"There is no command {shown}; {en}{'?' if meant else '.'}",
                    f"{shown}(이)라는 명령은 없습니다. {ko}{'?' if meant else '.'}",
                )
            )
        found: tuple[Any, Any, list[str]] = super().resolve_command(ctx, args)
        return found

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help of all commands."""
        formatter.write(_help(self, ctx))


def _install_completion(ctx: Any, param: Any, value: Any) -> Any:
    """Install the completion of commands, and say so in the user's language."""
    if not value or ctx.resilient_parsing:
        return value
    completion: Any = import_module("typer.completion")
    try:
        with redirect_stdout(io.StringIO()):
            shell, path = completion.install(shell=value if isinstance(value, str) else None)
    except typer.Exit:
        raise _refusal(
            ctx,
            f"{_INSTALL} knows the shells bash, zsh, fish and PowerShell, but not this one",
            f"{_INSTALL}은 bash, zsh, fish, PowerShell에서만 쓸 수 있습니다",
        ) from None
    said = Text(
        f"{path}: commands are completed in {shell} from the next terminal on.",
        f"{path}: 다음 터미널부터 {shell}에서 명령이 완성됩니다.",
    )
    typer.echo(printable(str(said)))
    raise typer.Exit


def _parsed(command: Any, ctx: Any, args: list[str], parse: Any) -> list[str]:
    try:
        rest: list[str] = parse(ctx, args)
    except _UsageError as error:
        raise _sentence(command, ctx, error) from error
    return rest


def _sentence(command: Any, ctx: Any, error: Any) -> InputError:
    """What the parser refuses, said in both languages."""
    params = {name: param for param in command.get_params(ctx) for name in param.opts}
    match type(error).__name__:
        case "NoSuchOption":
            name = error.option_name
            near = get_close_matches(name, [opt for opt in params if opt.startswith("-")], n=1)
            meant = (f" (did you mean {near[0]}?)", f"({near[0]}입니까?)") if near else ("", "")
            return _refusal(
                ctx,
                f"there is no option {quoted(name)}{meant[0]}",
                f"{quoted(name)}(이)라는 옵션은 없습니다{meant[1]}",
            )
        case "MissingParameter":
            name = _term(error.param)
            return _refusal(ctx, f"{name} is missing", f"{name}이(가) 빠졌습니다")
        case "BadOptionUsage":
            name = error.option_name
            if getattr(params.get(name), "is_flag", False):
                return _refusal(ctx, f"{name} takes no value", f"{name}에는 값을 주지 않습니다")
            return _refusal(ctx, f"{name} needs a value", f"{name}에 값이 필요합니다")
        case _:
            reason = error.format_message().rstrip(".")
            return _refusal(ctx, reason, f"명령을 읽을 수 없습니다({reason})")


def _refusal(ctx: Any, en: str, ko: str) -> InputError:
    path = ctx.command_path
    name = f"{ctx.info_name}: " if ctx.parent else ""
    return InputError(
        Text(
            f"{name}{en}; {path} --help tells what it takes.",
            f"{name}{ko}. 쓰는 법은 {path} --help로 볼 수 있습니다.",
        )
    )


def _help(command: Any, ctx: Any) -> str:
    """The help of a command, wrapped to the terminal by the width that letters have there."""
    from rich.console import Console, Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text as Line

    needed = [
        _term(param)
        for param in command.get_params(ctx)
        if param.required or _kind(param) == "argument"
    ]
    pieces = [_ANY_OPTIONS, _ANY_COMMAND] if isinstance(command, Commands) else [_ANY_OPTIONS]
    usage = " ".join([ctx.command_path, *map(str, pieces), *needed])
    shown: list[RenderableType] = [
        Line.assemble((f"{_USAGE} ", "bold"), usage),
        Line(),
        Line(command.help or ""),
    ]
    for title, rows in _sections(command, ctx):
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="cyan", max_width=_WIDEST_TERM, overflow="fold")
        grid.add_column()
        for term, explanation in rows:
            grid.add_row(Line(term), Line(explanation))
        shown += [Line(), Line(str(title), "bold"), Padding(grid, (0, 0, 0, 2))]
    if command.epilog:
        shown += [Line(), Line(command.epilog)]
    width = min(max(shutil.get_terminal_size().columns, _NARROWEST), _WIDEST)
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=sys.stdout.isatty())
    console.print(Group(*shown))
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def _sections(command: Any, ctx: Any) -> list[tuple[Text, list[tuple[str, str]]]]:
    params = [param for param in command.get_params(ctx) if not param.hidden]
    sections = [
        (title, [(_term(param), _explanation(param)) for param in params if _kind(param) == kind])
        for title, kind in ((_ARGUMENTS, "argument"), (_OPTIONS, "option"))
    ]
    if isinstance(command, Commands):
        names = command.list_commands(ctx)
        found = [command.get_command(ctx, name) for name in names]
        commands = [(name, one.help or "") for name, one in zip(names, found, strict=True) if one]
        sections.insert(0, (_COMMANDS_TITLE, commands))
    return [(title, rows) for title, rows in sections if rows]


def _kind(param: Any) -> str:
    return str(param.param_type_name)


def _term(param: Any) -> str:
    """How a parameter is written: `LESSON`, `--set NAME=VALUE`, `-o, --out PNG`."""
    metavar = param.metavar or ""
    if _kind(param) == "argument":
        return metavar
    return " ".join(filter(None, (", ".join(sorted(param.opts, key=len)), metavar)))


def _explanation(param: Any) -> str:
    own = next((text for name, text in _HELP_OF_THE_PARSER.items() if name in param.opts), None)
    return str(own) if own else param.help or ""
