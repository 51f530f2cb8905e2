"""Looks through a text for what carriers and laws refuse: what was found, why it is refused, what to write instead. The
rules are dated data (`data/lint.toml`); their wordings stand here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.messaging.rules.words import length_of


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was found, in its own words; `why` and `remedy` are for people."""

    code: str
    kind: str
    found: str
    why: str | Promise
    remedy: str | Promise
    source: str

    @property
    def is_error(self) -> bool:
        return self.kind == "error"

    @property
    def is_hint(self) -> bool:
        """Nothing is to be done about it."""
        return self.kind == "hint"


_TENCENT = _("Tencent Cloud refuses such templates since June 2025.")
WORDINGS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "absolute_words": (
        _("The Advertising Law forbids absolute words; fines begin at 200,000 yuan."),
        _("Say what is so, with a number or a fact."),
    ),
    "no_way_out": (
        _("Offers must tell how to stop them."),
        _("Nothing to do: it is added when the message goes."),
    ),
    "own_brackets": (
        _("The signature in brackets is added by the carrier; a second one is refused."),
        _("Take the brackets out and set the signature beside the text."),
    ),
    "huawei_variables": (
        _("Huawei Cloud takes no variables in promotional templates."),
        _("Write the same words for all."),
    ),
    "tencent_trade": (_TENCENT, _("Use email, the inbox on the member card, or a call.")),
    "tencent_coupon": (_TENCENT, _("Put coupons into the inbox on the member card or an email.")),
    "tencent_points": (_TENCENT, _("Tell about points by email or in the inbox on the member card.")),
    "tencent_win_back": (_TENCENT, _("Let whoever looks after the customer call or write.")),
    "tencent_invitation": (_TENCENT, _("Let whoever looks after the customer call or write.")),
    "tencent_survey": (_TENCENT, _("Ask by email or in the inbox on the member card.")),
    "wechat_offers": (
        _("WeChat forbids offers in templates and takes them away from the account."),
        _("Put offers into the inbox on the member card, or let an employee write."),
    ),
    "wechat_lines": (
        _("WeChat fills in approved templates by their keywords."),
        _("Write a line for each keyword: thing1: what is to stand there."),
    ),
    "short_link": (
        _("Carriers refuse links of public shorteners: nobody sees where they lead."),
        _("Use a link of your own address."),
    ),
    "long_text": (_("Every part is billed, and long messages are read less."), _("Make it shorter.")),
}


def lint(
    text: str,
    rules: Iterable[Mapping[str, Any]],
    *,
    channel: str,
    purpose: str,
    carrier: str,
    today: date,
) -> list[Finding]:
    """What is to be said of a text on that day: errors, warnings, hints."""
    found = []
    for rule in rules:
        if (
            rule["since"] > today
            or channel not in rule["channels"]
            or purpose not in rule["purposes"]
            or (rule.get("carriers") and carrier not in rule["carriers"])
        ):
            continue
        word = _hit(text, rule)
        if word is not None:
            why, remedy = WORDINGS[rule["code"]]
            found.append(Finding(rule["code"], rule["kind"], word, why, remedy, rule["source"]))
    return sorted(found, key=lambda each: (not each.is_error, each.is_hint))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _hit(text: str, rule: Mapping[str, Any]) -> str | None:
    if "pattern" in rule:
        match = _compiled(rule["pattern"]).search(text)
        return match.group() if match else None
    if "missing" in rule:
        return None if _compiled(rule["missing"]).search(text) else ""
    if "most_parts" in rule:
        parts = length_of(text).parts
        return str(parts) if parts > rule["most_parts"] else None
    return "{{" if "{{" in text else None
