"""What customers itself says at a glance about a customer, and the next steps it suggests."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dianke.customers.models import ConsentChannel, DateKind, Purpose, State
from dianke.customers.queries.panels import Step, Value, register_next_step, register_value
from dianke.customers.queries.profile import Profile
from dianke.customers.queries.rights import open_erasure
from dianke.web import formats
from dianke.web.components import Stat

VIEW = "customers.view_customers"
SOON_DAYS = 7


def address(name: str, *args: object) -> str:
    """The address of a page, "" where the room that has it is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _since(profile: Profile) -> Stat:
    since = min(member.created_at for member in profile.members)
    return Stat(
        _("Customer since"),
        date_format(timezone.localtime(since), "YEAR_MONTH_FORMAT"),
        exact=f"{since:%Y-%m-%d}",
    )


def _last_seen(profile: Profile) -> Stat:
    return Stat(
        _("Last seen"),
        formats.short_day(timezone.localdate(profile.head.last_seen_at), profile.today),
        exact=f"{profile.head.last_seen_at:%Y-%m-%d %H:%M}",
    )


def _sources(profile: Profile) -> Stat:
    shown = f"{profile.record_count}+" if profile.is_record_count_capped else str(profile.record_count)
    return Stat(_("Source records"), shown, url="#sources")


def _next_day(profile: Profile) -> Stat | None:
    day = profile.next_day
    if day is None:
        return Stat(_("Next occasion"), "–", note=_("No date known"))
    left = (
        _("today")
        if day.days_left == 0
        else _("tomorrow")
        if day.days_left == 1
        else ngettext("in %(count)s day", "in %(count)s days", day.days_left) % {"count": day.days_left}
    )
    return Stat(
        str(day.row.label or day.row.get_kind_display()),
        left,
        note=formats.calendar_day(day.on, profile.today),
    )


# --- next steps ------------------------------------------------------------------------------------------------------
def _look_through(profile: Profile) -> Step | None:
    url = address("customers:review")
    if profile.head.state != State.REVIEW or not url or not profile.actor.can("customers.review_entries"):
        return None
    return Step(
        _("Look through this entry"), _("It waits for somebody to check it."), url, "user-check", weight=100
    )


def _decide_duplicate(profile: Profile) -> Step | None:
    url = address("customers:duplicate", profile.duplicate_id) if profile.duplicate_id else ""
    if not url:
        return None
    return Step(
        _("Is this the same person as another customer?"),
        _("The data look alike; decide once and it is remembered."),
        url,
        "users",
        weight=80,
    )


def _guardian(profile: Profile) -> Step | None:
    url = address("customers:relation-new", profile.head.pk)
    if not profile.minority.is_flagged or not url or not profile.can_change:
        return None
    return Step(
        _("Note the guardian"),
        _("Under fourteen: without a guardian's consent nothing may be sent."),
        url,
        "shield",
        "dialog",
        weight=90,
    )


def _celebrate(profile: Profile) -> Step | None:
    day = profile.next_day
    if day is None or day.days_left > SOON_DAYS or profile.is_guarded:
        return None
    if profile.consents.get((Purpose.CARE, ConsentChannel.ANY)) is False:
        return None
    url = address("work:task-new")
    if not url or not profile.actor.can("work.manage_own_tasks"):
        return None
    occasion = str(day.row.get_kind_display())
    when = formats.calendar_day(day.on, profile.today)
    text = _("Send birthday wishes") if day.row.kind == DateKind.BIRTHDAY else _("Remember the day")
    return Step(
        text,
        _("%(occasion)s on %(when)s") % {"occasion": occasion, "when": when},
        f"{url}?subject=customers.customer:{profile.head.pk}",
        "cake",
        "dialog",
        weight=70 - day.days_left,
    )


def _ask_phone(profile: Profile) -> Step | None:
    url = address("customers:contact-new", profile.head.pk)
    if profile.phone is not None or not url or not profile.can_change:
        return None
    return Step(
        _("Ask for the mobile number"),
        _("Without it the customer is found by name only."),
        url,
        "phone-plus",
        "dialog",
        weight=60,
    )


def _ask_consent(profile: Profile) -> Step | None:
    url = address("customers:consents", profile.head.pk)
    asked = any(purpose == Purpose.MARKETING for purpose, _channel in profile.consents)
    if asked or not url or not profile.can_change or profile.is_guarded:
        return None
    return Step(
        _("Ask whether news and offers are welcome"),
        _("Never asked so far: nothing may be sent."),
        url,
        "checkbox",
        "dialog",
        weight=40,
    )


def _find_owner(profile: Profile) -> Step | None:
    may = profile.can_change and profile.actor.can("customers.assign_customers")
    if profile.head.owner_id is not None or not may:
        return None
    return Step(
        _("Choose who looks after the customer"),
        _("Nobody is in charge yet."),
        reverse("customers:owner", args=[profile.head.pk]),
        "user-plus",
        "dialog",
        weight=30,
    )


def _answer_erasure(profile: Profile) -> Step | None:
    request = open_erasure(profile.head, profile.actor) if profile.head.state == State.ERASING else None
    if request is None:
        return None
    return Step(
        _("Answer the request for erasure"),
        _("Due %(when)s. Nothing else can be done with this customer before.")
        % {"when": formats.calendar_day(timezone.localtime(request.due_at).date(), profile.today)},
        reverse("customers:request", args=[request.pk]),
        "shield",
        weight=100,
    )


def register() -> None:
    """The figures and suggestions of the room."""
    register_value(Value("customers.since", VIEW, _since, order=800))
    register_value(Value("customers.last_seen", VIEW, _last_seen, order=810))
    register_value(Value("customers.next_day", VIEW, _next_day, order=820))
    register_value(Value("customers.records", VIEW, _sources, order=830))
    for suggest in (
        _look_through,
        _decide_duplicate,
        _guardian,
        _celebrate,
        _ask_phone,
        _ask_consent,
        _find_owner,
    ):
        register_next_step(f"customers.{suggest.__name__.strip('_')}", VIEW, suggest)
    register_next_step(
        "customers.answer_erasure", "customers.handle_requests", _answer_erasure, is_for_frozen=True
    )
