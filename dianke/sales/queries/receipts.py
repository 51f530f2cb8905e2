"""The receipt of an order: filled from what stands, worded in the language of the merchant, as rows, page or PDF; and
the link under which the customer reads it without signing in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import segno
from django.core import signing
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import override, pgettext

from dianke.catalog.queries.piece_words import piece_words
from dianke.core.business_dates import zone_named
from dianke.customers.models import Customer
from dianke.customers.queries.duplicates import masked_name
from dianke.loyalty.queries.standing import standing_of
from dianke.promotions.models import Promotion
from dianke.sales.models import LineAdjustment, Order, OrderLine, Payment, ReceiptPrinter, ReceiptSetting
from dianke.sales.rules.receipts.content import Discount, Item, Member, Paid, Receipt
from dianke.sales.rules.receipts.escpos import Printer, encoded
from dianke.sales.rules.receipts.layout import rows_of
from dianke.stores.models import Merchant
from dianke.wallets.queries.purse import purse_of
from dianke.web.paper import as_pdf

PAPER_STYLE = Path(__file__).parents[1] / "data" / "receipt_paper.css"
_LINK = signing.Signer(salt="dianke.sales.receipt")


# --- the customer's link ---------------------------------------------------------------------------------------------
def link_token(order: Order) -> str:
    """What names the receipt to who holds the link, and to nobody else; it does not expire."""
    return _LINK.sign(order.uuid.hex).replace(":", "~")


def order_of_link(token: str) -> Order | None:
    """The order a link is for; None for one that is not ours."""
    try:
        key = _LINK.unsign(token.replace("~", ":"))
    except signing.BadSignature:
        return None
    rows = Order.objects.exclude(state=Order.State.DRAFT).select_related("store", "register", "customer")
    found: Order | None = rows.filter(uuid=key).first()
    return found


# --- content ---------------------------------------------------------------------------------------------------------
def receipt_of(
    order: Order, *, link: str = "", is_copy: bool = False, now: datetime, with_balances: bool = True
) -> Receipt:
    """The receipt in the active language. Points and stored value left are those of `now`; whoever is not the customer
    gets it `with_balances` False."""
    store = order.store
    setting = ReceiptSetting.objects.filter(store=store).first() or ReceiptSetting(store=store)
    lines = list(
        order.lines.select_related("variant__product__unit", "piece")
        .prefetch_related("adjustments")
        .order_by("position")
    )
    payments = list(
        order.payments.filter(state=Payment.State.TAKEN).select_related("tender").order_by("position")
    )
    promotions = _promotion_names(lines)
    at = timezone.localtime(order.occurred_at, zone_named(store.time_zone))
    header = (
        setting.header.splitlines()
        if setting.header
        else [each for each in (store.address, store.telephone) if each]
    )
    return Receipt(
        title=setting.title or store.name,
        header=tuple(header),
        number=order.number,
        sold_at=f"{at:%Y-%m-%d %H:%M}",
        register=order.register.name if order.register else "",
        staff=order.made_by.name if order.made_by else "",
        currency=order.currency,
        items=tuple(_item(line, promotions) for line in lines),
        list_amount=order.list_amount,
        total_amount=order.total_amount,
        tax_amount=order.tax_amount if setting.has_tax else None,
        due_amount=order.due_amount,
        paid=tuple(
            Paid(each.tender.name, each.amount, each.tendered_amount, each.change_amount) for each in payments
        ),
        member=_member(order, now, with_balances),
        link=link if setting.has_link else "",
        footer=tuple(setting.footer.splitlines())
        if setting.footer
        else (pgettext("receipt", "Thank you, see you again"),),
        is_copy=is_copy,
    )


def _item(line: OrderLine, promotions: Mapping[int, str]) -> Item:
    unit = ""
    if line.variant is not None and line.quantity != line.quantity.to_integral_value():
        unit = f" {line.variant.product.unit}"
    discounts = tuple(
        Discount(_why(each, promotions), -each.amount) for each in line.adjustments.all() if each.amount
    )
    return Item(
        name=line.name,
        quantity=f"{_plain(line.quantity)}{unit}",
        price=line.list_price_amount,
        list_amount=line.list_amount,
        paid_amount=line.paid_amount,
        discounts=discounts,
        note=pgettext("receipt", "Gift") if line.is_gift else (piece_words(line.piece) if line.piece else ""),
    )


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def _promotion_names(lines: Sequence[OrderLine]) -> dict[int, str]:
    """Promotion id → name, of those among the adjustments; no statement where there are none."""
    keys = {
        int(key)
        for line in lines
        for each in line.adjustments.all()
        for source, _colon, key in [each.source.partition(":")]
        if source == "promotion" and key.isdigit()
    }
    return dict(Promotion.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}


def _why(adjustment: LineAdjustment, promotions: Mapping[int, str]) -> str:
    source, _colon, key = adjustment.source.partition(":")
    match source:
        case "promotion":
            return (
                promotions.get(int(key), pgettext("receipt", "Promotion"))
                if key.isdigit()
                else pgettext("receipt", "Promotion")
            )
        case "coupon":
            return pgettext("receipt", "Coupon")
        case "member":
            return pgettext("receipt", "Member price")
        case "tier":
            return pgettext("receipt", "Member discount")
        case "points":
            return pgettext("receipt", "Paid with points")
        case "rounding":
            return pgettext("receipt", "Rounded")
        case "session":
            return pgettext("receipt", "Session card")
    return pgettext("receipt", "Discount")


def _member(order: Order, now: datetime, with_balances: bool) -> Member | None:
    if order.customer_id is None:
        return None
    customer = order.customer
    name = masked_name(customer.name) if customer is not None else ""
    if not with_balances:
        return Member(name, points_earned=order.earned_points, points_used=order.used_points)
    head = customer.head_id if customer is not None else order.customer_id
    merged = Customer.objects.filter(merged_into=head).order_by("pk").values_list("pk", flat=True)
    ids = [head, *merged]
    standing = standing_of(ids, at=now, with_progress=False)
    purse = purse_of(ids, store_id=order.store_id, at=now)
    return Member(
        name=name,
        level=standing.tier_name,
        points_earned=order.earned_points,
        points_used=order.used_points,
        points_left=standing.points if standing.programme_id is not None else None,
        wallet_left=purse.amount if purse.wallets else None,
    )


# --- as bytes, page and PDF ------------------------------------------------------------------------------------------
def language_of_receipts() -> str:
    """Receipts speak the language of the merchant, whoever prints them."""
    return Merchant.objects.values_list("language", flat=True).first() or "zh-hans"


def printer_of(printer: ReceiptPrinter | None, *, paper: int | None = None) -> Printer:
    """What the printer of a register can do; without one the narrow paper that every printer takes."""
    if printer is None:
        return Printer(paper=paper or ReceiptPrinter.Width.NARROW)
    return Printer(paper or printer.width, printer.has_qr, printer.has_drawer)


def receipt_bytes(receipt: Receipt, printer: Printer, *, opens_drawer: bool = False) -> bytes:
    """For the printer. Call it in the language of the merchant."""
    return encoded(rows_of(receipt, paper=printer.paper), printer, opens_drawer=opens_drawer)


def receipt_html(receipt: Receipt, *, language: str) -> str:
    """The receipt as a page of its own, for a phone and for paper."""
    with override(language):
        return render_to_string("sales/receipt_paper.html", context_of(receipt) | {"language": language})


def receipt_pdf(receipt: Receipt, *, language: str) -> bytes:
    """The same as PDF. Raises `PdfUnavailable` where the text libraries are missing."""
    return as_pdf(receipt_html(receipt, language=language), style=PAPER_STYLE)


def context_of(receipt: Receipt) -> dict[str, Any]:
    """What the templates show: amounts worded."""
    money = receipt.money
    return {
        "receipt": replace(receipt, link=""),
        "items": [
            {
                "name": item.name,
                "quantity": item.quantity,
                "price": money(item.price),
                "amount": money(item.list_amount),
                "note": item.note,
                "discounts": [
                    {"name": discount.name, "amount": money(-discount.amount)} for discount in item.discounts
                ],
            }
            for item in receipt.items
        ],
        "listed": money(receipt.list_amount),
        "saved": money(-receipt.saved_amount) if receipt.saved_amount else "",
        "total": money(receipt.total_amount),
        "tax": "" if receipt.tax_amount is None else money(receipt.tax_amount),
        "due": money(receipt.due_amount) if receipt.due_amount else "",
        "paid": [
            {
                "name": each.name,
                "amount": money(each.amount),
                "handed": money(each.handed) if each.handed > each.amount else "",
                "change": money(each.change) if each.change else "",
            }
            for each in receipt.paid
        ],
        "wallet": ""
        if receipt.member is None or receipt.member.wallet_left is None
        else money(receipt.member.wallet_left),
        "qr": _drawn(receipt.link) if receipt.link else "",
    }


def _drawn(link: str) -> SafeString:
    """Inline, because paper fetches nothing; made of the link alone, which is ours."""
    return SafeString(segno.make_qr(link, error="m").svg_inline(scale=3, border=2))
