"""Draw the README's pictures: the first page of two workbooks as LibreOffice shows them.

Needs LibreOffice and pdftoppm (Debian: libreoffice-calc, poppler-utils). Run it from anywhere.
"""

import subprocess
import tempfile
from itertools import product
from pathlib import Path

from PIL import Image, ImageChops

import sheetlab
from sheetlab.checking.engines.libreoffice import find_program
from sheetlab.text import LANGUAGES, Language

IMAGES = Path(__file__).parent / "images"
LESSONS = ("sgd", "gradient_boosting")
DOTS_PER_INCH = 130
MARGIN = 24


def draw_page(
    lesson: str,
    language: Language,
    folder: Path,
    picture: Path,
    dots_per_inch: int = DOTS_PER_INCH,
    shades: int | None = None,
) -> None:
    """Build the lesson's workbook in `folder`, and save its first page as a picture.

    With `shades` the picture has only so many colours, which makes it small.
    """
    workbook = sheetlab.build(lesson, folder, lang=language)
    profile = (folder / "profile").as_uri()
    program = [str(find_program()), f"-env:UserInstallation={profile}", "--headless"]
    convert = ["--convert-to", "pdf", "--outdir", str(folder), str(workbook)]
    subprocess.run([*program, *convert], check=True, capture_output=True)
    page = folder / lesson
    first_page = ["pdftoppm", "-png", "-r", str(dots_per_inch), "-singlefile"]
    subprocess.run([*first_page, str(page.with_suffix(".pdf")), str(page)], check=True)
    drawn = _cropped(Image.open(page.with_suffix(".png")).convert("RGB"))
    if shades is not None:
        drawn = drawn.quantize(shades)
    drawn.save(picture, optimize=True)


def _cropped(picture: Image.Image) -> Image.Image:
    """The picture without the page's foot, and with a small margin around what is drawn."""
    width, height = picture.size
    above_the_footer = picture.crop((0, 0, width, int(height * 0.93)))
    white = Image.new("RGB", above_the_footer.size, "white")
    left, top, right, bottom = ImageChops.difference(above_the_footer, white).getbbox() or (
        0,
        0,
        *above_the_footer.size,
    )
    return picture.crop((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for lesson, language in product(LESSONS, LANGUAGES):
            suffix = "" if language == "en" else f".{language}"
            picture = IMAGES / f"{lesson}{suffix}.png"
            draw_page(lesson, language, Path(name) / language, picture)
