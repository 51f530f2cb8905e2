"""What a campaign came to, as people read it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.core.actor import Actor
from dianke.marketing.models import Campaign
from dianke.marketing.queries.results import CampaignResult, result_of
from dianke.marketing.queries.wording import amount, group_name
from dianke.marketing.rules.evaluation import Arm, Lift, Result
from dianke.web.components import Stat
from dianke.web.differences import bought_words, finding_words, signed, withheld_words
from dianke.web.formats import number

COSTS, ORDERS = "catalog.view_costs", "sales.view_orders"


def result_context(campaign: Campaign, actor: Actor) -> dict[str, Any]:
    """For the page of a campaign. Margin, and the return it tells of, only for who may see costs."""
    found = result_of(campaign)
    if found.is_empty:
        return {"result": None}
    result, currency = found.result, campaign.currency
    base = f"{reverse('marketing:members')}?campaign={campaign.pk}"
    orders = f"{reverse('marketing:orders')}?campaign={campaign.pk}" if actor.can(ORDERS) else ""
    treated = result.treated
    arms = [*result.variants, *([result.control] if result.control else [])]
    return {
        "result": result,
        "result_stats": [
            Stat(
                _("Bought"),
                share(treated.share_converted),
                note=people(treated.converted),
                url=f"{base}&arm=TREATED&figure=converted",
            ),
            Stat(
                _("Net sales"),
                amount(treated.sales_amount, currency),
                note=_("%(count)s orders") % {"count": number(treated.orders)},
                url=f"{orders}&arm=TREATED" if orders else "",
            ),
            Stat(
                pgettext("campaign", "Spent"),
                amount(treated.cost_amount, currency),
                note=_("messages and coupons"),
            ),
            *_proven(result, currency, sees_costs=actor.can(COSTS)),
        ],
        "sees_costs": actor.can(COSTS),
        "finding": finding(result, currency),
        "caveat": caveat(result.lift),
        "table": [row(arm, currency, base, orders) for arm in arms],
        "comparisons": [
            {"first": each.first, "second": each.second, "text": difference_words(each.lift, currency)}
            for each in result.comparisons
        ],
    }


def _proven(result: Result, currency: str, *, sees_costs: bool) -> list[Stat]:
    if result.added_sales is None:
        return []
    found = [
        Stat(
            _("Sales it added"),
            amount(int(result.added_sales), currency),
            note=_("against those kept back"),
        )
    ]
    if sees_costs:
        note = "" if result.roi_is_proven else _("not certain yet")
        found.append(Stat(_("Return on what was spent"), share(result.roi), note=note))
    return found


def share(value: Decimal | None) -> str:
    return "–" if value is None else f"{value * 100:,.1f}%"


def people(count: int) -> str:
    return _("%(count)s people") % {"count": number(count)}


def row(arm: Arm, currency: str, base: str, orders: str) -> dict[str, Any]:
    """A line of the table; every count leads to the people behind it, sales to their orders (where `orders` is an
    address)."""
    place = "ABCD".find(arm.code) if arm.code else -1
    group = "&arm=CONTROL" if place < 0 else f"&arm=TREATED&variant={place}"
    return {
        "name": group_name("TREATED" if arm.code else "CONTROL", arm.code),
        "arm": arm,
        "url": base + group,
        "orders_url": orders + group if orders else "",
        "converted": share(arm.share_converted),
        "sales": amount(arm.sales_amount, currency),
        "per_person": "–" if arm.per_person is None else amount(int(arm.per_person), currency),
        "margin": amount(arm.margin_amount, currency),
        "messages": amount(arm.message_amount, currency),
        "coupons": amount(arm.coupon_amount, currency),
        "is_control": not arm.code,
    }


def finding_of(found: CampaignResult, currency: str) -> str:
    """The sentence of a campaign among others, before its first person too."""
    return _("Nobody's turn has come yet.") if found.is_empty else finding(found.result, currency)


def finding(result: Result, currency: str) -> str:
    """The one sentence: what was found, or why nothing can be said."""
    lift = result.lift
    if lift.withheld is not None:
        return withheld_words(lift.withheld)
    if lift.conversion is None:
        return ""
    if not lift.conversion.is_clear and not (lift.revenue and lift.revenue.is_clear):
        return finding_words("")
    return finding_words(difference_words(lift, currency))


def caveat(lift: Lift) -> str:
    """How sure it is, in one line."""
    if lift.conversion is None:
        return ""
    return _(
        "Ranges hold with %(share)s certainty. People who were kept back by chance are the yardstick."
    ) % {"share": f"{lift.confidence * 100:.0f}%"}


def _whole(value: float, currency: str) -> str:
    """An amount within a sentence: its minus never ends a line, where it would be read as a dash."""
    return amount(round(value), currency).replace("-", "-\u2060", 1)


def difference_words(lift: Lift, currency: str) -> str:
    if lift.withheld is not None:
        return withheld_words(lift.withheld)
    parts = []
    if lift.conversion is not None:
        parts.append(bought_words(lift.conversion))
    if lift.revenue is not None:
        parts.append(
            _("%(value)s for each person (%(low)s to %(high)s)")
            % {
                "value": signed(_whole(lift.revenue.value, currency), lift.revenue.value),
                "low": _whole(lift.revenue.low, currency),
                "high": _whole(lift.revenue.high, currency),
            }
        )
    return pgettext("between findings", ", ").join(parts)
