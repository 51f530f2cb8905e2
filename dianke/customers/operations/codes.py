"""Codes sent to a phone to prove it: asked for, tried, used once.

Whoever asks gets the same answer whether or not the number is known here, and a code is sent either way; what is known
about a number is told only to who proved it. Everything is counted before it is compared, so that parallel guesses
cannot share a try.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from dianke.access import limits
from dianke.core import data_keys, messages
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, TemporarilyUnavailable
from dianke.core.phone import Phone
from dianke.customers.models import ContactKind, PortalSession, VerificationCode
from dianke.customers.queries.portal import token_hash
from dianke.customers.rules.portal import (
    CODE_AGAIN,
    CODE_DIGITS,
    CODE_LIFE,
    CODE_OCCASION,
    CODE_TRIES,
)
from dianke.events.operations import operation, record, step, unchanged
from dianke.stores.models import Merchant

_TABLE = "customers_verificationcode"
SESSIONS_KEPT = timedelta(days=180)  # after their end, as records of sign-ins are
TEXT = gettext_noop(
    "[%(shop)s] %(code)s is your code, good for %(minutes)s minutes. Never tell it to anybody."
)
MINUTES = str(int(CODE_LIFE.total_seconds() // 60))
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: A whole shop shares one address, so it may ask for many; one number only for few.
PER_PHONE_HOUR, PER_PHONE_DAY, PER_ADDRESS_HOUR, PER_POINT_HOUR, TRIES_PER_PHONE_HOUR = 5, 10, 60, 300, 20


class CodeTooSoon(TemporarilyUnavailable):
    """The last code is less than a minute old."""

    code = "code_too_soon"
    status = 429
    message = _("A code was just sent. You can ask for another in %(seconds)s seconds.")
    default_field = "code"


class CodeWrong(InvalidInput):
    """Not the code that was sent; `left` tries remain."""

    code = "code_wrong"
    message = _("This code is not right. Please compare it with the message. Tries left: %(left)s.")
    default_field = "code"


class CodeUnusable(InvalidInput):
    """Expired, used, tried too often, or sent for something else."""

    code = "code_unusable"
    message = _("This code cannot be used any more. Please get a new one.")
    default_field = "code"


class CodeMissing(InvalidInput):
    code = "code_not_asked"
    message = _("Please get a code first and enter the six digits from the message.")
    default_field = "code"


@dataclass(frozen=True, slots=True)
class Asked:
    """`proof` goes to the browser and comes back with the code: a code works only where it was asked for. Where the
    carrier gave no answer `is_certain` is not: the code may come late or never."""

    proof: str
    expires_at: datetime
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Tried:
    """`row` is None when there was nothing to try; else whether the code was right and how many tries are left."""

    row: VerificationCode | None
    is_right: bool = False
    left: int = 0


def ask_for_code(
    *, phone: Phone, use: str, ip: str | None, point_code: str = "", actor: Actor, now: datetime
) -> Asked:
    """Send a code to the phone. `use` is REGISTER, SIGN_IN or CHANGE; `point_code` the registration point asked from.

    Raises `MessagesNotSetUp`, `TooManyTries`, `CodeTooSoon`, `MessageNotSent`, `AddressRefused`.
    """
    if not can_send_codes():
        raise messages.MessagesNotSetUp
    known_as = _known_as(phone.e164)
    # Counted outside the transaction: what is refused counts too.
    limits.consume(f"code-ip:{ip}", limit=PER_ADDRESS_HOUR, per=_HOUR, now=now)
    if point_code:
        limits.consume(f"code-point:{point_code}", limit=PER_POINT_HOUR, per=_HOUR, now=now)
    digits = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    asked = issue_code(phone=phone, use=use, digits=digits, actor=actor, now=now)
    limits.consume(f"code-hour:{known_as}", limit=PER_PHONE_HOUR, per=_HOUR, now=now)
    limits.consume(f"code-day:{known_as}", limit=PER_PHONE_DAY, per=_DAY, now=now)
    values = {"code": digits, "minutes": MINUTES, "shop": _shop_name()}
    text = gettext(TEXT) % values
    message = messages.Message(messages.Channel.SMS, phone.e164, CODE_OCCASION, text, values=values)
    try:
        messages.send(message, now=now)
    except messages.MessageUncertain:
        return replace(asked, is_certain=False)
    return asked


def can_send_codes() -> bool:
    """Whether anybody carries codes here."""
    return messages.can_send(messages.Channel.SMS, CODE_OCCASION)


def prove(*, proof: str, code: str, phone: Phone, use: str, actor: Actor, now: datetime) -> VerificationCode:
    """The code row that proves the phone; `spend` it in the operation it was asked for.

    Raises `CodeMissing`, `CodeWrong`, `CodeUnusable`, `TooManyTries`.
    """
    if not proof or not code:
        raise CodeMissing
    known_as = _known_as(phone.e164)
    limits.consume(f"code-try:{known_as}", limit=TRIES_PER_PHONE_HOUR, per=_HOUR, now=now)
    tried = try_code(proof=proof, code=code, phone=phone, use=use, actor=actor, now=now)
    if tried.row is None:
        raise CodeUnusable
    if not tried.is_right:
        raise CodeWrong(left=tried.left) if tried.left else CodeUnusable()
    return tried.row


@operation(None)
def issue_code(*, phone: Phone, use: str, digits: str, actor: Actor, now: datetime) -> Asked:
    """Keep a fresh code, as hashes only. Raises `CodeTooSoon` while the last one for the number is younger than a
    minute."""
    known_as = _known_as(phone.e164)
    with (
        connection.cursor() as cursor
    ):  # two asking for one number at once: the second waits and finds the first
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"code:{known_as}"])
    last = (
        VerificationCode.objects.filter(**VerificationCode.blind("address", phone.e164))
        .order_by("-sent_at")
        .values_list("sent_at", flat=True)
        .first()
    )
    if last is not None and now - last < CODE_AGAIN:
        raise CodeTooSoon(seconds=int((CODE_AGAIN - (now - last)).total_seconds()) + 1)
    proof = secrets.token_urlsafe(24)
    sealed: dict[str, Any] = {"address": phone.e164}
    row = VerificationCode.objects.create(
        **sealed,
        kind=ContactKind.PHONE,
        use=use,
        proof_hash=token_hash(proof),
        code_hash=_code_hash(proof, digits),
        sent_at=now,
        expires_at=now + CODE_LIFE,
        tries_left=CODE_TRIES,
    )
    record("customers.code_sent", row, actor=actor, now=now, data={"use": use})
    return Asked(proof, row.expires_at)


@operation(None)
def try_code(*, proof: str, code: str, phone: Phone, use: str, actor: Actor, now: datetime) -> Tried:
    """Count a try and compare. A right code stays good for the operation it belongs to."""
    row = (
        VerificationCode.objects.select_for_update()
        .filter(proof_hash=token_hash(proof), use=use, used_at=None, expires_at__gt=now, tries_left__gt=0)
        .filter(**VerificationCode.blind("address", phone.e164))
        .first()
    )
    if row is None:
        unchanged()
        return Tried(None)
    row.tries_left -= 1
    row.save(update_fields=["tries_left"])
    is_right = hmac.compare_digest(bytes(row.code_hash), _code_hash(proof, code))
    record("customers.code_tried", row, actor=actor, now=now, data={"use": use, "is_right": is_right})
    return Tried(row, is_right, row.tries_left)


@step
def spend(row: VerificationCode, *, now: datetime) -> None:
    """Use a proven code up. Raises `CodeUnusable` when somebody was faster: each is good once."""
    fresh = VerificationCode.objects.filter(pk=row.pk, used_at=None, expires_at__gt=now)
    if fresh.update(used_at=now) != 1:
        raise CodeUnusable


@operation(None)
def forget_codes(*, actor: Actor, now: datetime) -> int:
    """Remove codes that expired a day ago, with the numbers they went to, and sessions of phones that ended long ago;
    returns how many codes."""
    gone = VerificationCode.objects.filter(expires_at__lt=now - _DAY)
    ended = PortalSession.objects.filter(expires_at__lt=now - SESSIONS_KEPT)
    count = gone.count()
    ended.delete()
    if not count:
        unchanged()
        return 0
    gone.delete()
    record(
        "customers.codes_forgotten", "customers.verificationcode", actor=actor, now=now, data={"count": count}
    )
    return count


def _known_as(e164: str) -> str:
    """A number as counters know it: a keyed hash, so that they tell nobody the number."""
    return data_keys.blind_index(_TABLE, "address", "limit", e164)[:20].hex()


def _code_hash(proof: str, digits: str) -> bytes:
    """Keyed from outside the database: a million codes are quickly hashed, and the proof stands beside only as hash."""
    return data_keys.blind_index(_TABLE, "code", "exact", f"{proof}:{digits.strip()}")


def _shop_name() -> str:
    merchant = Merchant.objects.first()
    return (merchant.short_name or merchant.name) if merchant else ""
