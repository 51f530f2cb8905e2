"""Counting: a session is opened, many people enter what they see from their phones, and it may be called off. What
follows from the looks is in count_closing.py; docs/algorithms/stocktake.md tells the whole.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Category, Piece, Product, Variant
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from dianke.events.operations import operation, record, unchanged
from dianke.inventory.models import Batch, CountEntry, CountLine, CountSession, Place
from dianke.inventory.operations.places import places_of
from dianke.inventory.queries.scanning import goods_of_codes
from dianke.stores.models import Store

COUNT = "inventory.count_stock"
APPROVE = "inventory.approve_counts"
MOST_SCANS = 1000


class CountNotFound(NotFound):
    code = "count_not_found"
    message = _("This stocktake does not exist, or you may not see it.")


class CountClosed(Conflict):
    code = "count_closed"
    message = _("This stocktake is %(state)s already. Load the page again.")


class CountPlaceUnsuitable(InvalidInput):
    code = "count_place_unsuitable"
    message = _("Only shelves of the store are counted. Choose one of its places of stock.")
    default_field = "place"


class ToleranceOutOfRange(InvalidInput):
    code = "count_tolerance_out_of_range"
    message = _("The tolerance lies between nothing and the whole quantity. Correct it.")
    default_field = "tolerance"


class TooManyScans(InvalidInput):
    code = "too_many_scans"
    message = _("At most %(limit)s scans are sent at once. Send the rest after them.")


class CountNeedsPerson(NotAllowed):
    code = "count_needs_person"
    message = _("Only people count: it has to be known who looked. Sign in with an account of your own.")


class Refusal(enum.StrEnum):
    """Why one scan was not taken; the others are."""

    UNKNOWN_GOODS = "UNKNOWN_GOODS"
    NOT_IN_SCOPE = "NOT_IN_SCOPE"
    BATCH_MISSING = "BATCH_MISSING"
    PIECE_MISSING = "PIECE_MISSING"
    QUANTITY = "QUANTITY"
    NOT_ASKED_AGAIN = "NOT_ASKED_AGAIN"
    ANOTHER_PERSON = "ANOTHER_PERSON"
    KEY_TAKEN = "KEY_TAKEN"
    TOO_EARLY = "TOO_EARLY"


@dataclass(frozen=True, slots=True)
class Scan:
    """What was seen: `quantity` more of something (or all of it, with `is_total`), named by a `code` that was read, or
    by variant, batch or piece. `key` is the phone's own: sent again, it counts once. `counted_at` None: now;
    `place_id` None: that of the session, or the first shelf of the store."""

    key: str
    quantity: Decimal = Decimal(1)
    is_total: bool = False
    code: str = ""
    variant_id: int | None = None
    batch_id: int | None = None
    batch_code: str = ""
    piece_id: int | None = None
    place_id: int | None = None
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of scans: new ones, those known already, and by key those refused."""

    new: int
    repeated: int
    refused: Mapping[str, Refusal]


@operation(COUNT)
def open_count(
    *,
    store: Store,
    place: Place | None = None,
    category: Category | None = None,
    name: str = "",
    is_blind: bool = True,
    tolerance_quantity: Decimal = Decimal(0),
    tolerance_bp: int = 0,
    actor: Actor,
    now: datetime,
) -> CountSession:
    """Begin to count a store, one of its places, a category with all below it, or both. Whatever is there by the books
    becomes a line, in one statement; the store goes on selling.

    Raises `CountPlaceUnsuitable`, `ToleranceOutOfRange`.
    """
    actor.require(COUNT, store_id=store.pk)
    shelves = places_of(store=store).stock
    if place is not None and place.pk not in {each.pk for each in shelves}:
        raise CountPlaceUnsuitable
    if tolerance_quantity < 0 or not 0 <= tolerance_bp <= 10_000:
        raise ToleranceOutOfRange
    session = CountSession.objects.create(
        store=store,
        name=" ".join(name.split())[:60],
        place=place,
        category=category,
        is_blind=is_blind,
        tolerance_quantity=tolerance_quantity,
        tolerance_bp=tolerance_bp,
        opened_at=now,
        opened_by_id=actor.user_id,
    )
    count = _take_snapshot(session, [place.pk] if place else [each.pk for each in shelves])
    record(
        "inventory.count_opened",
        session,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"name": session.name, "lines": count},
    )
    return session


def _take_snapshot(session: CountSession, place_ids: list[int]) -> int:
    branch = None
    if session.category_id is not None:
        branch = list(Category.objects.branch(session.category_id).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH goods AS (
                SELECT v.id, p.tracking FROM catalog_variant AS v JOIN catalog_product AS p ON p.id = v.product_id
                WHERE %(branch)s::bigint[] IS NULL OR p.category_id = ANY(%(branch)s)
            )
            INSERT INTO inventory_countline (session_id, place_id, variant_id, batch_id, piece_id, snapshot, round,
                                             verdict, reason)
            SELECT %(session)s, b.place_id, b.variant_id, b.batch_id, NULL, b.quantity, 1, 'UNCOUNTED', ''
            FROM inventory_balance AS b JOIN goods AS g ON g.id = b.variant_id AND g.tracking <> 'PIECE'
            WHERE b.place_id = ANY(%(places)s) AND b.quantity <> 0
            UNION ALL
            SELECT %(session)s, h.place_id, c.variant_id, NULL, c.id, 1, 1, 'UNCOUNTED', ''
            FROM inventory_pieceat AS h JOIN catalog_piece AS c ON c.id = h.piece_id
            JOIN goods AS g ON g.id = c.variant_id
            WHERE h.place_id = ANY(%(places)s)
            """,
            {"session": session.pk, "branch": branch, "places": place_ids},
        )
        return int(cursor.rowcount)


def lock_session(session: CountSession, actor: Actor, *, permission: str = COUNT) -> CountSession:
    """The session again, locked, if the actor may work on it. Raises `CountNotFound`."""
    visible = CountSession.objects.visible_to(actor, permission).filter(pk=session.pk).values("pk")
    found = CountSession.objects.select_for_update(of=("self",)).filter(pk__in=visible).first()
    if found is None:
        raise CountNotFound
    return found


def check_state(session: CountSession, *states: str) -> None:
    """Raises `CountClosed` in any other state."""
    if session.state not in states:
        raise CountClosed(state=session.get_state_display())


@operation(COUNT)
def enter_counts(*, session: CountSession, scans: Sequence[Scan], actor: Actor, now: datetime) -> Entered:
    """Take what somebody saw, from a phone that may send it more than once and late. Many may enter at the same time.

    A scan that cannot be taken is refused by itself, with the reason, and the others stand. An instant that is still to
    come is taken as now. Raises `CountNotFound`, `CountClosed`, `CountNeedsPerson`, `TooManyScans`.
    """
    if len(scans) > MOST_SCANS:
        raise TooManyScans(limit=MOST_SCANS)
    if actor.user_id is None:
        raise CountNeedsPerson
    found = _share_session(session, actor)
    keys = [scan.key for scan in scans]
    known = dict(CountEntry.objects.filter(session=found, key__in=keys).values_list("key", "quantity"))
    refused: dict[str, Refusal] = {}
    wanted: list[tuple[Scan, tuple[int, int, int | None, int | None], Decimal]] = []
    resolver = _Resolver(found, scans)
    seen: set[str] = set()
    repeated = 0
    for scan in scans:
        goods = resolver.resolve(scan)
        if scan.key in known or scan.key in seen:
            # The same key for something else is a fault of the phone, not a repeat.
            if scan.key in known and not isinstance(goods, Refusal) and goods[1] != known[scan.key]:
                refused[scan.key] = Refusal.KEY_TAKEN
            else:
                repeated += 1
            continue
        seen.add(scan.key)
        if isinstance(goods, Refusal):
            refused[scan.key] = goods
        elif (scan.counted_at or now) < found.opened_at:
            refused[scan.key] = Refusal.TOO_EARLY
        else:
            wanted.append((scan, *goods))
    new = _write_entries(found, wanted, refused, actor.user_id, now) if wanted else 0
    if not new:
        unchanged()
        return Entered(0, repeated, refused)
    record(
        "inventory.lines_counted",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"name": str(found), "count": new},
    )
    return Entered(new, repeated, refused)


def _share_session(session: CountSession, actor: Actor) -> CountSession:
    """The session, kept from being submitted or posted until the entries stand; others may enter meanwhile."""
    visible = CountSession.objects.visible_to(actor, COUNT).filter(pk=session.pk)
    if not visible.exists():
        raise CountNotFound
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM inventory_countsession WHERE id = %s FOR SHARE", [session.pk])
    found = CountSession.objects.get(pk=session.pk)
    check_state(found, CountSession.State.COUNTING, CountSession.State.RECOUNTING)
    return found


class _Resolver:
    """Turns scans into (place, variant, batch, piece) and the quantity, with a fixed number of queries."""

    def __init__(self, session: CountSession, scans: Sequence[Scan]) -> None:
        self.session = session
        self.shelves = [place.pk for place in places_of(store=session.store).stock]
        self.codes = goods_of_codes({scan.code for scan in scans if scan.code})
        pieces = {scan.piece_id for scan in scans if scan.piece_id}
        self.variant_of_piece = dict(Piece.objects.filter(pk__in=pieces).values_list("pk", "variant_id"))
        ids = {scan.variant_id for scan in scans if scan.variant_id}
        ids |= {goods.variant_id for goods in self.codes.values()} | set(self.variant_of_piece.values())
        rows = Variant.objects.filter(pk__in=ids).values_list(
            "pk", "product__tracking", "product__kind", "product__category_id"
        )
        self.variants = {pk: (tracking, kind, category) for pk, tracking, kind, category in rows}
        self.branch: set[int] | None = None
        if session.category_id is not None:
            self.branch = set(Category.objects.branch(session.category_id).values_list("pk", flat=True))
        batches = Batch.objects.filter(variant__in=ids).values_list("pk", "variant_id", "code")
        named = any(scan.batch_id or scan.batch_code for scan in scans)
        self.batches = {(variant, code): pk for pk, variant, code in batches} if named else {}

    def resolve(self, scan: Scan) -> tuple[tuple[int, int, int | None, int | None], Decimal] | Refusal:
        variant_id, piece_id, quantity = scan.variant_id, scan.piece_id, scan.quantity
        if scan.code:
            goods = self.codes.get(scan.code)
            if goods is None:
                return Refusal.UNKNOWN_GOODS
            variant_id, piece_id, quantity = goods.variant_id, goods.piece_id, quantity * goods.pack_quantity
        elif piece_id is not None:
            variant_id = self.variant_of_piece.get(piece_id)
        if variant_id is None or variant_id not in self.variants:
            return Refusal.UNKNOWN_GOODS
        tracking, kind, category = self.variants[variant_id]
        if kind in (Product.Kind.SERVICE, Product.Kind.BUNDLE):
            return Refusal.UNKNOWN_GOODS
        place_id = scan.place_id or self.session.place_id or self.shelves[0]
        is_elsewhere = place_id not in self.shelves or self.session.place_id not in (None, place_id)
        if is_elsewhere or (self.branch is not None and category not in self.branch):
            return Refusal.NOT_IN_SCOPE
        fits = quantity.is_finite() and abs(quantity) < 10**14 and quantity == round(quantity, 4)
        if not fits or (scan.is_total and quantity < 0):
            return Refusal.QUANTITY
        if tracking == Product.Tracking.PIECE:
            if piece_id is None:
                return Refusal.PIECE_MISSING
            if quantity not in (0, 1):
                return Refusal.QUANTITY
            return (place_id, variant_id, None, piece_id), quantity
        batch_id = None
        if tracking == Product.Tracking.BATCH:
            batch_id = self.batches.get((variant_id, scan.batch_code)) if scan.batch_code else scan.batch_id
            if batch_id not in {pk for (variant, _code), pk in self.batches.items() if variant == variant_id}:
                return Refusal.BATCH_MISSING
        return (place_id, variant_id, batch_id, None), quantity


def _write_entries(
    session: CountSession,
    wanted: Sequence[tuple[Scan, tuple[int, int, int | None, int | None], Decimal]],
    refused: dict[str, Refusal],
    user_id: int,
    now: datetime,
) -> int:
    keys = sorted({key for _scan, key, _quantity in wanted}, key=lambda k: (k[0], k[1], k[2] or 0, k[3] or 0))
    if session.state == CountSession.State.COUNTING:
        # What nobody expected there is a line as well.
        CountLine.objects.bulk_create(
            [
                CountLine(
                    session=session, place_id=p, variant_id=v, batch_id=b, piece_id=c, snapshot=Decimal(0)
                )
                for p, v, b, c in keys
            ],
            ignore_conflicts=True,
        )
    rows = CountLine.objects.filter(session=session, variant__in={key[1] for key in keys})
    if any(key[3] for key in keys):
        rows = rows.filter(piece__in={key[3] for key in keys}) | rows.filter(piece=None)
    lines = {(row.place_id, row.variant_id, row.batch_id, row.piece_id): row for row in rows}
    earlier: set[int] = set()
    is_again = session.state == CountSession.State.RECOUNTING
    if is_again:
        mine = CountEntry.objects.filter(session=session, counted_by=user_id).values_list("line_id", "round")
        rounds = {line.pk: line.round for line in lines.values()}
        earlier = {line_id for line_id, number in mine if number < rounds.get(line_id, 0)}
    entries = []
    for scan, key, quantity in wanted:
        line = lines.get(key)
        if line is None or (is_again and line.verdict != CountLine.Verdict.RECOUNT):
            refused[scan.key] = Refusal.NOT_ASKED_AGAIN
        elif line.pk in earlier:
            refused[scan.key] = Refusal.ANOTHER_PERSON
        else:
            entries.append(
                CountEntry(
                    session=session,
                    line=line,
                    key=scan.key,
                    round=line.round,
                    quantity=quantity,
                    # A tag that is read twice is still one piece.
                    is_total=scan.is_total or line.piece_id is not None,
                    counted_at=min(scan.counted_at or now, now),
                    counted_by_id=user_id,
                    received_at=now,
                )
            )
    before = CountEntry.objects.filter(session=session, key__in=[each.key for each in entries]).count()
    CountEntry.objects.bulk_create(entries, ignore_conflicts=True, batch_size=MOST_SCANS)
    return len(entries) - before


@operation(COUNT)
def cancel_count(*, session: CountSession, actor: Actor, now: datetime) -> CountSession:
    """Call a session off: nothing is posted. Raises `CountNotFound`, `CountClosed`."""
    found = lock_session(session, actor)
    if found.state == CountSession.State.CANCELLED:
        unchanged()
        return found
    check_state(
        found,
        CountSession.State.COUNTING,
        CountSession.State.RECOUNTING,
        CountSession.State.SUBMITTED,
    )
    found.state, found.closed_at, found.closed_by_id = CountSession.State.CANCELLED, now, actor.user_id
    found.save(update_fields=["state", "closed_at", "closed_by"])
    record(
        "inventory.count_cancelled",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"name": str(found)},
    )
    return found
