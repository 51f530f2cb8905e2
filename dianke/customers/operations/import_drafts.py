"""Rows of a file as drafts of customers: what each says, what is wrong with it, and what it is recognised by.

Nothing is decided or written here; this also runs in a process of its own, ahead of the writing (`importing_ahead.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from dianke.core.custom_fields import FieldSpec
from dianke.core.errors import InvalidInput
from dianke.core.names import fold
from dianke.customers.operations.bulk import (
    NewCustomer,
    exact_hashes,
    fingerprints,
)
from dianke.customers.operations.bulk_lines import Lines
from dianke.customers.queries import importing as queries
from dianke.customers.queries.entry import entry_rules, local_day, own_phones
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.entry import EntryProblems, FieldRule, normalise
from dianke.customers.rules.import_rows import consents_of, entry_of
from dianke.customers.rules.shapes import Normalised
from dianke.stores.queries import merchant_zone


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "NEW"
    LINK = "LINK"
    SAME = "SAME"
    SKIP = "SKIP"
    ERROR = "ERROR"


@dataclass(slots=True)
class Settings:
    """What one import was told: how customers are recognised, what happens to known ones, what all rows share."""

    match_rule: str = "sure"
    may_update: bool = True
    store_id: int | None = None
    owner_id: int | None = None
    tag_ids: tuple[int, ...] = ()
    specs: Sequence[FieldSpec] = ()
    rules: Sequence[FieldRule] = ()
    blocked_phones: Collection[str] = ()
    today: date = date.min
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    earlier_runs: tuple[int, ...] = ()
    stores: Mapping[str, int] = field(default_factory=dict)
    staff: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Draft:
    """A row on its way: what it says, what is wrong, whose record it becomes.

    `found` and `new` are None for one that is wrong, and for one that another process has read until they are asked
    for (`open_drafts`); what decides about a row is there at once. `lines` are the rows of the tables if it becomes a
    new customer, where they are made already.
    """

    row: int
    cells: Mapping[str, str] = field(default_factory=dict)
    is_good: bool = False
    found: Normalised | None = None
    new: NewCustomer | None = None
    problems: list[tuple[str, InvalidInput, bool]] = field(
        default_factory=list
    )  # (field, error, is a warning)
    fate: Fate = Fate.ERROR
    head_id: int = 0
    identity_id: int = 0
    keys: list[tuple[str, bytes]] = field(default_factory=list)
    fingerprint: bytes = b""
    external_id: str = ""
    member_number: str = ""
    store_id: int | None = None
    lines: Lines | None = None


def settings_now(*, now: datetime, specs: Sequence[FieldSpec], **more: object) -> Settings:
    """The settings of an import with what the merchant asks of entries at this moment."""
    return Settings(
        specs=[replace(spec, is_required=False) if spec.is_required else spec for spec in specs],
        rules=[rule for rule in entry_rules() if not rule.is_required],
        blocked_phones=own_phones(),
        today=local_day(now),
        zone=merchant_zone(),
        tags=queries.tags_by_name(),
        **more,  # type: ignore[arg-type]
    )


def read(rows: Sequence[tuple[int, Mapping[str, str]]], settings: Settings) -> list[Draft]:
    """The rows as drafts, with what is wrong with them; keys and fingerprints computed in bulk."""
    drafts = [_read(number, row, settings) for number, row in rows]
    good = [draft for draft in drafts if draft.found is not None]
    fields = [draft.found.fields() for draft in good if draft.found]
    texts = [
        draft.found.fingerprint_text(said) for draft, said in zip(good, fields, strict=True) if draft.found
    ]
    prints = fingerprints(texts)
    hashes = iter(exact_hashes([one.value for draft in good if draft.found for one in draft.found.contacts]))
    cells = [row for (_number, row), draft in zip(rows, drafts, strict=True) if draft.found is not None]
    for draft, row, said, print_ in zip(good, cells, fields, prints, strict=True):
        new = draft.new = _new(draft, row, said, print_, settings)
        new.hashes = tuple(islice(hashes, len(new.found.contacts)))
        draft.keys = [
            (contact.kind, hashed)
            for contact, hashed in zip(new.found.contacts, new.hashes, strict=True)
            if hashed is not None and contact.is_key
        ]
        draft.is_good, draft.fingerprint, draft.store_id = True, print_, new.store_id
        draft.external_id, draft.member_number = new.external_id, new.found.member_number
    return drafts


def open_drafts(drafts: Iterable[Draft], settings: Settings) -> None:
    """Read good rows here too that another process has read: the few that belong to somebody who is here."""
    closed = [draft for draft in drafts if draft.is_good and draft.new is None]
    for draft, same in zip(closed, read([(d.row, d.cells) for d in closed], settings), strict=True):
        draft.found, draft.new = same.found, same.new


def _read(number: int, row: Mapping[str, str], settings: Settings) -> Draft:
    draft = Draft(number, row)
    try:
        entry = entry_of(row, settings.specs)
        draft.found = normalise(
            entry,
            today=settings.today,
            rules=settings.rules,
            specs=settings.specs,
            blocked_phones=settings.blocked_phones,
            is_strict=False,
        )
    except EntryProblems as error:
        draft.problems = [(name, one, False) for name, one in error.errors.items()]
    except InvalidInput as error:
        draft.problems = [(error.field or "name", error, False)]
    else:
        draft.problems = [(name, one, True) for name, one in draft.found.dropped.items()]
    for _name, problem, _is_warning in draft.problems:
        # Through where it was raised it would hold every row of the batch until cycles are looked for.
        problem.__traceback__ = problem.__context__ = None
    return draft


def _new(
    draft: Draft, row: Mapping[str, str], fields: Mapping[str, Any], fingerprint: bytes, settings: Settings
) -> NewCustomer:
    found = draft.found
    assert found is not None
    tag_ids = [settings.tags[name] for name in found.tags if name in settings.tags]
    said = consents_of(row)
    return NewCustomer(
        found=found,
        fields=fields,
        fingerprint=fingerprint,
        row=draft.row,
        external_id=row.get("external_id", "")[:120],
        store_id=_named(row.get("store", ""), settings.stores, settings.store_id),
        owner_id=_named(row.get("owner", ""), settings.staff, settings.owner_id),
        since=_instant(row.get("since", ""), settings.zone),
        level=row.get("level", "")[:20],
        tag_ids=(*tag_ids, *settings.tag_ids),
        consents=tuple(("MARKETING", channel, is_given) for channel, is_given in said)
        if said and not found.is_minor_on(settings.today)
        else (),
    )


def _named(word: str, known: Mapping[str, int], usual: int | None) -> int | None:
    return known.get(fold(word), usual) if word and known else usual


@lru_cache(maxsize=65_536)
def _instant(text: str, zone: ZoneInfo) -> datetime | None:
    """Noon of that day; None for what is no date. Nobody corrects a file for the day somebody joined."""
    if not text:
        return None
    try:
        day = DateEntry.parse(text[:10])
        return datetime(day.year or 1, day.month, day.day, 12, tzinfo=zone) if day.year else None
    except (InvalidInput, ValueError):
        return None
