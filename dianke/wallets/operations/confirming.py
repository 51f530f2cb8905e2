"""The customer agrees on their phone: a code that changes every minute and works once."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.crypto import salted_hmac

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.events.operations import step
from dianke.wallets.models import CardUse
from dianke.wallets.operations.refusals import ConfirmationMissing, ConfirmationWrong
from dianke.wallets.rules.confirming import code_for, slot_of, slot_that_fits

#: Who may do without the customer's phone, with a reason that stays.
WAIVE = "wallets.freeze_wallets"


def secret() -> bytes:
    """The key of the codes: from the merchant's secret key, which is not in the database."""
    return bytes(salted_hmac("dianke.wallets.confirming", "codes", algorithm="sha256").digest())


def code_now(customer: Customer, *, now: datetime) -> str:
    """What the customer's phone shows this minute. The same for everybody of the profile."""
    return code_for(secret(), customer.head_id, slot_of(now))


@step
def confirm(
    *,
    customer: Customer,
    is_needed: bool,
    code: str,
    waiver: str,
    store_id: int,
    actor: Actor,
    now: datetime,
) -> str:
    """How the customer agreed (`CardUse.Confirmed`). A code is used up. Without one, where it is needed, somebody who
    may freeze cards can do without, with a reason. Raises `ConfirmationMissing`, `ConfirmationWrong`."""
    if code.strip():
        slot = slot_that_fits(secret(), customer.head_id, code, now)
        if slot is None:
            raise ConfirmationWrong
        # Of two at once the second waits for the first to commit, and then writes nothing.
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO wallets_confirmation (customer_id, slot, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                [customer.head_id, slot, now],
            )
            if cursor.rowcount == 0:
                raise ConfirmationWrong
        return CardUse.Confirmed.PHONE
    if not is_needed:
        return CardUse.Confirmed.NOT_NEEDED
    if waiver.strip() and actor.can(WAIVE, store_id=store_id):
        return CardUse.Confirmed.WAIVED
    raise ConfirmationMissing
