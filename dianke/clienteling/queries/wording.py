"""Reasons in words with the numbers behind them, and the words that are suggested for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext, override, pgettext
from django.utils.translation import gettext as _

from dianke.clienteling.queries.rules import InForce
from dianke.clienteling.rules.reasons import OWN_VARIABLES
from dianke.clienteling.rules.words import fill
from dianke.core.actor import Actor
from dianke.core.lunar import LunarDate
from dianke.core.money import Money
from dianke.customers.models import DateKind
from dianke.messaging.queries.variables import filled, known_codes
from dianke.messaging.queries.wording import LANGUAGE
from dianke.messaging.rules.words import read_wording
from dianke.web.formats import calendar_day, money, number

VALUE = "insight.view_customer_value"
Facts = Mapping[str, Any]
PARTS: Mapping[str, Any] = {
    "REASON": gettext_lazy("the reason"),
    "URGENT": gettext_lazy("how urgent it is"),
    "VALUE": gettext_lazy("how much they buy"),
    "MORE": gettext_lazy("further reasons"),
}


def sentence(code: str, facts: Facts, *, today: date, actor: Actor) -> str:
    """Why, with the numbers it was worked out from."""
    return _SENTENCES[code](facts, today, actor)


def _on(facts: Facts, today: date) -> str:
    return calendar_day(date.fromisoformat(facts["on"]), today)


def _days(facts: Facts, today: date) -> int:
    """Days since the day of the facts, today."""
    return max(0, (today - date.fromisoformat(facts["on"])).days)


def _again(facts: Facts, today: date, actor: Actor) -> str:
    return _("It was agreed on %(day)s to call again.") % {"day": _on(facts, today)}


def _quote(facts: Facts, today: date, actor: Actor) -> str:
    days = _days(facts, today)
    return ngettext(
        "Quote %(number)s over %(amount)s has been open for %(days)s day.",
        "Quote %(number)s over %(amount)s has been open for %(days)s days.",
        days,
    ) % {
        "number": facts["number"],
        "amount": money(Money.from_minor(int(facts["amount"]), facts["currency"])),
        "days": days,
    }


def _date(facts: Facts, today: date, actor: Actor) -> str:
    values = {"occasion": DateKind(facts["kind"]).label, "day": _on(facts, today)}
    if facts.get("lunar"):
        month, day, is_leap = facts["lunar"]
        values["lunar"] = LunarDate(month, day, is_leap).format(get_language() or LANGUAGE)
        return _("%(occasion)s on %(day)s (%(lunar)s).") % values
    return _("%(occasion)s on %(day)s.") % values


def _card(facts: Facts, today: date, actor: Actor) -> str:
    count = int(facts["count"])
    return ngettext(
        "%(count)s session is left on a card that ends on %(day)s.",
        "%(count)s sessions are left on a card that ends on %(day)s.",
        count,
    ) % {"count": count, "day": _on(facts, today)}


def _balance(facts: Facts, today: date, actor: Actor) -> str:
    amount = money(Money.from_minor(int(facts["count"]), facts["currency"]))
    return _("%(amount)s of given credit expires on %(day)s.") % {"amount": amount, "day": _on(facts, today)}


def _points(facts: Facts, today: date, actor: Actor) -> str:
    return _("%(points)s points expire on %(day)s.") % {
        "points": number(int(facts["count"])),
        "day": _on(facts, today),
    }


def _slipping(facts: Facts, today: date, actor: Actor) -> str:
    said = _("Usually buys every %(interval)s days, and %(days)s days have passed.") % {
        "interval": number(round(Decimal(facts["interval"]))),
        "days": number(_days(facts, today)),
    }
    if facts.get("risk") is not None and actor.can(VALUE):
        said += " " + _("Risk of losing: %(risk)s.") % {"risk": f"{Decimal(facts['risk']):.0%}"}
    return said


def _thanks(facts: Facts, today: date, actor: Actor) -> str:
    days = _days(facts, today)
    return ngettext(
        "Bought %(days)s day ago (order %(number)s).", "Bought %(days)s days ago (order %(number)s).", days
    ) % {"days": days, "number": facts["number"]}


def _due(facts: Facts, today: date, actor: Actor) -> str:
    return _("By their own rhythm expected again on %(day)s.") % {"day": _on(facts, today)}


def _new(facts: Facts, today: date, actor: Actor) -> str:
    days = _days(facts, today)
    return ngettext("New since %(days)s day.", "New since %(days)s days.", days) % {"days": days}


_SENTENCES: Mapping[str, Callable[[Facts, date, Actor], str]] = {
    "AGAIN": _again,
    "QUOTE": _quote,
    "DATE": _date,
    "CARD": _card,
    "BALANCE": _balance,
    "POINTS": _points,
    "SLIPPING": _slipping,
    "THANKS": _thanks,
    "DUE": _due,
    "NEW": _new,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What words are wanted for: a profile, its main reason, the product that is suggested."""

    head_id: int
    code: str
    facts: Facts
    product: str


def suggested_words(
    wanted: Sequence[Said],
    in_force: Mapping[str, InForce],
    members: Mapping[int, Sequence[int]],
    *,
    actor: Actor,
    now: datetime,
) -> dict[int, str]:
    """Profile → words, in the language customers are written to. Each variable is read once for all."""
    known = known_codes() | frozenset(OWN_VARIABLES)
    texts = {one.head_id: in_force[one.code].words for one in wanted}
    used = {name for text in texts.values() for name in read_wording(text, known).variables}
    with override(LANGUAGE):
        values = filled(used - set(OWN_VARIABLES), members, now=now)
        return {
            one.head_id: fill(texts[one.head_id], values[one.head_id] | _own(one, actor)) for one in wanted
        }


def _own(one: Said, actor: Actor) -> dict[str, str]:
    values = {"me": actor.name, "product": one.product, "occasion": "", "count": "", "date": ""}
    if one.facts.get("on"):
        values["date"] = date_format(date.fromisoformat(one.facts["on"]), "MONTH_DAY_FORMAT")
    if one.facts.get("kind"):
        values["occasion"] = str(DateKind(one.facts["kind"]).label)
    if one.facts.get("count") is not None:
        values["count"] = str(one.facts["count"])
        if one.facts.get("currency"):
            values["count"] = money(Money.from_minor(int(one.facts["count"]), one.facts["currency"]))
    return values


def why_here(parts: Sequence[Sequence[Any]]) -> str:
    """The sum that makes the order of the list, in words."""
    told = [
        pgettext("sum", "%(part)s %(points)s") % {"part": PARTS[part], "points": points}
        for part, points in parts
    ]
    return " + ".join(told)
