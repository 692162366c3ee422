"""Write what is known of the whole shelf: the gallery of lessons, and the errata of the slides.

    python docs/make_shelf_pages.py            # write lessons.md and errata.md, with pictures
    python docs/make_shelf_pages.py --check    # only say whether they are current

Both pages are written in English and Korean. A picture is the first page of a workbook as
LibreOffice shows it; it is drawn anew where the sheet or its charts have changed, which
`pictures.json` tells.
Needs LibreOffice and pdftoppm for the pictures (Debian: libreoffice-calc, poppler-utils).
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path

import numpy as np
from make_images import draw_page

from sheetlab.building import build, lessons_by_lecture
from sheetlab.ledger import Figure
from sheetlab.lessons import Lesson, lesson, lessons
from sheetlab.text import LANGUAGES, Language, Text

DOCS = Path(__file__).parent
PICTURES = DOCS / "images" / "lessons"
STATE = PICTURES / "pictures.json"
DOTS_PER_INCH = 65
SHADES = 48
_VALUES = re.compile(rb"<(?:c:)?v>[^<]*</(?:c:)?v>")

GALLERY = Text("The lessons", "예제")
GALLERY_TEXT = Text(
    "Every worked example of the lectures, as a workbook with live formulas. Made by"
    " `python docs/make_shelf_pages.py`.",
    "강의의 모든 예제를 실제 수식이 든 엑셀 파일로 만들었습니다. 이 문서는"
    " `python docs/make_shelf_pages.py`가 만듭니다.",
)
FIGURES = Text("figures on the slides: {}", "슬라이드의 수 {}개")
ERRATA = Text("Errata of the slides", "슬라이드의 정오표")
ERRATA_TEXT = Text(
    "Figures that a slide prints and that are not so, found by calculating every one of them anew."
    " Made from the ledger by `python docs/make_shelf_pages.py`.",
    "슬라이드에 있는 수를 모두 다시 계산하여 찾은, 맞지 않는 수입니다. 이 문서는 장부에서"
    " `python docs/make_shelf_pages.py`가 만듭니다.",
)
HEADINGS = Text(
    "| slide | quantity | printed | exact | why |",
    "| 슬라이드 | 값 | 표기 | 바른 값 | 까닭 |",
)
KINDS = {
    "erratum": Text("Wrong figures", "틀린 수"),
    "mislabelled": Text("Right figures under a wrong heading", "제목이 틀린 수"),
    "carried": Text("Rounded on the way", "중간에 반올림한 수"),
}


def page(name: str, language: Language) -> Path:
    """The file of a page in a language."""
    return DOCS / (f"{name}.md" if language == "en" else f"{name}.{language}.md")


def picture(name: str, language: Language) -> Path:
    """The file of a lesson's picture in a language."""
    return PICTURES / (f"{name}.png" if language == "en" else f"{name}.{language}.png")


def gallery(language: Language) -> str:
    """The gallery: lecture by lecture, each lesson where it first belongs."""
    lines = [f"# {GALLERY.to(language)}", "", GALLERY_TEXT.to(language), ""]
    shown: set[str] = set()
    for lecture, found in lessons_by_lecture():
        fresh = [one for one in found if one.name not in shown]
        shown |= {one.name for one in fresh}
        if fresh:
            lines += [f"## {lecture.name.to(language)}", ""]
        for one in fresh:
            lines += _entry(one, language)
    return "\n".join(lines)


def _entry(one: Lesson, language: Language) -> list[str]:
    slides = "; ".join(source.to(language) for source in one.sources)
    figures = f" · {FIGURES.to(language).format(len(one.figures))}" if one.figures else ""
    image = picture(one.name, language).relative_to(DOCS).as_posix()
    return [
        f"### [{one.title.to(language)}](../workbooks/{one.name}.xlsx)",
        "",
        f"`{one.name}` — {one.equation.to(language)}",
        "",
        f"![{one.title.to(language)}]({image})",
        "",
        f"{slides}{figures}",
        "",
    ]


def errata(language: Language) -> str:
    """The errata: every figure that does not stand as it is printed."""
    lines = [f"# {ERRATA.to(language)}", "", ERRATA_TEXT.to(language), ""]
    for status, title in KINDS.items():
        lines += [f"## {title.to(language)}", "", HEADINGS.to(language), "| --- " * 5 + "|"]
        for one in lessons():
            found = [figure for figure in one.figures if figure.status == status]
            same_cause = groupby(found, lambda figure: (figure.quantity, figure.note))
            lines += [_row(one, list(figures), language) for _, figures in same_cause]
        lines.append("")
    return "\n".join(lines)


def _row(one: Lesson, figures: list[Figure], language: Language) -> str:
    """One line for all figures of a quantity that have the same cause."""
    first = figures[0]
    values = np.ravel(one.reference(one.inputs())[first.quantity])
    exact = [values[figure.index] for figure in figures]
    cells = (
        first.source.to(language),
        f"`{first.lesson}`: {first.quantity}",
        ", ".join(f"`{figure.printed}`" for figure in figures),
        ", ".join(
            f"`{value if isinstance(value, str) else f'{float(value):.6g}'}`" for value in exact
        ),
        first.note.to(language),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    return f"{number:,.0f}" if number == int(number) else f"{number:.6g}"


def fingerprint(name: str, language: Language) -> str:
    """What the picture of a lesson shows, told without the values, whose last digits vary."""
    found = lesson(name)
    parts = build(found, found.inputs(), language)
    drawn = [
        _VALUES.sub(b"", part)
        for path, part in sorted(parts.items())
        if path == "xl/worksheets/sheet1.xml" or path.startswith(("xl/charts/", "xl/styles"))
    ]
    return hashlib.sha256(b"".join(drawn)).hexdigest()[:16]


def main() -> int:
    """Write or check the pages and the pictures; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    texts = {
        page(name, language): text(language)
        for language in LANGUAGES
        for name, text in (("lessons", gallery), ("errata", errata))
    }
    known = json.loads(STATE.read_text()) if STATE.exists() else {}
    state = {
        f"{one.name}.{language}": fingerprint(one.name, language)
        for one in lessons()
        for language in LANGUAGES
    }
    stale = [key for key, print_ in state.items() if known.get(key) != print_]
    if check:
        old = [path.name for path, text in texts.items() if not _holds(path, text)]
        for one in old + stale:
            print(f"{one} is not current; run python docs/make_shelf_pages.py", file=sys.stderr)
        return 1 if old or stale else 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for key in stale:
            name, _, language = key.rpartition(".")
            print(key)
            draw_page(
                name,
                "ko" if language == "ko" else "en",
                Path(folder) / language,
                picture(name, "ko" if language == "ko" else "en"),
                DOTS_PER_INCH,
                SHADES,
            )
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    STATE.write_text(json.dumps(state, indent=1, sort_keys=True) + "\n")
    return 0


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
