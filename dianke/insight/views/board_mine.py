"""What a salesperson has besides today's sales: the last days, their customers, what is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.queries.care import today_of_actor
from dianke.insight.queries.live import running_day, scope_for
from dianke.insight.views.drill import rows_behind
from dianke.sales.queries.reports.figures import names_of, rows_of
from dianke.sales.rules.report_terms import By, Span
from dianke.web import charts
from dianke.web.components import Stat
from dianke.web.formats import headline, number
from dianke.work.queries.today import today_groups

DAYS = 30
TASKS_SHOWN = 8


def mine(actor: Actor, now: datetime) -> dict[str, Any]:
    """The rest of one's own board: a statement for the days, one for the customers, those of tasks and dates."""
    groups = {group.code: group for group in today_groups(actor, now)}
    due = [group for code in ("overdue", "today") if (group := groups.get(code))]
    occasions, more = today_of_actor(actor, now)
    customers = Customer.objects.visible_to(actor).heads().filter(owner_id=actor.user_id).count()
    return {
        "own_stats": [
            Stat(_("My customers"), number(customers), url=f"{reverse('customers:customers')}?owner=me"),
            Stat(
                _("To do today"),
                number(sum(group.count for group in due)),
                note=_("overdue ones included"),
                url=reverse("work:tasks"),
            ),
            Stat(_("Dates to congratulate"), number(len(occasions) + more), url=reverse("customers:dates")),
        ],
        "tasks": [task for group in due for task in group.tasks][:TASKS_SHOWN],
        "occasions": occasions,
        "own_chart": _days(actor, now),
    }


def _days(actor: Actor, now: datetime) -> charts.Chart | None:
    scope = scope_for(actor)
    if not scope.stores:
        return None
    last = running_day(scope, now) - timedelta(days=1)
    span = Span(last - timedelta(days=DAYS - 1), last)
    found = rows_of(By.DAY, scope, span)
    if not any(figures.net_amount for figures in found.values()):
        return None
    keys = [(span.first + timedelta(days=n)).isoformat() for n in range(span.days)]
    names = names_of(By.DAY, keys, span)
    whole = sum(figures.net_amount for figures in found.values())
    title = _("Net sales of the last %(days)s days: %(amount)s")
    return charts.line(
        "own-days",
        title=title % {"days": DAYS, "amount": headline(Decimal(whole) / 100, scope.currency)},
        subtitle=_("Sold less returned, with tax: what is yours of every line"),
        unit=pgettext("unit of a chart", "yuan") if scope.currency == "CNY" else scope.currency,
        categories=[names[key] for key in keys],
        series={
            _("Net sales"): [Decimal(found[key].net_amount if key in found else 0) / 100 for key in keys]
        },
        links=[rows_behind("net", span, keys=[(By.DAY, key)]) for key in keys],
    )
