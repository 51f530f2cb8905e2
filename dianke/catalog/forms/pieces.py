"""The forms of single pieces: one, or a delivery pasted from a spreadsheet with an error for each row that is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.catalog.forms.parts import AmountField, GramsField, PercentField, milligrams
from dianke.catalog.models import Piece, Product, Variant
from dianke.core.errors import InvalidInput
from dianke.core.money import parse
from dianke.web.forms import KitForm

MOST_ROWS = 500


class PieceForm(KitForm):
    """One piece. Amounts of the making charge are per gram, per piece or percent, as `making` says."""

    variant = forms.ModelChoiceField(label=_("Variant"), queryset=Variant.objects.none(), empty_label=None)
    tag = forms.CharField(
        label=pgettext_lazy("of a piece", "Tag"),
        required=False,
        max_length=32,
        help_text=_("Empty: the next number."),
    )
    size = forms.CharField(label=_("Size"), required=False, max_length=20)
    gross_weight_mg = GramsField(label=_("Gross weight"), required=False)
    net_weight_mg = GramsField(label=_("Net weight of the metal"), required=False)
    stone_weight_mg = GramsField(
        label=_("Weight of stones"), required=False, help_text=_("One carat is 0.2 g.")
    )
    metal = forms.ChoiceField(label=_("Metal"), choices=Piece.Metal.choices, initial=Piece.Metal.GOLD)
    fineness = forms.IntegerField(
        label=_("Fineness (‰)"),
        required=False,
        min_value=0,
        max_value=1000,
        help_text=_("Pure gold 999, 18K 750."),
    )
    certificate_number = forms.CharField(label=_("Certificate number"), required=False, max_length=40)
    certificate_issuer = forms.CharField(
        label=_("Issuer of the certificate"), required=False, max_length=40, help_text=_("For instance NGTC.")
    )
    making = forms.ChoiceField(label=_("Making charge by"), choices=Piece.Making.choices)
    making_amount = AmountField(label=_("Making charge"), required=False)
    making_rate = PercentField(label=_("Share of the metal"), required=False, min_value=0, max_value=1000)
    stone_amount = AmountField(label=_("Price of stones"), required=False)
    price_amount = AmountField(
        label=_("Fixed price"),
        required=False,
        help_text=_("Only if it does not follow the price of the day."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)
    sections = (
        (
            _("Weight and metal"),
            ("metal", "fineness", "net_weight_mg", "gross_weight_mg", "stone_weight_mg", "size"),
        ),
        (pgettext_lazy("of a piece", "Certificate"), ("certificate_number", "certificate_issuer")),
        (_("Price"), ("making", "making_amount", "making_rate", "stone_amount", "price_amount")),
        (_("Note"), ("note",)),
    )
    wide = ("note",)
    affix = {
        "gross_weight_mg": _("g"),
        "net_weight_mg": _("g"),
        "stone_weight_mg": _("g"),
        "making_amount": _("yuan"),
        "stone_amount": _("yuan"),
        "price_amount": _("yuan"),
        "making_rate": "%",
    }

    def __init__(
        self, *args: Any, product: Product, piece: Piece | None, currency: str, **kwargs: Any
    ) -> None:
        if piece is not None:
            kwargs["initial"] = {name: getattr(piece, name, None) for name in self.base_fields} | {
                "making_rate": piece.making_amount if piece.making == Piece.Making.RATE else None,
                "making_amount": piece.making_amount if piece.making != Piece.Making.RATE else None,
            }
        super().__init__(*args, **kwargs)
        variants = product.variants.filter(is_active=True)
        self.fields["variant"].queryset = variants  # type: ignore[attr-defined]
        self.fields["variant"].label_from_instance = lambda each: each.label or each.code  # type: ignore[attr-defined]
        if piece is not None or variants.count() < 2:
            del self.fields["variant"]
        for each in self.fields.values():
            if isinstance(each, AmountField):
                each.currency = currency

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("metal") == Piece.Metal.NONE:
            found["fineness"] = 0
        return found

    def piece_values(self) -> dict[str, Any]:
        """As operations take them."""
        data = self.cleaned_data
        names = ("tag", "size", "metal", "certificate_number", "certificate_issuer", "making", "note")
        found: dict[str, Any] = {name: data[name] for name in names}
        for name in ("net_weight_mg", "stone_weight_mg", "stone_amount", "fineness"):
            found[name] = data[name] or 0
        # Nothing is set but the metal: the piece weighs what its metal weighs.
        found["gross_weight_mg"] = (
            data["gross_weight_mg"] or found["net_weight_mg"] + found["stone_weight_mg"]
        )
        is_rate = data["making"] == Piece.Making.RATE
        found["making_amount"] = (data["making_rate"] if is_rate else data["making_amount"]) or 0
        return found | {"price_amount": data["price_amount"]}


@dataclass(slots=True)
class PastedRow:
    """A line of the pasted table: as typed, and as the operation takes it; `error` says what is wrong with it."""

    number: int
    cells: list[str]
    values: dict[str, Any] = field(default_factory=dict)
    error: str = ""


#: The columns of the pasted table in their order.
COLUMNS = (
    ("tag", pgettext_lazy("of a piece", "Tag")),
    ("net_weight_mg", _("Net weight")),
    ("gross_weight_mg", _("Gross weight")),
    ("size", _("Size")),
    ("certificate_number", _("Certificate number")),
    ("stone_amount", _("Price of stones")),
    ("price_amount", _("Fixed price")),
)


class PiecesForm(KitForm):
    """Many pieces at once: what they share as fields, what differs as a table pasted from a spreadsheet."""

    variant = forms.ModelChoiceField(label=_("Variant"), queryset=Variant.objects.none(), empty_label=None)
    metal = forms.ChoiceField(label=_("Metal"), choices=Piece.Metal.choices, initial=Piece.Metal.GOLD)
    fineness = forms.IntegerField(
        label=_("Fineness (‰)"), required=False, min_value=0, max_value=1000, initial=999
    )
    making = forms.ChoiceField(label=_("Making charge by"), choices=Piece.Making.choices)
    making_amount = AmountField(label=_("Making charge"), required=False)
    making_rate = PercentField(label=_("Share of the metal"), required=False, min_value=0, max_value=1000)
    certificate_issuer = forms.CharField(label=_("Issuer of the certificate"), required=False, max_length=40)
    table = forms.CharField(
        label=_("Table"),
        max_length=100_000,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 10, "class": "form-control ca-paste", "spellcheck": "false", "wrap": "off"}
        ),
    )
    affix = {"making_amount": _("yuan"), "making_rate": "%"}
    wide = ("table",)

    def __init__(self, *args: Any, product: Product, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        variants = product.variants.filter(is_active=True)
        self.fields["variant"].queryset = variants  # type: ignore[attr-defined]
        self.fields["variant"].label_from_instance = lambda each: each.label or each.code  # type: ignore[attr-defined]
        if variants.count() < 2:
            del self.fields["variant"]
        self.fields["making_amount"].currency = currency  # type: ignore[attr-defined]
        self.rows: list[PastedRow] = []

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if "table" not in found:
            return found
        shared = self._shared(found)
        lines = [line for line in found["table"].splitlines() if line.strip()]
        if len(lines) > MOST_ROWS:
            self.add_error("table", _("At most %(limit)s pieces at once.") % {"limit": MOST_ROWS})
            return found
        for number, line in enumerate(lines, 1):
            row = PastedRow(number, [cell.strip() for cell in _cells(line)])
            if number == 1 and _is_heading(row.cells):
                continue
            self._read(row, shared)
            self.rows.append(row)
        if wrong := [row for row in self.rows if row.error]:
            count = len(wrong)
            self.add_error(
                "table",
                gettext("%(count)s rows are not right yet; nothing was entered. See below.")
                % {"count": count},
            )
        return found

    def _shared(self, data: dict[str, Any]) -> dict[str, Any]:
        is_rate = data.get("making") == Piece.Making.RATE
        metal = data.get("metal", Piece.Metal.NONE)
        return {
            "metal": metal,
            "fineness": 0 if metal == Piece.Metal.NONE else data.get("fineness") or 0,
            "making": data.get("making", Piece.Making.PER_PIECE),
            "making_amount": (data.get("making_rate") if is_rate else data.get("making_amount")) or 0,
            "certificate_issuer": data.get("certificate_issuer", ""),
        }

    def _read(self, row: PastedRow, shared: dict[str, Any]) -> None:
        values = dict(shared)
        try:
            if len(row.cells) > len(COLUMNS):
                raise ValidationError(_("The row has more cells than there are columns."))
            for (name, _label), text in zip(COLUMNS, row.cells, strict=False):
                if name.endswith("_mg"):
                    values[name] = milligrams(text) if text else 0
                elif name.endswith("_amount"):
                    values[name] = parse(text, self.currency).to_minor() if text else None
                else:
                    values[name] = text
        except ValidationError as error:
            row.error = " ".join(error.messages)
            return
        except InvalidInput as error:
            row.error = str(error)
            return
        values["stone_amount"] = values.get("stone_amount") or 0
        values["gross_weight_mg"] = values.get("gross_weight_mg") or values.get("net_weight_mg", 0)
        if values.get("net_weight_mg", 0) > values["gross_weight_mg"]:
            row.error = gettext("The net weight is above the gross weight.")
        row.values = values


def _cells(line: str) -> list[str]:
    """Cells of a spreadsheet are parted by tabs; typed ones by commas or blanks."""
    if "\t" in line:
        return line.split("\t")
    return re.split(r"\s*[,，]\s*|\s+", line.strip())


def _is_heading(cells: list[str]) -> bool:
    """The first row of a copied table names its columns: no digit in it."""
    return not any(char.isdigit() for cell in cells for char in cell)
