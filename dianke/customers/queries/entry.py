"""What an entry is checked against: the merchant's rules per field, its own numbers, its day."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import EntryRule, ReviewedRole
from dianke.stores.models import Store
from dianke.stores.queries import local_date


def entry_rules() -> list[EntryRule]:
    """The rules per field, as the settings have them."""
    return list(EntryRule.objects.all())


def own_phones() -> frozenset[str]:
    """The merchant's own numbers in E.164: nobody is found by them, and no customer has them."""
    texts = Store.objects.exclude(telephone="").values_list("telephone", flat=True)
    return frozenset(number for text in texts if (number := _e164(text)))


@lru_cache(maxsize=4096)
def _e164(text: str) -> str:
    try:
        return parse_phone(text).e164
    except InvalidInput:
        return ""


def local_day(now: datetime) -> date:
    """The merchant's calendar day."""
    return local_date(now)


def is_looked_through(actor: Actor) -> bool:
    """Whether entries of this person wait until somebody has looked at them."""
    if actor.is_system or not actor.roles or actor.can("customers.review_entries"):
        return False
    return ReviewedRole.objects.filter(role__code__in=actor.roles).exists()
