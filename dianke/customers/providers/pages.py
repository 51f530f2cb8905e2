"""Where the room stands in the navigation, and the labels of the events of notes and files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.events.registry import register_kind
from dianke.web import navigation
from dianke.web.navigation import Page, Place

VIEW, ADD = "customers.view_customers", "customers.add_customers"
EVENTS = {
    "note_added": _("Note written"),
    "note_removed": _("Note taken back"),
    "file_added": _("File added"),
    "file_removed": _("File removed"),
}


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in EVENTS.items():
        register_kind(f"customers.{code}", label)
    navigation.register(
        Page(
            "customers.customers",
            _("Customers"),
            "customers:customers",
            Place.CUSTOMERS,
            VIEW,
            "users",
            10,
            phone=15,
            words=_("members profiles list search"),
        )
    )
    navigation.register(
        Page(
            "customers.new",
            _("New customer"),
            "customers:new",
            Place.CUSTOMERS,
            ADD,
            "user-plus",
            20,
            is_command=True,
            words=_("enter add member"),
        )
    )
