"""A quote on paper: what is offered to whom, until when and on which terms, with a place for signature and stamp."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from dianke.catalog.queries.piece_words import piece_words
from dianke.core.business_dates import zone_named
from dianke.core.money import Money
from dianke.sales.models import Order, OrderLine
from dianke.sales.queries.deliveries import setting_of
from dianke.sales.queries.fixed_prices import (
    Keeping,
    is_one_keeping,
    keeping_of,
    last_priced_at,
    prices_kept_until,
)
from dianke.web.paper import as_pdf

PAPER_STYLE = Path(__file__).parents[1] / "data" / "quote_paper.css"


@dataclass(frozen=True, slots=True)
class QuoteLine:
    position: int
    name: str
    code: str
    quantity: str
    price: str
    saved: str
    amount: str
    keeping: Keeping | None


def valid_until(order: Order) -> date:
    """The last day of the offer, by the clock of the store: so long as the store stands by a quote from the day it was
    priced, with a price of the day no longer than that is kept."""
    zone = zone_named(order.store.time_zone)
    last = timezone.localtime(last_priced_at(order), zone).date() + timedelta(
        days=setting_of(order.store_id).quote_days
    )
    kept_until = prices_kept_until(order)
    return min(last, timezone.localtime(kept_until, zone).date()) if kept_until else last


def quote_html(order: Order, *, language: str) -> str:
    """As a page of its own, for paper."""

    def money(amount: int) -> str:
        return Money.from_minor(amount, order.currency).format(language)

    customer = (order.customer.merged_into or order.customer) if order.customer else None
    zone = zone_named(order.store.time_zone)
    lines = _lines(order)
    keeping = keeping_of(order, lines)
    if is_one_keeping(keeping):
        keeping = {}
    with override(language), timezone.override(zone):
        return render_to_string(
            "sales/quote_paper.html",
            {
                "order": order,
                "customer": customer,
                "day": timezone.localtime(order.occurred_at, zone).date(),
                "valid_until": valid_until(order),
                "lines": [_line(line, order.currency, language, keeping.get(line.pk)) for line in lines],
                "listed": money(order.list_amount),
                "saved": money(order.total_amount - order.list_amount)
                if order.list_amount != order.total_amount
                else "",
                "total": money(order.total_amount),
                "tax": money(order.tax_amount) if order.tax_amount else "",
                "deposit": money(order.deposit_amount) if order.deposit_amount else "",
                "instalments": [
                    (each.due_date, money(each.amount)) for each in order.instalments.order_by("position")
                ],
                "language": language,
            },
        )


def quote_pdf(order: Order, *, language: str) -> bytes:
    """The same as PDF. Raises `PdfUnavailable` where the text libraries are missing."""
    return as_pdf(quote_html(order, language=language), style=PAPER_STYLE)


def _lines(order: Order) -> list[OrderLine]:
    return list(order.lines.select_related("variant__product__unit", "piece").order_by("position"))


def _line(line: OrderLine, currency: str, language: str, keeping: Keeping | None) -> QuoteLine:
    saved = line.paid_amount - line.list_amount
    unit = str(line.variant.product.unit) if line.variant else ""
    return QuoteLine(
        position=line.position,
        name=line.name,
        code=piece_words(line.piece) if line.piece else (line.variant.code if line.variant else ""),
        quantity=f"{_plain(line.quantity)} {unit}".strip(),
        price=Money.from_minor(line.list_price_amount, currency).format(language),
        saved=Money.from_minor(saved, currency).format(language) if saved else "",
        amount=Money.from_minor(line.paid_amount, currency).format(language),
        keeping=keeping,
    )


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
