"""The merchant, its legal entities and partners, and the tree of regions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.business_dates import UnknownZone, zone_named
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.identifiers import parse_credit_code
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged
from dianke.stores.models import Holding, LegalEntity, Merchant, Partner, Region
from dianke.stores.queries import region_with_descendants
from dianke.stores.rules import WHOLE, Share, fullest_total


class MerchantExists(Conflict):
    code = "merchant_exists"
    message = _("This database already has its merchant. Change it in the settings.")


class NameTaken(Conflict):
    code = "name_taken"
    message = _("“%(name)s” is already in use. Choose another name.")
    default_field = "name"


class CreditCodeTaken(Conflict):
    code = "credit_code_taken"
    message = _("This credit code already belongs to “%(name)s”.")
    default_field = "credit_code"


class SharesExceedWhole(InvalidInput):
    code = "shares_exceed_whole"
    message = _(
        "The shares would add up to %(total)s%% from %(day)s on. Lower this share or end another first."
    )
    default_field = "share"


class HoldingEndsBeforeStart(InvalidInput):
    code = "holding_ends_before_start"
    message = _("The end must be after the beginning (%(day)s).")
    default_field = "to_date"


class HoldingEndsAlready(Conflict):
    code = "holding_ends_already"
    message = _("This share already ends on %(day)s. Give a new share for the time after.")
    default_field = "to_date"


class PartnerAccountTaken(Conflict):
    code = "partner_account_taken"
    message = _("This account already belongs to the partner “%(name)s”. Choose another account.")
    default_field = "user"


class EntityInUse(Conflict):
    code = "entity_in_use"
    message = _(
        "%(store)s still belongs to this legal entity. Close the store or move it to another entity first."
    )
    default_field = "is_active"


class CurrencyInUse(Conflict):
    code = "currency_in_use"
    message = _(
        "Stores of this entity already work in %(currency)s. Add another entity for another currency."
    )
    default_field = "currency"


class RegionInsideItself(InvalidInput):
    code = "region_inside_itself"
    message = _("A region cannot be part of itself or of a region inside it. Choose another one.")
    default_field = "parent"


def check_zone(zone: str) -> None:
    """Raises `UnknownZone` for the field `time_zone`."""
    try:
        zone_named(zone)
    except UnknownZone as error:
        raise UnknownZone(zone=zone, field="time_zone") from error


@operation(None)
def set_up_merchant(
    *,
    name: str,
    trade: str,
    currency: str,
    language: str,
    time_zone: str,
    short_name: str = "",
    is_demo: bool = False,
    actor: Actor,
    now: datetime,
) -> Merchant:
    """The first step of a new database; refused once there is a merchant (`MerchantExists`). Raises `UnknownZone`."""
    check_zone(time_zone)
    merchant, is_new = Merchant.objects.get_or_create(
        id=1,
        defaults={
            "name": name,
            "short_name": short_name,
            "trade": trade,
            "currency": currency,
            "language": language,
            "time_zone": time_zone,
            "is_demo": is_demo,
        },
    )
    if not is_new:
        raise MerchantExists
    record("stores.merchant_set_up", merchant, actor=actor, now=now, data={"name": name, "trade": trade})
    return merchant


@operation("stores.manage_merchant")
def change_merchant(*, values: dict[str, Any], actor: Actor, now: datetime) -> Merchant:
    """Change name, trade, language or zone. The currency stays: amounts are kept in it."""
    if "time_zone" in values:
        check_zone(values["time_zone"])
    merchant = Merchant.objects.select_for_update().get()
    changes = apply_changes(merchant, values)
    if not changes:
        unchanged()
        return merchant
    record("stores.merchant_changed", merchant, actor=actor, now=now, data={"changes": changes})
    return merchant


def _check_entity(values: dict[str, Any], pk: int = 0) -> dict[str, Any]:
    values = dict(values)
    others = LegalEntity.objects.exclude(pk=pk)
    if "name" in values and others.filter(name=values["name"]).exists():
        raise NameTaken(name=values["name"])
    if values.get("credit_code"):
        values["credit_code"] = parse_credit_code(values["credit_code"])
        taken = others.filter(credit_code=values["credit_code"]).first()
        if taken:
            raise CreditCodeTaken(name=taken.short_name)
    return values


@operation("stores.manage_merchant")
def add_legal_entity(*, values: dict[str, Any], actor: Actor, now: datetime) -> LegalEntity:
    """Add a company or sole trader. Raises `NameTaken`, `CreditCodeTaken`, or why the credit code is wrong."""
    entity = LegalEntity.objects.create(**_check_entity(values))
    record("stores.legal_entity_added", entity, actor=actor, now=now, data={"name": entity.name})
    return entity


@operation("stores.manage_merchant")
def change_legal_entity(
    *, entity: LegalEntity, values: dict[str, Any], actor: Actor, now: datetime
) -> LegalEntity:
    """Change a legal entity. Raises what adding one raises, `EntityInUse`, `CurrencyInUse`."""
    values = _check_entity(values, entity.pk)
    if values.get("is_active") is False and entity.is_active:
        still_open = entity.stores.still_open().first()
        if still_open:
            raise EntityInUse(store=still_open.short_name)
    if values.get("currency", entity.currency) != entity.currency and entity.stores.exists():
        raise CurrencyInUse(currency=entity.currency)
    changes = apply_changes(entity, values)
    if not changes:
        unchanged()
        return entity
    record("stores.legal_entity_changed", entity, actor=actor, now=now, data={"changes": changes})
    return entity


def _check_partner(user: User | None, pk: int = 0) -> None:
    taken = Partner.objects.filter(user=user).exclude(pk=pk).first() if user else None
    if taken:
        raise PartnerAccountTaken(name=taken.name)


@operation("stores.manage_merchant")
def add_partner(*, name: str, user: User | None = None, actor: Actor, now: datetime) -> Partner:
    """Add a partner; `user` when the partner signs in. Raises `PartnerAccountTaken`."""
    _check_partner(user)
    partner = Partner.objects.create(name=name, user=user)
    record("stores.partner_added", partner, actor=actor, now=now, data={"user": user.pk if user else None})
    return partner


@operation("stores.manage_merchant")
def change_partner(*, partner: Partner, values: dict[str, Any], actor: Actor, now: datetime) -> Partner:
    """Change name, account or whether the partner is active. Raises `PartnerAccountTaken`."""
    _check_partner(values.get("user"), partner.pk)
    changes = apply_changes(partner, values, private=frozenset({"name"}))
    if not changes:
        unchanged()
        return partner
    record("stores.partner_changed", partner, actor=actor, now=now, data={"changes": changes})
    return partner


@operation("stores.manage_merchant")
def give_holding(
    *,
    partner: Partner,
    legal_entity: LegalEntity,
    share_basis_points: int,
    from_date: date,
    to_date: date | None = None,
    actor: Actor,
    now: datetime,
) -> Holding:
    """Give a partner a share of a legal entity in `[from_date, to_date)`. Raises `SharesExceedWhole` when the shares
    of the entity would at some day exceed 100 %."""
    LegalEntity.objects.select_for_update().get(
        pk=legal_entity.pk
    )  # shares of one entity change one at a time
    if to_date is not None and to_date <= from_date:
        raise HoldingEndsBeforeStart(day=from_date)
    held = [
        Share(*row) for row in legal_entity.holdings.values_list("share_basis_points", "from_date", "to_date")
    ]
    total, day = fullest_total([*held, Share(share_basis_points, from_date, to_date)])
    if total > WHOLE:
        raise SharesExceedWhole(total=f"{total / 100:g}", day=day)
    holding = Holding.objects.create(
        partner=partner,
        legal_entity=legal_entity,
        share_basis_points=share_basis_points,
        from_date=from_date,
        to_date=to_date,
    )
    record(
        "stores.holding_given",
        partner,
        also=[legal_entity],
        actor=actor,
        now=now,
        data={
            "share_basis_points": share_basis_points,
            "from": str(from_date),
            "to": str(to_date) if to_date else None,
        },
    )
    return holding


@operation("stores.manage_merchant")
def end_holding(*, holding: Holding, to_date: date, actor: Actor, now: datetime) -> Holding:
    """End a share: `to_date` is the first day without it. Raises `HoldingEndsBeforeStart`, `HoldingEndsAlready`."""
    LegalEntity.objects.select_for_update().get(pk=holding.legal_entity_id)
    found = Holding.objects.select_related("partner", "legal_entity").get(pk=holding.pk)
    if to_date <= found.from_date:
        raise HoldingEndsBeforeStart(day=found.from_date)
    if found.to_date is not None and to_date > found.to_date:
        raise HoldingEndsAlready(day=found.to_date)
    changes = apply_changes(found, {"to_date": to_date})
    if not changes:
        unchanged()
        return found
    record(
        "stores.holding_ended",
        found.partner,
        also=[found.legal_entity],
        actor=actor,
        now=now,
        data={"changes": changes},
    )
    return found


def _check_region(values: dict[str, Any], region: Region | None) -> None:
    if (
        "name" in values
        and Region.objects.filter(name=values["name"]).exclude(pk=region.pk if region else 0).exists()
    ):
        raise NameTaken(name=values["name"])
    parent = values.get("parent")
    if region is not None and parent is not None and parent.pk in region_with_descendants([region.pk]):
        raise RegionInsideItself


@step
def _lock_regions() -> None:
    """The tree changes one at a time: two moves that cross would close a loop that neither sees."""
    list(Region.objects.select_for_update().order_by("pk").values_list("pk", flat=True))


@operation("stores.manage_stores")
def add_region(*, name: str, parent: Region | None = None, actor: Actor, now: datetime) -> Region:
    """Add a region, inside another or at the top. Raises `NameTaken`."""
    _check_region({"name": name}, None)
    region = Region.objects.create(name=name, parent=parent)
    record("stores.region_added", region, actor=actor, now=now, data={"name": name})
    return region


@operation("stores.manage_stores")
def change_region(*, region: Region, values: dict[str, Any], actor: Actor, now: datetime) -> Region:
    """Rename or move a region. Raises `RegionInsideItself`, `NameTaken`."""
    _lock_regions()
    _check_region(values, region)
    changes = apply_changes(region, values)
    if not changes:
        unchanged()
        return region
    record("stores.region_changed", region, actor=actor, now=now, data={"changes": changes})
    return region
