"""The forms of transfers: from where to where and at what price, what goes, what came."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dianke.catalog.models import Piece, Variant
from dianke.core.actor import Actor
from dianke.inventory.forms.parts import (
    COSTS,
    PlaceField,
    as_number,
    place_label,
    read_quantity,
    shelves,
    typed,
)
from dianke.inventory.models import Batch, Place, Transfer, TransferLine
from dianke.inventory.operations.transfers import ArrivalUnclear, Planned
from dianke.inventory.rules.transfers import Arrival, Beyond, Missing, ProblemCode
from dianke.web.forms import KitForm

MOST_LINES = 200


class TransferForm(KitForm):
    """From where to where. The price is asked for between companies only, of those who may see costs."""

    from_place = PlaceField(
        label=pgettext_lazy("of a transfer", "From"),
        queryset=Place.objects.none(),
        error_messages={"required": gettext_lazy("Choose where the goods leave.")},
    )
    to_place = PlaceField(
        label=pgettext_lazy("of a transfer", "To"),
        queryset=Place.objects.none(),
        error_messages={"required": gettext_lazy("Choose where the goods go.")},
    )
    pricing = forms.ChoiceField(
        label=gettext_lazy("Price between the companies"),
        choices=Transfer.Pricing.choices,
        initial=Transfer.Pricing.COST,
        required=False,
    )
    markup = forms.DecimalField(
        label=gettext_lazy("Markup"),
        min_value=0,
        max_value=1000,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy("Only for “at cost with a markup”."),
    )
    passes = forms.ChoiceField(
        label=gettext_lazy("Goods change hands"),
        choices=Transfer.Passes.choices,
        initial=Transfer.Passes.ON_RECEIPT,
        required=False,
        help_text=gettext_lazy("Who owns them on the way bears what is lost there."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Printed on the delivery note."),
    )
    affix = {"markup": "%"}
    wide = ("note",)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = list(shelves())
        for name in ("from_place", "to_place"):
            field: Any = self.fields[name]
            field.queryset = shelves()
            field.choices = [("", _("Please choose")), *((place.pk, place_label(place)) for place in places)]
        by_id = {place.pk: place for place in places}
        self.sender = by_id.get(as_number(self["from_place"].value()))
        self.receiver = by_id.get(as_number(self["to_place"].value()))
        ends = (self.sender, self.receiver)
        self.is_sold = len({place.legal_entity_id for place in ends if place is not None}) == 2
        if not self.is_sold or not actor.can(COSTS):
            for name in ("pricing", "markup", "passes"):
                del self.fields[name]

    @property
    def is_fixed(self) -> bool:
        """Whether a price is typed for each line."""
        return "pricing" in self.fields and self["pricing"].value() == Transfer.Pricing.FIXED

    def terms(self) -> dict[str, Any]:
        """What the operation is told besides places and goods."""
        data = self.cleaned_data
        return {
            "pricing": data.get("pricing") or "",
            "markup_bp": int((data.get("markup") or Decimal(0)) * 100),
            "passes": data.get("passes") or Transfer.Passes.ON_RECEIPT,
            "note": data["note"],
        }


@dataclass(slots=True)
class DraftLine:
    """A line that is being written: what was typed stands as it was, `error` beside it."""

    variant: Variant
    batch: Batch | None = None
    piece: Piece | None = None
    quantity: str = "1"
    price: str = ""
    error: str = ""
    available: Decimal | None = None

    @property
    def key(self) -> str:
        if self.piece is not None:
            return f"p{self.piece.pk}"
        return f"v{self.variant.pk}b{self.batch.pk}" if self.batch else f"v{self.variant.pk}"

    @property
    def note(self) -> str:
        if self.piece is not None:
            return _("Tag %(tag)s") % {"tag": self.piece.tag}
        return _("Batch %(code)s") % {"code": self.batch.code} if self.batch else self.variant.code


def line_of(key: str) -> DraftLine | None:
    """The line a key stands for, or None."""
    return next(iter(lines_of([key])), None)


def lines_of(keys: list[str]) -> list[DraftLine]:
    """The lines behind keys, those that mean nothing left out; three queries whatever their number."""
    wanted = {key: _parsed(key) for key in dict.fromkeys(keys[:MOST_LINES])}
    pieces = Piece.objects.filter(pk__in={p for _v, _b, p in wanted.values() if p})
    by_piece = {piece.pk: piece for piece in pieces}
    ids = {v for v, _b, _p in wanted.values() if v} | {piece.variant_id for piece in by_piece.values()}
    variants = {row.pk: row for row in Variant.objects.filter(pk__in=ids).select_related("product__unit")}
    batches = {row.pk: row for row in Batch.objects.filter(pk__in={b for _v, b, _p in wanted.values() if b})}
    found = []
    for variant_id, batch_id, piece_id in wanted.values():
        piece = by_piece.get(piece_id)
        variant = variants.get(piece.variant_id if piece else variant_id)
        batch = batches.get(batch_id)
        if (
            variant is not None
            and (not piece_id or piece)
            and (batch is None or batch.variant_id == variant.pk)
        ):
            found.append(DraftLine(variant, batch, piece))
    return found


def _parsed(key: str) -> tuple[int, int, int]:
    """(variant, batch, piece) of "v12", "v12b3", "p9"."""
    if key.startswith("p"):
        return 0, 0, as_number(key[1:])
    variant, _sep, batch = key.removeprefix("v").partition("b")
    return as_number(variant), as_number(batch), 0


def read_lines(data: QueryDict) -> list[DraftLine]:
    """The lines of a posted form, as typed."""
    lines = lines_of(data.getlist("line"))
    for line in lines:
        line.quantity = data.get(f"quantity_{line.key}", "1").strip()[:24]
        line.price = data.get(f"price_{line.key}", "").strip()[:24]
    return lines


def planned_of(lines: list[DraftLine], *, is_fixed: bool) -> list[Planned]:
    """What is to go. What was typed wrongly is told beside the line (`error`)."""
    goods = []
    for line in lines:
        quantity = read_quantity(line.quantity)
        price = read_quantity(line.price) if is_fixed else None
        if quantity is None or quantity <= 0:
            line.error = _("How much is to go? Enter a quantity above zero, or take the line away.")
        elif is_fixed and (price is None or price < 0):
            line.error = _("Enter the price one of it is sold at.")
        else:
            goods.append(
                Planned(
                    line.variant.pk,
                    quantity,
                    line.batch.pk if line.batch else None,
                    line.piece.pk if line.piece else None,
                    price,
                )
            )
    return goods


class ShipForm(KitForm):
    """How much of each line leaves; as planned unless somebody changes it."""

    def __init__(self, *args: Any, lines: list[TransferLine], **kwargs: Any) -> None:
        self.lines = lines
        super().__init__(*args, **kwargs)
        for line in lines:
            self.fields[f"shipped_{line.line}"] = _quantity_field(typed(line.quantity))

    def quantities(self) -> dict[int, Decimal]:
        return {line.line: self.cleaned_data[f"shipped_{line.line}"] for line in self.lines}


def _quantity_field(initial: str = "", *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(
        min_value=0,
        max_digits=18,
        decimal_places=4,
        required=required,
        initial=initial,
        widget=forms.TextInput(
            attrs={"class": "form-control num", "inputmode": "decimal", "autocomplete": "off"}
        ),
        error_messages={"required": _("Enter how much, zero if nothing.")},
    )


class ArrivalForm(KitForm):
    """What came of each line: good, damaged, and why it is not what was sent. What nobody looked at stays empty."""

    def __init__(self, *args: Any, lines: list[TransferLine], **kwargs: Any) -> None:
        self.lines = lines
        super().__init__(*args, **kwargs)
        for line in lines:
            number = line.line
            self.fields[f"good_{number}"] = _quantity_field(required=False)
            self.fields[f"damaged_{number}"] = _quantity_field("0", required=False)
            self.fields[f"missing_{number}"] = _why_field(TransferLine.Missing.choices)
            self.fields[f"beyond_{number}"] = _why_field(TransferLine.Beyond.choices)

    def arrivals(self) -> dict[int, Arrival]:
        """By line; those not looked at are absent."""
        found = {}
        for line in self.lines:
            good, damaged, missing, beyond = (
                self.cleaned_data.get(f"{name}_{line.line}")
                for name in ("good", "damaged", "missing", "beyond")
            )
            if good is not None:
                found[line.line] = Arrival(
                    good,
                    damaged or Decimal(0),
                    Missing(missing) if missing else None,
                    Beyond(beyond) if beyond else None,
                )
        return found

    def add_unclear(self, error: ArrivalUnclear) -> None:
        """Every line that needs a word gets its sentence."""
        for problem in error.params["lines"]:
            name, text = _TELLS[problem["code"]]
            field = f"{name}_{problem['line']}"
            if field in self.fields:
                self.add_error(field, str(text))
        if not self.errors:
            self.add_error(None, str(error))

    def rows(self) -> list[dict[str, Any]]:
        """For the template: each line with its fields, and which question it asks."""
        rows = []
        for line in self.lines:
            fields = {name: self[f"{name}_{line.line}"] for name in ("good", "damaged", "missing", "beyond")}
            good = read_quantity(str(fields["good"].value() or ""))
            damaged = read_quantity(str(fields["damaged"].value() or "")) or Decimal(0)
            sent = line.shipped or Decimal(0)
            left = Decimal(0) if good is None else sent - good - damaged
            rows.append(
                {"line": line, **fields, "is_short": left > 0, "is_more": left < 0, "left": abs(left)}
            )
        return rows


_TELLS = {
    ProblemCode.NOT_CHECKED: ("good", gettext_lazy("Not checked yet. Enter what came, zero if nothing did.")),
    ProblemCode.WHY_LESS: ("missing", gettext_lazy("Less came than was sent. Say why.")),
    ProblemCode.WHY_MORE: ("beyond", gettext_lazy("More came than was sent. Say why, or correct it.")),
    ProblemCode.BELOW_ZERO: ("good", gettext_lazy("A quantity cannot be below zero. Correct it.")),
    ProblemCode.PIECE_IS_ONE: ("good", gettext_lazy("It is a single piece: no more than one can come.")),
    ProblemCode.UNKNOWN_LINE: ("good", gettext_lazy("This line was not sent. Load the page again.")),
}


def _why_field(choices: list[tuple[str, Any]]) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[("", _("Please choose")), *choices],
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )


class CancelForm(KitForm):
    """Why a transfer is called off."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    wide = ("reason",)
