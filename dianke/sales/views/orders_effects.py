"""What taking goods back does, in words and rows: the same for the preview and for the return that was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from dianke.sales.models import Tender
from dianke.sales.views.orders_rows import plain, shown
from dianke.web import formats


@dataclass(frozen=True, slots=True)
class Effect:
    """One line: what, how much, and a word more. `tone` "less" takes from the customer, "more" gives."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    icon: str
    rows: tuple[Effect, ...]


def groups_of(effects: Mapping[str, Any], currency: str, *, exchanged: int = 0) -> list[Group]:
    """Everything of `queries.returning`'s effects, group by group; those without anything are left out. `exchanged` of
    the money pays what is taken instead. One query."""
    names = dict(Tender.objects.values_list("code", "name"))
    found = [
        Group(_("Money back"), "cash", tuple(_money(effects, names, currency, exchanged))),
        Group(_("Kept from it"), "receipt", tuple(_kept(effects, currency))),
        Group(pgettext("of a return", "Goods"), "package", tuple(_goods(effects))),
        Group(_("Points"), "star", tuple(_points(effects))),
        Group(_("Member level"), "vip", tuple(_level(effects, currency))),
        Group(_("Paid level"), "vip", tuple(_paid_levels(effects))),
        Group(_("Coupons and promotions"), "ticket", tuple(_offers(effects, currency))),
        Group(_("Stored value"), "wallet", tuple(_wallet(effects, currency))),
        Group(_("Session cards"), "ticket", tuple(_sessions(effects))),
    ]
    return [group for group in found if group.rows]


def _money(
    effects: Mapping[str, Any], names: Mapping[str, str], currency: str, exchanged: int
) -> list[Effect]:
    rows = [Effect(_("Put into the exchange"), shown(exchanged, currency))] if exchanged else []
    left = exchanged
    for part in effects.get("money", ()):
        kept = min(part["amount"], left)  # the first parts pay it, as `make_refunds` takes them
        left -= kept
        if kept == part["amount"]:
            continue
        tender, paid_by = part["tender"], part.get("paid_by") or part["tender"]
        note = ""
        if tender != paid_by:
            note = _("instead of %(tender)s, which takes nothing back any more") % {
                "tender": names.get(paid_by, paid_by)
            }
        rows.append(Effect(names.get(tender, tender), shown(part["amount"] - kept, currency), note, "more"))
    settled = effects.get("settled_amount", 0)
    if settled:
        text = _("lowers what the customer still owes; nothing is paid out")
        rows.append(Effect(_("Set off"), shown(settled, currency), text))
    if not rows:
        rows.append(Effect(_("Nothing is paid back"), shown(0, currency)))
    return rows


def _kept(effects: Mapping[str, Any], currency: str) -> list[Effect]:
    rows = []
    if effects.get("withheld_amount"):
        text = _("what stays is priced anew without the offer; it is set free when the rest comes back too")
        rows.append(
            Effect(
                _("Offer that no longer holds"), shown(-effects["withheld_amount"], currency), text, "less"
            )
        )
    if effects.get("deducted_amount"):
        rows.append(
            Effect(_("For points already spent"), shown(-effects["deducted_amount"], currency), tone="less")
        )
    return rows


def _goods(effects: Mapping[str, Any]) -> list[Effect]:
    rows = []
    for back in effects.get("goods", ()):
        if not Decimal(back["quantity"]):
            rows.append(Effect(back["name"], "", _("set free from an earlier return")))
            continue
        shelf = sum((Decimal(part["quantity"]) for part in back["restocked"]), Decimal(0))
        note = _("back onto the shelf") if shelf else _("not back onto the shelf")
        quantity = f"× {plain(Decimal(back['quantity']))} {back.get('unit', '')}".rstrip()
        rows.append(Effect(back["name"], quantity, note))
    return rows


def _points(effects: Mapping[str, Any]) -> list[Effect]:
    rows = []
    if effects.get("points_taken_back"):
        rows.append(
            Effect(_("Earned, taken back"), f"-{formats.number(effects['points_taken_back'])}", tone="less")
        )
    if effects.get("points_given_back"):
        rows.append(
            Effect(_("Used, given back"), f"+{formats.number(effects['points_given_back'])}", tone="more")
        )
    if effects.get("points_owed"):
        text = _("spent already: the next points settle it")
        rows.append(Effect(pgettext("points", "Owed"), formats.number(effects["points_owed"]), text, "less"))
    return rows


def _level(effects: Mapping[str, Any], currency: str) -> list[Effect]:
    rows = []
    if effects.get("spend_taken_back"):
        rows.append(
            Effect(_("Spending that counts"), shown(-effects["spend_taken_back"], currency), tone="less")
        )
    before, after = effects.get("level_before", ""), effects.get("level_after", "")
    if before and after != before:
        rows.append(
            Effect(_("Level after"), after or _("none"), _("now %(level)s") % {"level": before}, "less")
        )
    elif before and rows:
        rows.append(Effect(_("Level after"), before, _("stays")))
    return rows


def _paid_levels(effects: Mapping[str, Any]) -> list[Effect]:
    return [
        Effect(
            each["name"],
            _("ends now"),
            _("bought through %(day)s; then %(level)s")
            % {"day": each["to"], "level": each["after"] or _("none")},
            "less",
        )
        for each in effects.get("levels", ())
    ]


def _offers(effects: Mapping[str, Any], currency: str) -> list[Effect]:
    rows = []
    for coupon in effects.get("coupons", ()):
        until = coupon.get("expires_at")
        note = ""
        if coupon.get("is_expired"):
            note = _("comes back too late: it has expired")
        elif until:
            note = _("good through %(day)s") % {"day": f"{datetime.fromisoformat(until):%Y-%m-%d}"}
        rows.append(
            Effect(
                coupon["name"],
                pgettext("coupon", "given back"),
                note,
                "" if coupon.get("is_expired") else "more",
            )
        )
    rows += [
        Effect(each["name"], shown(each["amount"], currency), _("back to the budget of the promotion"))
        for each in effects.get("promotions", ())
    ]
    return rows


def _wallet(effects: Mapping[str, Any], currency: str) -> list[Effect]:
    buckets = (
        ("principal_amount", pgettext("stored value", "Principal")),
        ("bonus_amount", pgettext("stored value", "Bonus")),
        ("promotional_amount", pgettext("stored value", "Bonus of a promotion")),
    )
    return [
        Effect(label, f"+{shown(total, currency)}", tone="more")
        for name, label in buckets
        if (total := sum(part.get(name, 0) for part in effects.get("wallet", ())))
    ]


def _sessions(effects: Mapping[str, Any]) -> list[Effect]:
    count = sum(part["count"] for part in effects.get("sessions", ()))
    if not count:
        return []
    text = ngettext("%(count)s session", "%(count)s sessions", count) % {"count": count}
    return [Effect(_("Given back onto the card"), text, tone="more")]
