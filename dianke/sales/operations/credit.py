"""Who may pay later, and up to how much: asked when an order is placed and again when its goods leave."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step
from dianke.ledger.models import Account
from dianke.ledger.queries import balances
from dianke.sales.models import CreditTerms
from dianke.stores.models import LegalEntity

GIVE = "sales.approve_orders"


class CreditExceeded(Conflict):
    code = "credit_exceeded"
    message = _(
        "The customer may owe %(limit)s and owes %(owed)s; %(more)s more are too much. Take a payment first."
    )
    default_field = "payments"


class CreditMissing(Conflict):
    code = "credit_missing"
    message = _("This customer may not pay later. Take the payment, or agree on credit first.")
    default_field = "payments"


class CreditBlocked(Conflict):
    code = "credit_blocked"
    message = _("Paying later is blocked for this customer. Take the payment, or lift the block first.")
    default_field = "payments"


class LimitWrong(InvalidInput):
    code = "credit_limit_wrong"
    message = _("The limit is zero or more, the days from 0 to 365.")
    default_field = "limit_amount"


@step
def check(*, customer_ids: Collection[int], legal_entity_id: int, currency: str, more: int) -> None:
    """Whether the profile may owe `more` minor units to the entity. The rows of the terms are locked until
    the transaction ends, so that two orders at once count each other. Raises `CreditMissing`,
    `CreditBlocked`, `CreditExceeded`."""
    rows = CreditTerms.objects.filter(customer_id__in=customer_ids, legal_entity_id=legal_entity_id)
    terms = list(rows.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    if not terms:
        raise CreditMissing
    if any(row.is_blocked for row in terms):
        raise CreditBlocked
    limit = max(row.limit_amount for row in terms)
    owed = owed_by(customer_ids, legal_entity_id, currency)
    if owed + more > limit:
        raise CreditExceeded(
            limit=f"{limit / 100:,.2f}", owed=f"{owed / 100:,.2f}", more=f"{more / 100:,.2f}"
        )


def owed_by(customer_ids: Collection[int], legal_entity_id: int, currency: str) -> int:
    """What these customers owe an entity, by the ledger."""
    label = Customer._meta.label_lower
    accounts = list(
        Account.objects.filter(
            holder__in=[f"{label}:{pk}" for pk in customer_ids],
            code="receivable",
            unit=currency,
            legal_entity_id=legal_entity_id,
        )
    )
    return sum(balances(accounts).values()) if accounts else 0


@operation(GIVE)
def set_credit(
    *,
    customer: Customer,
    legal_entity: LegalEntity,
    limit_amount: int,
    days: int = 30,
    is_blocked: bool = False,
    actor: Actor,
    now: datetime,
) -> CreditTerms:
    """Say how much a customer may owe an entity. Raises `LimitWrong`."""
    if not 0 <= limit_amount < 10**14 or not 0 <= days <= 365:
        raise LimitWrong
    terms, _made = CreditTerms.objects.update_or_create(
        customer=customer,
        legal_entity=legal_entity,
        defaults={
            "limit_amount": limit_amount,
            "days": days,
            "is_blocked": is_blocked,
            "set_at": now,
            "set_by_id": actor.user_id,
        },
    )
    record(
        "sales.credit_set",
        customer,
        also=[legal_entity],
        actor=actor,
        now=now,
        data={"limit": str(limit_amount), "days": days, "blocked": is_blocked},
    )
    return terms
