"""The two stocktakes of `bench/goods_posting.py`: by scanning single pieces, and by entering quantities of articles."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.catalog.models import Barcode, Piece, Product, Unit, Variant
from dianke.core.actor import SYSTEM
from dianke.core.search_words import words_of
from dianke.inventory.models import CountSession, Place
from dianke.inventory.operations import Goods, open_places, open_stock
from dianke.inventory.operations.count_closing import post_count, submit_count
from dianke.inventory.operations.counting import MOST_SCANS, Scan, enter_counts, open_count
from dianke.stores.models import Store
from dianke.stores.operations import add_stock_place

#: Seconds to submit, to submit again and to post, and how many lines were posted.
Told = tuple[float, float, float, int]
OF_A_KIND = 200


def count_pieces(count: int, missing: int) -> Told:
    """`count` tags on a shelf of the first store; one in `missing` is found by nobody."""
    now = timezone.now()
    unit = Unit.objects.get(name="件")
    rings = []
    with transaction.atomic():
        for number in range(-(-count // OF_A_KIND)):
            code = f"RING{number:04}"
            product = Product.objects.create(
                code=code,
                name=f"戒指 {number}",
                kind=Product.Kind.PIECE,
                tracking=Product.Tracking.PIECE,
                unit=unit,
                created_at=now,
                changed_at=now,
            )
            rings.append(Variant.objects.create(product=product, code=code))
    pieces = Piece.objects.bulk_create(
        [
            Piece(variant=rings[n // OF_A_KIND], tag=tag, created_at=now, search_words=words_of([tag]))
            for n, tag in ((n, f"T{n:06}") for n in range(count))
        ]
    )
    place = _shelf("柜台")
    _lay_in(place, [Goods(each.variant_id, Decimal(1), Decimal(2000), piece_id=each.pk) for each in pieces])
    scans = [Scan(each.tag, code=each.tag) for each in pieces]
    return _stocktake(place, scans, missing, lambda scan: replace(scan, quantity=Decimal(0)))


def count_articles(count: int, missing: int) -> Told:
    """`count` articles on another shelf, ten of each; of one in `missing` two people find nine."""
    ids = list(Variant.objects.filter(pk__lte=count).order_by("pk").values_list("pk", flat=True))
    codes = dict(Barcode.objects.filter(variant__in=ids).values_list("variant_id", "value"))
    place = _shelf("库房")
    _lay_in(place, [Goods(pk, Decimal(10), Decimal(20)) for pk in ids])
    scans = [Scan(f"a{pk}", Decimal(10), True, code=codes[pk]) for pk in ids]
    return _stocktake(place, scans, missing, lambda scan: replace(scan, quantity=Decimal(9)))


def _shelf(name: str) -> Place:
    store = Store.objects.order_by("pk")[0]
    acts: dict[str, Any] = {"actor": SYSTEM, "now": timezone.now()}
    shelf = add_stock_place(store=store, name=name, kind="WAREHOUSE", **acts)
    open_places(store=store, **acts)
    return Place.objects.select_related("store").get(stock_place=shelf)


def _lay_in(place: Place, goods: Sequence[Goods]) -> None:
    now, store = timezone.now(), place.store
    assert store is not None
    open_stock(
        store=store,
        goods=[replace(each, place=place) for each in goods],
        reference=f"shelf {place.pk}",
        business_date=store.business_date(now),
        actor=SYSTEM,
        now=now,
    )


def _stocktake(place: Place, scans: Sequence[Scan], missing: int, less: Callable[[Scan], Scan]) -> Told:
    """Somebody scans everything, somebody else looks again at what differs, the manager posts it."""
    people = {
        name: actor_for(User.objects.get(username=name), now=timezone.now())
        for name in ("lin", "zhao", "manager")
    }
    now = timezone.now()
    first = [less(scan) if n % missing == 0 else scan for n, scan in enumerate(scans)]
    second = [replace(scan, key=f"again {scan.key}") for n, scan in enumerate(first) if n % missing == 0]
    assert place.store is not None
    session = open_count(store=place.store, place=place, actor=people["lin"], now=now)
    now += timedelta(minutes=10)
    _enter(session, first, people["lin"], now)
    submitting, session = _timed(lambda: submit_count(session=session, actor=people["lin"], now=now))
    later = now + timedelta(minutes=10)
    _enter(session, second, people["zhao"], later)
    again, session = _timed(lambda: submit_count(session=session, actor=people["zhao"], now=later))
    if session.state != CountSession.State.SUBMITTED:
        raise RuntimeError(f"two people agree, and the stocktake is {session.state}")
    end = later + timedelta(minutes=10)
    posting, session = _timed(lambda: post_count(session=session, actor=people["manager"], now=end))
    posted = session.document.movements.count() if session.document else 0
    if posted != len(second):
        raise RuntimeError(f"{len(second)} lines differ, {posted} were posted")
    return submitting, again, posting, posted


def _enter(session: CountSession, scans: Sequence[Scan], actor: Any, now: Any) -> None:
    for start in range(0, len(scans), MOST_SCANS):
        entered = enter_counts(session=session, scans=scans[start : start + MOST_SCANS], actor=actor, now=now)
        if entered.refused:
            raise RuntimeError(f"refused: {dict(list(entered.refused.items())[:5])}")


def _timed(work: Callable[[], CountSession]) -> tuple[float, CountSession]:
    began = time.perf_counter()
    session = work()
    return time.perf_counter() - began, session
