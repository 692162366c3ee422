"""Files that are there whole or not at all, whatever ends the writing."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_OPEN_FILES = Path("/proc/self/fd")


def replace_file(target: Path, write: Callable[[BinaryIO], object], *, new: bool = False) -> None:
    """Let `write` fill a file, and put that in the place of `target` in one step.

    When anything fails, or the process is ended, a file that was there stays whole, and nothing
    else is left. With `new`, `FileExistsError` where there is a file. Raises `OSError`, and what
    `write` raises.
    """
    folder = target.parent
    draft = folder / f".{os.urandom(8).hex()}.tmp"
    nameless = _nameless(folder)
    try:
        with nameless or draft.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            if nameless is not None:
                _name(file, draft)
        if new:
            os.link(draft, target)
            return
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _nameless(folder: Path) -> BinaryIO | None:
    """A file of which nothing stays even when the process is killed; None where there are none."""
    if not hasattr(os, "O_TMPFILE") or not _OPEN_FILES.is_dir():
        return None
    try:
        return os.fdopen(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o666), "w+b")
    except OSError:
        return None


def _name(file: BinaryIO, path: Path) -> None:
    # Only relative to a folder does `link` follow a link in the place of its source.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.link(_OPEN_FILES / str(file.fileno()), path, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
