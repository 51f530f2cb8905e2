"""Which carriers there are, and which one the settings choose for a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dianke.messaging.models import Channel, ChannelSetting
from dianke.messaging.rules.carriers import Carrier

#: The field of a carrier's settings that says how many connections it may be given.
CONNECTIONS = "connections"
MOST_CONNECTIONS = 8
_carriers: dict[tuple[str, str], Carrier] = {}
_defaults: dict[str, str] = {}


def register_carrier(carrier: Carrier, *, is_default: bool = False) -> None:
    """Make a carrier known, from the `ready()` of its room; registering again replaces it. The default carries a
    channel nothing was chosen for, where it can."""
    _carriers[carrier.channel, carrier.code] = carrier
    if is_default:
        _defaults[carrier.channel] = carrier.code


def carriers_of(channel: str) -> list[Carrier]:
    """All that could carry the channel."""
    return [carrier for (of, _code), carrier in _carriers.items() if of == channel]


def carrier_named(channel: str, code: str) -> Carrier | None:
    return _carriers.get((channel, code))


@dataclass(frozen=True, slots=True)
class InUse:
    """The carrier of a channel and what opens it."""

    carrier: Carrier
    access: Mapping[str, Any]


def in_use(channel: str) -> InUse | None:
    """Who carries the channel; None while nobody does. One statement."""
    return carried_by(channel, ChannelSetting.objects.filter(channel=channel).first())


def carried_by(channel: str, row: ChannelSetting | None) -> InUse | None:
    """Who carries the channel by its settings, None where there are none."""
    if row is not None and not row.is_on:
        return None
    code = row.carrier if row is not None and row.carrier else _defaults.get(channel, "")
    carrier = _carriers.get((channel, code))
    if carrier is None or not carrier.is_ready():
        return None
    return InUse(carrier, {} if row is None or row.carrier != code else dict(row.access or {}))


def connections_of(used: InUse) -> int:
    """Over how many connections a worker hands messages over; one where the carrier's settings do not ask."""
    field = next((field for field in used.carrier.fields if field.code == CONNECTIONS), None)
    if field is None:
        return 1
    given = str(used.access.get(CONNECTIONS) or field.default)
    return min(max(int(given), 1), MOST_CONNECTIONS) if given.isdecimal() else 1


def channels_in_use() -> list[str]:
    """Channels something can be sent on."""
    rows = {row.channel: row for row in ChannelSetting.objects.all()}
    return [channel for channel in Channel.values if carried_by(channel, rows.get(channel)) is not None]
