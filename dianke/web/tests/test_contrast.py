"""The colours of the design, read from tokens.css, against WCAG 2.2 AA in both themes."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

TOKENS = Path(__file__).resolve().parent.parent / "static/web/css/tokens.css"

#: Text on its ground: at least 4.5.
TEXT = [
    ("text", "bg"),
    ("text", "surface"),
    ("text", "surface-2"),
    ("text", "surface-3"),
    ("text-2", "bg"),
    ("text-2", "surface"),
    ("text-2", "surface-2"),
    ("text-2", "surface-3"),
    ("text-3", "bg"),
    ("text-3", "surface"),
    ("text-3", "surface-2"),
    ("text-3", "surface-3"),
    ("bg", "text"),  # toasts
    ("on-jade", "jade"),
    ("on-danger", "danger"),
    ("jade-text", "bg"),
    ("jade-text", "surface"),
    ("jade-text", "surface-2"),
    ("jade-text", "jade-soft"),
    ("danger-text", "bg"),
    ("danger-text", "surface"),
    ("danger-text", "surface-2"),
    ("danger-text", "danger-soft"),
    ("wait-text", "bg"),
    ("wait-text", "surface"),
    ("wait-text", "wait-soft"),
    ("text", "jade-soft"),
    ("text", "wait-soft"),
    ("text", "danger-soft"),
    ("text-2", "jade-soft"),
    *[(f"tint-{n}-text", f"tint-{n}-bg") for n in range(1, 6)],
]
#: Borders of controls, the focus ring, buttons on their ground, lines of charts: at least 3.
SHAPES = [
    ("control", "surface"),
    ("control", "bg"),
    ("focus", "bg"),
    ("focus", "surface"),
    ("jade", "surface"),
    ("danger", "surface"),
    *[(f"chart-{n}", "surface") for n in range(1, 7)],
]


def colours(theme: str) -> dict[str, str]:
    css = TOKENS.read_text(encoding="utf-8")
    start = css.index(":root {") if theme == "light" else css.index('[data-bs-theme="dark"] {')
    block = css[start : css.index("}", start)]
    return dict(re.findall(r"--dk-([\w-]+):\s*(#[0-9a-f]{6});", block))


def linear_of(colour: str) -> list[float]:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2, of "#rrggbb"."""
    linear = linear_of(colour)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_ratio_of_black_and_white_is_twenty_one() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)], ids=["text", "shapes"])
def test_every_pair_stays_legible(theme: str, pairs: list[tuple[str, str]], least: float) -> None:
    palette = colours(theme)
    weak = {
        f"{front} on {ground}": round(contrast(palette[front], palette[ground]), 2)
        for front, ground in pairs
        if contrast(palette[front], palette[ground]) < least
    }
    assert not weak


def test_dark_defines_every_colour_that_light_defines() -> None:
    assert colours("dark").keys() == colours("light").keys()


#: Machado, Oliveira, Fernandes (2009), severity 1.0: how linear RGB is seen with each dichromacy.
VISION = {
    "full": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
#: About three just noticeable differences in Oklab.
TELL_APART = 0.06


def oklab_seen(colour: str, vision: str) -> tuple[float, float, float]:
    """Oklab (Ottosson 2020) of a colour as that vision sees it."""
    linear = linear_of(colour)
    r, g, b = (
        min(1.0, max(0.0, sum(weight * channel for weight, channel in zip(row, linear, strict=True))))
        for row in VISION[vision]
    )
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_chart_colours_are_told_apart_with_every_colour_vision(theme: str, vision: str) -> None:
    palette = colours(theme)
    seen = {n: oklab_seen(palette[f"chart-{n}"], vision) for n in range(1, 7)}
    close = {
        (one, other): round(distance, 3)
        for one, other in itertools.combinations(seen, 2)
        if (distance := sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5)
        < TELL_APART
    }
    assert not close
