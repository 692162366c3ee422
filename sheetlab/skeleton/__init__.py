"""The skeleton of a lesson: a small one that builds and verifies, to be written over."""

from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from sheetlab.errors import InputError
from sheetlab.files.replacing import replace_file
from sheetlab.lessons import lesson_names
from sheetlab.text import Text, quoted

LESSONS, TESTS = Path("sheetlab/lessons"), Path("tests/lessons")


def write_skeleton(name: str, root: Path) -> list[Path]:
    """Write a lesson of that name and its test into the checkout at `root`; their paths.

    Raises `InputError` for a name that cannot be, a lesson that is there, or no checkout.
    """
    if not name.isidentifier() or not name.islower() or not name.isascii():
        raise InputError(
            Text(
                f"{quoted(name)} is no name for a lesson; use small letters, digits and _.",
                f"{quoted(name)}은(는) 예제 이름이 될 수 없습니다. 영문 소문자와 숫자, _만 됩니다.",
            )
        )
    if not (root / LESSONS).is_dir():
        raise InputError(
            Text(
                f"{root / LESSONS} is not there; run this in a copy of sheetlab's repository.",
                f"{root / LESSONS} 폴더가 없습니다. sheetlab 저장소에서 실행하십시오.",
            )
        )
    paths = [root / LESSONS / f"{name}.py", root / TESTS / f"test_{name}.py"]
    if name in lesson_names() or any(path.exists() for path in paths):
        raise InputError(
            Text(
                f"There is a lesson '{name}' already; give another name.",
                f"'{name}' 예제가 이미 있습니다. 다른 이름을 주십시오.",
            )
        )
    for path, template in zip(paths, ("lesson.txt", "test.txt"), strict=True):
        text = files("sheetlab.skeleton").joinpath(template).read_text(encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        written = text.replace("LESSON_NAME", name).encode()
        replace_file(path, partial(_write, text=written), new=True)
    return paths


def _write(file: BinaryIO, text: bytes) -> None:
    file.write(text)
