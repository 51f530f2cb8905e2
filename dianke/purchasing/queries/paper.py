"""The order on paper: one page layout, printed by the browser or written as PDF for the supplier's mail."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from dianke.core.errors import TemporarilyUnavailable
from dianke.core.money import Money
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine
from dianke.purchasing.rules.reasons import percent_text, quantity_text

PAPER_STYLE = Path(__file__).parents[1] / "data" / "order_paper.css"


class PdfUnavailable(TemporarilyUnavailable):
    code = "order_pdf_unavailable"
    message = _("This computer cannot write PDF files. Send the order by hand, or ask the administrator.")


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


def as_pdf(html: str) -> bytes:
    """A page as PDF; nothing is fetched from anywhere. Raises `PdfUnavailable` where the text libraries are missing."""
    try:
        from weasyprint import CSS, HTML
    except (ImportError, OSError) as error:
        raise PdfUnavailable from error

    def refuse(url: str, *args: Any, **kwargs: Any) -> Any:
        raise ValueError(f"an order fetches nothing: {url}")

    written: bytes = HTML(string=html, url_fetcher=refuse).write_pdf(
        stylesheets=[CSS(string=PAPER_STYLE.read_text("utf-8"))]
    )
    return written
