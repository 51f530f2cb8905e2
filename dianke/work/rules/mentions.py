"""Who is called by name in a text: "@李晓雯 请跟进一下"."""

from __future__ import annotations

from collections.abc import Mapping


def mentioned(text: str, people: Mapping[str, int]) -> list[int]:
    """Ids of the people (`{name: id}`) whose name follows an @, in the order of the text, each once.

    Chinese names are not parted by spaces from what follows, so the longest known name wins: with 王芳 and 王芳华,
    "@王芳华你好" calls the second.
    """
    names = sorted(people, key=len, reverse=True)
    found: list[int] = []
    for part in text.replace("＠", "@").split("@")[1:]:
        name = next((name for name in names if part.startswith(name)), None)
        if name is not None and people[name] not in found:
            found.append(people[name])
    return found
