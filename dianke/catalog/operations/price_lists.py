"""Price lists: made, changed, brought into use and put away. Their prices are `operations/prices.py`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import PriceList
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.core.money import digits_of
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import Merchant, Store

MANAGE = "catalog.manage_prices"
#: What of a list may be set; its stores are given beside.
FIELDS = frozenset(
    {
        "code",
        "name",
        "currency",
        "tiers",
        "channels",
        "contract_customer",
        "from_at",
        "to_at",
        "priority",
        "note",
    }
)


class PriceListCodeTaken(Conflict):
    code = "price_list_code_taken"
    message = _("Code %(list_code)s already belongs to the price list “%(name)s”. Choose another code.")
    default_field = "code"


class PriceListOutOfReach(NotAllowed):
    code = "price_list_out_of_reach"
    message = _(
        "This price list counts in stores you do not lead. Choose only stores of yours, or ask the head office."
    )
    default_field = "stores"


class PriceListPeriodWrong(InvalidInput):
    code = "price_list_period_wrong"
    message = _("The price list must end after it begins.")
    default_field = "to_at"


class PriceListArchived(Conflict):
    code = "price_list_archived"
    message = _("The price list “%(name)s” is archived. Bring it back first.")


class CurrencyFixed(Conflict):
    code = "price_list_currency_fixed"
    message = _("The list has prices already, so its currency stays. Make a new list for another currency.")
    default_field = "currency"


@operation(MANAGE)
def create_price_list(
    *,
    values: dict[str, Any],
    stores: Sequence[Store] = (),
    is_active: bool = False,
    actor: Actor,
    now: datetime,
) -> PriceList:
    """A new list, a draft unless `is_active`. `values`: code, name, currency (the merchant's unless given), tiers,
    channels, contract_customer, from_at, to_at, priority, note.

    Raises `PriceListCodeTaken`, `PriceListOutOfReach`, `PriceListPeriodWrong`, `UnknownCurrency`.
    """
    currency = Merchant.objects.values_list("currency", flat=True).first() or "CNY"
    made = PriceList(**{"currency": currency, **known_values(values)})
    check_reach(actor, {store.pk for store in stores})
    check_list(made)
    made.state = PriceList.State.ACTIVE if is_active else PriceList.State.DRAFT
    made.save()
    made.stores.set(stores)
    record(
        "catalog.price_list_created", made, actor=actor, now=now, data={"name": made.name, "code": made.code}
    )
    return made


@operation(MANAGE)
def change_price_list(
    *,
    price_list: PriceList,
    values: dict[str, Any],
    stores: Sequence[Store] | None = None,
    is_active: bool | None = None,
    actor: Actor,
    now: datetime,
) -> PriceList:
    """Change what a list is called and asks for, bring a draft into use or take it out again. Raises as creating, and
    `PriceListArchived`, `CurrencyFixed`."""
    found = lock_price_list(price_list, actor)
    values = known_values(values)
    if values.get("currency", found.currency) != found.currency and found.items.exists():
        raise CurrencyFixed
    if is_active is not None:
        values["state"] = PriceList.State.ACTIVE if is_active else PriceList.State.DRAFT
    before = sorted(found.stores.values_list("pk", flat=True))
    after = before if stores is None else sorted({store.pk for store in stores})
    check_reach(actor, set(after))
    check_list(PriceList(**{name: getattr(found, name) for name in ("id", *sorted(FIELDS))} | values))
    changes = apply_changes(found, values)
    if before != after:
        found.stores.set(after)
        changes["stores"] = [before, after]
    if not changes:
        unchanged()
        return found
    record(
        "catalog.price_list_changed",
        found,
        actor=actor,
        now=now,
        data={"name": found.name, "changes": changes},
    )
    return found


@operation(MANAGE)
def archive_price_list(*, price_list: PriceList, actor: Actor, now: datetime) -> PriceList:
    """The list counts no more; it is kept."""
    found = lock_price_list(price_list, actor, archived_too=True)
    if found.state == PriceList.State.ARCHIVED:
        unchanged()
        return found
    apply_changes(found, {"state": PriceList.State.ARCHIVED})
    record("catalog.price_list_archived", found, actor=actor, now=now, data={"name": found.name})
    return found


@operation(MANAGE)
def restore_price_list(*, price_list: PriceList, actor: Actor, now: datetime) -> PriceList:
    """Bring an archived list back, as a draft: somebody looks at it before it counts again."""
    found = lock_price_list(price_list, actor, archived_too=True)
    if found.state != PriceList.State.ARCHIVED:
        unchanged()
        return found
    apply_changes(found, {"state": PriceList.State.DRAFT})
    record("catalog.price_list_restored", found, actor=actor, now=now, data={"name": found.name})
    return found


def lock_price_list(price_list: PriceList, actor: Actor, *, archived_too: bool = False) -> PriceList:
    """The list, locked until the transaction ends: two writers of one list come one after the other.

    Raises `PriceListOutOfReach`, `PriceListArchived`.
    """
    found = PriceList.objects.select_for_update().get(pk=price_list.pk)
    check_reach(actor, set(found.stores.values_list("pk", flat=True)))
    if found.state == PriceList.State.ARCHIVED and not archived_too:
        raise PriceListArchived(name=found.name)
    return found


def check_reach(actor: Actor, store_ids: Collection[int]) -> None:
    """Who leads some stores sets prices for those only, and never for all. Raises `PriceListOutOfReach`."""
    led = actor.stores_for(MANAGE)
    if led is not None and (not store_ids or not led.issuperset(store_ids)):
        raise PriceListOutOfReach


def check_list(price_list: PriceList) -> None:
    """Raises `PriceListCodeTaken`, `PriceListPeriodWrong`, `UnknownCurrency`."""
    taken = PriceList.objects.filter(code=price_list.code).exclude(pk=price_list.pk).first()
    if taken is not None:
        raise PriceListCodeTaken(list_code=taken.code, name=taken.name)
    digits_of(price_list.currency)
    begins, ends = price_list.from_at, price_list.to_at
    if begins is not None and ends is not None and ends <= begins:
        raise PriceListPeriodWrong


def known_values(values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept; a name that no list has is a fault of the program."""
    unknown = sorted(set(values) - FIELDS)
    if unknown:
        raise TypeError(f"a price list has no {', '.join(unknown)}")
    return {
        name: sorted(set(value)) if name in ("tiers", "channels") else value for name, value in values.items()
    }
