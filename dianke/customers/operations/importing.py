"""Rows of a file become customers: the write side of the importer (`providers/importer.py`).

A batch is read (`Draft`), decided (`decide`: new, a further record of somebody, the same again, an error) and written,
each in a fixed number of statements. The dry run is the same without the writing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dianke.core.custom_fields import FieldSpec
from dianke.core.errors import InvalidInput
from dianke.core.names import fold
from dianke.customers.models import Address, ContactPoint, Customer, ImportantDate, Tagging
from dianke.customers.operations.bulk import (
    Identities,
    NewCustomer,
    Origin,
    exact_hashes,
    fingerprints,
    serials,
    taken_numbers,
    write_new,
    write_parts,
    write_records,
)
from dianke.customers.operations.bulk_lines import Lines, write_lines
from dianke.customers.operations.writing import refresh_profiles
from dianke.customers.queries import importing as queries
from dianke.customers.queries.entry import entry_rules, local_day, own_phones
from dianke.customers.queries.matching import known_by_head, split_names
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.entry import AddressEntry, EntryProblems, FieldRule, normalise
from dianke.customers.rules.import_rows import consents_of, entry_of
from dianke.customers.rules.linking import Known, choose, conflict
from dianke.customers.rules.shapes import Contact, Normalised
from dianke.events.operations import step
from dianke.stores.queries import merchant_zone

PASSES = 4  # how often rows of one batch that share a key are looked up anew


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


# --- reading ---------------------------------------------------------------------------------------------------
def read(rows: Sequence[tuple[int, Mapping[str, str]]], settings: Settings) -> list[Draft]:
    """The rows as drafts, with what is wrong with them; keys and fingerprints computed in bulk."""
    drafts = [_read(number, row, settings) for number, row in rows]
    good = [draft for draft in drafts if draft.found is not None]
    fields = [draft.found.fields() for draft in good if draft.found]
    texts = [
        draft.found.fingerprint_text(said) for draft, said in zip(good, fields, strict=True) if draft.found
    ]
    prints = fingerprints(texts)
    contacts = [(draft, contact) for draft in good for contact in (draft.found.keys if draft.found else ())]
    hashes = exact_hashes([contact.value for _draft, contact in contacts])
    for (draft, contact), hashed in zip(contacts, hashes, strict=True):
        if hashed is not None:
            draft.keys.append((contact.kind, hashed))
    cells = [row for (_number, row), draft in zip(rows, drafts, strict=True) if draft.found is not None]
    for draft, row, said, print_ in zip(good, cells, fields, prints, strict=True):
        new = draft.new = _new(draft, row, said, print_, settings)
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
        consents=tuple(("MARKETING", channel, is_given) for channel, is_given in consents_of(row))
        if not found.is_minor_on(settings.today)
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


# --- deciding --------------------------------------------------------------------------------------------------
def decide(drafts: Sequence[Draft], settings: Settings, source: str) -> list[Draft]:
    """Give every good draft its fate; returns those that must wait for an earlier row of the batch with the same key.
    At most eight queries."""
    good = [draft for draft in drafts if draft.is_good]
    earlier = queries.rows_of_runs(settings.earlier_runs, [draft.row for draft in good])
    external = queries.received_from(source, {d.external_id for d in good if d.external_id})
    wanted = _kinds(settings.match_rule)
    by_key = queries.holders_by_key({value for draft in good for kind, value in draft.keys if kind in wanted})
    numbers = {d.member_number for d in good if d.member_number}
    by_number = queries.holders_by_number(numbers if settings.match_rule in ("member_number", "sure") else ())
    near = {draft.row: _keepers(draft, wanted, by_key, by_number) for draft in good}
    heads = {keeper.head_id for keepers in near.values() for keeper in keepers} | {
        h for h, _i in external.values()
    }
    known = known_by_head(heads)
    contents = queries.contents_of(heads)
    open_drafts((draft for draft in good if near[draft.row]), settings)
    waiting: list[Draft] = []
    taken: set[tuple[str, bytes]] = set()
    for draft in good:
        before = earlier.get(draft.row)
        if before is not None and before[0] == draft.fingerprint:
            draft.fate, draft.identity_id, draft.head_id = Fate.SAME, before[1], before[1]
            continue
        chosen = external.get(draft.external_id) if draft.external_id else None
        if chosen is None and near[draft.row]:
            chosen = _chosen(draft, near[draft.row], known, settings.match_rule)
        if chosen is None:
            mine = {key for key in draft.keys if key[0] in wanted}
            if mine & taken:
                waiting.append(draft)
                continue
            taken |= mine
            draft.fate = Fate.NEW
            continue
        draft.head_id, draft.identity_id = chosen
        if draft.fingerprint in contents.get(draft.head_id, ()):
            draft.fate = Fate.SAME
        else:
            draft.fate = Fate.LINK if settings.may_update else Fate.SKIP
            contents.setdefault(draft.head_id, set()).add(draft.fingerprint)
    return waiting


def _kinds(match_rule: str) -> frozenset[str]:
    """The kinds of contact points by which a rule recognises somebody."""
    if match_rule == "none":
        return frozenset()
    identities = {"UNIONID", "OPENID", "WECOM", "DOCUMENT"}
    return frozenset(
        identities if match_rule in ("member_number", "external_id") else identities | {"PHONE", "EMAIL"}
    )


def _keepers(
    draft: Draft,
    wanted: Collection[str],
    by_key: Mapping[tuple[str, bytes], Sequence[tuple[int, int]]],
    by_number: Mapping[str, tuple[int, int]],
) -> list[queries.Keeper]:
    found: dict[int, queries.Keeper] = {}
    pairs = [
        (kind, pair) for kind, value in draft.keys if kind in wanted for pair in by_key.get((kind, value), ())
    ]
    if draft.member_number in by_number:
        pairs.append(("MEMBER_NUMBER", by_number[draft.member_number]))
    if not pairs:
        return []
    for kind, (head_id, identity_id) in pairs:
        keeper = found.setdefault(head_id, queries.Keeper(head_id, identity_id=identity_id))
        keeper.kinds.add(kind)
    return list(found.values())


def _chosen(
    draft: Draft, keepers: Sequence[queries.Keeper], known: Mapping[int, Known], match_rule: str
) -> tuple[int, int] | None:
    """The (head, identity) the row belongs to by the rule; None for nobody, or when several would do."""
    found = draft.found
    assert found is not None
    profiles = [(keeper, known[keeper.head_id]) for keeper in keepers if keeper.head_id in known]
    if not profiles:
        return None
    identities: dict[str, set[str]] = {}
    for kind, value in draft.keys:
        if kind in ("UNIONID", "WECOM", "DOCUMENT"):
            identities.setdefault(kind, set()).add(value.hex())
    came = Known(
        names=tuple(name for name in (found.name, *split_names(found.aliases)) if name),
        birthdays=tuple(day for day in found.dates if day.kind == "BIRTHDAY"),
        identities={kind: frozenset(values) for kind, values in identities.items()},
    )
    if match_rule == "sure":
        candidates = [replace(profile, matched=frozenset(keeper.kinds)) for keeper, profile in profiles]
        says_nothing_else = not came.names and not came.birthdays and len(candidates) == 1
        is_free = says_nothing_else and conflict(came, candidates[0]) is None
        head_id = candidates[0].head_id if is_free else choose(came, candidates)
    else:  # the person who imports says that the key is enough; only proven identities speak against it
        fitting = [profile.head_id for _keeper, profile in profiles if conflict(came, profile) is None]
        head_id = fitting[0] if len(fitting) == 1 else None
    if head_id is None:
        return None
    return head_id, next(keeper.identity_id for keeper, _p in profiles if keeper.head_id == head_id)


# --- writing ---------------------------------------------------------------------------------------------------
@step
def take_in(drafts: Sequence[Draft], settings: Settings, origin: Origin) -> None:
    """Decide and write a batch; the drafts carry what became of them and whose record they are."""
    waiting = list(drafts)
    for turn in range(PASSES):
        looked_at, waiting = waiting, decide(waiting, settings, origin.source)
        if waiting and turn == PASSES - 1:
            for draft in waiting:
                draft.fate = Fate.NEW
            waiting = []
        _write(looked_at, settings, origin)
        if not waiting:
            return


def _write(drafts: Sequence[Draft], settings: Settings, origin: Origin) -> None:
    fresh = [draft for draft in drafts if draft.fate is Fate.NEW and not draft.identity_id]
    bare = _write_lines(fresh)
    open_drafts(bare, settings)
    for draft, pk in zip(bare, write_new([d.new for d in bare if d.new], origin), strict=True):
        draft.identity_id = draft.head_id = pk
    links = [draft for draft in drafts if draft.fate is Fate.LINK]
    open_drafts(links, settings)
    _link(links, origin)


def _write_lines(drafts: Sequence[Draft]) -> list[Draft]:
    """Write those whose rows are made already; returns the others, and those whose member number is taken meanwhile."""
    taken = taken_numbers([draft.lines[1] for draft in drafts if draft.lines])
    made = [(draft, lines) for draft in drafts if (lines := draft.lines) and lines[1] not in taken]
    write_lines([lines for _draft, lines in made])
    for draft, (pk, *_rest) in made:
        draft.identity_id = draft.head_id = pk
    return [draft for draft in drafts if not draft.identity_id]


def _link(drafts: Sequence[Draft], origin: Origin) -> None:
    """Further records of customers who are here, and what they bring that is new."""
    if not drafts:
        return
    rows = {
        row.pk: row
        for row in Customer.objects.filter(pk__in={d.identity_id for d in drafts}).select_related("key")
    }
    standing = _Standing(set(rows))
    news, contacts = [], []
    for draft in drafts:
        assert draft.new is not None
        news.append(standing.only_new(draft.identity_id, draft.new))
        contacts.append(standing.new_contacts(draft))
    of = Identities(
        ids=[draft.identity_id for draft in drafts],
        keys=[rows[draft.identity_id].key for draft in drafts],
        record_ids=serials("customers_sourcerecord", len(drafts)),
        contacts=contacts,
    )
    write_records([draft.new for draft in drafts if draft.new], origin, of)
    write_parts(news, origin, of)
    wanted = {draft.head_id for draft in drafts}
    heads = list(Customer.objects.filter(pk__in=wanted).select_related("key").order_by("pk"))
    for head in heads:
        head.last_seen_at = max(head.last_seen_at, origin.now)
    refresh_profiles(heads, now=origin.now)


class _Standing:
    """What the identities of a batch have already, so that nothing is written twice. Four queries."""

    def __init__(self, ids: Collection[int]) -> None:
        points = ContactPoint.objects.filter(customer__in=ids).values_list(
            "customer_id", "kind", "value_exact"
        )
        self.contacts = {(pk, kind, bytes(value or b"")) for pk, kind, value in points}
        self.preferred = set(
            ContactPoint.objects.current()
            .filter(customer__in=ids, is_preferred=True)
            .values_list("customer_id", "kind")
        )
        self.days = set(
            ImportantDate.objects.filter(customer__in=ids, archived_at=None).values_list(
                "customer_id", "kind", "calendar"
            )
        )
        self.addresses = {
            (
                address.customer_id,
                *AddressEntry(
                    province=address.province,
                    city=address.city,
                    district=address.district,
                    street=address.street or "",
                ).key,
            )
            for address in Address.objects.filter(customer__in=ids, archived_at=None).select_related("key")
        }
        self.tags = set(Tagging.objects.filter(customer__in=ids).values_list("customer_id", "tag_id"))

    def only_new(self, pk: int, new: NewCustomer) -> NewCustomer:
        """The entry without the dates, addresses and tags the customer has. A birthday the customer has in that
        calendar stands: a file is no correction."""
        found = new.found
        days = tuple(day for day in found.dates if (pk, day.kind, day.calendar) not in self.days)
        addresses = tuple(address for address in found.addresses if (pk, *address.key) not in self.addresses)
        tag_ids = tuple(tag for tag in new.tag_ids if (pk, tag) not in self.tags)
        self.days |= {(pk, day.kind, day.calendar) for day in days}
        self.addresses |= {(pk, *address.key) for address in addresses}
        self.tags |= {(pk, tag) for tag in tag_ids}
        return NewCustomer(
            found=Normalised(dates=days, addresses=addresses),
            store_id=new.store_id,
            tag_ids=tag_ids,
            consents=new.consents,
        )

    def new_contacts(self, draft: Draft) -> list[Contact]:
        """The contact points the customer does not have, archived ones included: what was archived stays so."""
        assert draft.found is not None
        hashes = exact_hashes([contact.value for contact in draft.found.contacts])
        found = []
        for contact, hashed in zip(draft.found.contacts, hashes, strict=True):
            key = (draft.identity_id, contact.kind, hashed or b"")
            if key in self.contacts:
                continue
            self.contacts.add(key)
            is_first = (draft.identity_id, contact.kind) not in self.preferred
            self.preferred.add((draft.identity_id, contact.kind))
            found.append(
                Contact(
                    kind=contact.kind,
                    value=contact.value,
                    use=contact.use,
                    extension=contact.extension,
                    is_preferred=is_first,
                    is_shared=contact.is_shared,
                )
            )
        return found
