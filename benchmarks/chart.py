"""Draw the READMEs' chart of the engines from the tables in README.md beside this.

`python benchmarks/chart.py` writes docs/images/speed.svg and, in Korean, speed.ko.svg. For the
Korean one it needs Noto Sans CJK (Debian: fonts-noto-cjk).
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update(
    {
        "svg.hashsalt": "sheetlab",
        "svg.fonttype": "path",
        "font.family": ["DejaVu Sans", "Noto Sans CJK KR"],
    }
)

from matplotlib import pyplot as plt  # noqa: E402

from sheetlab.text import LANGUAGES, Language, Text  # noqa: E402

TABLES = Path(__file__).with_name("README.md")
IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"

SHAPE = "sgd"
OURS = "sheetlab"
INK, FAINT, GRID = "#1F2937", "#5B6472", "#E5E7EB"
COLOURS = {
    OURS: "#0072B2",
    "IronCalc": "#B45309",
    "formualizer": "#00795C",
    "LibreOffice": "#A3367F",
    "formulon": "#5B6472",
    "pycel": "#6D4AB5",
    "formulas": "#B3261E",
}
TITLE = Text(
    "From start to exit: load, recalculate, read every value",
    "시작부터 종료까지: 불러오기, 재계산, 모든 값 읽기",
)
ACROSS = Text("formulas in the workbook", "통합 문서의 수식 수")
SECONDS = Text("{:g} s", "{:g}초")


class Point(NamedTuple):
    """One measured process: formulas in the file, seconds from start to exit."""

    formulas: int
    seconds: float


def main() -> None:
    """Draw the chart in each language."""
    lines = read_lines(TABLES.read_text(encoding="utf-8"))
    for language in LANGUAGES:
        suffix = "" if language == "en" else f".{language}"
        draw(lines, language, IMAGES / f"speed{suffix}.svg")


def read_lines(text: str) -> dict[str, list[Point]]:
    """The points of each engine, from the tables of the workbooks of one shape."""
    lines: dict[str, list[Point]] = {}
    heading = re.compile(rf"^### {SHAPE}-\d+: ([\d,]+) formulas\n(.*?)(?=^###|\Z)", re.M | re.S)
    for formulas, table in heading.findall(text):
        header, _, *rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in table.splitlines()
            if line.startswith("|")
        ]
        whole = header.index("whole process")
        for row in rows:
            if row[whole] != "—":
                point = Point(int(formulas.replace(",", "")), seconds_of(row[whole]))
                lines.setdefault(row[0], []).append(point)
    return lines


def seconds_of(cell: str) -> float:
    """The seconds that a cell of the tables tells: `95 ms` is 0.095."""
    number, unit = cell.replace(",", "").split()
    return float(number) * {"s": 1.0, "ms": 1e-3}[unit]


def draw(lines: dict[str, list[Point]], language: Language, path: Path) -> None:
    """Draw a line for each engine, from few formulas to many, both axes logarithmic."""
    figure, axes = plt.subplots(figsize=(7.4, 3.9), facecolor="white")
    figure.subplots_adjust(left=0.085, right=0.79, top=0.88, bottom=0.14)
    axes.set(xscale="log", yscale="log")
    for engine, points in lines.items():
        draw_line(axes, engine, points, language)
    counts = sorted({point.formulas for points in lines.values() for point in points})
    axes.set_xlim(counts[0] * 0.8, counts[-1] * 1.15)
    axes.set_xticks(counts, [f"{count:,}" for count in counts])
    powers = [0.1, 1.0, 10.0, 100.0]
    axes.set_ylim(0.07, 170)
    axes.set_yticks(powers, [SECONDS.to(language).format(power) for power in powers])
    axes.minorticks_off()
    axes.tick_params(colors=INK, length=0, labelsize=10, pad=6)
    axes.grid(axis="y", color=GRID)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(ACROSS.to(language), color=INK, fontsize=10)
    axes.set_title(TITLE.to(language), loc="left", color=INK, fontsize=11.5, weight="bold", pad=12)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def draw_line(axes: Any, engine: str, points: list[Point], language: Language) -> None:
    """Draw one engine, with its name and its last time beside the end."""
    ours = engine == OURS
    colour = COLOURS.get(engine, FAINT)
    axes.plot(
        *zip(*points, strict=True),
        color=colour,
        linewidth=3.2 if ours else 1.6,
        marker="o",
        markersize=7 if ours else 4.5,
        zorder=3 if ours else 2,
    )
    last = points[-1]
    seconds = round(last.seconds) if last.seconds >= 10 else float(f"{last.seconds:.2g}")
    axes.annotate(
        f"{engine}  {SECONDS.to(language).format(seconds)}",
        (last.formulas, last.seconds),
        xytext=(9, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontsize=10.5 if ours else 9.5,
        weight="bold" if ours else "normal",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        annotation_clip=False,
    )


if __name__ == "__main__":
    main()
