"""The words of a message as its reader gets them: variables filled in, the way out added where the law wants one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from dianke.customers.queries.portal import withdrawal_headers
from dianke.messaging.models import Channel
from dianke.messaging.queries.variables import filled, known_codes, shop_name
from dianke.messaging.rules.reach import NEEDS_CONSENT
from dianke.messaging.rules.words import Length, ValueMissing, Wording, length_of, read_wording
from dianke.web.addresses import site_address

LANGUAGE = "zh-hans"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said; `values` are those an approved template of a carrier is filled in with."""

    subject: str
    text: str
    values: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def length(self) -> Length:
        return length_of(self.text)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be worded for one profile. `given` are the values that came with the message."""

    key: int
    head_id: int
    channel: str
    purpose: str
    subject: str
    body: str
    signature: str = ""
    given: Mapping[str, str] | None = None


@lru_cache(maxsize=512)
def _wording(text: str, known: frozenset[str]) -> Wording:
    return read_wording(text, known)


def worded(
    wanted: Sequence[Wanted], members: Mapping[int, Collection[int]], *, now: datetime
) -> tuple[dict[int, Words], list[int]]:
    """(key → words, keys for which a value is missing). Each variable is read once for all."""
    known = known_codes()
    read = {one.key: (_wording(one.subject, known), _wording(one.body, known)) for one in wanted}
    codes = {name for pair in read.values() for text in pair for name in text.variables}
    found: dict[int, Words] = {}
    missing: list[int] = []
    with override(LANGUAGE):
        values_of = filled(codes, {one.head_id: members.get(one.head_id, ()) for one in wanted}, now=now)
        shop = shop_name()
        for one in wanted:
            subject, body = read[one.key]
            values = values_of[one.head_id] | dict(one.given or {})
            try:
                said = subject.filled(values), body.filled(values)
            except ValueMissing:
                missing.append(one.key)
                continue
            used = {name: values[name] for name in body.variables}
            found[one.key] = _finished(one, *said, used, shop)
    return found, missing


def _finished(one: Wanted, subject: str, text: str, values: Mapping[str, str], shop: str) -> Words:
    headers: dict[str, str] = {}
    if one.channel == Channel.EMAIL and one.purpose in NEEDS_CONSENT:
        headers = withdrawal_headers(one.head_id, "EMAIL", base_url=site_address())
        link = headers["List-Unsubscribe"].strip("<>")
        text = f"{text}\n\n--\n{_why_and_way_out() % {'shop': shop, 'link': link}}"
    if one.channel == Channel.SMS:
        text = _("[%(shop)s] %(text)s") % {"shop": one.signature or shop, "text": text}
        way_out = way_out_of_sms()
        if one.purpose == "MARKETING" and way_out not in text:
            text += way_out
    return Words(subject, text, values, headers)


@lru_cache(maxsize=1)
def _why_and_way_out() -> str:
    """What ends every email that needs consent, looked up once for a hundred thousand."""
    with override(LANGUAGE):
        return _("You get this as a customer of %(shop)s. No more of it: %(link)s")


def way_out_of_sms() -> str:
    """What ends every promotional text message."""
    with override(LANGUAGE):
        return _(" Reply R to stop")


def preview(
    head_id: int,
    members: Collection[int],
    *,
    channel: str,
    purpose: str,
    subject: str,
    body: str,
    signature: str = "",
    given: Mapping[str, str] | None = None,
    now: datetime,
) -> Words:
    """What one customer would read. Raises `VariableUnknown`, `VariableOpen`, `ValueMissing`."""
    one = Wanted(0, head_id, channel, purpose, subject, body, signature, given)
    found, _missing = worded([one], {head_id: members}, now=now)
    if 0 not in found:
        read_wording(body, known_codes()).filled(dict(given or {}) | dict.fromkeys(_filled_codes(), ""))
    return found[0]


def _filled_codes() -> list[Any]:
    from dianke.messaging.queries.variables import given_codes

    return sorted(known_codes() - given_codes())
