"""A quote on paper: what is offered to whom, until when and on which terms, with a place for signature and stamp."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from dianke.core.business_dates import zone_named
from dianke.core.money import Money
from dianke.sales.models import Order, OrderChange, OrderLine
from dianke.sales.queries.old_gold import prices_kept_until
from dianke.web.paper import as_pdf

PAPER_STYLE = Path(__file__).parents[1] / "data" / "quote_paper.css"
#: So long a shop stands by a quote from the day it was priced; goods with a price of the day as long as that is kept.
VALID_DAYS = 15


@dataclass(frozen=True, slots=True)
class QuoteLine:
    position: int
    name: str
    code: str
    quantity: str
    price: str
    saved: str
    amount: str


def valid_until(order: Order) -> date:
    """The last day of the offer, by the clock of the store."""
    zone = zone_named(order.store.time_zone)
    changed = order.changes.filter(kind=OrderChange.Kind.LINES).order_by("-pk").values_list("at", flat=True)
    last = timezone.localtime(changed.first() or order.recorded_at, zone).date() + timedelta(days=VALID_DAYS)
    kept_until = prices_kept_until(order)
    return min(last, timezone.localtime(kept_until, zone).date()) if kept_until else last


def quote_html(order: Order, *, language: str) -> str:
    """As a page of its own, for paper."""

    def money(amount: int) -> str:
        return Money.from_minor(amount, order.currency).format(language)

    customer = (order.customer.merged_into or order.customer) if order.customer else None
    with override(language):
        return render_to_string(
            "sales/quote_paper.html",
            {
                "order": order,
                "customer": customer,
                "day": timezone.localtime(order.occurred_at, zone_named(order.store.time_zone)).date(),
                "valid_until": valid_until(order),
                "lines": [_line(line, order.currency, language) for line in _lines(order)],
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


def _line(line: OrderLine, currency: str, language: str) -> QuoteLine:
    saved = line.paid_amount - line.list_amount
    unit = str(line.variant.product.unit) if line.variant else ""
    return QuoteLine(
        position=line.position,
        name=line.name,
        code=line.piece.tag if line.piece else (line.variant.code if line.variant else ""),
        quantity=f"{_plain(line.quantity)} {unit}".strip(),
        price=Money.from_minor(line.list_price_amount, currency).format(language),
        saved=Money.from_minor(saved, currency).format(language) if saved else "",
        amount=Money.from_minor(line.paid_amount, currency).format(language),
    )


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"
