"""What somebody typed or scanned while unpacking a delivery: read line by line, with what is wrong beside its line.

Fields are named by the order line and, where a line has several batches, the row: `came-12-0 taken-12-0 fault-12-0
note-12-0 batch-12-0 expires-12-0`; `close-12` gives up what is missing, `tags-12` holds the tags of single pieces.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from dianke.catalog.models import Piece, Product
from dianke.core.errors import DiankeError
from dianke.inventory.models import PieceAt
from dianke.inventory.queries.scanning import goods_of_codes
from dianke.purchasing.forms.parts import quantity_of
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, ReceiptLine
from dianke.purchasing.models.receipts import Difference
from dianke.purchasing.operations.receiving import Delivery, judged
from dianke.purchasing.rules.receiving import order_state

MOST_ROWS = 30
MOST_TAGS = 500
ODD_ROWS = 2
#: What may be wrong with goods; that too little or too much came follows from the quantities.
FAULTS = tuple(
    (value, label)
    for value, label in Difference.choices
    if value in ("DAMAGED", "WRONG_GOODS", "EXPIRED", "OTHER")
)
_ZERO = Decimal(0)


@dataclass(slots=True)
class Row:
    """A batch of a line (or all of it) as text, the way it was typed."""

    number: int
    came: str = ""
    taken: str = ""
    fault: str = ""
    note: str = ""
    batch: str = ""
    expires: str = ""

    @property
    def key(self) -> str:
        """What its fields end in."""
        return str(self.number)


@dataclass(slots=True)
class SheetLine:
    """A line of the order with what was entered for it. `error` is said beside it, about the field `wrong`."""

    line: PurchaseOrderLine
    rows: list[Row] = field(default_factory=list)
    tags: str = ""
    closes_rest: bool = False
    error: str = ""
    wrong: str = ""
    deliveries: list[Delivery] = field(default_factory=list)
    outcome: list[ReceiptLine] = field(default_factory=list)

    @property
    def tracking(self) -> str:
        return str(self.line.variant.product.tracking)

    @property
    def is_touched(self) -> bool:
        return bool(self.deliveries)

    def fail(self, text: str, wrong: str = "came") -> None:
        if not self.error:
            self.error, self.wrong = text, wrong


@dataclass(slots=True)
class Odd:
    """Goods that came and nobody ordered: noted, not taken in."""

    number: int
    code: str = ""
    quantity: str = ""
    error: str = ""
    delivery: Delivery | None = None
    name: str = ""


class Sheet:
    """The delivery as it was entered so far. After `check()` either some line has an `error`, or `deliveries` is what
    `receive_order` takes and each line's `outcome` says what will become of it."""

    def __init__(self, order: PurchaseOrder, data: Mapping[str, Any] | None = None) -> None:
        rows = order.lines.select_related("variant__product__unit").order_by("position")
        self.order = order
        every = list(rows)
        self.all_lines = every
        self.lines = [self._line(line, data) for line in every if line.open_quantity or _is_named(line, data)]
        self.odd = [self._odd(number, data) for number in range(ODD_ROWS)]
        self.delivery_note = str((data or {}).get("delivery_note", ""))[:40]
        self.note = str((data or {}).get("note", ""))[:200]
        self.error = ""
        self.state_after = ""

    def _line(self, line: PurchaseOrderLine, data: Mapping[str, Any] | None) -> SheetLine:
        if data is None:
            return SheetLine(line, [Row(0)])
        found = SheetLine(
            line, tags=str(data.get(f"tags-{line.pk}", "")), closes_rest=f"close-{line.pk}" in data
        )
        for number in range(MOST_ROWS):
            key = f"{line.pk}-{number}"
            if number and f"came-{key}" not in data:
                break
            found.rows.append(
                Row(
                    number,
                    *(
                        str(data.get(f"{name}-{key}", "")).strip()
                        for name in ("came", "taken", "fault", "note", "batch", "expires")
                    ),
                )
            )
        return found

    def _odd(self, number: int, data: Mapping[str, Any] | None) -> Odd:
        values = data or {}
        return Odd(
            number,
            str(values.get(f"odd-code-{number}", "")).strip()[:60],
            str(values.get(f"odd-quantity-{number}", "")).strip(),
        )

    # --- checked -----------------------------------------------------------------------------------------------------
    @property
    def deliveries(self) -> list[Delivery]:
        found = [delivery for line in self.lines for delivery in line.deliveries]
        return [*found, *(odd.delivery for odd in self.odd if odd.delivery is not None)]

    @property
    def is_good(self) -> bool:
        wrong = [*(line.error for line in self.lines), *(odd.error for odd in self.odd), self.error]
        return not any(wrong)

    def check(self) -> bool:
        """Read everything and judge it line by line; whether it can be received as it stands."""
        self._read_pieces()
        for line in self.lines:
            if line.tracking != Product.Tracking.PIECE:
                self._read_rows(line)
            if line.closes_rest and not line.deliveries and not line.error:
                line.deliveries.append(Delivery(line.line.pk, _ZERO, _ZERO))
            if line.closes_rest and line.deliveries:
                last = line.deliveries[-1]
                line.deliveries[-1] = replace(last, closes_rest=True)
            self._judge(line)
        self._read_odd()
        if not self.deliveries and self.is_good:
            self.error = _("Nothing was entered. Enter what came, or close the order if nothing will.")
        if self.is_good:
            self.state_after = order_state([line.expected for line in self.all_lines])
        return self.is_good

    def _judge(self, line: SheetLine) -> None:
        if line.error or not line.deliveries:
            return
        try:
            line.outcome = judged(self.order, {line.line.pk: line.line}, line.deliveries)
        except DiankeError as error:
            wrong = {"difference": "fault", "accepted": "taken"}.get(error.field or "", "came")
            line.fail(str(error), "note" if error.code == "more_than_ordered" else wrong)

    def _read_rows(self, line: SheetLine) -> None:
        by_batch = line.tracking == Product.Tracking.BATCH
        for row in line.rows:
            came = quantity_of(row.came)
            taken = quantity_of(row.taken) if row.taken else came
            if row.came == "" and row.taken == "":
                continue
            if came is None or taken is None or came < 0 or taken < 0:
                line.fail(_("This is no quantity. Write it like 12 or 3.5."))
                continue
            if came != round(came, line.line.variant.product.unit.digits):
                line.fail(_("The quantity has more decimals than its unit."))
                continue
            if not came:
                continue
            if by_batch and taken and not row.batch:
                line.fail(_("Enter the batch that stands on the box."), "batch")
            line.deliveries.append(
                Delivery(
                    line.line.pk,
                    came,
                    taken,
                    row.fault if row.fault in dict(FAULTS) else Difference.NONE,
                    row.note,
                    batch_code=row.batch if by_batch and taken else "",
                    expires_on=self._day(line, row) if by_batch and taken else None,
                )
            )

    def _day(self, line: SheetLine, row: Row) -> date | None:
        if not row.expires:
            return None
        try:
            return date.fromisoformat(row.expires)
        except ValueError:
            line.fail(_("This is no date. Write it like 2026-11-22."), "expires")
            return None

    def _read_pieces(self) -> None:
        """Tags as pieces: known ones of these goods that nobody holds."""
        lines = [line for line in self.lines if line.tracking == Product.Tracking.PIECE]
        wanted = {line.line.pk: _tags(line.tags) for line in lines}
        every = [tag for tags in wanted.values() for tag in tags]
        pieces = {piece.tag: piece for piece in Piece.objects.filter(tag__in=every)} if every else {}
        held = set(
            PieceAt.objects.filter(piece__in=pieces.values(), place__store__isnull=False).values_list(
                "piece_id", flat=True
            )
        )
        for line in lines:
            for tag in wanted[line.line.pk]:
                piece = pieces.get(tag)
                if piece is None or piece.variant_id != line.line.variant_id:
                    text = _("“%(tag)s” is no tag of these goods. Enter the piece with its tag first.")
                    line.fail(text % {"tag": tag}, "tags")
                elif piece.pk in held:
                    line.fail(_("“%(tag)s” is in stock already.") % {"tag": tag}, "tags")
                else:
                    one = Decimal(1)
                    line.deliveries.append(Delivery(line.line.pk, one, one, piece_id=piece.pk))
            # What is refused at the door has no tag yet.
            row = line.rows[0]
            refused = quantity_of(row.came) if row.came else _ZERO
            if refused is None or refused < 0 or refused != int(refused):
                line.fail(_("This is no quantity. Write it like 12 or 3.5."))
            elif refused:
                fault = row.fault if row.fault in dict(FAULTS) else Difference.NONE
                line.deliveries.append(Delivery(line.line.pk, refused, _ZERO, fault, row.note))

    def _read_odd(self) -> None:
        entered = [odd for odd in self.odd if odd.code or odd.quantity]
        found = goods_of_codes([odd.code for odd in entered if odd.code])
        ordered = {line.variant_id for line in self.all_lines}
        for odd in entered:
            goods, quantity = found.get(odd.code), quantity_of(odd.quantity or "1")
            if goods is None:
                odd.error = _("Nothing has this code. Check it, or describe the goods in the note below.")
            elif goods.variant_id in ordered:
                odd.error = _("This is on the order: enter it there.")
            elif quantity is None or quantity <= 0:
                odd.error = _("This is no quantity. Write it like 12 or 3.5.")
            else:
                odd.delivery = Delivery(
                    None, quantity, _ZERO, Difference.WRONG_GOODS, variant_id=goods.variant_id
                )


def _is_named(line: PurchaseOrderLine, data: Mapping[str, Any] | None) -> bool:
    return data is not None and bool(data.get(f"came-{line.pk}-0") or data.get(f"tags-{line.pk}"))


def _tags(text: str) -> Sequence[str]:
    return list(dict.fromkeys(text.upper().replace(",", " ").replace("，", " ").split()))[:MOST_TAGS]
