"""A plan changed by hand, one step at a time: added, changed, moved, taken out. Plain data in, plain data out."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

Steps = list[dict[str, Any]]
START = "start"


def new_key(plan: Mapping[str, Any]) -> str:
    """A key no step has or had: one above the highest."""
    numbers = [int(key[1:]) for key in _keys(plan.get("steps", [])) if key[0] == "s" and key[1:].isdecimal()]
    return f"s{max(numbers, default=0) + 1}"


def added(plan: Mapping[str, Any], where: str, step: Mapping[str, Any]) -> dict[str, Any]:
    """With a step at `where`: "start", "after:s1", "yes:s2", "no:s2" (the arms of a branch)."""
    changed = deepcopy(dict(plan))
    steps: Steps = changed.setdefault("steps", [])
    how, _colon, key = where.partition(":")
    found = _find(steps, key)
    if found is None:
        steps.insert(0, dict(step))
    elif how in ("yes", "no"):
        found[0][found[1]].setdefault(how, []).insert(0, dict(step))
    else:
        found[0].insert(found[1] + 1, dict(step))
    return changed


def replaced(plan: Mapping[str, Any], step: Mapping[str, Any]) -> dict[str, Any]:
    """With other content under the key of the step; the arms of a branch stay."""
    changed = deepcopy(dict(plan))
    found = _find(changed.get("steps", []), step["key"])
    if found is not None:
        beside, place = found
        arms: dict[str, Any] = {name: beside[place][name] for name in ("yes", "no") if name in beside[place]}
        beside[place] = {**step, **arms}
    return changed


def moved(plan: Mapping[str, Any], key: str, by: int) -> dict[str, Any]:
    """The step one place up (-1) or down (1) among those beside it."""
    changed = deepcopy(dict(plan))
    found = _find(changed.get("steps", []), key)
    if found is not None:
        beside, place = found
        target = place + by
        if 0 <= target < len(beside):
            beside[place], beside[target] = beside[target], beside[place]
    return changed


def removed(plan: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Without the step, and what stands in its arms."""
    changed = deepcopy(dict(plan))
    found = _find(changed.get("steps", []), key)
    if found is not None:
        found[0].pop(found[1])
    return changed


def step_data(plan: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    """What is kept of a step."""
    found = _find(plan.get("steps", []), key)
    return found[0][found[1]] if found else None


def _find(steps: Steps, key: str) -> tuple[Steps, int] | None:
    for place, step in enumerate(steps):
        if step["key"] == key:
            return steps, place
        for arm in ("yes", "no"):
            found = _find(step.get(arm, []), key)
            if found is not None:
                return found
    return None


def _keys(steps: Steps) -> list[str]:
    found = []
    for step in steps:
        found += [step["key"], *_keys(step.get("yes", [])), *_keys(step.get("no", []))]
    return found
