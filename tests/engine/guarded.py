"""Loads and calculates workbooks in a process of its own, whose memory and time are bounded.

`python guarded.py book.xlsx ...` prints one line of JSON per workbook; see `outcomes`.
`python guarded.py --fuzz way seed count book.xlsx` does so with as many damaged copies, and
prints only those that end in anything but values or a `SheetlabError`, and how many did what.
"""

import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

MEMORY = 3 * 1024**3
SECONDS = 8


def outcomes(*arguments: object, seconds: float = 60) -> list[dict[str, Any]]:
    """What came of each workbook: its "values" by cell (errors by their `repr`), the message that
    "refused" it, or how it "failed", and the "seconds" that it took.
    """
    done = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "SHEETLAB_LANG": "en"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def outcome(path: Path) -> dict[str, Any]:
    from sheetlab import load
    from sheetlab.errors import SheetlabError

    started = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        cells = load(path).cells()
        found: dict[str, Any] = {
            "values": {f"{sheet}!{ref}": value for sheet, ref, _, value in cells}
        }
    except SheetlabError as refusal:
        found = {"refused": str(refusal)}
    except BaseException as error:
        found = {
            "failed": f"{type(error).__name__}: {error}",
            "where": traceback.format_exc()[-1500:],
        }
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return {**found, "seconds": time.perf_counter() - started}


def fuzz(way: str, seed: int, count: int, path: Path) -> None:
    chance = random.Random(f"{way} {seed}")
    damage = WAYS[way]
    tally: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        damaged = Path(folder) / "book.xlsx"
        for number in range(count):
            damaged.write_bytes(damage(path.read_bytes(), chance))
            found = outcome(damaged)
            kind = next(iter(found))
            tally[kind] += 1
            if kind == "failed":
                print(json.dumps({"case": number, **found}, default=repr))
    print(json.dumps({"tally": tally}))


def flip_zip(content: bytes, chance: random.Random) -> bytes:
    return _flip(content, chance)


def flip_part(content: bytes, chance: random.Random) -> bytes:
    return _rezip(content, chance, _flip)


def edit_part(content: bytes, chance: random.Random) -> bytes:
    """One part that is still XML, with other numbers, references, names or elements."""
    return _rezip(content, chance, _edit)


def _flip(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 8))):
        place = chance.randrange(len(damaged))
        match chance.randrange(4):
            case 0:
                damaged[place] ^= 1 << chance.randrange(8)
            case 1:
                damaged[place] = chance.randrange(256)
            case 2:
                del damaged[place : place + chance.choice((1, 4, 64))]
            case _:
                damaged[place:place] = damaged[place : place + chance.choice((1, 16))]
        if not damaged:
            return b""
    return bytes(damaged)


_TOKEN = re.compile(rb'(?<=")[^"<>]*(?=")|(?<=>)[^<>]+(?=<)|<[\w:]+[^<>]*/>')
_NUMBER = re.compile(rb"\d+")
_STRANGE = """
 0 -1 1e999 nan 99999999999 1048577 0.5 A1 ZZZZ9 XFD1048576 A1:XFD1048576 s b e str array shared
 dataTable inlineStr #REF! A1: ((( SUM(A:A) Data!1:1048576 {1,2;3} 한
""".encode().split()


def _edit(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 4))):
        tokens = list(_TOKEN.finditer(content))
        if not tokens:
            break
        token = chance.choice(tokens)
        match chance.randrange(4):
            case 0:
                new = chance.choice(_STRANGE)
            case 1:
                new = chance.choice(tokens)[0]
            case 2:
                new = _NUMBER.sub(lambda _: str(chance.choice((0, 1, 7, 70000))).encode(), token[0])
            case _:
                new = b""
        content = content[: token.start()] + new + content[token.end() :]
    return content


def _rezip(content: bytes, chance: random.Random, damage: Callable[..., bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    # Properties and styles are not read.
    name = chance.choice([name for name in sorted(parts) if re.match(r"xl/(?!styles|theme)", name)])
    parts[name] = damage(parts[name], chance)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for part, xml in parts.items():
            archive.writestr(part, xml)
    return stream.getvalue()


WAYS = {"flip_zip": flip_zip, "flip_part": flip_part, "edit_part": edit_part}


class OutOfTime(BaseException):
    """Raised where no handler of ordinary exceptions may catch it."""


def _out_of_time(number: int, frame: FrameType | None) -> None:
    raise OutOfTime(f"longer than {SECONDS} s")


def main() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, _out_of_time)
    match sys.argv[1:]:
        case ["--fuzz", way, seed, count, path]:
            fuzz(way, int(seed), int(count), Path(path))
        case paths:
            for path in paths:
                print(json.dumps(outcome(Path(path)), default=repr), flush=True)


if __name__ == "__main__":
    main()
