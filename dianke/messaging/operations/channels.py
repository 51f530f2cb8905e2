"""How channels are set up and what limits hold over all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.core.ids import uuid7
from dianke.customers.rules.portal import CODE_OCCASION
from dianke.events.operations import operation, record, unchanged
from dianke.messaging.models import Channel, ChannelSetting, SendingRules
from dianke.messaging.queries.carriers import carrier_named
from dianke.messaging.queries.limits import windows
from dianke.messaging.rules.carriers import Answer, CarrierUnreachable, Item, Outcome, Prompt
from dianke.messaging.rules.limits import Hours, NeverOpen, open_from
from dianke.stores.queries import merchant_zone

MANAGE = "messaging.manage_channels"
#: A code that proves nothing.
TEST_VALUES = {"code": "123456"}
LIMITS = ("day_limit", "week_limit", "month_limit", "month_quota")


class CarrierUnknown(InvalidInput):
    code = "message_carrier_unknown"
    message = _("Choose who carries the channel.")
    default_field = "carrier"


class AccessMissing(InvalidInput):
    code = "message_access_missing"
    message = _("“%(label)s” is still empty. Please fill it in.")


class NoHourLeft(InvalidInput):
    code = "message_no_hour_left"
    message = _("These quiet hours leave no hour in which offers may go out. Make them shorter.")
    default_field = "quiet_from"


class TestNotSent(InvalidInput):
    __test__ = False
    code = "message_test_not_sent"
    message = _("The test was not sent. The carrier said: %(said)s")
    default_field = "to"


@operation(MANAGE)
def set_up_channel(
    *,
    channel: str,
    carrier: str,
    is_on: bool,
    access: Mapping[str, str],
    limits: Mapping[str, int | None],
    actor: Actor,
    now: datetime,
) -> ChannelSetting:
    """Who carries a channel, with which access and limits. An empty secret keeps the one that is there. Raises
    `CarrierUnknown`, `AccessMissing`."""
    chosen = carrier_named(channel, carrier)
    if chosen is None:
        raise CarrierUnknown
    row = ChannelSetting.objects.select_for_update().filter(channel=channel).first() or ChannelSetting(
        channel=channel
    )
    before = dict(row.access or {}) if row.carrier == carrier else {}
    kept = {}
    for field in chosen.fields:
        value = str(access.get(field.code) or "").strip() or (
            str(before.get(field.code) or "") if field.is_secret else ""
        )
        if not value and field.is_needed:
            raise AccessMissing(label=field.label, field=field.code)
        if value:
            kept[field.code] = value
    row.carrier, row.is_on, row.access, row.changed_at = carrier, is_on, kept, now
    row.reports_trouble, row.reports_failing_since, row.reports_said = "", None, ""  # the next try tells anew
    for name in LIMITS:
        setattr(row, name, limits.get(name))
    row.save()
    record(
        "messaging.channel_set_up",
        row,
        actor=actor,
        now=now,
        data={"channel": channel, "carrier": carrier, "is_on": is_on},
    )
    return row


@operation(MANAGE)
def note_reports(
    *, channel: str, trouble: str = "", said: str = "", actor: Actor, now: datetime
) -> ChannelSetting | None:
    """Whether the mailbox of reports could be read just now: without `trouble` all is well. Only a change is told; the
    same trouble once more changes nothing."""
    row: ChannelSetting | None = ChannelSetting.objects.select_for_update().filter(channel=channel).first()
    if row is None or row.reports_trouble == trouble:
        unchanged()
        return row
    row.reports_trouble = trouble
    row.reports_failing_since = (row.reports_failing_since or now) if trouble else None
    row.reports_said = said[:150] if trouble else ""
    row.save(update_fields=["reports_trouble", "reports_failing_since", "reports_said"])
    record(
        "messaging.reports_failing" if trouble else "messaging.reports_read_again",
        row,
        actor=actor,
        now=now,
        data={"channel": channel, "trouble": trouble},
    )
    return row


@operation(MANAGE)
def set_sending_rules(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> SendingRules:
    """Quiet hours and limits over all channels. Raises `NoHourLeft`."""
    row = SendingRules.objects.select_for_update().first() or SendingRules()
    changes = {
        name: [str(getattr(row, name)), str(value)]
        for name, value in values.items()
        if getattr(row, name) != value
    }
    for name, value in values.items():
        setattr(row, name, value)
    _check_hours(row, now)
    row.changed_at = now
    row.save()
    record("messaging.rules_changed", row, actor=actor, now=now, data={"changes": changes})
    return row


def _check_hours(row: SendingRules, now: datetime) -> None:
    quiet = Hours(row.quiet_from, row.quiet_to)
    for channel in Channel.values:
        try:
            open_from(
                now,
                merchant_zone(),
                quiet=quiet,
                windows=[each for each in windows("MARKETING") if each.channel == channel],
            )
        except NeverOpen as error:
            raise NoHourLeft from error


def send_test(
    *, setting: ChannelSetting, to: str, subject: str, text: str, actor: Actor, now: datetime
) -> Answer:
    """Hand one message to the carrier at once, to an address that is typed in; nothing but the fact is kept. Raises
    `TestNotSent`."""
    actor.require(MANAGE)
    chosen = carrier_named(setting.channel, setting.carrier)
    if chosen is None:
        raise CarrierUnknown
    access = dict(setting.access or {})
    item = Item(0, str(uuid7()), to.strip(), subject, text)
    if isinstance(chosen, Prompt):  # sends approved templates only: that of codes
        item = replace(item, approved_code=chosen.approved_code(access, CODE_OCCASION), values=TEST_VALUES)
    try:
        with chosen.session(access, now=now) as session:
            answer = session.send(item)
    except CarrierUnreachable as error:
        raise TestNotSent(said=str(error)) from error
    if answer.outcome not in (Outcome.SENT, Outcome.DELIVERED, Outcome.HANDED):
        raise TestNotSent(said=answer.detail or answer.outcome)
    note_test(setting=setting, actor=actor, now=now)
    return answer


@operation(MANAGE)
def note_test(*, setting: ChannelSetting, actor: Actor, now: datetime) -> ChannelSetting:
    """A test message was sent."""
    record("messaging.test_sent", setting, actor=actor, now=now, data={"channel": setting.channel})
    return setting
