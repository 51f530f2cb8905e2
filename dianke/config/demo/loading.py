"""Loading the demo: stage by stage, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import get_resolver
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from dianke.config.demo.customers import Customers
from dianke.config.demo.family import Family
from dianke.config.demo.goods import Goods
from dianke.config.demo.jobs import Jobs
from dianke.config.operations import note_demo_loaded
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.partitions import ensure_months
from dianke.stores.models import Merchant, Trade

LANGUAGE = "zh-hans"


class DemoRefused(Conflict):
    code = "demo_refused"
    message = gettext_lazy(
        "There is a merchant here already. A demo is only loaded into an empty database, so that it never mixes with "
        "real data."
    )


class TradeUnknown(InvalidInput):
    code = "demo_trade_unknown"
    message = gettext_lazy("There is no demo of the trade “%(trade)s”. There are: %(trades)s.")


def trade_of(word: str | None) -> str | None:
    """ "jewelry", "key-account" and the like as the trade's code. Raises `TradeUnknown`."""
    if not word:
        return None
    code = word.upper().replace("-", "_")
    known = [trade.value for trade in Trade if trade is not Trade.GENERAL]
    if code not in known:
        raise TradeUnknown(trade=word, trades=", ".join(each.lower() for each in known))
    return code


def load(trade: str | None = None, *, now: datetime | None = None) -> None:
    """Loads the demo as of `now` (the present moment unless said), or one trade of it.

    Raises `DemoRefused` when there is a merchant, `TradeUnknown`.
    """
    for _stage in stages(trade, now=now or timezone.now()):
        pass


def stages(trade: str | None = None, *, now: datetime) -> Iterator[str]:
    """Loads the demo and says after each stage what is there. Closing the iterator early undoes everything."""
    code = trade_of(trade)
    if Merchant.objects.exists():
        raise DemoRefused
    # Lists register themselves with the pages that show them; a command has not loaded those yet.
    _patterns = get_resolver().url_patterns
    family = Family(now=now, trade=code)
    jobs = Jobs(family)
    customers = Customers(family)
    goods = Goods(family)
    with transaction.atomic():
        ensure_months((now - timedelta(days=1500)).date(), (now + timedelta(days=60)).date())
        for work, told in (
            (family.found, lambda: _("The merchant and its legal entities")),
            (
                family.open_stores,
                lambda: ngettext("%d store", "%d stores", len(family.stores)) % len(family.stores),
            ),
            (
                family.hire_people,
                lambda: ngettext("%d person", "%d people", len(family.staff)) % len(family.staff),
            ),
            (family.share_and_plan, lambda: _("Shares, opening hours, calendar")),
            (jobs.teach, lambda: _("Trade presets, skills and rules")),
            (customers.enter, lambda: _("Customers")),
            (
                customers.fill,
                lambda: ngettext("%d customer", "%d customers", customers.count) % customers.count,
            ),
            (goods.enter, lambda: _("Goods and prices")),
            (goods.stock, lambda: _("Opening stock")),
            (jobs.hand_out, lambda: ngettext("%d task", "%d tasks", len(jobs.tasks)) % len(jobs.tasks)),
            (jobs.talk, lambda: _("Comments, approvals, notices")),
            (family.part, lambda: _("Transfers and farewells")),
        ):
            # What is stored is worded in the merchant's language, what is said in the reader's.
            with override(LANGUAGE):
                work()
            yield told()
        note_demo_loaded(trade=code, actor=family.owner, now=now)
