"""Prices out of files: the write side of the importer (`providers/price_importer.py`).

A batch is read (which variant, from which quantity, what price), compared with what the list says, and written in a
fixed number of statements. Every change is noted, so that an import can be taken back price by price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Barcode, PriceImport, PriceList, PriceListItem, Variant
from dianke.catalog.operations.prices import Price, standing_prices, write_prices
from dianke.catalog.rules.barcodes import spellings
from dianke.core import money
from dianke.core.errors import InvalidInput
from dianke.events.operations import step


class NoGoodsNamed(InvalidInput):
    code = "price_row_names_nothing"
    message = _("The row names no goods. Fill in the SKU or the barcode.")
    default_field = "code"


class GoodsNotFound(InvalidInput):
    code = "price_goods_not_found"
    message = _("There are no goods with this code. Check it, or import the goods first.")
    default_field = "code"


class CodesDisagree(InvalidInput):
    code = "price_codes_disagree"
    message = _("SKU and barcode belong to different goods. Correct one of them.")
    default_field = "barcode"


class QuantityNotANumber(InvalidInput):
    code = "price_quantity_not_a_number"
    message = _("The quantity a price begins at is a number, zero or more, with at most four decimals.")
    default_field = "min_quantity"


class PriceBelowZero(InvalidInput):
    code = "price_below_zero"
    message = _("A price is never below zero.")
    default_field = "price"


class PriceTwiceInFile(InvalidInput):
    code = "price_twice_in_file"
    message = _("An earlier row gives the same goods another price. Leave one of the two.")
    default_field = "price"


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    SAME = "SAME"
    ERROR = "ERROR"


@dataclass(slots=True)
class Draft:
    """A row on its way. `before` is what the list says now."""

    row: int
    price: Price | None = None
    before: PriceListItem | None = None
    problem: InvalidInput | None = None
    fate: Fate = Fate.ERROR


@dataclass(frozen=True, slots=True)
class Cells:
    """What a row says, as text."""

    row: int
    code: str = ""
    barcode: str = ""
    price: str = ""
    min_quantity: str = ""


@dataclass(frozen=True, slots=True)
class Undone:
    """Prices taken out again, put back to what they were, left because they were changed since; where to go on."""

    removed: int = 0
    restored: int = 0
    kept: int = 0
    next_id: int | None = field(default=None)


def read(rows: Sequence[Cells], price_list: PriceList, *, run_id: int) -> list[Draft]:
    """The rows with what becomes of each, earlier rows of the file counted. Four queries, however many rows."""
    by_code = dict(
        Variant.objects.filter(code__in={row.code for row in rows if row.code}).values_list("code", "pk")
    )
    scanned = {value for row in rows if row.barcode for value in spellings(row.barcode)}
    by_barcode = dict(Barcode.objects.filter(value__in=scanned).values_list("value", "variant_id"))
    drafts = [_read(row, price_list.currency, by_code, by_barcode) for row in rows]
    keys = [draft.price.key for draft in drafts if draft.price is not None]
    standing = standing_prices(price_list, keys)
    earlier = PriceImport.objects.filter(
        run_id=run_id, price_list=price_list, variant_id__in={pk for _k, pk, _q in keys}
    )
    given = {
        (pk, quantity): amount
        for pk, quantity, amount in earlier.values_list("variant_id", "min_quantity", "after_amount")
    }
    for draft in drafts:
        if draft.price is None:
            continue
        kind, variant_id, quantity = draft.price.key
        amount = draft.price.price_amount or 0
        draft.before = standing.get((kind, variant_id, quantity))
        told = given.setdefault((variant_id, quantity), amount)
        if told != amount:
            draft.problem = PriceTwiceInFile()
        elif draft.before is None:
            draft.fate = Fate.NEW
        else:
            draft.fate = Fate.SAME if draft.before.price_amount == amount else Fate.CHANGED
    seen = set()
    for draft in drafts:
        if draft.price is not None and draft.fate in (Fate.NEW, Fate.CHANGED):
            if draft.price.key in seen:
                draft.fate = Fate.SAME
            seen.add(draft.price.key)
    return drafts


def _read(row: Cells, currency: str, by_code: dict[str, int], by_barcode: dict[str, int]) -> Draft:
    draft = Draft(row.row)
    try:
        draft.price = Price(
            variant_id=_variant_of(row, by_code, by_barcode),
            min_quantity=_quantity(row.min_quantity),
            price_amount=_amount(row.price, currency),
        )
    except InvalidInput as error:
        draft.problem = error
    return draft


def _variant_of(row: Cells, by_code: dict[str, int], by_barcode: dict[str, int]) -> int:
    if not row.code and not row.barcode:
        raise NoGoodsNamed
    coded = by_code.get(row.code)
    scanned = next((by_barcode[value] for value in spellings(row.barcode) if value in by_barcode), None)
    if row.code and coded is None:
        raise GoodsNotFound
    if row.barcode and scanned is None:
        raise GoodsNotFound(field="barcode")
    if coded is not None and scanned is not None and coded != scanned:
        raise CodesDisagree
    return coded or scanned or 0


def _amount(text: str, currency: str) -> int:
    amount = money.parse(text, currency, field="price")
    if amount.is_negative:
        raise PriceBelowZero
    return amount.to_minor()


def _quantity(text: str) -> Decimal:
    if not text:
        return Decimal(0)
    try:
        quantity = Decimal(text)
    except InvalidOperation:
        raise QuantityNotANumber from None
    if not quantity.is_finite() or not 0 <= quantity < 10**14 or quantity != round(quantity, 4):
        raise QuantityNotANumber
    return quantity


@step
def take_in(drafts: Sequence[Draft], price_list: PriceList, *, run_id: int) -> None:
    """Write what is new or changed into a locked list, and note it."""
    changing = [draft for draft in drafts if draft.fate in (Fate.NEW, Fate.CHANGED)]
    prices = [draft.price for draft in changing if draft.price is not None]
    write_prices(price_list=price_list, prices=prices)
    PriceImport.objects.bulk_create(
        PriceImport(
            run_id=run_id,
            row=draft.row,
            price_list=price_list,
            variant_id=price.key[1],
            min_quantity=price.min_quantity,
            before_amount=draft.before.price_amount if draft.before else None,
            before_percent_bp=draft.before.percent_bp if draft.before else None,
            after_amount=price.price_amount or 0,
        )
        for draft, price in zip(changing, prices, strict=True)
    )


@step
def undo_rows(*, run_id: int, limit: int) -> Undone:
    """Take back up to `limit` prices of the run; those that were changed since stay as they are."""
    notes = list(PriceImport.objects.filter(run_id=run_id).order_by("-pk")[:limit])
    if not notes:
        return Undone()
    price_lists = (
        PriceList.objects.select_for_update().order_by("pk").in_bulk({note.price_list_id for note in notes})
    )
    removed = restored = kept = 0
    for pk, price_list in sorted(price_lists.items()):
        mine = [note for note in notes if note.price_list_id == pk]
        standing = standing_prices(
            price_list, [("variant_id", note.variant_id, note.min_quantity) for note in mine]
        )
        back = []
        for note in mine:
            item = standing.get(("variant_id", note.variant_id, note.min_quantity))
            if item is None or item.price_amount != note.after_amount:
                kept += 1
                continue
            back.append(
                Price(
                    note.variant_id, None, None, note.min_quantity, note.before_amount, note.before_percent_bp
                )
            )
        done, _details = write_prices(price_list=price_list, prices=back)
        removed += done.removed
        restored += done.changed
    PriceImport.objects.filter(pk__in=[note.pk for note in notes]).delete()
    left = PriceImport.objects.filter(run_id=run_id).exists()
    return Undone(removed, restored, kept, notes[-1].pk if left else None)
