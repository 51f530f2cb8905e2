"""What the merchant sets up: offers, kinds of cards, and the dated rules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Product, Variant
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step
from dianke.stores.models import LegalEntity, Store
from dianke.wallets.models import CardKind, CardKindItem, Offer, OfferStep, Term
from dianke.wallets.operations.refusals import KindEmpty, NotAService, ReasonMissing
from dianke.wallets.rules.terms import read_value

MANAGE = "wallets.manage_offers"
DEFAULTS = Path(__file__).parents[1] / "data" / "terms.json"


class StepsMissing(InvalidInput):
    code = "offer_steps_missing"
    message = _("An offer needs at least one step: from how much on, and how much bonus.")
    default_field = "steps"


class StepTwice(InvalidInput):
    code = "offer_step_twice"
    message = _("Two steps begin at the same amount. Keep one of them.")
    default_field = "steps"


class StepEmpty(InvalidInput):
    code = "offer_step_empty"
    message = _("A step needs an amount above zero, and something that is given.")
    default_field = "steps"


class EndsBeforeStart(InvalidInput):
    code = "ends_before_start"
    message = _("It would end before it begins. Choose a later end.")
    default_field = "ends_at"


class AlreadyEnded(Conflict):
    code = "offer_already_ended"
    message = _("It is out of use already. Nothing has to be done.")


class NameTaken(Conflict):
    code = "card_kind_name_taken"
    message = _("Another kind of card in use has this name. Choose another name.")
    default_field = "name"


class ServiceTwice(InvalidInput):
    code = "card_kind_service_twice"
    message = _("A service stands twice. Add its sessions up in one line.")
    default_field = "items"


class TermTaken(Conflict):
    code = "term_taken"
    message = _("There is a rule from that day on already. Choose another day, or end that one first.")
    default_field = "from_date"


class TermInPast(InvalidInput):
    code = "term_in_past"
    message = _("A rule ends today at the earliest: what it decided stays decided.")
    default_field = "to_date"


@dataclass(frozen=True, slots=True)
class StepIn:
    """Amounts in fen."""

    paid_amount: int
    bonus_amount: int = 0
    promotional_amount: int = 0


@dataclass(frozen=True, slots=True)
class ItemIn:
    """`unit_amount` None: the base price of the service."""

    variant_id: int
    paid_count: int
    gifted_count: int = 0
    unit_amount: int | None = None


# --- offers --------------------------------------------------------------------------------------------------
@operation(MANAGE)
def make_offer(
    *,
    values: dict[str, Any],
    steps: Sequence[StepIn],
    stores: Sequence[Store],
    actor: Actor,
    now: datetime,
) -> Offer:
    """A new offer. `values`: name, currency, starts_at, ends_at, levels, bonus_days, per_customer, is_repeating,
    position. Raises `StepsMissing`, `StepTwice`, `StepEmpty`, `EndsBeforeStart`."""
    offer = Offer(created_at=now, **values)
    _write_offer(offer, steps, stores)
    record("wallets.offer_made", offer, actor=actor, now=now, data={"name": offer.name})
    return offer


@operation(MANAGE)
def change_offer(
    *,
    offer: Offer,
    values: dict[str, Any],
    actor: Actor,
    now: datetime,
    steps: Sequence[StepIn] | None = None,
    stores: Sequence[Store] | None = None,
) -> Offer:
    """What was topped up keeps what it got. Errors as `make_offer`."""
    locked: Offer = Offer.objects.select_for_update().get(pk=offer.pk)
    before = {name: str(getattr(locked, name)) for name in values}
    for name, value in values.items():
        setattr(locked, name, value)
    _write_offer(locked, steps, stores)
    changes = {
        name: [before[name], str(value)] for name, value in values.items() if before[name] != str(value)
    }
    record(
        "wallets.offer_changed", locked, actor=actor, now=now, data={"name": locked.name, "changes": changes}
    )
    return locked


@operation(MANAGE)
def end_offer(*, offer: Offer, actor: Actor, now: datetime) -> Offer:
    """Nobody can top up with it any more. Raises `AlreadyEnded`."""
    locked: Offer = Offer.objects.select_for_update().get(pk=offer.pk)
    if locked.ended_at is not None:
        raise AlreadyEnded
    locked.ended_at = now
    locked.save(update_fields=["ended_at"])
    record("wallets.offer_ended", locked, actor=actor, now=now, data={"name": locked.name})
    return locked


def _write_offer(offer: Offer, steps: Sequence[StepIn] | None, stores: Sequence[Store] | None) -> None:
    if offer.starts_at and offer.ends_at and offer.ends_at <= offer.starts_at:
        raise EndsBeforeStart
    if steps is not None:
        if not steps:
            raise StepsMissing
        if len({each.paid_amount for each in steps}) < len(steps):
            raise StepTwice
        if any(each.paid_amount <= 0 or each.bonus_amount + each.promotional_amount <= 0 for each in steps):
            raise StepEmpty
    offer.save()
    if steps is not None:
        offer.steps.all().delete()
        OfferStep.objects.bulk_create(
            OfferStep(
                offer=offer,
                paid_amount=each.paid_amount,
                bonus_amount=each.bonus_amount,
                promotional_amount=each.promotional_amount,
            )
            for each in steps
        )
    if stores is not None:
        offer.stores.set(stores)


# --- kinds of cards --------------------------------------------------------------------------------------------
@operation(MANAGE)
def make_card_kind(
    *,
    values: dict[str, Any],
    items: Sequence[ItemIn],
    stores: Sequence[Store],
    actor: Actor,
    now: datetime,
) -> CardKind:
    """A new kind of card. `values`: name, currency, price_amount, valid_days, starts, is_for_household,
    needs_confirmation, refund_method, position. Raises `KindEmpty`, `NotAService`, `ServiceTwice`, `NameTaken`."""
    kind = CardKind(created_at=now, **values)
    _write_kind(kind, items, stores)
    record("wallets.card_kind_made", kind, actor=actor, now=now, data={"name": kind.name})
    return kind


@operation(MANAGE)
def change_card_kind(
    *,
    kind: CardKind,
    values: dict[str, Any],
    actor: Actor,
    now: datetime,
    items: Sequence[ItemIn] | None = None,
    stores: Sequence[Store] | None = None,
) -> CardKind:
    """Cards that were sold stay what they are. Errors as `make_card_kind`."""
    locked: CardKind = CardKind.objects.select_for_update().get(pk=kind.pk)
    before = {name: str(getattr(locked, name)) for name in values}
    for name, value in values.items():
        setattr(locked, name, value)
    _write_kind(locked, items, stores)
    changes = {
        name: [before[name], str(value)] for name, value in values.items() if before[name] != str(value)
    }
    record(
        "wallets.card_kind_changed",
        locked,
        actor=actor,
        now=now,
        data={"name": locked.name, "changes": changes},
    )
    return locked


@operation(MANAGE)
def end_card_kind(*, kind: CardKind, actor: Actor, now: datetime) -> CardKind:
    """It is sold no more; cards in use stay good. Raises `AlreadyEnded`."""
    locked: CardKind = CardKind.objects.select_for_update().get(pk=kind.pk)
    if locked.ended_at is not None:
        raise AlreadyEnded
    locked.ended_at = now
    locked.save(update_fields=["ended_at"])
    record("wallets.card_kind_ended", locked, actor=actor, now=now, data={"name": locked.name})
    return locked


def _write_kind(kind: CardKind, items: Sequence[ItemIn] | None, stores: Sequence[Store] | None) -> None:
    found: dict[int, Variant] = {}
    if items is not None:
        found = _services(items)
        paid = sum(each.paid_count for each in items)
        if not items or (kind.price_amount and not paid):
            raise KindEmpty
        if len({each.variant_id for each in items}) < len(items):
            raise ServiceTwice
    try:
        with transaction.atomic():
            kind.save()
    except IntegrityError as error:
        if "wallet_card_kind_name_once" in str(error):
            raise NameTaken from error
        raise
    if items is not None:
        kind.items.all().delete()
        CardKindItem.objects.bulk_create(
            CardKindItem(
                kind=kind,
                variant=found[each.variant_id],
                paid_count=each.paid_count,
                gifted_count=each.gifted_count,
                unit_amount=each.unit_amount
                if each.unit_amount is not None
                else _price(found[each.variant_id]),
                position=position,
            )
            for position, each in enumerate(items)
        )
    if stores is not None:
        kind.stores.set(stores)


def _services(items: Sequence[ItemIn]) -> dict[int, Variant]:
    found = Variant.objects.select_related("product").in_bulk([each.variant_id for each in items])
    for each in items:
        variant = found.get(each.variant_id)
        if variant is None or variant.product.kind != Product.Kind.SERVICE:
            raise NotAService(product=variant or each.variant_id)
        if each.paid_count + each.gifted_count <= 0:
            raise KindEmpty
    return found


def _price(variant: Variant) -> int:
    return variant.price_amount or 0


# --- dated rules -------------------------------------------------------------------------------------------------
@operation(MANAGE)
def set_term(
    *,
    code: str,
    value: str,
    from_date: date,
    source: str,
    actor: Actor,
    now: datetime,
    province: str = "",
    legal_entity: LegalEntity | None = None,
) -> Term:
    """A rule from a day on, for everywhere, a province or a legal entity. The one before it in the same place ends that
    day. Whoever sets it has checked it. Raises `TermUnknown`, `TermValueWrong`, `TermTaken`, `ReasonMissing`."""
    read_value(code, value)
    if not source.strip():
        raise ReasonMissing(field="source")
    place = Term.objects.filter(code=code, province=province, legal_entity=legal_entity)
    if place.filter(from_date=from_date).exists():
        raise TermTaken
    later = (
        place.filter(from_date__gt=from_date)
        .order_by("from_date")
        .values_list("from_date", flat=True)
        .first()
    )
    before = place.filter(from_date__lt=from_date).order_by("-from_date").select_for_update().first()
    if before is not None and (before.to_date is None or before.to_date > from_date):
        before.to_date = from_date
        before.save(update_fields=["to_date"])
    term = Term.objects.create(
        code=code,
        value=value.strip(),
        province=province,
        legal_entity=legal_entity,
        from_date=from_date,
        to_date=later,
        source=source,
        checked_at=now,
        checked_by_id=actor.user_id,
        set_by_id=actor.user_id,
    )
    record(
        "wallets.term_set",
        term,
        actor=actor,
        now=now,
        data={"code": code, "value": term.value, "from": from_date.isoformat(), "province": province},
    )
    return term


@operation(MANAGE)
def end_term(*, term: Term, to_date: date, today: date, actor: Actor, now: datetime) -> Term:
    """A rule holds no more from a day on. Raises `TermInPast`, `AlreadyEnded`."""
    locked: Term = Term.objects.select_for_update().get(pk=term.pk)
    if locked.to_date is not None and locked.to_date <= to_date:
        raise AlreadyEnded
    if to_date < today or to_date <= locked.from_date:
        raise TermInPast
    locked.to_date = to_date
    locked.save(update_fields=["to_date"])
    record(
        "wallets.term_ended",
        locked,
        actor=actor,
        now=now,
        data={"code": locked.code, "to": to_date.isoformat()},
    )
    return locked


@operation(MANAGE)
def check_term(*, term: Term, actor: Actor, now: datetime) -> Term:
    """Somebody of the merchant compared the rule with its source and it is right."""
    locked: Term = Term.objects.select_for_update().get(pk=term.pk)
    locked.checked_at, locked.checked_by_id = now, actor.user_id
    locked.save(update_fields=["checked_at", "checked_by"])
    record("wallets.term_checked", locked, actor=actor, now=now, data={"code": locked.code})
    return locked


@step
def load_default_terms() -> int:
    """The rules of `data/terms.json`, marked as not checked, where the merchant has none at all; how many."""
    if Term.objects.exists():
        return 0
    rows = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    return len(
        Term.objects.bulk_create(
            Term(
                code=row["code"],
                value=row["value"],
                from_date=date.fromisoformat(row["from_date"]),
                source=row["source"],
            )
            for row in rows
        )
    )
