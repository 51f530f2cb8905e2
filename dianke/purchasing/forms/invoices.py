"""An invoice as it is typed: its head as a form, and which lines of orders it bills, beside what each comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.catalog.forms.parts import AmountField, PercentField
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.core.money import Money, parse
from dianke.purchasing.forms.parts import quantity_of
from dianke.purchasing.models import PurchaseOrderLine, Supplier
from dianke.purchasing.operations import InvoiceItem
from dianke.purchasing.rules.amounts import line_total
from dianke.stores.models import LegalEntity
from dianke.web.forms import KitForm

FREE_LINES = 2
RECORD = "purchasing.record_invoices"


class WhoseInvoiceForm(KitForm):
    """Whose invoice it is, and to whom."""

    supplier = forms.ModelChoiceField(label=gettext_lazy("Supplier"), queryset=Supplier.objects.none())
    entity = forms.ModelChoiceField(
        label=gettext_lazy("Billed to"), queryset=LegalEntity.objects.none(), empty_label=None
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        suppliers = Supplier.objects.visible_to(actor).order_by("short_name", "pk")
        self.fields["supplier"].queryset = suppliers  # type: ignore[attr-defined]
        self.fields["entity"].queryset = LegalEntity.objects.visible_to(actor, RECORD)  # type: ignore[attr-defined]


class InvoiceForm(KitForm):
    """The head of the paper."""

    number = forms.CharField(label=gettext_lazy("Invoice number"), max_length=40)
    invoice_date = forms.DateField(label=gettext_lazy("Date of the invoice"))
    total_amount = AmountField(label=gettext_lazy("Total, tax included"))
    tax_amount = AmountField(
        label=gettext_lazy("Tax contained"),
        required=False,
        help_text=gettext_lazy("Empty: worked out from the lines."),
    )
    due_date = forms.DateField(
        label=gettext_lazy("To be paid by"),
        required=False,
        help_text=gettext_lazy("Empty: by the terms of the supplier."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("total_amount", "tax_amount"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]
            self.fields[name].affix = currency  # type: ignore[attr-defined]


@dataclass(slots=True)
class BillLine:
    """A line of an order that can be billed: `left` came and is on no invoice yet; `should` is what it comes to."""

    line: PurchaseOrderLine
    left: Decimal
    should: Money
    quantity: str = ""
    amount: str = ""
    tax: str = ""
    error: str = ""


@dataclass(slots=True)
class FreeLine:
    """Freight or what else stands on no order."""

    number: int
    text: str = ""
    amount: str = ""
    tax: str = ""
    error: str = ""


class BillSheet:
    """The lines as they were typed: fields `q-<line> a-<line> t-<line>` and `text-<n> amount-<n> tax-<n>`."""

    def __init__(
        self,
        lines: Sequence[PurchaseOrderLine],
        *,
        currency: str,
        data: Mapping[str, Any] | None = None,
        billed: frozenset[int] = frozenset(),
    ) -> None:
        """`billed`: lines of these orders are filled in from the start, as when one comes from an order."""
        self.currency = currency
        self.lines = [self._line(line, data, billed) for line in lines]
        self.free = [
            FreeLine(
                number,
                *(
                    str((data or {}).get(f"{name}-{number}", "")).strip()
                    for name in ("text", "amount", "tax")
                ),
            )
            for number in range(FREE_LINES)
        ]
        self.items: list[InvoiceItem] = []

    def _line(
        self, line: PurchaseOrderLine, data: Mapping[str, Any] | None, billed: frozenset[int]
    ) -> BillLine:
        left = max(line.kept_quantity - line.invoiced_quantity, Decimal(0))
        price = Money.from_minor(line.price_amount, self.currency)
        should = line_total(quantity=left, pack_quantity=line.pack_quantity, price=price)
        rate = format((Decimal(line.tax_rate_bp) / 100).normalize(), "f")
        if data is not None:
            return BillLine(
                line,
                left,
                should,
                *(str(data.get(f"{name}-{line.pk}", "")).strip() for name in ("q", "a", "t")),
            )
        if line.order_id in billed and left:
            return BillLine(
                line, left, should, format(left.normalize(), "f"), format(should.amount, "f"), rate
            )
        return BillLine(line, left, should, tax=rate)

    def check(self) -> bool:
        """Read what was typed; whether it can be entered."""
        for line in self.lines:
            if not line.quantity and not line.amount:
                continue
            quantity = quantity_of(line.quantity)
            if quantity is None or quantity <= 0:
                line.error = _("This is no quantity. Write it like 12 or 3.5.")
                continue
            try:
                amount, rate = self._amount(line.amount), _rate(line.tax)
            except (InvalidInput, ValidationError) as error:
                line.error = _said(error)
                continue
            self.items.append(InvoiceItem(quantity, amount, rate, order_line_id=line.line.pk))
        for free in self.free:
            if not free.text and not free.amount:
                continue
            try:
                amount, rate = self._amount(free.amount), _rate(free.tax)
            except (InvalidInput, ValidationError) as error:
                free.error = _said(error)
                continue
            self.items.append(InvoiceItem(Decimal(1), amount, rate, text=free.text or _("Other costs")))
        wrong = [*(line.error for line in self.lines), *(free.error for free in self.free)]
        return not any(wrong)

    def _amount(self, text: str) -> int:
        return parse(text, self.currency, field="total").to_minor()


def _rate(text: str) -> int:
    found = PercentField(required=False, min_value=0, max_value=100).clean(text.rstrip("%％").strip())
    return int(found or 0)


def _said(error: InvalidInput | ValidationError) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
