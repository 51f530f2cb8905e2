"""The first start: from the answers of the wizard to a merchant that can work, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from dianke.access.models import Role, User
from dianke.access.operations import set_preferences
from dianke.access.permissions import RoleCode
from dianke.config.operations.presets import apply_preset
from dianke.core.actor import Actor
from dianke.events.operations import operation, record
from dianke.stores.models import Merchant, Store
from dianke.stores.operations import add_legal_entity, hire_staff, open_store, set_up_merchant


@dataclass(frozen=True, slots=True)
class Answers:
    """What the wizard asks. `trade` is a preset's, `language` one of `settings.LANGUAGES`."""

    merchant: str
    trade: str
    language: str
    currency: str
    time_zone: str
    store: str
    store_code: str
    person: str
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Started:
    """What the first start made."""

    merchant: Merchant
    store: Store
    user: User


@operation(None)
def start_business(*, answers: Answers, actor: Actor, now: datetime) -> Started:
    """Merchant, legal entity, first store with its preset, and the first administrator.

    Raises `MerchantExists`, and whatever is wrong with an answer (`SignInNameTaken`, a `PasswordRefused`, …).
    """
    system = actor.as_system()
    merchant = set_up_merchant(
        name=answers.merchant,
        short_name=answers.merchant[:20],
        trade=answers.trade,
        currency=answers.currency,
        language=answers.language,
        time_zone=answers.time_zone,
        actor=system,
        now=now,
    )
    entity = add_legal_entity(
        values={
            "name": answers.merchant,
            "short_name": answers.merchant[:20],
            "currency": answers.currency,
        },
        actor=system,
        now=now,
    )
    today = now.astimezone(ZoneInfo(answers.time_zone)).date()
    store = open_store(
        values={
            "name": answers.store,
            "short_name": answers.store[:20],
            "code": answers.store_code,
            "trade": answers.trade,
            "legal_entity": entity,
            "currency": answers.currency,
            "time_zone": answers.time_zone,
            "opened_on": today,
        },
        actor=system,
        now=now,
    )
    apply_preset(store=store, trade=answers.trade, actor=system, now=now)
    staff = hire_staff(
        username=answers.username,
        name=answers.person,
        number="001",
        legal_entity=entity,
        hired_on=today,
        password=answers.password,
        role=Role.objects.get(code=RoleCode.ADMINISTRATOR.value),
        actor=system,
        now=now,
    )
    # The account's own preference, so the system sets it in the name of the person.
    own = replace(system, user_id=staff.user_id)
    set_preferences(language=answers.language, actor=own, now=now)
    record(
        "config.business_started",
        merchant,
        also=[store, staff.user],
        actor=actor,
        now=now,
        data={"trade": answers.trade, "store": store.pk},
    )
    return Started(merchant, store, staff.user)
