"""On which ways somebody may be contacted for a purpose: a call and WeChat by the employee's own hand, the others
through the outbox. The rules are those of messages; that nothing carries calls does not keep anybody from calling."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.customers.rules.consent import may
from dianke.messaging.models import Channel
from dianke.messaging.queries.limits import rules_by_channel
from dianke.messaging.queries.people import facts_of
from dianke.messaging.queries.reasons import reason_text
from dianke.messaging.rules.reach import NEEDS_CONSENT, Person, Reason, Verdict, judge

WECHAT = "WECHAT"
SENT = (Channel.PORTAL, Channel.SMS, Channel.EMAIL)
CHANNELS = (Channel.CALL, *SENT)
PURPOSES = ("SERVICE", "CARE", "MARKETING")
LABELS: Mapping[str, str | Promise] = {
    Channel.CALL: Channel.CALL.label,
    WECHAT: _("WeChat"),
    **{channel: channel.label for channel in SENT},
}


@dataclass(frozen=True, slots=True)
class Way:
    """`is_open` when it may be used now, `waits` when it may later today."""

    code: str
    verdict: Verdict
    waits: bool = False

    @property
    def label(self) -> str:
        return str(LABELS[self.code])

    @property
    def is_open(self) -> bool:
        return self.verdict.is_allowed

    @property
    def is_sent(self) -> bool:
        """Through the outbox."""
        return self.code in SENT

    @property
    def why_not(self) -> str:
        return reason_text(self.verdict.reasons[0]) if self.verdict.reasons else ""


Ways = Mapping[tuple[int, str], Sequence[Way]]


def ways_of(head_ids: Collection[int], *, now: datetime) -> Ways:
    """(Profile, purpose) → its ways, the one to try first before the others. A fixed number of statements."""
    facts = facts_of(head_ids, channels=CHANNELS, needs_consent=True, now=now)
    rules = rules_by_channel(CHANNELS, set(PURPOSES), now=now)
    people = {channel: facts.on(channel).person for channel in CHANNELS}
    found = {}
    for pk in head_ids:
        if pk not in people[Channel.CALL]:
            continue
        for purpose in PURPOSES:
            ways = []
            for channel in CHANNELS:
                person, rule = people[channel][pk], rules[channel][purpose]
                if channel == Channel.CALL:
                    rule = replace(rule, is_on=True, quota_left=None)
                ways.append(_way(channel, judge(person, rule, at=now), person.zone, now))
            ways.insert(1, Way(WECHAT, _by_wechat(people[Channel.CALL][pk], purpose)))
            found[pk, purpose] = ways
    return found


def _way(channel: str, verdict: Verdict, zone: ZoneInfo, now: datetime) -> Way:
    until = verdict.until
    waits = until is not None and until.astimezone(zone).date() == now.astimezone(zone).date()
    return Way(channel, verdict, waits)


def _by_wechat(person: Person, purpose: str) -> Verdict:
    """Words the employee copies into WeChat: the outbox has no part in it, consent has."""
    if person.state != "ACTIVE":
        return Verdict((Reason.ERASING if person.state == "ERASING" else Reason.GONE,))
    if purpose in NEEDS_CONSENT:
        if person.is_guarded and purpose == "MARKETING":
            return Verdict((Reason.GUARDED,))
        consents = dict(person.consents or {})
        if not may(consents, purpose, WECHAT):
            was_asked = any(asked == purpose for asked, _channel in consents)
            return Verdict((Reason.SAID_NO if was_asked else Reason.NEVER_ASKED,))
    return Verdict()
