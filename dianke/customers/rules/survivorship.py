"""Which value of a field a profile shows when its records disagree, and why.

For each field the records of all identities of the profile are compared: a correction beats everything, what was taken
down from the person beats what a file or another system carried over, and among equals the newest wins. A surname with
a title (王女士) never replaces a full name; other names are gathered rather than chosen. The same rules make the
sentence that explains the choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.customers.rules.placeholders import name_is_titled

#: How far a channel is trusted: what somebody corrected on purpose, what a person told, what was carried over.
CORRECTED, TOLD, CARRIED = 3, 2, 1
TRUST: Mapping[str, int] = {
    "STAFF": CORRECTED,
    "PORTAL": CORRECTED,
    "COUNTER": TOLD,
    "QR": TOLD,
    "WEB": TOLD,
    "WECHAT": TOLD,
    "ECOMMERCE": TOLD,
    "API": TOLD,
    "IMPORT": CARRIED,
    "DEMO": CARRIED,
}
#: Fields of the head that follow from records; `custom.<key>` and `sensitive.<key>` besides.
SHOWN = ("kind", "name", "aliases", "gender", "occupation", "company", "credit_code", "note")


@dataclass(frozen=True, slots=True)
class RecordFields:
    """What one record says: `fields` as `Normalised.fields()` makes them. A field that is there with None was emptied
    on purpose. `label` is the channel's name for people; `received_at` is shown as it is, so bring it to the reader's
    zone."""

    record_id: int
    channel: str
    received_at: datetime
    fields: Mapping[str, Any] = field(default_factory=dict)
    label: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Survivor:
    """The value shown, the record it came from, and by which rule: "only", "correction", "told", "fuller", "newest",
    "union" (aliases)."""

    value: Any
    record_id: int
    rule: str


def without_sensitive(records: Sequence[RecordFields], until: datetime | None) -> list[RecordFields]:
    """The records without what was told of sensitive details up to `until`, when the consent to them was taken back; a
    later consent brings nothing of it back."""
    if until is None:
        return list(records)
    return [
        record
        if record.received_at > until
        else replace(
            record, fields={k: v for k, v in record.fields.items() if not k.startswith("sensitive.")}
        )
        for record in records
    ]


def survivors(records: Sequence[RecordFields]) -> dict[str, Survivor]:
    """The shown value of every field any record speaks about; without those that were emptied last."""
    speaking: dict[str, list[RecordFields]] = {}
    for record in sorted(records, key=lambda one: (one.received_at, one.record_id)):
        for name in record.fields:
            speaking.setdefault(name, []).append(record)
    found: dict[str, Survivor] = {}
    for name, candidates in speaking.items():
        survivor = _union(candidates) if name == "aliases" else _choose(name, candidates)
        if survivor.value not in (None, "", []):
            found[name] = survivor
    return found


def _choose(name: str, candidates: Sequence[RecordFields]) -> Survivor:
    if len(candidates) == 1:
        return Survivor(candidates[0].fields[name], candidates[0].record_id, "only")
    best = max(candidates, key=lambda one: _rank(name, one))
    others = [one for one in candidates if one is not best]
    return Survivor(best.fields[name], best.record_id, _rule(name, best, others))


def _rank(name: str, record: RecordFields) -> tuple[int, int, int, datetime, int]:
    trust = TRUST.get(record.channel, CARRIED)
    # A correction stands even where it is the shorter name: somebody meant it.
    corrected = trust if trust == CORRECTED else 0
    return (corrected, _fullness(name, record.fields[name]), trust, record.received_at, record.record_id)


def _fullness(name: str, value: object) -> int:
    """Of names: 单雨薇 says more than shan yu wei, and that more than 单女士. Other fields are as full as any."""
    if name != "name" or value is None:
        return 2
    if name_is_titled(str(value)):
        return 0
    return 2 if _HAN.search(str(value)) else 1


_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")


def _rule(name: str, best: RecordFields, others: Sequence[RecordFields]) -> str:
    mine = _rank(name, best)
    runner_up = max(_rank(name, one) for one in others)
    if mine[0] > runner_up[0]:
        return "correction"
    if mine[1] > runner_up[1]:
        return "fuller"
    if mine[2] > runner_up[2]:
        return "told"
    return "newest"


def _union(candidates: Sequence[RecordFields]) -> Survivor:
    """Other names are gathered; the last correction says all of them."""
    corrections = [one for one in candidates if TRUST.get(one.channel) == CORRECTED]
    start = candidates.index(corrections[-1]) if corrections else 0
    names: dict[str, None] = {}
    for one in candidates[start:]:
        value = str(one.fields["aliases"] or "")
        names |= dict.fromkeys(
            word.strip() for word in value.replace("、", ",").replace("，", ",").split(",")
        )
    names.pop("", None)
    last = candidates[-1]
    rule = (
        "only"
        if len(candidates) == 1
        else "correction"
        if corrections and corrections[-1] is last
        else "union"
    )
    return Survivor("、".join(names)[:160], last.record_id, rule)


def explain(name: str, survivor: Survivor, records: Iterable[RecordFields]) -> Promise:
    """ "from counter of 3 May 2026, newer than web form": one sentence, worded when it is read."""
    speaking = {one.record_id: one for one in records if name in one.fields}
    source = speaking.get(survivor.record_id)
    others = [one for one in speaking.values() if one.record_id != survivor.record_id]
    return _worded(lambda: _sentence(survivor, source, others))


def _sentence(survivor: Survivor, source: RecordFields | None, others: Sequence[RecordFields]) -> str:
    if source is None:
        return _("from an earlier record")
    origin = {
        "channel": str(source.label or source.channel),
        "date": date_format(source.received_at, "DATE_FORMAT"),
    }
    runner_up = max(others, key=lambda one: one.received_at, default=None)
    other = str(runner_up.label or runner_up.channel) if runner_up else ""
    sentences = {
        "newest": _("from %(channel)s, %(date)s; newer than %(other)s"),
        "correction": _("corrected on %(date)s (%(channel)s)"),
        "told": _("from %(channel)s, %(date)s; told in person, unlike %(other)s"),
        "fuller": _("from %(channel)s, %(date)s; the full name, unlike %(other)s"),
        "union": _("gathered from several records, the last of %(date)s (%(channel)s)"),
    }
    sentence = sentences.get(survivor.rule) if others else None
    return (sentence or _("from %(channel)s, %(date)s")) % {**origin, "other": other}


def _worded(make: Callable[[], str]) -> Promise:
    """A text made in the language of whoever reads it."""
    return _Made(make)


class _Made(Promise):
    def __init__(self, make: Callable[[], str]) -> None:
        self._make = make

    def __str__(self) -> str:
        return self._make()


#: What the fields are called where choices between values are shown.
LABELS: Mapping[str, str | Promise] = {
    "kind": gettext_lazy("Kind"),
    "name": gettext_lazy("Name"),
    "aliases": gettext_lazy("Also called"),
    "gender": gettext_lazy("Gender"),
    "occupation": gettext_lazy("Occupation"),
    "company": gettext_lazy("Works at"),
    "credit_code": gettext_lazy("Unified social credit code"),
    "note": gettext_lazy("Note"),
    "guardian": gettext_lazy("Guardian"),
    "member_number": gettext_lazy("Member number"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("Email"),
    "wechat": gettext_lazy("WeChat ID"),
    "birthday": gettext_lazy("Birthday"),
    "address": gettext_lazy("Address"),
}
