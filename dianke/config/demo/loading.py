"""Loading the demo: stage by stage, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.urls import get_resolver
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from dianke.config.demo.campaigns import Campaigns
from dianke.config.demo.contacts import Contacts
from dianke.config.demo.customers import Customers
from dianke.config.demo.deliveries import Deliveries
from dianke.config.demo.family import Family
from dianke.config.demo.floor import Floor
from dianke.config.demo.goods import Goods
from dianke.config.demo.jobs import Jobs
from dianke.config.demo.journeys import Journeys
from dianke.config.demo.loyalty import Loyalty
from dianke.config.demo.promotions import Promotions
from dianke.config.demo.purchases import Purchases
from dianke.config.demo.reports import Reports
from dianke.config.demo.sales import Sales
from dianke.config.demo.sales_lately import Lately
from dianke.config.demo.wallets import Wallets
from dianke.config.operations import note_demo_loaded
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.partitions import ensure_months
from dianke.sales.operations.delivery_proof import kept_or_deleted
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
    purchases = Purchases(family)
    floor = Floor(family)
    promotions = Promotions(family)
    campaigns = Campaigns(family)
    journeys = Journeys(family)
    loyalty = Loyalty(family, customers)
    wallets = Wallets(family, customers, goods)
    sales = Sales(family, goods)
    lately = Lately(family, sales)
    deliveries = Deliveries(family, sales)
    contacts = Contacts(family)
    reports = Reports(family)
    with kept_or_deleted() as deliveries.places, transaction.atomic():
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
            (
                purchases.buy,
                lambda: (
                    ngettext("%d purchase order", "%d purchase orders", len(purchases.orders))
                    % len(purchases.orders)
                ),
            ),
            (floor.work, lambda: _("Transfers, stocktakes, customers' goods")),
            (loyalty.promise, lambda: _("Levels, points and gifts")),
            (loyalty.bring_along, lambda: _("Members with points")),
            (wallets.offer_them, lambda: _("Top-up offers and session cards")),
            (wallets.fill, lambda: _("Customers who paid ahead")),
            (promotions.offer, lambda: _("Promotions")),
            (promotions.give, lambda: _("Coupons")),
            (
                campaigns.run,
                lambda: ngettext("%d campaign", "%d campaigns", campaigns.count) % campaigns.count,
            ),
            (sales.remember, lambda: ngettext("%d past sale", "%d past sales", sales.count) % sales.count),
            (lately.sell, lambda: _("Last week at the tills")),
            (lately.bring_back, lambda: _("Returns and exchanges")),
            (journeys.run, lambda: ngettext("%d care", "%d cares", journeys.count) % journeys.count),
            (lately.take_orders, lambda: _("Orders under way")),
            (
                deliveries.plan,
                lambda: ngettext("%d delivery", "%d deliveries", deliveries.count) % deliveries.count,
            ),
            (jobs.hand_out, lambda: ngettext("%d task", "%d tasks", len(jobs.tasks)) % len(jobs.tasks)),
            (jobs.talk, lambda: _("Comments, approvals, notices")),
            (reports.keep, lambda: ngettext("%d report", "%d reports", reports.count) % reports.count),
            (family.part, lambda: _("Transfers and farewells")),
            (
                contacts.make,
                lambda: (
                    ngettext("%d customer to contact today", "%d customers to contact today", contacts.count)
                    % contacts.count
                ),
            ),
        ):
            # What is stored is worded in the merchant's language, what is said in the reader's.
            with override(LANGUAGE):
                work()
            yield told()
        note_demo_loaded(trade=code, actor=family.owner, now=now)
        # Until the server looks by itself it would plan the first pages as if the tables were empty.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
