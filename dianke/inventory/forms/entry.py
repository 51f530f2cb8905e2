"""Stock entered by hand, line by line: what the page of a receipt, an opening, an adjustment or a scrapping holds.
What was typed stands as it was, with what is wrong beside the field it belongs to.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.catalog.models import Piece, Product, Variant
from dianke.core.actor import Actor
from dianke.inventory.forms.parts import as_number, read_quantity
from dianke.inventory.models import Balance, Place
from dianke.inventory.operations import Correction, Goods
from dianke.inventory.queries.stores import shelves_in_use, stores_of
from dianke.stores.models import Store
from dianke.web.forms import KitForm

MOST_LINES = 200
COSTS = "catalog.view_costs"


class EntryForm(KitForm):
    """What the lines share: the store, its business day, a note."""

    store = forms.ModelChoiceField(
        label=gettext_lazy("Store"), queryset=Store.objects.none(), empty_label=None
    )
    business_date = forms.DateField(label=gettext_lazy("Business date"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=200, required=False)
    token = forms.CharField(max_length=40, widget=forms.HiddenInput())

    def __init__(
        self, *args: Any, actor: Actor, permission: str, store_id: int, now: Any, **kwargs: Any
    ) -> None:
        self.stores = stores_of(actor, permission)
        by_id = {store.pk: store for store in self.stores}
        first = by_id.get(store_id) or by_id.get(actor.store_id or 0) or next(iter(self.stores), None)
        kwargs["initial"] = {
            "store": first.pk if first else None,
            "business_date": first.business_date(now) if first else None,
            "token": uuid.uuid4().hex,
        }
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["store"]
        choice.queryset = Store.objects.visible_to(actor, permission).still_open().order_by("code")
        choice.label_from_instance = lambda store: store.short_name
        self.chosen: Store | None = by_id.get(as_number(self["store"].value())) or first
        self.shelves: list[Place] = shelves_in_use(self.chosen.pk) if self.chosen else []


@dataclass(slots=True)
class EntryLine:
    """A line as typed. `errors` by the name of the field; "" for the line as a whole."""

    key: str
    variant: Variant
    piece: Piece | None = None
    place: int = 0
    quantity: str = ""
    unit_cost: str = ""
    batch: int = 0
    batch_code: str = ""
    expires_on: str = ""
    reason: str = ""
    tag: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    #: What the books say at the place, and the batches there.
    there: Decimal | None = None
    batches: list[Balance] = field(default_factory=list)

    @property
    def is_piece(self) -> bool:
        return self.variant.product.tracking == Product.Tracking.PIECE

    @property
    def is_batch(self) -> bool:
        return self.variant.product.tracking == Product.Tracking.BATCH


#: What is typed into a line, and how long it may be.
_TYPED = {"quantity": 24, "unit_cost": 24, "batch_code": 40, "expires_on": 10, "reason": 40, "tag": 40}


def new_key() -> str:
    return uuid.uuid4().hex[:8]


def read_lines(posted: QueryDict) -> list[EntryLine]:
    """The lines of the page as they were typed. Two queries; lines whose goods are gone are left out."""
    keys = [key for key in posted.getlist("line") if key.isalnum() and len(key) <= 8][:MOST_LINES]
    variants = Variant.objects.filter(
        pk__in={as_number(posted.get(f"variant_{key}")) for key in keys}
    ).select_related("product__unit")
    by_id = {variant.pk: variant for variant in variants}
    pieces = Piece.objects.in_bulk({as_number(posted.get(f"piece_{key}")) for key in keys})
    found = []
    for key in dict.fromkeys(keys):
        variant = by_id.get(as_number(posted.get(f"variant_{key}")))
        if variant is None:
            continue
        typed = {name: posted.get(f"{name}_{key}", "").strip()[:length] for name, length in _TYPED.items()}
        line = EntryLine(
            key,
            variant,
            pieces.get(as_number(posted.get(f"piece_{key}"))),
            as_number(posted.get(f"place_{key}")),
            batch=as_number(posted.get(f"batch_{key}")),
        )
        for name, text in typed.items():
            setattr(line, name, text)
        found.append(line)
    return found


def place_of(line: EntryLine, shelves: Sequence[Place]) -> Place | None:
    """The shelf a line names, or the first."""
    return next((each for each in shelves if each.pk == line.place), shelves[0] if shelves else None)


# --- what the lines mean ---------------------------------------------------------------------------------------------
def goods_of(lines: Sequence[EntryLine], shelves: Sequence[Place], *, with_costs: bool) -> list[Goods]:
    """What comes in; lines with something wrong have it in their `errors`."""
    _find_pieces(lines)
    found = []
    for line in lines:
        quantity = _quantity(line, signed=False)
        cost = _cost(line) if with_costs and line.unit_cost else None
        expires = _day(line, "expires_on") if line.expires_on else None
        if line.is_batch and not line.batch_code:
            line.errors["batch_code"] = _("Say which batch came. It is printed on the package.")
        if not line.errors and quantity is not None:
            found.append(
                Goods(
                    line.variant.pk,
                    quantity,
                    cost,
                    line.batch_code if line.is_batch else "",
                    expires if line.is_batch else None,
                    None,
                    line.piece.pk if line.piece else None,
                    place_of(line, shelves),
                )
            )
    return found


def corrections_of(
    lines: Sequence[EntryLine], shelves: Sequence[Place], *, takes_out: bool
) -> list[Correction]:
    """What is corrected: signed differences, or (`takes_out`) quantities that leave."""
    _find_pieces(lines)
    found = []
    for line in lines:
        quantity = _quantity(line, signed=not takes_out)
        place = place_of(line, shelves)
        if line.is_batch and not line.batch:
            line.errors["batch"] = _("Choose the batch.")
        if not line.reason:
            line.errors["reason"] = _("Say why. The reason stays with the document.")
        if not line.errors and quantity is not None and place is not None:
            found.append(
                Correction(
                    line.variant.pk,
                    place,
                    -quantity if takes_out else quantity,
                    line.reason,
                    line.batch or None,
                    line.piece.pk if line.piece else None,
                )
            )
    return found


def _quantity(line: EntryLine, *, signed: bool) -> Decimal | None:
    found = read_quantity(line.quantity.replace("＋", "+").replace("－", "-").replace("−", "-"))
    if not line.quantity:
        line.errors["quantity"] = _("How much? Type a number.")
    elif found is None:
        line.errors["quantity"] = _("This is no number. Type digits only.")
    elif found == 0 or (found < 0 and not signed):
        line.errors["quantity"] = (
            _("Nothing changes with 0. Type the difference, or take the line away.")
            if signed
            else _("The quantity must be more than zero.")
        )
    elif found != round(found, 4):
        line.errors["quantity"] = _("At most four decimals.")
    elif line.is_piece and abs(found) != 1:
        line.errors["quantity"] = _("A piece is one.")
    return found


def _cost(line: EntryLine) -> Decimal | None:
    found = read_quantity(line.unit_cost.replace("¥", "").replace("￥", ""))
    if found is None or found < 0 or found != round(found, 6):
        line.errors["unit_cost"] = _("A cost is a number, zero or more, with at most six decimals.")
    return found


def _day(line: EntryLine, name: str) -> date | None:
    try:
        return date.fromisoformat(getattr(line, name))
    except ValueError:
        line.errors[name] = _("A date like 2026-11-22.")
        return None


def _find_pieces(lines: Sequence[EntryLine]) -> None:
    """Tags that were typed become pieces. One query."""
    wanted = {line.tag.upper(): line for line in lines if line.is_piece and line.piece is None and line.tag}
    known = {piece.tag: piece for piece in Piece.objects.filter(tag__in=wanted)} if wanted else {}
    for line in lines:
        if not line.is_piece or line.piece is not None:
            continue
        found = known.get(line.tag.upper())
        if not line.tag:
            line.errors["tag"] = _("It is kept piece by piece. Scan the tag of the piece.")
        elif found is None:
            line.errors["tag"] = _("No piece has this tag. Enter the piece with its product first.")
        elif found.variant_id != line.variant.pk:
            line.errors["tag"] = _("The piece is another product. Scan its tag again.")
        else:
            line.piece = found


def fill_books(lines: Sequence[EntryLine], shelves: Sequence[Place]) -> None:
    """What the books say of each line at its place, and which batches are there. One query."""
    rows: dict[tuple[int, int], list[Balance]] = {}
    balances = Balance.objects.filter(
        variant__in={line.variant.pk for line in lines}, place__in=[place.pk for place in shelves]
    )
    if lines and shelves:
        for row in balances.select_related("batch").order_by("batch__expires_on", "batch_id"):
            rows.setdefault((row.variant_id, row.place_id), []).append(row)
    for line in lines:
        place = place_of(line, shelves)
        there = rows.get((line.variant.pk, place.pk), []) if place else []
        line.batches = [row for row in there if row.batch_id is not None]
        chosen = [row for row in there if row.batch_id == line.batch] if line.batch else there
        line.there = sum((row.quantity for row in chosen), Decimal(0))


def spread_errors(lines: Sequence[EntryLine], params: Mapping[str, Any], text: str, name: str) -> bool:
    """Put an error of posting beside the line it is about; False when it is about none."""
    number = params.get("line")
    wrong = lines[number - 1] if isinstance(number, int) and 0 < number <= len(lines) else None
    if wrong is None and params.get("variant_id"):
        wrong = next((line for line in lines if line.variant.pk == params["variant_id"]), None)
    if wrong is None:
        return False
    wrong.errors[name] = text
    return True
