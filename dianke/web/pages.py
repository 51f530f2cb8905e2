"""What the page kit itself puts into the frame: the Today page, its commands, the search of pages.

Other rooms do the same from the `ready()` of their own app.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.events.registry import SubjectName, register_kind, register_rows, register_subject
from dianke.web import navigation, search
from dianke.web.listing import listing_by_code
from dianke.web.models import Export, ListPreference, SavedView
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the app is ready."""
    navigation.register(
        Page(
            code="web.today",
            label=pgettext_lazy("place", "Today"),
            url_name="today",
            place=Place.TODAY,
            permission="web.use_pages",
            icon="sun",
            order=0,
            phone=10,
        )
    )
    navigation.register(
        Page(
            code="web.styleguide",
            label=_("Style guide"),
            url_name="styleguide",
            place=Place.SETTINGS,
            permission="web.view_styleguide",
            icon="palette",
            order=990,
            words=_("components colours design"),
        )
    )
    # The room of accounts stands below this kit and cannot register its own pages.
    settings = Place.SETTINGS
    for page in (
        Page("access.users", _("Accounts"), "users", settings, "access.view_users", "users", 50),
        Page(
            "access.roles", _("Roles and permissions"), "roles", settings, "access.view_users", "shield", 55
        ),
        Page(
            "access.review",
            _("Permission review"),
            "permission_review",
            settings,
            "access.review_permissions",
            "eye-check",
            60,
        ),
        Page(
            "access.keys",
            _("API keys"),
            "api_keys",
            settings,
            "access.manage_api_keys",
            "key",
            120,
            module="api",
        ),
        Page(
            "access.rules",
            _("Sign-in rules"),
            "sign_in_policy",
            settings,
            "config.manage_settings",
            "lock",
            is_command=True,
        ),
        Page(
            "access.sign_ins",
            _("Sign-in records"),
            "sign_ins",
            settings,
            "access.view_sign_ins",
            "login-2",
            is_command=True,
        ),
        Page(
            "access.tills",
            _("Shared tills"),
            "devices",
            settings,
            "access.manage_devices",
            "device-tablet",
            is_command=True,
        ),
        Page(
            "api.reference",
            _("API reference"),
            "api-docs",
            settings,
            "web.use_pages",
            "code",
            is_command=True,
            module="api",
        ),
    ):
        navigation.register(page)
    register_kind("web.view_saved", _("View of a list saved"))
    register_kind("web.view_deleted", _("View of a list removed"))
    register_kind("web.columns_chosen", _("Columns of a list chosen"))
    register_kind("web.export_requested", _("List exported"))
    register_kind("web.export_finished", _("Export finished"))
    register_rows("web.savedview", SavedView.objects.visible_to, "name", noun=_("View of a list"))
    register_rows(
        "web.listpreference", lambda actor: ListPreference.objects.none(), "pk", noun=_("Columns of a list")
    )
    register_subject("web.export", _export_names)
    search.register(search.PAGES)


def _export_names(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    """An export is called by its list. Whoever reads the log may know which lists left the house."""
    rows = dict(Export.objects.filter(pk__in=keys).values_list("pk", "list_code"))
    found = {}
    for key in keys:
        listing = listing_by_code(rows.get(int(key), ""))
        found[key] = SubjectName(str(_("Export: %s")) % listing.title if listing else f"{_('Export')} #{key}")
    return found
