"""Rows of a file become single pieces: a batch is read, decided and written in a fixed number of statements, and taken
back the same way. What a row made or changed is noted in `ImportedPiece`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import ImportedPiece, Piece, Product, Variant
from dianke.catalog.operations.import_undo import Undone, held_rows
from dianke.catalog.operations.importing import Fate, PriceStays
from dianke.catalog.operations.numbering import next_tags
from dianke.catalog.operations.pieces import check_piece
from dianke.catalog.rules.piece_rows import PRICED, GoodsCodeMissing, PieceEntry, piece_entry_of
from dianke.core.errors import InvalidInput
from dianke.core.search_words import words_of
from dianke.events.operations import step


class GoodsNotFound(InvalidInput):
    code = "import_piece_goods_unknown"
    message = _("There are no goods with this code. Enter the product first, or correct the code.")
    default_field = "product_code"


class GoodsNotByPiece(InvalidInput):
    code = "import_piece_goods_kind"
    message = _("These goods are not sold by the piece. Choose a product of single pieces.")
    default_field = "product_code"


class GoodsAmbiguous(InvalidInput):
    code = "import_piece_goods_ambiguous"
    message = _("This product has several variants. Give the SKU of the one the piece belongs to.")
    default_field = "product_code"


class PieceOfOther(InvalidInput):
    code = "import_piece_of_other"
    message = _("This tag is on a piece of other goods. Correct the tag or the code.")
    default_field = "tag"


class TagTwiceInFile(InvalidInput):
    code = "import_piece_tag_twice"
    message = _("An earlier row of the file has this tag. Every piece has a tag of its own.")
    default_field = "tag"


class CertificateElsewhere(InvalidInput):
    code = "import_piece_certificate_taken"
    message = _("This certificate belongs to another piece. Compare the number with the certificate.")
    default_field = "certificate_number"


@dataclass(frozen=True, slots=True)
class PieceSettings:
    """What one import was told. `may_price`: whether prices of pieces that are here already may change."""

    run_id: int
    now: datetime
    currency: str = "CNY"
    may_update: bool = True
    may_price: bool = True


@dataclass(slots=True)
class PieceDraft:
    """A row on its way: what it says, and which piece it makes or changes."""

    row: int
    entry: PieceEntry = field(default_factory=PieceEntry)
    problems: list[tuple[InvalidInput, bool]] = field(default_factory=list)  # (error, is a warning)
    fate: Fate = Fate.ERROR
    piece: Piece | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def refuse(self, error: InvalidInput) -> None:
        self.fate = Fate.ERROR
        self.problems.append((error, False))


def read_pieces(rows: Sequence[tuple[int, Mapping[str, str]]], settings: PieceSettings) -> list[PieceDraft]:
    """The rows as drafts, with what is wrong with them. No query."""
    drafts = []
    for number, row in rows:
        draft = PieceDraft(number)
        try:
            draft.entry = piece_entry_of(row, settings.currency)
        except InvalidInput as error:
            draft.refuse(error)
        else:
            entry = draft.entry
            is_empty = not (entry.product_code or entry.tag or entry.values)
            draft.fate = Fate.SKIP if is_empty else Fate.NEW
        drafts.append(draft)
    return drafts


def decide_pieces(drafts: Sequence[PieceDraft], settings: PieceSettings) -> None:
    """Give every good draft its fate and its piece, which may be unsaved. Four queries."""
    open_drafts = [draft for draft in drafts if draft.fate is Fate.NEW]
    codes = {draft.entry.product_code for draft in open_drafts} - {""}
    by_sku = {row.code: row for row in Variant.objects.filter(code__among=codes).select_related("product")}
    by_product: dict[str, list[Variant]] = {}
    rows = Variant.objects.filter(product__code__among=codes, is_active=True).select_related("product")
    for row in rows.order_by("position", "pk"):
        by_product.setdefault(row.product.code, []).append(row)
    tags = {draft.entry.tag for draft in open_drafts} - {""}
    held = {row.tag: row for row in Piece.objects.filter(tag__among=tags).select_related("variant__product")}
    numbers = {draft.entry.values.get("certificate_number", "") for draft in open_drafts} - {""}
    owners: dict[str, Piece] = {
        row.certificate_number: row for row in Piece.objects.filter(certificate_number__among=numbers)
    }
    own = ImportedPiece.objects.filter(run_id=settings.run_id, piece__in=[row.pk for row in held.values()])
    seen = {
        held_tag for held_tag, row in held.items() if row.pk in set(own.values_list("piece_id", flat=True))
    }
    for draft in open_drafts:
        try:
            _decide(draft, by_sku, by_product, held, owners, seen, settings)
        except InvalidInput as error:
            draft.refuse(error)


def _decide(
    draft: PieceDraft,
    by_sku: Mapping[str, Variant],
    by_product: Mapping[str, Sequence[Variant]],
    held: Mapping[str, Piece],
    owners: dict[str, Piece],
    seen: set[str],
    settings: PieceSettings,
) -> None:
    entry = draft.entry
    if entry.tag and entry.tag in seen:
        raise TagTwiceInFile()
    known = held.get(entry.tag) if entry.tag else None
    variant = _variant(entry.product_code, by_sku, by_product) if entry.product_code else None
    if known is None and variant is None:
        raise GoodsCodeMissing()
    if known is not None and variant is not None and known.variant.product_id != variant.product_id:
        raise PieceOfOther()
    values = dict(entry.values)
    if known is None:
        piece = Piece(variant=variant, tag=entry.tag, created_at=settings.now, **values)
    else:
        if not settings.may_price and any(
            getattr(known, name) != value for name, value in values.items() if name in PRICED
        ):
            draft.problems.append((PriceStays(field="price"), True))
            values = {name: value for name, value in values.items() if name not in PRICED}
        piece = known
        draft.before = {name: getattr(piece, name) for name in values if getattr(piece, name) != values[name]}
        for name in draft.before:
            setattr(piece, name, values[name])
    try:
        check_piece(piece)
        number = piece.certificate_number
        owner = owners.setdefault(number, piece) if number else piece
        if owner is not piece and not (owner.pk and owner.pk == piece.pk):
            raise CertificateElsewhere()
    except InvalidInput:
        for name, value in draft.before.items():
            setattr(piece, name, value)
        raise
    if entry.tag:
        seen.add(entry.tag)
    draft.piece = piece
    draft.fate = Fate.NEW if known is None else Fate.CHANGED if draft.before else Fate.SAME
    draft.after = values if known is None else {name: values[name] for name in draft.before}
    if draft.fate is Fate.CHANGED and not settings.may_update:
        for name, value in draft.before.items():
            setattr(piece, name, value)
        draft.fate = Fate.SKIP


def _variant(
    code: str, by_sku: Mapping[str, Variant], by_product: Mapping[str, Sequence[Variant]]
) -> Variant:
    of_product = by_product.get(code, ())
    variant = by_sku.get(code)
    if variant is None and len(of_product) > 1:
        raise GoodsAmbiguous()
    variant = variant or next(iter(of_product), None)
    if variant is None:
        raise GoodsNotFound()
    if variant.product.kind != Product.Kind.PIECE:
        raise GoodsNotByPiece()
    return variant


@step
def take_in_pieces(drafts: Sequence[PieceDraft], settings: PieceSettings) -> None:
    """Decide and write a batch; the drafts carry what became of them."""
    decide_pieces(drafts, settings)
    fresh = [draft.piece for draft in drafts if draft.fate is Fate.NEW and draft.piece]
    untagged = [piece for piece in fresh if not piece.tag]
    for piece, tag in zip(untagged, next_tags(count=len(untagged)), strict=True):
        piece.tag = tag
    changed = [draft.piece for draft in drafts if draft.fate is Fate.CHANGED and draft.piece]
    for piece in (*fresh, *changed):
        piece.search_words = words_of(getattr(piece, name) for name in Piece.words_from)
    Piece.objects.bulk_create(fresh, batch_size=1000)
    names = sorted({name for draft in drafts if draft.fate is Fate.CHANGED for name in draft.after})
    if changed:
        Piece.objects.bulk_update(changed, [*names, "search_words"], batch_size=500)
    ImportedPiece.objects.bulk_create(
        ImportedPiece(
            run_id=settings.run_id,
            row=draft.row,
            piece=draft.piece,
            makes_piece=draft.fate is Fate.NEW,
            before=draft.before,
            after=draft.after,
        )
        for draft in drafts
        if draft.piece and draft.fate in (Fate.NEW, Fate.CHANGED)
    )


@step
def undo_pieces(*, run_id: int, after_id: int, limit: int) -> Undone:
    """Take back up to `limit` rows of the run: pieces it made and nothing refers to go, what it changed is put back;
    whatever was changed or used since stays and is counted."""
    rows = list(
        ImportedPiece.objects.filter(run_id=run_id, pk__gt=after_id)
        .select_related("piece")
        .order_by("pk")[:limit]
    )
    if not rows:
        return Undone(0, 0, 0, None)
    made = [row for row in rows if row.makes_piece]
    same = {row.piece_id for row in made if _still(row.piece, row.after)}
    later = ImportedPiece.objects.filter(piece__in=same).exclude(run_id=run_id)
    doomed = same - set(later.values_list("piece_id", flat=True)) - held_rows(Piece, same)
    restored = []
    for row in rows:
        if row.makes_piece:
            continue
        names = [name for name, value in row.after.items() if getattr(row.piece, name) == value]
        for name in names:
            setattr(row.piece, name, row.before[name])
        if names:
            row.piece.search_words = words_of(getattr(row.piece, name) for name in Piece.words_from)
            row.piece.save(update_fields=[*names, "search_words"])
            restored.append(row)
    Piece.objects.filter(pk__in=doomed).delete()
    return Undone(len(doomed), len(restored), len(rows) - len(doomed) - len(restored), rows[-1].pk)


def _still(piece: Piece, said: Mapping[str, Any]) -> bool:
    return all(getattr(piece, name) == value for name, value in said.items())
