"""The order on paper: one page layout, printed by the browser or written as PDF for the supplier's mail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from dianke.core.money import Money
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine
from dianke.purchasing.rules.reasons import percent_text, quantity_text
from dianke.web.paper import as_pdf

PAPER_STYLE = Path(__file__).parents[1] / "data" / "order_paper.css"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A line as it is printed; prices are empty on a paper without them."""

    position: int
    code: str
    name: str
    quantity: str
    unit: str
    pack: str
    price: str
    tax: str
    total: str
    note: str


def order_html(order: PurchaseOrder, *, language: str, with_prices: bool = True) -> str:
    """The order as a page of its own, in the language of the supplier."""
    with override(language):
        return render_to_string(
            "purchasing/order_paper.html",
            {
                "order": order,
                "supplier": order.supplier,
                "store": order.store,
                "entity": order.legal_entity,
                "lines": _lines(order, language, with_prices),
                "with_prices": with_prices,
                "total": Money.from_minor(order.total_amount, order.currency).format(language),
                "tax": Money.from_minor(order.tax_amount, order.currency).format(language),
                "language": language,
            },
        )


def _lines(order: PurchaseOrder, language: str, with_prices: bool) -> list[PaperLine]:
    rows = order.lines.select_related("variant__product__unit").order_by("position")
    return [_line(line, order.currency, language, with_prices) for line in rows]


def _line(line: PurchaseOrderLine, currency: str, language: str, with_prices: bool) -> PaperLine:
    def money(amount: int) -> str:
        return Money.from_minor(amount, currency).format(language) if with_prices else ""

    packs = line.quantity / line.pack_quantity
    unit = str(line.variant.product.unit)
    is_packed = line.pack_quantity != 1
    pack_name = line.pack_name or unit
    return PaperLine(
        position=line.position,
        code=line.supplier_code or line.variant.code,
        name=str(line.variant),
        quantity=quantity_text(line.quantity),
        unit=unit,
        pack=f"{quantity_text(packs)} {pack_name} × {quantity_text(line.pack_quantity)}" if is_packed else "",
        price=money(line.price_amount),
        tax=percent_text(line.tax_rate_bp) if with_prices else "",
        total=money(line.total_amount),
        note=line.note,
    )


def order_pdf(order: PurchaseOrder, *, language: str, with_prices: bool = True) -> bytes:
    """The order as PDF. Raises `PdfUnavailable` where the text libraries are missing."""
    return as_pdf(order_html(order, language=language, with_prices=with_prices), style=PAPER_STYLE)


def order_mail(order: PurchaseOrder, *, language: str) -> tuple[str, str]:
    """Subject and text of the mail an order goes out with, in the language of the supplier."""
    with override(language):
        title = _("Purchase order %(number)s") % {"number": order.number}
        context = {"order": order, "store": order.store, "entity": order.legal_entity}
        body = render_to_string("purchasing/order_mail.txt", context)
    return f"{title} {order.legal_entity.short_name}".replace("\n", " ")[:120], body
