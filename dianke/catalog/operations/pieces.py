"""Single pieces: one tag each, entered one by one or a delivery at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Piece, Product, Variant
from dianke.catalog.operations.numbering import next_tags
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.search_words import words_of
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged

MANAGE = "catalog.manage_products"
PRICES = "catalog.manage_prices"
MOST_AT_ONCE = 500
PRICED = frozenset({"making", "making_amount", "stone_amount", "price_amount"})
FIELDS = PRICED | {
    "tag",
    "gross_weight_mg",
    "net_weight_mg",
    "stone_weight_mg",
    "metal",
    "fineness",
    "certificate_number",
    "certificate_issuer",
    "size",
    "note",
}
AMOUNTS = frozenset(
    {
        "gross_weight_mg",
        "net_weight_mg",
        "stone_weight_mg",
        "making_amount",
        "stone_amount",
        "price_amount",
        "fineness",
    }
)


class NotSoldByPiece(InvalidInput):
    code = "not_sold_by_piece"
    message = _(
        "“%(name)s” is not sold by the piece, so nothing of it gets a tag. Choose a product of single pieces."
    )
    default_field = "variant"


class TagTaken(Conflict):
    code = "tag_taken"
    message = _("Tag %(tag)s is on another piece already (“%(name)s”). Choose another tag.")
    default_field = "tag"


class TagTwice(InvalidInput):
    code = "tag_twice"
    message = _("Tag %(tag)s stands twice in the list. Every piece has a tag of its own.")
    default_field = "tag"


class CertificateTaken(Conflict):
    code = "certificate_taken"
    message = _(
        "Certificate %(number)s belongs to piece %(tag)s already. Compare the number with the certificate."
    )
    default_field = "certificate_number"


class CertificateTwice(InvalidInput):
    code = "certificate_twice"
    message = _("Certificate %(number)s stands twice in the list. Every piece has one of its own.")
    default_field = "certificate_number"


class NetAboveGross(InvalidInput):
    code = "net_above_gross"
    message = _("The net weight is above the gross weight. Weigh again or swap the two.")
    default_field = "net_weight_mg"


class StonesAboveGross(InvalidInput):
    code = "stones_above_gross"
    message = _("The stones weigh more than the whole piece. One carat is 0.2 grams.")
    default_field = "stone_weight_mg"


class FinenessDoesNotFit(InvalidInput):
    code = "fineness_does_not_fit"
    message = _("A precious metal has a fineness from 1 to 1000 (18K is 750); without metal there is none.")
    default_field = "fineness"


class PieceFieldBelowZero(InvalidInput):
    code = "piece_field_below_zero"
    message = _("Weights and amounts are not below zero. Enter zero or more.")


class TooManyPieces(InvalidInput):
    code = "too_many_pieces"
    message = _("At most %(limit)s pieces can be entered at once. Enter the rest afterwards.")


class NoPieces(InvalidInput):
    code = "no_pieces"
    message = _("The list of pieces is empty. Enter at least one.")


def check_piece(piece: Piece) -> None:
    """Weights, amounts and fineness fit together. Raises `NetAboveGross`, `StonesAboveGross`, `FinenessDoesNotFit`,
    `PieceFieldBelowZero`."""
    for name in AMOUNTS:
        if (value := getattr(piece, name)) is not None and value < 0:
            raise PieceFieldBelowZero(field=name)
    if piece.net_weight_mg > piece.gross_weight_mg:
        raise NetAboveGross()
    if piece.stone_weight_mg > piece.gross_weight_mg:
        raise StonesAboveGross()
    has_metal = piece.metal != Piece.Metal.NONE
    if has_metal != bool(piece.fineness) or piece.fineness > 1000:
        raise FinenessDoesNotFit()


def _check_free(pieces: Sequence[Piece], pk: int = 0) -> None:
    """Tags and certificates nobody else has; two queries."""
    seen: dict[str, set[str]] = {"tag": set(), "certificate_number": set()}
    for piece in pieces:
        if piece.tag in seen["tag"]:
            raise TagTwice(tag=piece.tag)
        if piece.certificate_number and piece.certificate_number in seen["certificate_number"]:
            raise CertificateTwice(number=piece.certificate_number)
        seen["tag"].add(piece.tag)
        seen["certificate_number"].add(piece.certificate_number)
    others = Piece.objects.exclude(pk=pk).select_related("variant__product").order_by("pk")
    if held := others.filter(tag__among=seen["tag"]).first():
        raise TagTaken(tag=held.tag, name=str(held.variant))
    certificates = seen["certificate_number"] - {""}
    if held := others.filter(certificate_number__among=certificates).first():
        raise CertificateTaken(number=held.certificate_number, tag=held.tag)


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in values.items() if name in FIELDS}
    for name in ("tag", "certificate_number"):
        if name in given:
            given[name] = "".join(str(given[name]).split()).upper()
    return given


def _make(variant: Variant, rows: Sequence[Mapping[str, Any]], now: datetime) -> list[Piece]:
    if not rows:
        raise NoPieces()
    if len(rows) > MOST_AT_ONCE:
        raise TooManyPieces(limit=MOST_AT_ONCE)
    if variant.product.kind != Product.Kind.PIECE:
        raise NotSoldByPiece(name=str(variant))
    pieces = [Piece(variant=variant, created_at=now, **_clean(row)) for row in rows]
    untagged = [piece for piece in pieces if not piece.tag]
    for piece, tag in zip(untagged, next_tags(count=len(untagged)), strict=True):
        piece.tag = tag
    for piece in pieces:
        check_piece(piece)
        piece.search_words = words_of(getattr(piece, name) for name in Piece.words_from)
    _check_free(pieces)
    return Piece.objects.bulk_create(pieces)


@operation(MANAGE)
def add_piece(*, variant: Variant, values: Mapping[str, Any], actor: Actor, now: datetime) -> Piece:
    """Enter one piece; without a tag it gets the next. Raises `NotSoldByPiece`, `TagTaken`, `CertificateTaken`,
    `NetAboveGross`, `StonesAboveGross`, `FinenessDoesNotFit`."""
    piece = _make(variant, [values], now)[0]
    also = [variant, variant.product]
    record("catalog.piece_added", piece, also=also, actor=actor, now=now, data={"tag": piece.tag})
    return piece


@operation(MANAGE)
def add_pieces(
    *, variant: Variant, rows: Sequence[Mapping[str, Any]], actor: Actor, now: datetime
) -> list[Piece]:
    """Enter up to 500 pieces of one variant at once, all or none; raises as `add_piece` does, and `TagTwice`,
    `CertificateTwice`, `TooManyPieces`, `NoPieces`."""
    pieces = _make(variant, rows, now)
    data = {"count": len(pieces), "first": pieces[0].tag, "last": pieces[-1].tag}
    record("catalog.pieces_added", variant, also=[variant.product], actor=actor, now=now, data=data)
    return pieces


@operation(MANAGE)
def change_piece(*, piece: Piece, values: Mapping[str, Any], actor: Actor, now: datetime) -> Piece:
    """Correct a piece. What it costs takes `catalog.manage_prices` besides."""
    given = _clean(values)
    piece = Piece.objects.select_for_update(of=("self",)).select_related("variant__product").get(pk=piece.pk)
    if any(name in PRICED and getattr(piece, name) != value for name, value in given.items()):
        actor.require(PRICES)
    if not given.get("tag", piece.tag):
        given["tag"] = piece.tag
    looked_at = Piece(**{name: given.get(name, getattr(piece, name)) for name in FIELDS})
    check_piece(looked_at)
    _check_free([looked_at], piece.pk)
    changes = apply_changes(piece, given)
    if not changes:
        unchanged()
        return piece
    variant = piece.variant
    record(
        "catalog.piece_changed",
        piece,
        also=[variant, variant.product],
        actor=actor,
        now=now,
        data={"tag": piece.tag, "changes": changes},
    )
    return piece
