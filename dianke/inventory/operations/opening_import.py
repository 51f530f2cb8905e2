"""Opening stock out of files: rows are read and held against what stands; opening_posting.py writes them.

A shelf is opened once for each item (and batch, or piece): the same file again changes nothing, another quantity is
refused and belongs into an adjustment.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, Max, OuterRef
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Piece, Product, Variant
from dianke.core.actor import Actor
from dianke.core.errors import DiankeError, InvalidInput
from dianke.inventory.models import (
    Movement,
    PeriodLock,
    PieceAt,
    Place,
)
from dianke.inventory.operations.stocking import Goods
from dianke.inventory.queries.scanning import Scanned, goods_of_codes
from dianke.inventory.rules.opening_rows import RowQuantityWrong, cost_of, day_of, quantity_of
from dianke.stores.models import Store

ADJUST, COSTS = "inventory.adjust_stock", "catalog.view_costs"
ZERO = Decimal(0)


class RowGoodsUnknown(InvalidInput):
    code = "opening_goods_unknown"
    message = _("There are no goods with this code, barcode or tag. Check it, or import the goods first.")
    default_field = "code"


class RowNotStocked(InvalidInput):
    code = "opening_not_stocked"
    message = _("It is a service or a bundle, of which nothing is kept in stock. Delete the row.")
    default_field = "code"


class RowStoreUnknown(InvalidInput):
    code = "opening_store_unknown"
    message = _(
        "No store you may enter stock for has this code or name. Correct it, or choose one for the file."
    )
    default_field = "store"


class RowPlaceUnknown(InvalidInput):
    code = "opening_place_unknown"
    message = _(
        "The store has no place of stock of this name. Correct it, or leave it empty for the first one."
    )
    default_field = "place"


class RowBatchMissing(InvalidInput):
    code = "opening_batch_missing"
    message = _("The goods are kept by batches. Fill in the batch.")
    default_field = "batch"


class RowTagWrong(InvalidInput):
    code = "opening_tag_wrong"
    message = _(
        "The goods are kept piece by piece: fill in the tag of a piece of them that is entered already."
    )
    default_field = "tag"


class RowPieceHeld(InvalidInput):
    code = "opening_piece_held"
    message = _("The piece is in the books already, at another place. Transfer it, or delete the row.")
    default_field = "tag"


class RowTwice(InvalidInput):
    code = "opening_row_twice"
    message = _("The same goods, place and batch stand in an earlier row. Add the quantities up in one row.")
    default_field = "code"


class RowOpened(InvalidInput):
    code = "opening_stands"
    message = _(
        "Opening stock of these goods stands at this place with another quantity. Adjust the stock instead."
    )
    default_field = "quantity"


class RowLocked(InvalidInput):
    code = "opening_locked"
    message = _("The stock books of this store are locked for that day. Choose a later day for the file.")
    default_field = "store"


#: What tells one opening from another: shelf, variant, code of the batch, piece.
Key = tuple[int, int, str, int | None]


@dataclass(slots=True)
class OpeningDraft:
    """A row on its way. `is_same`: what it says stands already."""

    number: int
    store: Store | None = None
    goods: Goods | None = None
    problem: DiankeError | None = None
    is_same: bool = False
    document_id: int | None = None

    @property
    def key(self) -> Key | None:
        each = self.goods
        if each is None or each.place is None:
            return None
        return each.place.pk, each.variant_id, each.batch_code, each.piece_id


@dataclass(frozen=True, slots=True)
class Books:
    """What rows are read against: stores by what people call them, their places, who is locked through when."""

    stores: Mapping[str, Store]
    shelves: Mapping[int, Sequence[Place]]
    locked: Mapping[int, date]
    with_costs: Collection[int] | None


# --- reading ---------------------------------------------------------------------------------------------------------
def read(
    rows: Sequence[Mapping[str, str]],
    numbers: Sequence[int],
    *,
    store_id: int | None,
    business_date: date,
    actor: Actor,
) -> list[OpeningDraft]:
    """The rows as drafts, each held against what stands; a dozen queries for a batch."""
    books = _books(actor)
    chosen = next((store for store in books.stores.values() if store.pk == store_id), None)
    codes = {row.get("code", "") for row in rows} | {row.get("tag", "") for row in rows}
    known = goods_of_codes({code for code in codes if code})
    pieces = {
        piece.tag: piece
        for piece in Piece.objects.filter(tag__in={row.get("tag", "").upper() for row in rows} - {""})
    }
    ids = {found.variant_id for found in known.values()} | {piece.variant_id for piece in pieces.values()}
    variants = Variant.objects.select_related("product").in_bulk(ids)
    drafts = []
    for row, number in zip(rows, numbers, strict=True):
        draft = OpeningDraft(number)
        try:
            draft.store = _store(row, books, chosen)
            if books.locked.get(draft.store.legal_entity_id, date.min) >= business_date:
                raise RowLocked
            draft.goods = _goods(row, draft.store, books, known, pieces, variants)
        except DiankeError as error:
            draft.problem = error
        drafts.append(draft)
    _hold_against(drafts)
    return drafts


def _books(actor: Actor) -> Books:
    stores = list(
        Store.objects.visible_to(actor, ADJUST).still_open().select_related("legal_entity").order_by("pk")
    )
    named: dict[str, Store] = {}
    for store in stores:
        for word in (store.short_name, store.name, store.code):
            named.setdefault(word.casefold(), store)
    places: dict[int, list[Place]] = {}
    shelves = Place.objects.filter(
        store__in=stores, kind=Place.Kind.STOCK, stock_place__is_active=True
    ).order_by("pk")
    for place in shelves:
        places.setdefault(place.store_id or 0, []).append(place)
    locked = PeriodLock.objects.values("legal_entity_id").annotate(last=Max("locked_through")).order_by()
    return Books(
        named,
        places,
        {row["legal_entity_id"]: row["last"] for row in locked},
        actor.stores_for(COSTS),
    )


def _store(row: Mapping[str, str], books: Books, chosen: Store | None) -> Store:
    word = row.get("store", "").casefold()
    found = books.stores.get(word) if word else chosen
    if found is None:
        raise RowStoreUnknown
    return found


def _goods(
    row: Mapping[str, str],
    store: Store,
    books: Books,
    known: Mapping[str, Scanned],
    pieces: Mapping[str, Piece],
    variants: Mapping[int, Variant],
) -> Goods:
    tag = row.get("tag", "").upper()
    scanned = known.get(row.get("code", "")) if row.get("code") else None
    piece_id = scanned.piece_id if scanned else None
    if tag:
        piece = pieces.get(tag)
        if piece is None or (scanned is not None and scanned.variant_id != piece.variant_id):
            raise RowTagWrong
        piece_id, variant = piece.pk, variants[piece.variant_id]
    elif scanned is None:
        raise RowGoodsUnknown
    else:
        variant = variants[scanned.variant_id]
    product = variant.product
    if not product.is_stocked:
        raise RowNotStocked
    is_piece = product.tracking == Product.Tracking.PIECE
    if is_piece and piece_id is None:
        raise RowTagWrong
    batch = row.get("batch", "").strip()[:40] if product.tracking == Product.Tracking.BATCH else ""
    if product.tracking == Product.Tracking.BATCH and not batch:
        raise RowBatchMissing
    text = row.get("quantity", "") or ("1" if is_piece else "")
    quantity = quantity_of(text)
    if is_piece and quantity != 1:
        raise RowQuantityWrong
    may_cost = books.with_costs is None or store.pk in books.with_costs
    return Goods(
        variant.pk,
        quantity,
        cost_of(row.get("unit_cost", "")) if may_cost else None,
        batch,
        day_of(row.get("expires_on", "")),
        None,
        piece_id if is_piece else None,
        _shelf(row.get("place", ""), books.shelves.get(store.pk, ())),
    )


def _shelf(name: str, shelves: Sequence[Place]) -> Place:
    if not name.strip():
        found = shelves[0] if shelves else None
    else:
        found = next((each for each in shelves if each.name.casefold() == name.strip().casefold()), None)
    if found is None:
        raise RowPlaceUnknown
    return found


def _hold_against(drafts: Sequence[OpeningDraft]) -> None:
    """What was opened already, pieces that are somewhere, rows that say the same twice."""
    good = [draft for draft in drafts if draft.problem is None and draft.goods is not None]
    variant_ids = {draft.goods.variant_id for draft in good if draft.goods}
    standing: dict[Key, tuple[Decimal, int]] = {}
    rows = (
        Movement.objects.filter(variant__in=variant_ids, from_place__kind=Place.Kind.OPENING)
        .filter(~Exists(Movement.objects.filter(origin=OuterRef("pk"))))
        .values_list("to_place_id", "variant_id", "batch__code", "piece_id", "quantity", "document_id")
    )
    for place, variant, batch, piece, quantity, document in rows:
        before, _document = standing.get((place, variant, batch or "", piece), (ZERO, 0))
        standing[place, variant, batch or "", piece] = before + quantity, document
    held = dict(
        PieceAt.objects.filter(piece__in={draft.goods.piece_id for draft in good if draft.goods})
        .filter(place__kind__in=Place.HELD)
        .values_list("piece_id", "place_id")
    )
    seen: set[Key] = set()
    pieces: set[int] = set()
    for draft in good:
        key, goods = draft.key, draft.goods
        if key is None or goods is None:
            continue
        stands = standing.get(key)
        if key in seen or (goods.piece_id is not None and goods.piece_id in pieces):
            draft.problem = RowTwice()
        elif stands is not None and stands[0] == goods.quantity:
            draft.is_same, draft.document_id = True, stands[1]
        elif stands is not None:
            draft.problem = RowOpened()
        elif goods.piece_id is not None and goods.piece_id in held:
            draft.problem = RowPieceHeld()
        seen.add(key)
        if goods.piece_id is not None:
            pieces.add(goods.piece_id)
