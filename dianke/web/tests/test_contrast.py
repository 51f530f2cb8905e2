"""The colours of the design, read from tokens.css, against WCAG 2.2 AA in both themes."""

from __future__ import annotations

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
    ("chart-1", "surface"),
    ("chart-3", "surface"),
    ("chart-4", "surface"),
    ("chart-6", "surface"),
]


def colours(theme: str) -> dict[str, str]:
    css = TOKENS.read_text(encoding="utf-8")
    start = css.index(":root {") if theme == "light" else css.index('[data-bs-theme="dark"] {')
    block = css[start : css.index("}", start)]
    return dict(re.findall(r"--dk-([\w-]+):\s*(#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2, of "#rrggbb"."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
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
