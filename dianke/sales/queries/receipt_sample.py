"""A receipt nobody was given: what the settings show while they are changed, and what a new printer is tried with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dianke.core.business_dates import zone_named
from dianke.sales.models import ReceiptSetting
from dianke.sales.rules.receipts.content import Discount, Item, Member, Paid, Receipt
from dianke.stores.models import Register, Store


def sample_receipt(
    store: Store,
    values: Mapping[str, Any],
    *,
    link: str = "",
    register: Register | None = None,
    now: datetime,
) -> Receipt:
    """The receipt of an invented sale in the active language, with `values` (of `ReceiptSetting`) as they are typed."""
    setting = ReceiptSetting(store=store, **values)
    at = timezone.localtime(now, zone_named(store.time_zone))
    header = setting.header.splitlines() or [each for each in (store.address, store.telephone) if each]
    return Receipt(
        title=setting.title or store.name,
        header=tuple(header),
        number=f"{store.code}-{at:%Y%m%d}-0000",
        sold_at=f"{at:%Y-%m-%d %H:%M}",
        currency=store.currency,
        register=register.name if register else "",
        items=(
            Item(
                name=_("Sample product"),
                quantity="2",
                price=9_900,
                list_amount=19_800,
                paid_amount=17_800,
                discounts=(Discount(pgettext("receipt", "Member discount"), 2_000),),
            ),
            Item(name=_("Another sample"), quantity="1", price=5_000, list_amount=5_000, paid_amount=5_000),
        ),
        list_amount=24_800,
        total_amount=22_800,
        tax_amount=2_623 if setting.has_tax else None,
        paid=(Paid(pgettext("tender", "Cash"), 22_800, 23_000, 200),),
        member=Member(_("Ms Li"), points_earned=228, points_left=1_520),
        link=link if setting.has_link else "",
        footer=tuple(setting.footer.splitlines()) or (pgettext("receipt", "Thank you, see you again"),),
    )
