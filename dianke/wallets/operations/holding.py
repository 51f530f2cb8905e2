"""Frozen, reported lost, reissued: a wallet or a card rests, and gets a new number."""

from __future__ import annotations

from datetime import datetime

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, subject_key
from dianke.wallets.models import Freeze, Reissue, SessionCard, Wallet
from dianke.wallets.operations.locking import lock_cards, lock_wallets, new_number, refuse_closed
from dianke.wallets.operations.refusals import AlreadyFrozen, NotFrozen, ReasonMissing
from dianke.wallets.queries.holds import freezes_of

HOLD = "wallets.freeze_wallets"
Subject = Wallet | SessionCard


@operation(HOLD)
def freeze(
    *, subject: Subject, reason: str, actor: Actor, now: datetime, kind: str = Freeze.Kind.FROZEN
) -> Freeze:
    """Nothing of it can be spent, used, refunded or transferred until it is unfrozen. `kind` LOST: the customer
    reported the card lost. Raises `AlreadyFrozen`, `ReasonMissing`, `CardClosed`."""
    if not reason.strip():
        raise ReasonMissing
    locked, standing = _locked(subject)
    if isinstance(locked, SessionCard):
        refuse_closed(locked)
    if standing is not None:
        raise AlreadyFrozen(number=locked.number, reason=standing.reason)
    row = Freeze.objects.create(**_about(locked), kind=kind, reason=reason, at=now, user_id=actor.user_id)
    what = "lost" if kind == Freeze.Kind.LOST else "frozen"
    _record(f"wallets.{_word(locked)}_{what}", locked, {"reason": reason}, actor=actor, now=now)
    return row


@operation(HOLD)
def unfreeze(*, subject: Subject, reason: str, actor: Actor, now: datetime) -> Freeze:
    """It can be used again. Raises `NotFrozen`, `ReasonMissing`."""
    if not reason.strip():
        raise ReasonMissing
    locked, standing = _locked(subject)
    if standing is None:
        raise NotFrozen(number=locked.number)
    _end(standing, actor, now)
    _record(f"wallets.{_word(locked)}_unfrozen", locked, {"reason": reason}, actor=actor, now=now)
    return standing


@operation(HOLD)
def reissue(*, subject: Subject, reason: str, actor: Actor, now: datetime) -> Subject:
    """A new number in place of the old one, which leads nowhere any more; a report of loss ends with it. Another
    freeze stays. Raises `ReasonMissing`, `CardClosed`."""
    if not reason.strip():
        raise ReasonMissing
    locked, standing = _locked(subject)
    if isinstance(locked, SessionCard):
        refuse_closed(locked)
    before, after = locked.number, new_number()
    locked.number = after
    locked.save(update_fields=["number"])
    Reissue.objects.create(
        **_about(locked), before=before, after=after, reason=reason, at=now, user_id=actor.user_id
    )
    if standing is not None and standing.kind == Freeze.Kind.LOST:
        _end(standing, actor, now)
    _record(
        f"wallets.{_word(locked)}_reissued",
        locked,
        {"before": before, "after": after, "reason": reason},
        actor=actor,
        now=now,
    )
    return locked


def _locked(subject: Subject) -> tuple[Subject, Freeze | None]:
    if isinstance(subject, Wallet):
        (wallet,) = lock_wallets(ids=[subject.pk])
        return wallet, freezes_of(wallet_ids=[wallet.pk]).get(("wallet", wallet.pk))
    card = lock_cards(ids=[subject.pk])[subject.pk]
    return card, freezes_of(card_ids=[card.pk]).get(("card", card.pk))


def _end(row: Freeze, actor: Actor, now: datetime) -> None:
    row.ended_at, row.ended_by_id = now, actor.user_id
    row.save(update_fields=["ended_at", "ended_by"])


def _about(subject: Subject) -> dict[str, Subject]:
    return {"wallet" if isinstance(subject, Wallet) else "card": subject}


def _word(subject: Subject) -> str:
    return "wallet" if isinstance(subject, Wallet) else "card"


def _record(kind: str, subject: Subject, data: dict[str, str], *, actor: Actor, now: datetime) -> None:
    customer = subject_key(f"customers.customer:{subject.customer_id}")
    record(
        kind,
        subject,
        also=[customer],
        actor=actor,
        now=now,
        store_id=subject.store_id,
        data={"number": subject.number, **data},
    )
