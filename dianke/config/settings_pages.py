"""The list of all settings: where each stands, what it changes for whom, and who changed it last.

A row here describes a page of any room. A page that a room registers under Settings without a row here is listed by
its name alone, so nothing is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.names import matches
from dianke.events.queries import timeline
from dianke.stores.models import Merchant
from dianke.web import navigation
from dianke.web.navigation import Place

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Setting:
    """A page of settings. `effect` says what changes for whom; `subjects` are whose events tell who changed it last;
    `words` further words it is found by."""

    url_name: str
    label: Text
    effect: Text
    permission: str
    icon: str
    words: Text = ""
    subjects: tuple[str, ...] = ()
    is_dialog: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A setting as one actor sees it; `changed_by` is empty when the system did it."""

    setting: Setting
    url: str
    changed_at: datetime | None = None
    changed_by: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: Text
    rows: tuple[Shown, ...]


MERCHANT = "stores.merchant:1"

GROUPS: tuple[tuple[Text, tuple[Setting, ...]], ...] = (
    (
        pgettext_lazy("settings group", "Business"),
        (
            Setting(
                "stores:merchant-edit",
                _("Merchant, language, time zone"),
                _("Name on receipts and messages; the language new accounts begin with."),
                "stores.manage_merchant",
                icon="building-store",
                words=_("appearance default name"),
                subjects=(MERCHANT,),
                is_dialog=True,
            ),
            Setting(
                "stores:organisation",
                _("Legal entities, partners, regions"),
                _("Who receives money and employs people; who shares in it; how stores are grouped."),
                "stores.manage_merchant",
                icon="briefcase",
                words=_("company shares holdings"),
            ),
            Setting(
                "modules",
                _("Modules"),
                _("What the whole team sees in the menus; off is put away, never deleted."),
                "config.manage_settings",
                icon="adjustments",
                words=_("switch off features"),
                subjects=("config.modules:all",),
            ),
            Setting(
                "presets",
                _("Trade presets"),
                _("Gives a store the modules, fields, levels and hours of its trade."),
                "config.manage_settings",
                icon="bolt",
                words=_("beauty jewelry furniture chain"),
            ),
        ),
    ),
    (
        pgettext_lazy("settings group", "Stores and people"),
        (
            Setting(
                "stores:stores",
                _("Stores, tills, places of stock"),
                _("Opening a store is a form; what stands here appears in every choice of a store."),
                "stores.manage_stores",
                icon="building-store",
            ),
            Setting(
                "stores:calendar",
                _("Opening hours and calendar"),
                _("When customers can come, and which days tasks and deadlines count."),
                "stores.manage_calendar",
                icon="calendar",
                words=_("holidays spring festival closed"),
            ),
            Setting(
                "stores:staff-list",
                _("Staff and postings"),
                _("Who works where in which role; what they see follows from it."),
                "stores.manage_staff",
                icon="users",
                words=_("hire transfer leave"),
            ),
        ),
    ),
    (
        pgettext_lazy("settings group", "Work"),
        (
            Setting(
                "work:recurring",
                _("Recurring tasks"),
                _("What has to be done again and again comes into people's lists by itself."),
                "work.manage_rules",
                icon="refresh",
            ),
            Setting(
                "work:rules",
                _("Assignment rules"),
                _("Who gets a task nobody has taken; the first rule that fits decides."),
                "work.manage_rules",
                icon="adjustments",
            ),
            Setting(
                "work:policies",
                _("Approval policies"),
                _("Which changes wait for a second person; nobody approves their own."),
                "config.manage_settings",
                icon="shield-check",
                words=_("second person four eyes limits"),
            ),
            Setting(
                "work:fields",
                _("Custom fields"),
                _("Fields of your own in forms, lists, filters and the interface."),
                "work.manage_custom_fields",
                icon="list",
            ),
            Setting(
                "imports:runs",
                _("Imports"),
                _("Files of others come in here: checked first, and undone if need be."),
                "imports.view_runs",
                icon="file-import",
                words=_("excel csv move"),
            ),
            Setting(
                "work:notice-settings",
                _("My notices"),
                _("How you hear of each thing; it changes nothing for others."),
                "web.use_pages",
                icon="bell",
            ),
        ),
    ),
    (
        pgettext_lazy("settings group", "Sign-in and permissions"),
        (
            Setting(
                "users",
                _("Accounts"),
                _("Who may sign in; disabling ends all of the person's sessions at once."),
                "access.view_users",
                icon="user-circle",
            ),
            Setting(
                "roles",
                _("Roles"),
                _("What each role may do; a change holds for everybody who has it, from the next click on."),
                "access.manage_roles",
                icon="key",
            ),
            Setting(
                "permission_review",
                _("Permission review"),
                _("Somebody looks through who may do what, twice a year."),
                "access.review_permissions",
                icon="shield-check",
            ),
            Setting(
                "sign_in_policy",
                _("Sign-in rules"),
                _("How long people stay signed in and when they must prove again who they are."),
                "config.manage_settings",
                icon="fingerprint",
                words=_("password second factor policy"),
                subjects=("access.signinpolicy:1",),
            ),
            Setting(
                "devices",
                _("Shared tills"),
                _("Browsers at which staff switch by PIN."),
                "access.manage_devices",
                icon="device-desktop",
            ),
            Setting(
                "sign_ins",
                _("Sign-in records"),
                _("Who came in when, from where, and who was refused."),
                "access.view_sign_ins",
                icon="login",
            ),
            Setting(
                "api_keys",
                _("API keys"),
                _("Lets other programs of the merchant in, no further than you say."),
                "access.manage_api_keys",
                icon="plug",
            ),
        ),
    ),
)
SYSTEM = (
    Setting(
        "events:log",
        _("Operation log"),
        _("Who did what, when, from where; nothing in it can be changed by anybody."),
        "events.view_log",
        icon="history",
        words=_("audit who did what"),
    ),
    Setting(
        "events:failed-reactions",
        _("Failed reactions"),
        _("What should have followed from a change and did not; try again or put it aside."),
        "events.manage_dead_letters",
        icon="alert-triangle",
    ),
    Setting(
        "api-docs",
        _("API reference"),
        _("How other programs read and write here."),
        "access.manage_api_keys",
        icon="code",
    ),
)
_REMOVE_DEMO = Setting(
    "demo_removal",
    _("Remove the demo"),
    _("The demo with its people, stores and tasks goes; your own business begins with the first start."),
    "config.manage_settings",
    icon="trash",
    words=_("delete demo begin anew"),
)
SYSTEM_GROUP = pgettext_lazy("settings group", "System")


def _rows(actor: Actor) -> list[tuple[Text, list[tuple[Setting, str]]]]:
    """The settings an actor may open, with their addresses; pages without a row of their own come last."""
    groups: list[tuple[Text, list[tuple[Setting, str]]]] = []
    named = {setting.url_name for _label, settings in GROUPS for setting in settings}
    named |= {setting.url_name for setting in SYSTEM} | {"settings"}
    for label, settings in GROUPS:
        groups.append((label, _reachable(settings, actor)))
    others = _reachable(SYSTEM, actor)
    others += [
        (Setting(page.url_name, page.label, "", page.permission, icon=page.icon, words=page.words), url)
        for page, url in navigation.pages_for(actor)
        if page.place is Place.SETTINGS and not page.is_command and page.url_name not in named
    ]
    if Merchant.objects.filter(is_demo=True).exists() and actor.can(_REMOVE_DEMO.permission):
        others.append((_REMOVE_DEMO, _address(_REMOVE_DEMO)))
    groups.append((SYSTEM_GROUP, others))
    return groups


def _reachable(settings: Iterable[Setting], actor: Actor) -> list[tuple[Setting, str]]:
    return [(row, url) for row in settings if actor.can(row.permission) and (url := _address(row))]


def _address(setting: Setting) -> str:
    try:
        return reverse(setting.url_name)
    except NoReverseMatch:
        return ""


def settings_for(actor: Actor, *, query: str = "") -> list[Group]:
    """The groups with what the actor may open and what `query` finds; empty groups are left out."""
    found = []
    for label, rows in _rows(actor):
        shown = tuple(
            Shown(setting, url) for setting, url in rows if not query.strip() or _fits(query, setting)
        )
        if shown:
            found.append(Group(label, shown))
    return _with_last_change(found, actor)


def _fits(query: str, setting: Setting) -> bool:
    return matches(query, f"{setting.label} {setting.effect} {setting.words}")


def _with_last_change(groups: Iterable[Group], actor: Actor) -> list[Group]:
    last: dict[str, tuple[datetime, int | None]] = {}
    groups = list(groups)
    for group in groups:
        for row in group.rows:
            if row.setting.subjects:
                events = timeline(row.setting.subjects, actor=actor, limit=1).events
                if events:
                    last[row.setting.url_name] = (events[0].recorded_at, events[0].user_id)
    names = dict(
        User.objects.filter(pk__in={user for _at, user in last.values() if user}).values_list("pk", "name")
    )
    return [
        Group(
            group.label,
            tuple(
                replace(
                    row,
                    changed_at=last[row.setting.url_name][0],
                    changed_by=names.get(last[row.setting.url_name][1] or 0, ""),
                )
                if row.setting.url_name in last
                else row
                for row in group.rows
            ),
        )
        for group in groups
    ]
