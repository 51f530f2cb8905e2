"""What the room puts into the frame: pages, the store switcher, search, masked fields, labels of its events."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dianke.access.fields import FieldRule, register_field
from dianke.core.actor import Actor
from dianke.core.phone import parse as parse_phone
from dianke.events.registry import register_kind, register_rows
from dianke.stores.models import (
    CalendarDay,
    Holding,
    LegalEntity,
    Merchant,
    Partner,
    Posting,
    Region,
    Register,
    Staff,
    StockPlace,
    Store,
)
from dianke.stores.queries import zone_of_merchant
from dianke.web import navigation, search, shell
from dianke.web.navigation import Page, Place

_EVENTS = {
    "merchant_set_up": _("Merchant “%(name)s” set up"),
    "merchant_changed": _("Merchant changed"),
    "legal_entity_added": _("Legal entity “%(name)s” added"),
    "legal_entity_changed": _("Legal entity changed"),
    "partner_added": _("Partner added"),
    "partner_changed": _("Partner changed"),
    "holding_given": _("Share given"),
    "holding_ended": _("Share ended"),
    "region_added": _("Region “%(name)s” added"),
    "region_changed": _("Region changed"),
    "store_opened": _("Store “%(name)s” opened"),
    "store_changed": _("Store changed"),
    "store_closed": _("Store closed"),
    "store_reopened": _("Store opened again"),
    "register_added": _("Till %(code)s added"),
    "register_changed": _("Till changed"),
    "stock_place_added": _("Place of stock “%(name)s” added"),
    "stock_place_changed": _("Place of stock changed"),
    "opening_hours_set": _("Opening hours changed"),
    "day_marked": _("Business calendar: day marked"),
    "day_cleared": _("Business calendar: mark removed"),
    "staff_hired": _("Person hired"),
    "staff_changed": _("Staff record changed"),
    "staff_posted": _("Person posted"),
    "posting_ended": _("Posting ended"),
    "staff_transferred": _("Person transferred"),
    "staff_released": _("Person left"),
    "staff_kept": _("Person stays after all"),
    "posting_withdrawn": _("Posting taken back"),
    "employments_ended": _("Accounts of leavers disabled"),
}


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"stores.{code}", label)
    _register_subjects()
    register_field(
        FieldRule(
            code="stores.staff.phone",
            label=_("Mobile phone"),
            see="stores.view_staff_contacts",
            reveal="stores.reveal_staff_contacts",
            mask=lambda phone: parse_phone(phone).masked(),
            read=lambda staff: staff.phone or "",
            find=lambda actor, key: Staff.objects.visible_to(actor).get(pk=int(key)),
        )
    )
    view = "stores.view_organisation"
    for page in (
        Page("stores.stores", _("Stores"), "stores:stores", Place.SETTINGS, view, "building-store", 20),
        Page(
            "stores.organisation",
            _("Organisation"),
            "stores:organisation",
            Place.SETTINGS,
            "stores.view_merchant",
            "building",
            10,
            words=_("merchant legal entities partners shares regions"),
        ),
        Page(
            "stores.calendar",
            _("Business calendar"),
            "stores:calendar",
            Place.SETTINGS,
            view,
            "calendar",
            30,
            words=_("holidays opening hours"),
        ),
        Page("stores.staff", _("Staff"), "stores:staff-list", Place.TEAM, view, "users-group", 10, phone=40),
        Page(
            "stores.new_store",
            _("Open a store"),
            "stores:store-new",
            Place.SETTINGS,
            "stores.manage_stores",
            "plus",
            is_command=True,
        ),
        Page(
            "stores.hire",
            _("Hire a person"),
            "stores:staff-hire",
            Place.TEAM,
            "stores.manage_staff",
            "user-plus",
            is_command=True,
        ),
    ):
        navigation.register(page)
    search.register(search.SearchProvider("stores.stores", _("Stores"), view, _find_stores, order=60))
    search.register(search.SearchProvider("stores.staff", _("Staff"), view, _find_staff, order=50))
    shell.provide_stores(_switch)
    shell.provide_zone(zone_of_merchant)


def _register_subjects() -> None:
    """What the organisation's rows are called in logs and timelines."""
    for model, text, url_name, permission in (
        (Store, "short_name", "stores:store", ""),
        (Staff, "name", "stores:staff", ""),
        (LegalEntity, "short_name", "stores:entity", "stores.manage_merchant"),
        (Partner, "name", "stores:partner", "stores.manage_merchant"),
        (Region, "name", "stores:region", "stores.manage_stores"),
        (Register, "name", "", ""),
        (StockPlace, "name", "", ""),
        (CalendarDay, "name", "", ""),
        (Posting, "staff__name", "", ""),
        (Holding, "partner__name", "", ""),
    ):
        register_rows(
            model._meta.label_lower,
            lambda actor, rows=model.objects: rows.visible_to(actor),  # type: ignore[misc]
            text,
            url_name=url_name,
            permission=permission,
        )
    register_rows("stores.merchant", lambda actor: Merchant.objects.all(), "short_name")


def _find_stores(actor: Actor, query: str, limit: int) -> list[search.Hit]:
    """By name, pinyin or code."""
    rows = Store.objects.visible_to(actor).filter(search_words__found_by=query).order_by("code")
    return [
        search.Hit(name, reverse("stores:store", args=[pk]), "building-store", note=city)
        for pk, name, city in rows.values_list("pk", "name", "city")[:limit]
    ]


def _find_staff(actor: Actor, query: str, limit: int) -> list[search.Hit]:
    """By name, pinyin or number."""
    rows = Staff.objects.visible_to(actor).filter(search_words__found_by=query).order_by("number")
    return [
        search.Hit(name, reverse("stores:staff", args=[pk]), "user", note=title)
        for pk, name, title in rows.values_list("pk", "name", "title")[:limit]
    ]


def _switch(actor: Actor) -> shell.StoreSwitch | None:
    """Offered to whoever works in more than one store; whoever is posted to one is not asked for."""
    reached = actor.stores_for("stores.view_organisation")
    if reached is not None and len(reached) < 2:
        return None
    stores = [
        shell.StoreChoice(pk, name)
        for pk, name in Store.objects.visible_to(actor).still_open().values_list("pk", "short_name")
    ]
    if len(stores) < 2:
        return None
    current = next((choice for choice in stores if choice.id == actor.store_id), None)
    return shell.StoreSwitch(choices=stores, url=reverse("switch_store"), current=current)
