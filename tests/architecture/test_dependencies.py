"""docs/dependencies.md names every package of pyproject.toml and package.json, each once, and no other."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter

from tests.architecture.documents import document, rows
from tests.architecture.source import ROOT


def required() -> set[str]:
    """Names of all declared packages, without versions; extras are dropped, npm's say so."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    python = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    names = {re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0].lower() for one in python}
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    return names | {
        f"{name} (npm)" for part in ("dependencies", "devDependencies") for name in package.get(part, {})
    }


def told() -> Counter[str]:
    """The packages of the first column, as often as they stand there."""
    found: Counter[str] = Counter()
    for cells in rows(document("dependencies.md"), 3):
        found.update(re.sub(r"\[.*?\]", "", name).strip().lower() for name in cells[0].split(","))
    return found


def test_every_package_is_told_once():
    assert [name for name, count in told().items() if count > 1] == []


def test_what_is_told_is_what_is_required():
    assert sorted(required() - set(told())) == [], "not told"
    assert sorted(set(told()) - required()) == [], "told, but not required"
