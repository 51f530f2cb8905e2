"""The eight ready journeys: what begins each, its steps, and the words it says in the language of the shop. Turned on
by one click; days, hour, channels and coupon can be set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

MESSAGE, AFTER, GIFT = "message", "wait", "gift"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said; `brief` is for text messages. A sentence about the coupon is added to `text` where one comes
    along."""

    subject: str | Promise
    text: str | Promise
    brief: str | Promise


@dataclass(frozen=True, slots=True)
class Care:
    """`days` is before the day, after the purchase, or what `days_mean` says; None: nothing to set. `settings` are
    further parts of the trigger that a page may change. `task` is what a colleague does on the way."""

    code: str
    name: str | Promise
    what: str | Promise
    icon: str
    trigger: Mapping[str, Any]
    words: Words
    purpose: str = "CARE"
    days: int | None = None
    days_label: str | Promise = ""
    days_wait: bool = False
    again: Mapping[str, Any] = field(default_factory=lambda: {"kind": "EACH"})
    exits_bought: bool = False
    task: str | Promise = ""
    task_days: int = 0
    at: str = "09:30"
    has_hour: bool = True


_GIFT = _(" We have put {{ coupon }} into your account, code {{ coupon_code }}.")

CARES: Mapping[str, Care] = {
    each.code: each
    for each in (
        Care(
            "welcome",
            _("Welcome"),
            _("A word of welcome to whoever becomes a customer."),
            "sparkles",
            {"kind": "REGISTERED"},
            Words(
                _("Welcome to {{ shop }}"),
                _(
                    "{{ salutation }}, welcome to {{ shop }}. From now on we are here for you:"
                    " tell us what you like, and we will remember it."
                ),
                _("{{ salutation }}, welcome. We are glad you are here and will look after you well."),
            ),
            days=0,
            days_label=_("Days after registering"),
            days_wait=True,
            again={"kind": "NEVER"},
            has_hour=False,
        ),
        Care(
            "birthday",
            _("Birthday"),
            _("A wish on the birthday, solar or lunar as the customer keeps it, once a year."),
            "cake",
            {"kind": "BIRTHDAY"},
            Words(
                _("Happy birthday from {{ shop }}"),
                _(
                    "{{ salutation }}, happy birthday! Everybody at {{ shop }} wishes you a year in which every day"
                    " brings something good."
                ),
                _(
                    "{{ salutation }}, happy birthday! May the year ahead be kind to you, with all our wishes."
                ),
            ),
            days=0,
            days_label=pgettext_lazy("care", "Days before"),
        ),
        Care(
            "anniversary",
            _("Wedding anniversary"),
            _("Good wishes on the wedding day, once a year."),
            "heart",
            {"kind": "ANNIVERSARY", "date_kind": "WEDDING"},
            Words(
                _("Congratulations on your wedding anniversary"),
                _(
                    "{{ salutation }}, today is your wedding anniversary. {{ shop }} wishes you both"
                    " many more years hand in hand."
                ),
                _(
                    "{{ salutation }}, all the best on your wedding anniversary: many happy years to you both."
                ),
            ),
            days=0,
            days_label=pgettext_lazy("care", "Days before"),
        ),
        Care(
            "festival",
            _("Festivals"),
            _("Greetings on festivals of the lunar and the solar calendar."),
            "confetti",
            {"kind": "FESTIVAL", "festivals": ["spring", "dragon_boat", "mid_autumn"]},
            Words(
                _("{{ festival }} greetings from {{ shop }}"),
                _(
                    "{{ salutation }}, it is {{ festival }}. {{ shop }} wishes you and your family health,"
                    " peace and everything you hope for."
                ),
                _("{{ salutation }}, it is {{ festival }}: health and peace to you and your family."),
            ),
            days=0,
            days_label=pgettext_lazy("care", "Days before"),
        ),
        Care(
            "thanks",
            _("Thank-you"),
            _("Thanks after a purchase, not more than once a month."),
            "mood-smile",
            {"kind": "PURCHASE"},
            Words(
                _("Thank you from {{ shop }}"),
                _(
                    "{{ salutation }}, thank you for choosing {{ shop }}. If anything is not quite right,"
                    " tell us and we will make it so."
                ),
                _("{{ salutation }}, thank you for your trust. If anything is not right, just tell us."),
            ),
            days=1,
            days_label=_("Days after the purchase"),
            days_wait=True,
            again={"kind": "DAYS", "days": 30},
        ),
        Care(
            "points",
            _("Points that expire"),
            _("A reminder before points expire, so that nobody loses them unawares."),
            "hourglass",
            {"kind": "POINTS"},
            Words(
                _("Your points at {{ shop }} expire on {{ date }}"),
                _(
                    "{{ salutation }}, {{ points_expiring }} of your points expire soon, the first of them on"
                    " {{ date }}. We will gladly help you to use them well."
                ),
                _("{{ salutation }}, {{ points_expiring }} points expire soon, the first on {{ date }}."),
            ),
            days=14,
            days_label=_("Days before they expire"),
        ),
        Care(
            "dormant",
            _("Long not seen"),
            _("Whoever stays away much longer than they usually do: a greeting, then a call by a colleague."),
            "moon",
            {"kind": "DORMANT", "percent": 200, "least_days": 30, "usual_days": 90},
            Words(
                _("We think of you at {{ shop }}"),
                _(
                    "{{ salutation }}, we have not seen each other for a while. We hope you are well."
                    " Whatever you need, {{ shop }} is there for you."
                ),
                _("{{ salutation }}, we have not seen each other for a while and hope you are well."),
            ),
            again={"kind": "EACH"},
            exits_bought=True,
            task=_("Call somebody who stayed away"),
            task_days=7,
        ),
        Care(
            "aftersales",
            _("After the purchase"),
            _("Some days after a purchase: how it is going, and a task to ask in person."),
            "tool",
            {"kind": "PURCHASE"},
            Words(
                _("Is everything as it should be?"),
                _(
                    "{{ salutation }}, you have had what you bought at {{ shop }} for some days."
                    " Is everything as it should be? A word is enough, we take care of it."
                ),
                _("{{ salutation }}, is what you bought as it should be? A word is enough."),
            ),
            purpose="SERVICE",
            days=7,
            days_label=_("Days after the purchase"),
            days_wait=True,
            again={"kind": "DAYS", "days": 30},
            task=_("Ask how the purchase is doing"),
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What somebody set: None means as it comes."""

    days: int | None = None
    at: str = ""
    channels: Sequence[str] = ("PORTAL", "SMS", "EMAIL")
    coupon_kind_id: int | None = None
    festivals: Sequence[str] = ()
    control_bp: int = 0
    has_task: bool = True


def plan_of(care: Care, settings: Settings, texts: Mapping[str, int]) -> dict[str, Any]:
    """The plan, as `rules/plan.py` reads it."""
    days = care.days if settings.days is None else settings.days
    at = settings.at or care.at
    trigger: dict[str, Any] = {**care.trigger, "at": at}
    if days is not None and not care.days_wait:
        trigger["days"] = days
    if care.code == "festival" and settings.festivals:
        trigger["festivals"] = list(settings.festivals)
    steps: list[dict[str, Any]] = []
    if care.days_wait and days:
        wait: dict[str, Any] = {"key": AFTER, "kind": "WAIT", "days": days}
        steps.append({**wait, "at": at} if care.has_hour else wait)
    if settings.coupon_kind_id:
        steps.append({"key": GIFT, "kind": "COUPON", "coupon_kind_id": settings.coupon_kind_id})
    steps.append({"key": MESSAGE, "kind": "MESSAGE", "texts": dict(texts), "valid_hours": 36})
    if care.task and settings.has_task:
        if care.task_days:
            steps.append({"key": "pause", "kind": "WAIT", "days": care.task_days})
        steps.append({"key": "task", "kind": "TASK", "title": str(care.task), "valid_hours": 96})
    return {
        "trigger": trigger,
        "steps": steps,
        "purpose": purpose_of(care, with_gift=settings.coupon_kind_id is not None),
        "channels": list(settings.channels),
        "exits": {"bought": care.exits_bought},
        "again": dict(care.again),
        "control_bp": settings.control_bp,
        "goal_days": 30,
    }


def purpose_of(care: Care, *, with_gift: bool) -> str:
    """What the customer must have agreed to: a greeting that brings a coupon is an offer."""
    return "MARKETING" if with_gift else care.purpose


def text_of(care: Care, channel: str, *, with_gift: bool) -> tuple[str, str]:
    """(subject, body) of a channel. A text message carries no coupon: carriers refuse those that do."""
    if channel == "SMS":
        return "", str(care.words.brief)
    body = str(care.words.text)
    return (str(care.words.subject) if channel == "EMAIL" else ""), body + (str(_GIFT) if with_gift else "")
