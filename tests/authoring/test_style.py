"""Colours: read from the back of a room, and told apart by those who see fewer of them."""

import itertools

import numpy as np
import pytest

from sheetlab.authoring.style import COLOURS, INK, MUTED, PALETTE, STYLES, colours_in_turn

Colour = np.ndarray[tuple[int], np.dtype[np.float64]]

# How a colour, in linear red, green and blue, is seen: Machado, Oliveira, Fernandes (2009), "A
# Physiologically-based Model for Simulation of Color Vision Deficiency", severity 1.
SIGHTS = {
    "full": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
WHITE = [0.9505, 1.0, 1.089]


def linear(colour: str) -> Colour:
    parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.1."""
    first, second = sorted(
        float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other)
    )
    return (second + 0.05) / (first + 0.05)


def lab(colour: Colour) -> Colour:
    """CIE L*a*b* of a colour in linear red, green and blue."""
    shares = np.array(TO_XYZ) @ np.clip(colour, 0, 1) / WHITE
    x, y, z = np.where(shares > 0.008856, np.cbrt(shares), 7.787 * shares + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("000000", "FFFFFF") == pytest.approx(21)
    assert contrast("777777", "FFFFFF") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("name", STYLES)
def test_texts_of_cells_stand_out(name: str) -> None:
    style = STYLES[name]  # type: ignore[index]
    assert contrast(style.colour, style.fill or "FFFFFF") >= 4.5


@pytest.mark.parametrize("name", COLOURS)
def test_coloured_texts_stand_out(name: str) -> None:
    ink, fill = COLOURS[name]
    assert contrast(ink, fill or "FFFFFF") >= 4.5


def test_texts_of_charts_stand_out() -> None:
    assert min(contrast(INK, "FFFFFF"), contrast(MUTED, "FFFFFF")) >= 4.5


def test_lines_of_charts_stand_out() -> None:
    assert min(contrast(colour, "FFFFFF") for colour in PALETTE) >= 3


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_of_series_differ_for_everybody(sight: str) -> None:
    seen = [lab(np.array(SIGHTS[sight]) @ linear(colour)) for colour in PALETTE]
    distances = [np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)]
    assert min(distances) > 15


def test_numbers_have_colours_in_turn() -> None:
    assert colours_in_turn("leaf", 2) == {
        "first": "MOD(leaf - 1, 2) = 0",
        "second": "MOD(leaf - 1, 2) = 1",
    }
    assert set(colours_in_turn("leaf")) == set(COLOURS) - {"good", "bad", "warn", "faint"}
