"""The rules in force on a channel: what carriers and laws allow (`data/limits.toml`), and what the merchant set."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from dianke.messaging.models import Channel, ChannelSetting, ChannelUse, SendingRules
from dianke.messaging.queries.carriers import carried_by, in_use
from dianke.messaging.rules.limits import ANY, Hours, Limit, Window
from dianke.messaging.rules.lint import Finding, lint
from dianke.messaging.rules.reach import Rules
from dianke.messaging.rules.reports import Words
from dianke.stores.queries import local_date
from dianke.web.addresses import site_address

DATA = Path(__file__).resolve().parent.parent / "data"
_SPANS = (("day_limit", 1), ("week_limit", 7), ("month_limit", 30))


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    return tomllib.loads((DATA / "limits.toml").read_text(encoding="utf-8"))


def windows(purpose: str) -> tuple[Window, ...]:
    """The hours of carriers and laws for a purpose."""
    return tuple(
        Window(row["channel"], frozenset(row["purposes"]), Hours(row["begins"], row["ends"]), row["since"])
        for row in _data()["windows"]
        if purpose in row["purposes"]
    )


def stop_words() -> frozenset[str]:
    """What people answer to be left alone, in capitals."""
    return frozenset(_data()["replies"]["stop"])


def bounce_words() -> Words:
    """What mail servers write instead of a code."""
    return Words(**{name: tuple(words) for name, words in _data()["bounces"].items()})


def _outer_limits(channel: str, today: date) -> list[Limit]:
    return [
        Limit(row["days"], row["count"], row["channel"], frozenset(row["purposes"]), "carrier_limit")
        for row in _data()["limits"]
        if row["channel"] == channel and row["since"] <= today
    ]


def sending_rules() -> SendingRules:
    """What the merchant set over all channels."""
    return SendingRules.objects.first() or SendingRules()


def month_of(now: datetime) -> date:
    return local_date(now).replace(day=1)


def rules_for(channel: str, purposes: set[str] | frozenset[str], *, now: datetime) -> dict[str, Rules]:
    """Purpose → what holds on the channel. Four statements."""
    return rules_by_channel([channel], purposes, now=now)[channel]


def rules_by_channel(
    channels: Collection[str], purposes: set[str] | frozenset[str], *, now: datetime
) -> dict[str, dict[str, Rules]]:
    """Channel → purpose → what holds. Four statements, whatever the number of channels."""
    settings = {row.channel: row for row in ChannelSetting.objects.filter(channel__in=channels)}
    general, today = sending_rules(), local_date(now)
    used = dict(ChannelUse.objects.filter(month=today.replace(day=1)).values_list("channel", "count"))
    return {
        channel: _rules(channel, purposes, settings.get(channel), general, today, used.get(channel, 0))
        for channel in channels
    }


def _rules(
    channel: str,
    purposes: Collection[str],
    setting: ChannelSetting | None,
    general: SendingRules,
    today: date,
    used: int,
) -> dict[str, Rules]:
    limits = _outer_limits(channel, today)
    for name, days in _SPANS:
        limits.append(Limit(days, getattr(general, name), ANY))
        own = getattr(setting, name) if setting else None
        if own is not None:
            limits.append(Limit(days, own, channel))
    quota_left = None
    if setting is not None and setting.month_quota is not None:
        quota_left = setting.month_quota - used
    # What lies in the customer's own inbox wakes nobody, and an inbox cannot be too full of one's own choice.
    quiet = None if channel == Channel.PORTAL else Hours(general.quiet_from, general.quiet_to)
    is_on = carried_by(channel, setting) is not None
    return {
        purpose: Rules(
            channel,
            purpose,
            is_on=is_on,
            has_way_out=has_way_out(channel),
            quota_left=quota_left,
            limits=limits,
            quiet=quiet,
            windows=[each for each in windows(purpose) if each.channel == channel],
        )
        for purpose in purposes
    }


def has_way_out(channel: str) -> bool:
    """Whether what is said there can carry the way to end it: a letter carries a link, which needs our own address
    (RFC 8058); a text message says what to answer, an inbox and a call need nothing."""
    return channel != Channel.EMAIL or bool(site_address())


@lru_cache(maxsize=1)
def _lint_rules() -> tuple[Mapping[str, Any], ...]:
    return tuple(tomllib.loads((DATA / "lint.toml").read_text(encoding="utf-8"))["rules"])


def lint_text(text: str, *, channel: str, purpose: str, now: datetime) -> list[Finding]:
    """What carriers and laws would refuse in a text, by the carrier in use."""
    used = in_use(channel)
    return lint(
        text,
        _lint_rules(),
        channel=channel,
        purpose=purpose,
        carrier=used.carrier.code if used else "",
        today=local_date(now),
    )
