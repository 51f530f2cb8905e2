"""Whether somebody may be written to: everything that forbids it, in the order a person would name it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dianke.customers.rules.consent import may
from dianke.messaging.rules.limits import (
    Hours,
    Limit,
    NeverOpen,
    Window,
    Written,
    first_day_free,
    first_over,
    open_from,
)

#: The channel of consent that speaks for ours.
CONSENT_CHANNEL: Mapping[str, str] = {
    "SMS": "SMS",
    "EMAIL": "EMAIL",
    "CALL": "CALL",
    "PORTAL": "ANY",
    "WECHAT": "WECHAT",
    "WECOM": "WECHAT",
}
NEEDS_CONSENT = frozenset({"MARKETING", "CARE"})


BEIJING = ZoneInfo("Asia/Shanghai")


class Reason(StrEnum):
    """Why not, or why not yet."""

    CHANNEL_OFF = "channel_off"
    NO_WAY_OUT = "no_way_out"
    GONE = "gone"
    ERASING = "erasing"
    IN_REVIEW = "in_review"
    GUARDED = "guarded"
    NEVER_ASKED = "never_asked"
    SAID_NO = "said_no"
    NO_ADDRESS = "no_address"
    FAILING = "failing"
    SUPPRESSED = "suppressed"
    OFTEN = "often"
    CARRIER_LIMIT = "carrier_limit"
    QUOTA = "quota"
    QUIET = "quiet"
    NEVER_OPEN = "never_open"
    EXPIRED = "expired"


#: These pass with time; a message waits for it.
PASSING = frozenset({Reason.OFTEN, Reason.CARRIER_LIMIT, Reason.QUOTA, Reason.QUIET})


@dataclass(frozen=True, slots=True)
class Person:
    """What decides about one profile. `consents` as `customers.rules.consent.effective` answers; `contact_id` the
    address it would go to, where the channel has addresses."""

    state: str
    is_guarded: bool = False
    consents: Mapping[tuple[str, str], bool] | None = None
    has_address: bool = True
    is_failing: bool = False
    is_suppressed: bool = False
    written: Sequence[Written] = ()
    zone: ZoneInfo = BEIJING


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds on a channel for a purpose. `has_way_out`: a message that needs consent can carry what ends it."""

    channel: str
    purpose: str
    is_on: bool = True
    has_way_out: bool = True
    quota_left: int | None = None
    limits: Sequence[Limit] = ()
    quiet: Hours | None = None
    windows: Sequence[Window] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` is empty when it may go now. `until`: when the reasons will have passed, None when they never do."""

    reasons: tuple[Reason, ...] = ()
    until: datetime | None = None

    @property
    def is_allowed(self) -> bool:
        return not self.reasons

    @property
    def is_passing(self) -> bool:
        return bool(self.reasons) and self.until is not None


ALLOWED = Verdict()


def judge(person: Person, rules: Rules, *, at: datetime) -> Verdict:
    """What forbids a message now; only when nothing does for good, what makes it wait."""
    lasting = tuple(_lasting(person, rules))
    if lasting:
        return Verdict(lasting)
    reasons: list[Reason] = []
    until = at
    day = at.astimezone(person.zone).date()
    over = first_over(rules.limits, person.written, channel=rules.channel, purpose=rules.purpose, day=day)
    if over is not None:
        reasons.append(Reason(over.reason))
        free = first_day_free(
            rules.limits,
            person.written,
            channel=rules.channel,
            purpose=rules.purpose,
            day=day + timedelta(days=1),
        )
        if free is None:
            return Verdict(tuple(reasons))
        until = datetime(free.year, free.month, free.day, tzinfo=person.zone)
    if rules.quota_left is not None and rules.quota_left <= 0:
        reasons.append(Reason.QUOTA)
        local = until.astimezone(person.zone)
        year, month = (local.year + 1, 1) if local.month == 12 else (local.year, local.month + 1)
        until = datetime(year, month, 1, tzinfo=person.zone)
    try:
        moment = open_from(until, person.zone, quiet=rules.quiet, windows=rules.windows)
    except NeverOpen:
        return Verdict((*reasons, Reason.NEVER_OPEN))
    if moment > until:
        if not reasons:
            reasons.append(Reason.QUIET)
        until = moment
    return Verdict(tuple(reasons), until if reasons else None)


def _lasting(person: Person, rules: Rules) -> list[Reason]:
    found = []
    if not rules.is_on:
        found.append(Reason.CHANNEL_OFF)
    elif not rules.has_way_out and rules.purpose in NEEDS_CONSENT:
        found.append(Reason.NO_WAY_OUT)
    if person.state in ("ERASED", "REMOVED"):
        return [*found, Reason.GONE]
    if person.state == "ERASING":
        found.append(Reason.ERASING)
    if person.state == "REVIEW" and rules.purpose in NEEDS_CONSENT:
        found.append(Reason.IN_REVIEW)
    if rules.purpose in NEEDS_CONSENT:
        if person.is_guarded and rules.purpose == "MARKETING":
            found.append(Reason.GUARDED)
        consents = dict(person.consents or {})
        channel = CONSENT_CHANNEL[rules.channel]
        if not may(consents, rules.purpose, channel):
            was_asked = any(purpose == rules.purpose for purpose, _channel in consents)
            found.append(Reason.SAID_NO if was_asked else Reason.NEVER_ASKED)
    if not person.has_address:
        found.append(Reason.NO_ADDRESS)
    elif person.is_suppressed:
        found.append(Reason.SUPPRESSED)
    elif person.is_failing:
        found.append(Reason.FAILING)
    return found
