"""The board of the day: prices of metals set together, corrected with a reason, promised to somebody for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import DayPrice, DayPriceLock
from dianke.catalog.models.day_prices import scope_of
from dianke.catalog.queries.day_prices import board
from dianke.catalog.rules.jewelry import METAL_NAMES, PURE, DayPriceMissing, FinenessWrong, metal_name
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import Merchant, Region, Store
from dianke.stores.queries import stores_at

SET = "catalog.set_day_price"
MOST_AT_ONCE = 50
#: A board is prepared at most so far ahead; more is a slip of the date.
FARTHEST_AHEAD = timedelta(days=31)
#: So much later than "now" a board may seem to begin and still be now: a person types, a clock differs.
GRACE = timedelta(minutes=10)


class MetalUnknown(InvalidInput):
    code = "metal_unknown"
    message = _("Choose the metal from the list.")
    default_field = "metal"


class DayPriceWrong(InvalidInput):
    code = "day_price_wrong"
    message = _("The price per gram must be more than zero.")
    default_field = "sell_amount"


class BuyBackAboveSell(InvalidInput):
    code = "buy_back_above_sell"
    message = _("The buy-back price of %(metal)s is above its selling price. Check both.")
    default_field = "buy_back_amount"


class MetalTwice(InvalidInput):
    code = "metal_twice"
    message = _("%(metal)s stands on the board twice. Leave one.")


class BoardEmpty(InvalidInput):
    code = "board_empty"
    message = _("Enter at least one price.")


class TooManyMetals(InvalidInput):
    code = "too_many_metals"
    message = _("At most %(limit)s prices at once.")


class BoardOutOfReach(NotAllowed):
    code = "board_out_of_reach"
    message = _("This board counts in stores you do not lead. Set the board of your own store instead.")
    default_field = "store"


class BoardOfTwo(InvalidInput):
    code = "board_of_two"
    message = _("A board is of a store or of a region, not of both. Leave one out.")
    default_field = "region"


class NothingToFollow(InvalidInput):
    code = "nothing_to_follow"
    message = _("The merchant's own board has no wider one to follow. Enter a price.")
    default_field = "sell_amount"


class BoardTimeWrong(InvalidInput):
    code = "board_time_wrong"
    message = _(
        "A new board begins now or within 31 days. To put a past price right, correct it and give the reason."
    )
    default_field = "from_at"


class CorrectionReasonMissing(InvalidInput):
    code = "correction_reason_missing"
    message = _("Write in a few words why the price was wrong.")
    default_field = "reason"


class AlreadyCorrected(Conflict):
    code = "day_price_already_corrected"
    message = _("This price has been corrected already. Correct the newer one.")


class LockTimeWrong(InvalidInput):
    code = "lock_time_wrong"
    message = _("A locked price must hold until some time from now on.")
    default_field = "until"


class LockReferenceTaken(Conflict):
    code = "lock_reference_taken"
    message = _("“%(reference)s” has a locked price already, with other terms. Release it first.")
    default_field = "reference"


@dataclass(frozen=True, slots=True)
class Quote:
    """A line of a board to set, minor units per gram. Without `sell_amount` the store or region follows the wider board
    for this metal again."""

    metal: str
    fineness: int
    sell_amount: int | None
    buy_back_amount: int | None = None


@operation(SET)
def set_board(
    *,
    quotes: Sequence[Quote],
    store: Store | None = None,
    region: Region | None = None,
    from_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> list[DayPrice]:
    """Set the prices of a store, a region or (neither) the whole merchant for several metals at once, from now or from
    a moment to come. What is not named stays as it was.

    Raises `BoardOutOfReach`, `BoardEmpty`, `TooManyMetals`, `MetalTwice`, `MetalUnknown`, `FinenessWrong`,
    `DayPriceWrong`, `BuyBackAboveSell`, `NothingToFollow`, `BoardTimeWrong`.
    """
    _check_scope(actor, store, region)
    if not quotes:
        raise BoardEmpty
    if len(quotes) > MOST_AT_ONCE:
        raise TooManyMetals(limit=MOST_AT_ONCE)
    begins = from_at or now
    if not now - GRACE <= begins <= now + FARTHEST_AHEAD:
        raise BoardTimeWrong
    seen = set()
    for quote in quotes:
        _check_quote(quote, is_merchant=store is None and region is None)
        if (quote.metal, quote.fineness) in seen:
            raise MetalTwice(metal=metal_name(quote.metal, quote.fineness))
        seen.add((quote.metal, quote.fineness))
    currency = store.currency if store else _merchant_currency()
    rows = DayPrice.objects.bulk_create(
        DayPrice(
            metal=quote.metal,
            fineness=quote.fineness,
            store=store,
            region=region,
            scope=scope_of(store.pk if store else None, region.pk if region else None),
            currency=currency,
            sell_amount=quote.sell_amount,
            buy_back_amount=quote.buy_back_amount,
            from_at=begins,
            set_at=now,
            set_by_id=actor.user_id,
        )
        for quote in quotes
    )
    record(
        "catalog.board_set",
        rows[0],
        also=[*rows[1:], *([store] if store else []), *([region] if region else [])],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={
            "count": len(rows),
            "from_at": begins.isoformat(),
            "prices": [
                [row.metal, row.fineness, _text(row.sell_amount), _text(row.buy_back_amount)] for row in rows
            ],
        },
    )
    return rows


@operation(SET)
def correct_day_price(
    *,
    day_price: DayPrice,
    sell_amount: int | None,
    buy_back_amount: int | None = None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> DayPrice:
    """Put a price right from the moment it began: a further row, the wrong one stays. What was sold meanwhile stays
    sold at what was asked.

    Raises `BoardOutOfReach`, `CorrectionReasonMissing`, `AlreadyCorrected`, `DayPriceWrong`, `BuyBackAboveSell`,
    `NothingToFollow`.
    """
    wrong = (
        DayPrice.objects.select_for_update(of=("self",))
        .select_related("store", "region")
        .get(pk=day_price.pk)
    )
    _check_scope(actor, wrong.store, wrong.region)
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise CorrectionReasonMissing
    if DayPrice.objects.filter(corrects=wrong).exists():
        raise AlreadyCorrected
    quote = Quote(wrong.metal, wrong.fineness, sell_amount, buy_back_amount)
    _check_quote(quote, is_merchant=not wrong.scope)
    made = DayPrice.objects.create(
        metal=wrong.metal,
        fineness=wrong.fineness,
        store=wrong.store,
        region=wrong.region,
        scope=wrong.scope,
        currency=wrong.currency,
        sell_amount=sell_amount,
        buy_back_amount=buy_back_amount,
        from_at=wrong.from_at,
        set_at=now,
        set_by_id=actor.user_id,
        corrects=wrong,
        reason=reason,
    )
    record(
        "catalog.day_price_corrected",
        made,
        also=[wrong, *([wrong.store] if wrong.store else [])],
        actor=actor,
        now=now,
        store_id=wrong.store_id,
        data={
            "metal": wrong.metal,
            "fineness": wrong.fineness,
            "changes": {
                "sell_amount": [_text(wrong.sell_amount), _text(sell_amount)],
                "buy_back_amount": [_text(wrong.buy_back_amount), _text(buy_back_amount)],
            },
        },
    )
    return made


@operation(SET)
def lock_price(
    *, reference: str, metal: str, fineness: int, store: Store, until: datetime, actor: Actor, now: datetime
) -> DayPriceLock:
    """Promise the price of this moment under a reference, for instance the subject key of a quote, until an instant.
    The same again is a no-op. Rooms that lock for their own documents call it as the system.

    Raises `DayPriceMissing`, `LockTimeWrong`, `LockReferenceTaken`.
    """
    actor.require(SET, store_id=store.pk)
    if until <= now:
        raise LockTimeWrong
    standing = DayPriceLock.objects.select_for_update().filter(reference=reference).first()
    if standing is None:
        row = next((row for row in board(store, now) if (row.metal, row.fineness) == (metal, fineness)), None)
        if row is None:
            raise DayPriceMissing(metal=metal_name(metal, fineness))
        made = DayPriceLock(
            reference=reference,
            store=store,
            day_price_id=row.day_price_id,
            metal=metal,
            fineness=fineness,
            currency=row.currency,
            sell_amount=row.sell_amount,
            locked_at=now,
            until=until,
        )
        # Two that lock under one reference at once: one makes the row, the other finds it.
        DayPriceLock.objects.bulk_create([made], ignore_conflicts=True)
        standing = DayPriceLock.objects.select_for_update().get(reference=reference)
        if (
            standing.locked_at == now
            and standing.day_price_id == row.day_price_id
            and standing.until == until
        ):
            record(
                "catalog.day_price_locked",
                standing,
                also=[store],
                actor=actor,
                now=now,
                store_id=store.pk,
                data={
                    "metal": metal,
                    "fineness": fineness,
                    "sell_amount": str(standing.sell_amount),
                    "until": until.isoformat(),
                },
            )
            return standing
    same = (standing.metal, standing.fineness, standing.store_id, standing.until, standing.released_at)
    if same != (metal, fineness, store.pk, until, None):
        raise LockReferenceTaken(reference=reference)
    unchanged()
    return standing


@operation(SET)
def release_lock(*, lock: DayPriceLock, actor: Actor, now: datetime) -> DayPriceLock:
    """The promise holds no more: the quote was bought, or given up."""
    found = DayPriceLock.objects.select_for_update(of=("self",)).select_related("store").get(pk=lock.pk)
    actor.require(SET, store_id=found.store_id)
    if found.released_at is not None:
        unchanged()
        return found
    found.released_at = now
    found.save(update_fields=["released_at"])
    record(
        "catalog.day_price_released",
        found,
        also=[found.store],
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"metal": found.metal, "fineness": found.fineness},
    )
    return found


def may_set(actor: Actor, *, store: Store | None, region: Region | None) -> bool:
    """Whether the actor leads every store where this board counts."""
    led = actor.stores_for(SET)
    if led is None:
        return True
    wanted = stores_at(store=store, region=region, legal_entity=None)
    return bool(wanted) and wanted is not None and wanted <= led


def _check_scope(actor: Actor, store: Store | None, region: Region | None) -> None:
    if store is not None and region is not None:
        raise BoardOfTwo
    if not may_set(actor, store=store, region=region):
        raise BoardOutOfReach


def _check_quote(quote: Quote, *, is_merchant: bool) -> None:
    if quote.metal not in METAL_NAMES:
        raise MetalUnknown
    if not 0 < quote.fineness <= PURE:
        raise FinenessWrong
    if quote.sell_amount is None:
        if is_merchant:
            raise NothingToFollow
        if quote.buy_back_amount is not None:
            raise DayPriceWrong
        return
    if not 0 < quote.sell_amount < 10**15:
        raise DayPriceWrong
    if quote.buy_back_amount is not None and quote.buy_back_amount > quote.sell_amount:
        raise BuyBackAboveSell(metal=metal_name(quote.metal, quote.fineness))
    if quote.buy_back_amount is not None and quote.buy_back_amount < 0:
        raise DayPriceWrong(field="buy_back_amount")


def _text(amount: int | None) -> str | None:
    return None if amount is None else str(amount)


def _merchant_currency() -> str:
    return Merchant.objects.values_list("currency", flat=True).first() or "CNY"
