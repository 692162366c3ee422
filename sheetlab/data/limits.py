"""How large data may be, and the refusals that all kinds of data share."""

import contextlib
from pathlib import Path

from sheetlab.errors import InputError
from sheetlab.text import Text, same

MAX_BYTES = 50_000_000
MAX_UNPACKED_BYTES = 500_000_000
MAX_ROWS = 100_000
MAX_CELLS = 5_000_000


def content_of(path: Path) -> bytes:
    """The bytes of a file; `InputError` where it cannot be read or has more than `MAX_BYTES`."""
    name = same(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise refusal(
            name,
            "there is no such data file; check the path",
            "데이터 파일이 없습니다. 경로를 확인하십시오",
        ) from None
    except OSError as error:
        raise refusal(
            name,
            f"cannot be read ({error.strerror}); close the program that holds it, or check the"
            " path",
            f"읽을 수 없습니다({error.strerror}). 파일을 연 프로그램을 닫거나 경로를 확인하십시오",
        ) from error
    if len(content) > MAX_BYTES:
        raise _too_large(name)
    return content


def check_bytes(path: Path) -> None:
    """Raise `InputError` where a file that is there has more than `MAX_BYTES`."""
    with contextlib.suppress(OSError):
        if path.stat().st_size > MAX_BYTES:
            raise _too_large(same(str(path)))


def check_size(name: Text, rows: int, columns: int) -> None:
    """Raise `InputError` where a table has too many rows or cells."""
    if rows > MAX_ROWS or rows * columns > MAX_CELLS:
        raise _too_large(name)


def refusal(name: Text, en: str, ko: str, row: int | None = None) -> InputError:
    """What to raise for data called `name`, or for one of its rows."""
    place, place_ko = ("", "") if row is None else (f", row {row}", f", {row}행")
    return InputError(Text(f"{name.en}{place}: {en}.", f"{name.ko}{place_ko}: {ko}."))


def _too_large(name: Text) -> InputError:
    return refusal(
        name,
        f"is too large: a data file has at most {MAX_ROWS:,} rows, {MAX_CELLS:,} cells and"
        f" {MAX_BYTES // 10**6} MB; give fewer rows and only the columns that are needed",
        f"너무 큽니다. 데이터 파일은 {MAX_ROWS:,}행, {MAX_CELLS:,}셀, {MAX_BYTES // 10**6} MB까지"
        " 읽습니다. 필요한 행과 열만 남기십시오",
    )
