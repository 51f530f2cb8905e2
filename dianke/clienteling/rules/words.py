"""Suggested words: variables filled in, and a sentence about something that is not known left out."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?\n]+|\.(?=\s|$)|$)\s*")
_VARIABLE = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables; a sentence in which one is empty falls away."""
    kept = []
    for sentence in _SENTENCE.findall(text):
        names = _VARIABLE.findall(sentence)
        if all(values.get(name) for name in names):
            kept.append(_VARIABLE.sub(lambda found: values[found[1]], sentence))
    return "".join(kept).strip()
