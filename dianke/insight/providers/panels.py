"""What the page of a customer says of their value: figures, the group, and why they are in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from dianke.customers.models import Purpose
from dianke.customers.queries.panels import Section, register_section
from dianke.customers.queries.profile import Profile
from dianke.customers.rules.consent import may
from dianke.insight.models import PROPOSE, VIEW, CustomerMetrics, DeclinedProposal, Proposal
from dianke.insight.queries.people import label_of, merchant_currency, metrics_of
from dianke.insight.queries.proposals import proposals_for
from dianke.insight.rules.group_words import MEANINGS
from dianke.sales.views.orders_rows import shown
from dianke.stores.models import Store
from dianke.web.components import Fact
from dianke.web.formats import calendar_day, number

COSTS = "catalog.view_costs"
PROPOSED = 4
ICONS = {Proposal.Kind.DUE: "clock", Proposal.Kind.TOGETHER: "link", Proposal.Kind.ALIKE: "users"}


def why(row: CustomerMetrics, days: int) -> str:
    """The group in words, with the figures that led to it."""
    told = [str(MEANINGS[row.value_group][0])]
    told.append(
        ngettext("Last bought %(days)s day ago.", "Last bought %(days)s days ago.", days) % {"days": days}
    )
    if row.interval_days is not None:
        told.append(_("Usually buys every %(days)s days.") % {"days": number(row.interval_days.normalize())})
    return reduce(
        lambda first, second: (
            pgettext("two sentences", "%(first)s %(second)s") % {"first": first, "second": second}
        ),
        told,
    )


def _section(profile: Profile) -> Mapping[str, Any] | None:
    """Two statements."""
    row = metrics_of(profile.head, profile.actor)
    if row is None:
        return None
    currency = merchant_currency()
    facts = [
        Fact(_("Spent, net of returns"), shown(row.spend_amount, currency)),
        Fact(_("Spent in a year"), shown(row.spend_365_amount, currency)),
        Fact(_("Orders"), number(row.order_count)),
        Fact(_("Per order"), shown(row.average_amount, currency)),
        Fact(_("First purchase"), calendar_day(row.first_date, profile.today)),
    ]
    if profile.actor.can(COSTS):
        facts.append(Fact(_("Gross profit"), shown(row.margin_amount, currency)))
    facts += _estimates(row, profile, currency)
    return {
        "group": label_of(row.value_group),
        "why": why(row, max((profile.today - row.last_date).days, 0)),
        "advice": MEANINGS[row.value_group][1],
        "facts": facts,
        "url": f"{reverse('insight:people')}?{urlencode({'group': row.value_group})}",
    }


def _estimates(row: CustomerMetrics, profile: Profile, currency: str) -> list[Fact]:
    """What models say, each with how sure it is; nothing where they had too little to go by."""
    facts = []
    if row.expected_next_date is not None and row.expected_next_date >= profile.today:
        facts.append(Fact(_("Expected again"), calendar_day(row.expected_next_date, profile.today)))
    if row.churn_risk is not None:
        facts.append(Fact(_("Risk of losing"), f"{row.churn_risk:.0%}"))
    if row.ltv_amount is not None and row.ltv_low_amount is not None and row.ltv_high_amount is not None:
        low, high = (shown(amount, currency) for amount in (row.ltv_low_amount, row.ltv_high_amount))
        value = _("%(value)s (%(low)s to %(high)s)") % {
            "value": shown(row.ltv_amount, currency),
            "low": low,
            "high": high,
        }
        facts.append(Fact(_("Worth in the coming year"), value))
    return facts


def _store(profile: Profile) -> Store | None:
    """Where the asker works, else the customer's own store."""
    pk = profile.actor.store_id or profile.head.store_id
    return Store.objects.filter(pk=pk).first() if pk else None


def _proposals(profile: Profile) -> Mapping[str, Any] | None:
    """What to propose, each with its reason and a way to say no; what they declined. Some twelve statements."""
    if profile.is_frozen:
        return None
    head = profile.head
    refused = not may(dict(profile.consents), Purpose.PROFILING) and any(
        purpose == Purpose.PROFILING for purpose, _channel in profile.consents
    )
    store = _store(profile)
    found = proposals_for(head, store=store, sight=profile.actor, at=profile.now, count=PROPOSED)
    declined = DeclinedProposal.objects.filter(customer__in=profile.member_ids).select_related("product")
    rows = list(declined.order_by("-at", "-pk")[:PROPOSED])
    if not found and not rows and not refused:
        return None
    return {
        "refused": refused,
        "store": store,
        "rows": [
            {
                "one": one,
                "icon": ICONS[one.kind],
                "url": reverse("catalog:product", args=[one.product_id]),
                "decline_url": reverse("insight:decline", args=[head.pk, one.product_id]),
            }
            for one in found
        ],
        "declined": [
            {"name": row.product.name, "url": reverse("insight:allow", args=[head.pk, row.product_id])}
            for row in rows
        ],
    }


def register() -> None:
    """Called once, when the app is ready."""
    register_section(
        Section(
            "insight.proposals",
            gettext_lazy("May want next"),
            "insight/parts/proposals.html",
            PROPOSE,
            _proposals,
            6,
            "side",
        )
    )
    register_section(
        Section(
            "insight.worth",
            gettext_lazy("Value at a glance"),
            "insight/parts/of_customer.html",
            VIEW,
            _section,
            5,
            "side",
        )
    )
