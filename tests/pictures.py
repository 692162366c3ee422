"""Pages as LibreOffice draws them, as arrays of pixels."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from sheetlab.checking.engines.libreoffice import find_program

# Height, width and red, green, blue of each pixel.
Picture = np.ndarray[tuple[int, int, int], np.dtype[np.int16]]


def first_pages(workbooks: Sequence[Path], folder: Path, dots_per_inch: int) -> list[Picture]:
    """The first page of each workbook, drawn in one run of LibreOffice with a fresh profile."""
    program = [str(find_program()), f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    convert = ["--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*program, *convert, *map(str, workbooks)], check=True, capture_output=True)
    return [_first_page(folder / f"{path.stem}.pdf", dots_per_inch) for path in workbooks]


def _first_page(document: Path, dots_per_inch: int) -> Picture:
    page = document.with_suffix("")
    draw = ["pdftoppm", "-png", "-singlefile", "-r", str(dots_per_inch)]
    subprocess.run([*draw, str(document), str(page)], check=True)
    with Image.open(page.with_suffix(".png")) as image:
        return np.asarray(image.convert("RGB")).astype(np.int16)


def pixels_of(picture: Picture, colour: str, within: int = 12) -> np.ndarray:
    """Where the picture has a colour (RRGGBB), up to `within` in each of red, green and blue."""
    wanted = np.array([int(colour[place : place + 2], 16) for place in (0, 2, 4)])
    near: np.ndarray = (np.abs(picture - wanted) <= within).all(axis=2)
    return near


def bounds_of(pixels: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the pixels, all inclusive."""
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])
