"""What the part "portal and registration" registers: its page for staff, names of its subjects, labels of events."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.core.messages import Occasion, register_occasion
from dianke.customers.models import RegistrationPoint
from dianke.customers.operations import codes
from dianke.customers.rules.portal import CODE_OCCASION
from dianke.events.registry import register_kind, register_rows
from dianke.web import navigation
from dianke.web.error_pages import Home, register_home
from dianke.web.navigation import Page, Place

_EVENTS = {
    "code_sent": _("Code sent to a phone"),
    "code_tried": _("Code from a phone tried"),
    "codes_forgotten": _("Old codes removed"),
    "portal_opened": _("Customer signed in on their phone"),
    "portal_used": _("Customer looked at their own pages"),
    "portal_closed": _("Customer signed out"),
    "portal_data_changed": _("Customer corrected their own data"),
    "portal_phone_dropped": _("Customer removed a number"),
    "customer_registered": _("Customer registered on their phone"),
    "registered_unproven": _("Customer registered by a form"),
    "registration_point_made": _("Registration code made"),
    "registration_point_changed": _("Registration code changed"),
    "registration_point_closed": _("Registration code closed"),
    "registration_point_reopened": _("Registration code in use again"),
}


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in _EVENTS.items():
        register_kind(f"customers.{code}", label)
    register_occasion(
        Occasion(CODE_OCCASION, codes.TEXT, _("Code that proves a number"), fixed={"minutes": codes.MINUTES})
    )
    register_home("/m/", Home("/m/", _("To my member card"), "qrcode"))
    register_rows(
        "customers.registrationpoint",
        lambda actor: RegistrationPoint.objects.visible_to(actor),
        "name",
        noun=_("registration code"),
        url_name="customers:point",
        permission="customers.manage_registration",
    )
    navigation.register(
        Page(
            "customers.points",
            _("Registration codes"),
            "customers:points",
            Place.CUSTOMERS,
            "customers.manage_registration",
            icon="qrcode",
            order=60,
        )
    )
