"""On which channel somebody answers: what rooms above say was asked and answered, and what the night made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from dianke.core.errors import Text
from dianke.customers.models import Purpose
from dianke.customers.queries.consents import consents_of
from dianke.insight.models import ContactPreference


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement of rows (customer, channel, was it answered): one for each message or call that went out from
    `%(since)s` until before `%(until)s` and whose answer would be seen. Declared text, never what somebody typed. What
    no answer can be seen of is left out: it would make its channel look worse than it is."""

    code: str
    sql: str


_asked: dict[str, Asked] = {}
_channels: dict[str, Text] = {}


def register_asked(asked: Asked) -> None:
    """Called once by the room that sees the answers; the same code again replaces."""
    _asked[asked.code] = asked


def known_asked() -> list[Asked]:
    return list(_asked.values())


def register_channels(choices: Iterable[tuple[str, Text]]) -> None:
    """Codes and names of channels, by the room that owns them."""
    _channels.update(choices)


def known_channels() -> list[tuple[str, Text]]:
    return list(_channels.items())


def refuses(consents: Mapping[tuple[str, str], bool]) -> bool:
    """Whether they said no to having their interests followed: then nothing is told of their answers."""
    return consents.get((Purpose.PROFILING.value, "ANY")) is False


def preferences_of(head_ids: Collection[int]) -> dict[int, ContactPreference]:
    """Profile → where it answers, for those it is told of. What was refused since the night counts. One statement,
    three where there are any."""
    found = ContactPreference.objects.in_bulk(list(head_ids))
    if not found:
        return {}
    consents = consents_of(list(found))
    return {pk: row for pk, row in found.items() if not refuses(consents[pk])}
