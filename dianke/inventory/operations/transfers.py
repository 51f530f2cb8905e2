"""Transfers: goods are planned to go from one place to another, leave, and come short, damaged or as sent; or are
called off, also half-way. Every step is one document; between legal entities the goods change hands at a price.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from dianke.events.operations import operation, record, step
from dianke.inventory.models import CostState, Document, Place, Transfer, TransferLine
from dianke.inventory.operations.places import PlacesOfStore, places_of
from dianke.inventory.operations.posting import Kind, Line, Posted, name_of, post_document, show
from dianke.inventory.operations.reserving import Wanted, release, reserve
from dianke.inventory.rules import transfers as rules
from dianke.inventory.rules.costing import money
from dianke.inventory.rules.transfers import Arrival, Goes, Part, Passes, Pricing, Problem, ProblemCode

TRANSFER = "inventory.transfer_goods"
State = Transfer.State


class TransferNotFound(NotFound):
    code = "transfer_not_found"
    message = _("This transfer does not exist, or you may not see it.")


class TransferClosed(Conflict):
    code = "transfer_closed"
    message = _("This transfer is already %(state)s. Load the page again.")


class TransferGoesNowhere(InvalidInput):
    code = "transfer_goes_nowhere"
    message = _("Goods go from one shelf to another. Choose two places of stock.")
    default_field = "to_place"


class TransferEmpty(InvalidInput):
    code = "transfer_empty"
    message = _("There is nothing to send. Add goods, or call the transfer off.")


class TransferPriceMissing(InvalidInput):
    code = "transfer_price_missing"
    message = _("“%(product)s” goes to another company. Enter the price it is sold at.")
    default_field = "unit_price"


class TransferNotHere(NotAllowed):
    code = "transfer_not_here"
    message = _("Only the store the goods are at, or are meant for, does this.")


class ArrivalUnclear(InvalidInput):
    """`lines` in `params` lists all that has to be said: number of the line, code, quantity."""

    code = "transfer_arrival_unclear"
    message = _("%(problem)s")
    default_field = "lines"


_PROBLEMS = {
    ProblemCode.NOT_CHECKED: _("“%(product)s” has not been checked. Enter what came, zero if nothing did."),
    ProblemCode.UNKNOWN_LINE: _("Line %(line)s was not sent. Take it away."),
    ProblemCode.BELOW_ZERO: _("“%(product)s”: a quantity cannot be below zero. Correct it."),
    ProblemCode.WHY_LESS: _("“%(product)s”: %(quantity)s less came than was sent. Say why."),
    ProblemCode.WHY_MORE: _("“%(product)s”: %(quantity)s more came than was sent. Say why, or correct it."),
    ProblemCode.PIECE_IS_ONE: _("“%(product)s” is a single piece: one was sent, no more can come."),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to go: `quantity` of a variant, of a batch, or a piece. `unit_price` (yuan without tax) is asked for when
    goods go to another legal entity at fixed prices."""

    variant_id: int
    quantity: Decimal
    batch_id: int | None = None
    piece_id: int | None = None
    unit_price: Decimal | None = None


@operation(TRANSFER)
def plan_transfer(
    *,
    from_place: Place,
    to_place: Place,
    goods: Sequence[Planned],
    pricing: str = "",
    markup_bp: int = 0,
    passes: str = Passes.ON_RECEIPT,
    note: str = "",
    is_reserved: bool = True,
    actor: Actor,
    now: datetime,
) -> Transfer:
    """Say what is to go from a shelf to another; until it leaves the goods are kept for it (`is_reserved`). Whoever may
    transfer at either store plans. Between legal entities `pricing` says at what price, at cost unless given.

    Raises `TransferGoesNowhere`, `TransferEmpty`, `TransferPriceMissing`, `TransferNotHere`, `StockTooLow`.
    """
    both = (from_place, to_place)
    if from_place.pk == to_place.pk or any(place.kind != Place.Kind.STOCK for place in both):
        raise TransferGoesNowhere
    if not any(actor.can(TRANSFER, store_id=place.store_id) for place in both):
        raise TransferNotHere
    if not goods:
        raise TransferEmpty
    is_sold = from_place.legal_entity_id != to_place.legal_entity_id
    transfer = Transfer.objects.create(
        from_place=from_place,
        to_place=to_place,
        passes=passes if is_sold else Passes.ON_RECEIPT,
        pricing=(pricing or Pricing.COST) if is_sold else "",
        markup_bp=markup_bp if is_sold else 0,
        note=note.strip()[:200],
        planned_at=now,
        planned_by_id=actor.user_id,
    )
    lines = [
        TransferLine(
            transfer=transfer,
            line=number,
            variant_id=each.variant_id,
            batch_id=each.batch_id,
            piece_id=each.piece_id,
            quantity=each.quantity,
            unit_price=each.unit_price if transfer.pricing == Pricing.FIXED else None,
        )
        for number, each in enumerate(goods, 1)
    ]
    for line in lines:
        if transfer.pricing == Pricing.FIXED and (line.unit_price is None or line.unit_price < 0):
            raise TransferPriceMissing(product=name_of(line.variant_id))
    if is_reserved:
        # Refuses quantities out of range as well, before they reach a row.
        reserve(
            wanted=[
                Wanted(
                    line.reservation, line.variant_id, from_place, line.quantity, line.batch_id, line.piece_id
                )
                for line in lines
            ],
            expires_at=None,
            actor=actor,
            now=now,
        )
    TransferLine.objects.bulk_create(lines)
    _record("inventory.transfer_planned", transfer, actor, now, lines=len(lines))
    return transfer


@operation(TRANSFER)
def ship_transfer(
    *,
    transfer: Transfer,
    quantities: Mapping[int, Decimal] | None = None,
    actor: Actor,
    now: datetime,
) -> Transfer:
    """Goods leave: all as planned, or `quantities` by line (zero: it stays). They are under way with whoever owns them
    until they come. Raises `TransferNotFound`, `TransferClosed`, `TransferNotHere`, `TransferEmpty`, the errors of
    posting."""
    found = lock_transfer(transfer, actor)
    _require_at(found.from_place, actor)
    _check_becomes(found, State.SHIPPED)
    lines = list(found.lines.select_related("piece"))
    for line in lines:
        line.shipped = (quantities or {}).get(line.line, line.quantity)
    if not any(line.shipped for line in lines):
        raise TransferEmpty
    places = _places(found)
    under_way = places[_owner(found)].outside[Place.Kind.TRANSIT]
    _set_prices(found, lines)
    posted = _post(
        found,
        Kind.SHIPMENT,
        "shipment",
        found.from_place,
        [
            Line(
                line.variant_id,
                found.from_place,
                under_way,
                line.shipped,
                line.batch_id,
                line.piece_id,
                cost=_cost(line, line.shipped, found.from_place, under_way),
                reservation=line.reservation,
            )
            for line in lines
            if line.shipped
        ],
        actor,
        now,
    )
    release(references=[line.reservation for line in lines if not line.shipped], actor=actor, now=now)
    TransferLine.objects.bulk_update(lines, ["shipped", "unit_price"])
    found.state, found.shipped_at, found.shipped_by_id = State.SHIPPED, now, actor.user_id
    found.shipment = Document.objects.get(pk=posted.document_id)
    found.save(update_fields=["state", "shipped_at", "shipped_by", "shipment"])
    _record("inventory.transfer_shipped", found, actor, now, lines=len(posted.movement_ids))
    return found


@operation(TRANSFER)
def receive_transfer(
    *, transfer: Transfer, arrivals: Mapping[int, Arrival], actor: Actor, now: datetime
) -> Transfer:
    """Goods come: `arrivals` says by line what was good, what damaged, and why less or more came than was sent. Each
    line is checked; of two receipts of one transfer the second is refused.

    What is missing is the loss of whoever owned the goods under way, or goes back to the sender's stock when it never
    left. Raises `TransferNotFound`, `TransferClosed`, `TransferNotHere`, `ArrivalUnclear`, the errors of posting.
    """
    found = lock_transfer(transfer, actor)
    _require_at(found.to_place, actor)
    _check_becomes(found, State.RECEIVED)
    return _settle(found, arrivals, found.to_place, State.RECEIVED, actor, now)


@operation(TRANSFER)
def cancel_transfer(
    *,
    transfer: Transfer,
    reason: str,
    arrivals: Mapping[int, Arrival] | None = None,
    actor: Actor,
    now: datetime,
) -> Transfer:
    """Call a transfer off. Nothing left yet: the goods are free again. Under way: the sender takes them back, and
    `arrivals` says what came back (None: everything as it was sent). Raises as `receive_transfer`."""
    found = lock_transfer(transfer, actor)
    found.reason = reason.strip()[:200]
    if found.state == State.SHIPPED:
        _require_at(found.from_place, actor)
        came = arrivals
        if came is None:
            came = rules.as_sent({line.line: line.shipped for line in found.lines.all() if line.shipped})
        return _settle(found, came, found.from_place, State.RETURNED, actor, now)
    _check_becomes(found, State.CANCELLED)
    if not any(actor.can(TRANSFER, store_id=place.store_id) for place in (found.from_place, found.to_place)):
        raise TransferNotHere
    release(references=[line.reservation for line in found.lines.all()], actor=actor, now=now)
    found.state, found.closed_at, found.closed_by_id = State.CANCELLED, now, actor.user_id
    found.save(update_fields=["state", "closed_at", "closed_by", "reason"])
    _record("inventory.transfer_cancelled", found, actor, now)
    return found


# --- parts ---------------------------------------------------------------------------------------------------
def lock_transfer(transfer: Transfer, actor: Actor) -> Transfer:
    """The transfer again, locked: whoever ships, receives or calls it off waits here. Raises `TransferNotFound`."""
    visible = Transfer.objects.visible_to(actor, TRANSFER).filter(pk=transfer.pk).values("pk")
    rows = Transfer.objects.select_related("from_place__store", "to_place__store", "shipment")
    found = rows.select_for_update(of=("self",)).filter(pk__in=visible).first()
    if found is None:
        raise TransferNotFound
    return found


def _check_becomes(transfer: Transfer, wanted: str) -> None:
    if not rules.may_become(rules.State(transfer.state), rules.State(wanted)):
        raise TransferClosed(state=transfer.get_state_display())


def _require_at(place: Place, actor: Actor) -> None:
    if not actor.can(TRANSFER, store_id=place.store_id):
        raise TransferNotHere


def _owner(transfer: Transfer) -> int:
    """The legal entity that owns what is under way."""
    return rules.owner_under_way(
        transfer.from_place.legal_entity_id, transfer.to_place.legal_entity_id, Passes(transfer.passes)
    )


def _places(transfer: Transfer) -> dict[int, PlacesOfStore]:
    """The places of both stores, by legal entity; of one entity that of the receiver."""
    found = {}
    for place in (transfer.from_place, transfer.to_place):
        if place.store is not None:
            found[place.legal_entity_id] = places_of(store=place.store)
    return found


@step
def _set_prices(transfer: Transfer, lines: Sequence[TransferLine]) -> None:
    """What the other entity pays, fixed when the goods leave."""
    if not transfer.pricing:
        return
    states = CostState.objects.filter(
        legal_entity=transfer.from_place.legal_entity_id, variant__in=[line.variant_id for line in lines]
    )
    averages = dict(states.values_list("variant_id", "average"))
    for line in lines:
        line.unit_price = rules.unit_price(
            Pricing(transfer.pricing),
            average_cost=averages.get(line.variant_id, Decimal(0)),
            markup_bp=transfer.markup_bp,
            fixed=line.unit_price,
        )


def _cost(line: TransferLine, quantity: Decimal | None, giver: Place, taker: Place) -> Decimal | None:
    """What goods that change hands cost the taker altogether; None within one entity."""
    if giver.legal_entity_id == taker.legal_entity_id or line.unit_price is None or quantity is None:
        return None
    return money(Fraction(line.unit_price) * Fraction(quantity))


@step
def _settle(
    transfer: Transfer,
    arrivals: Mapping[int, Arrival],
    here: Place,
    state: str,
    actor: Actor,
    now: datetime,
) -> Transfer:
    """Book where every unit went, and close the transfer."""
    lines = {line.line: line for line in transfer.lines.select_related("piece") if line.shipped}
    parts, problems = rules.settle(
        {number: line.shipped or Decimal(0) for number, line in lines.items()},
        arrivals,
        pieces=frozenset(number for number, line in lines.items() if line.piece_id),
    )
    if problems:
        raise _unclear(problems, lines)
    posted = _post(
        transfer,
        Kind.TRANSFER_RECEIPT,
        "receipt",
        here,
        _lines(transfer, lines, parts, here),
        actor,
        now,
    )
    for number, line in lines.items():
        came = arrivals[number]
        line.good, line.damaged = came.good, came.damaged
        line.missing = came.missing or "" if came.good + came.damaged < (line.shipped or 0) else ""
        line.beyond = came.beyond or "" if came.good + came.damaged > (line.shipped or 0) else ""
    TransferLine.objects.bulk_update(lines.values(), ["good", "damaged", "missing", "beyond"])
    transfer.state, transfer.closed_at, transfer.closed_by_id = state, now, actor.user_id
    transfer.receipt = Document.objects.get(pk=posted.document_id)
    transfer.save(update_fields=["state", "closed_at", "closed_by", "receipt", "reason"])
    sums = rules.totals(parts)
    _record(
        "inventory.transfer_received" if state == State.RECEIVED else "inventory.transfer_returned",
        transfer,
        actor,
        now,
        arrived=show(sums.arrived + sums.extra),
        damaged=show(sums.damaged),
        lost=show(sums.lost + sums.back),
    )
    return transfer


def _lines(
    transfer: Transfer, lines: Mapping[int, TransferLine], parts: Sequence[Part], here: Place
) -> list[Line]:
    places = _places(transfer)
    owner = _owner(transfer)
    outside = places[owner].outside
    under_way = outside[Place.Kind.TRANSIT]
    ends = {
        Goes.ARRIVED: (under_way, here),
        Goes.DAMAGED: (under_way, outside[Place.Kind.SCRAP]),
        Goes.LOST: (under_way, outside[Place.Kind.LOSS]),
        Goes.BACK: (under_way, transfer.from_place),
        Goes.EXTRA_FROM_SENDER: (transfer.from_place, here),
        Goes.EXTRA_FOUND: (places[here.legal_entity_id].outside[Place.Kind.GAIN], here),
    }
    made = []
    for part in parts:
        line = lines[part.line]
        giver, taker = ends[part.goes]
        if giver.pk == taker.pk:
            continue  # more came back than was sent: it never left the shelf by the books
        is_sold = giver.is_held and taker.is_held
        made.append(
            Line(
                line.variant_id,
                giver,
                taker,
                part.quantity,
                line.batch_id,
                line.piece_id,
                cost=_cost(line, part.quantity, giver, taker) if is_sold else None,
                reason=part.goes if part.goes is not Goes.ARRIVED else "",
            )
        )
    return made


def _unclear(problems: Sequence[Problem], lines: Mapping[int, TransferLine]) -> ArrivalUnclear:
    first = problems[0]
    text = str(_PROBLEMS[first.code]) % {
        "product": name_of(lines[first.line].variant_id) if first.line in lines else "",
        "line": first.line,
        "quantity": show(first.quantity),
    }
    return ArrivalUnclear(
        problem=text,
        lines=[
            {"line": each.line, "code": each.code.value, "quantity": str(each.quantity)} for each in problems
        ],
    )


@step
def _post(
    transfer: Transfer,
    kind: str,
    what: str,
    here: Place,
    lines: Sequence[Line],
    actor: Actor,
    now: datetime,
) -> Posted:
    store = here.store
    assert store is not None  # a transfer goes between shelves, and those are stores'
    return post_document(
        kind=kind,
        reference=f"inventory.transfer:{transfer.pk}/{what}",
        lines=lines,
        store=store,
        occurred_at=now,
        business_date=store.business_date(now),
        actor=actor,
        now=now,
        note=transfer.note,
    )


def _record(kind: str, transfer: Transfer, actor: Actor, now: datetime, **data: object) -> None:
    documents = [each for each in (transfer.shipment, transfer.receipt) if each is not None]
    stores = {transfer.from_place.store_id, transfer.to_place.store_id}
    here = transfer.to_place if kind.endswith("_received") else transfer.from_place
    record(
        kind,
        transfer,
        also=[*documents, *(f"stores.store:{pk}" for pk in sorted(pk for pk in stores if pk))],
        actor=actor,
        now=now,
        store_id=here.store_id,
        data={"number": str(transfer), **data},
    )


__all__ = [
    "Arrival",
    "ArrivalUnclear",
    "Planned",
    "TransferClosed",
    "TransferEmpty",
    "TransferGoesNowhere",
    "TransferNotFound",
    "TransferNotHere",
    "TransferPriceMissing",
    "cancel_transfer",
    "lock_transfer",
    "plan_transfer",
    "receive_transfer",
    "ship_transfer",
]
