"""Workings in words: each line with its numbers written out, for pages, the phone and the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dianke.core.money import Money
from dianke.wallets.rules.refunds import LINES, Step, Working

_COUNTS = frozenset({"days", "used", "count", "item"})
METHODS = {
    "PRINCIPAL_LEFT": _("Principal that is left"),
    "PAID_SHARE": _("Consumption priced at paid/(paid+bonus)"),
    "COOLING_OFF": _("Back in full within the days of cooling off"),
    "VALUE_LEFT": _("Unused paid sessions at their value"),
    "LIST_PRICE": _("Used sessions at the single price"),
    "ALL_SESSIONS": _("Paid spread over paid and gifted sessions"),
}


def written(amount: int, currency: str) -> str:
    """¥1,234.50"""
    return Money.from_minor(amount, currency).format(get_language() or "zh-hans")


def line_text(step: Step | Mapping[str, Any], currency: str, names: Mapping[int, str] | None = None) -> str:
    """One line in words. `names`: item → service; a line about an item says which."""
    raw = step.as_dict() if isinstance(step, Step) else step
    values: Mapping[str, int] = raw["values"]
    in_money = {
        name: written(value, currency)
        for name, value in values.items()
        if name not in _COUNTS and (name != "left" or "total" in values)
    }
    text = str(LINES[raw["code"]])
    said = text % {**values, **in_money} if "%(" in text else text
    service = (names or {}).get(values.get("item", 0))
    return f"{service}: {said}" if service else said


def told(working: Working, currency: str, names: Mapping[int, str] | None = None) -> dict[str, Any]:
    """A working for a template: method, lines with written amounts, refund, forfeited."""
    return {
        "method": METHODS[working.method],
        "lines": [
            {
                "text": line_text(step, currency, names),
                "amount": "" if step.amount is None else written(step.amount, currency),
                "is_result": step.code == "refund",
            }
            for step in working.steps
        ],
        "refund": written(working.refund, currency),
        "forfeited": written(working.forfeited, currency) if working.forfeited > 0 else "",
    }
