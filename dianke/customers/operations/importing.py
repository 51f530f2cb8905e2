"""Rows of a file become customers: the write side of the importer (`providers/importer.py`).

A batch is read (`import_drafts.py`), decided (`decide`: new, a further record of somebody, the same again, an error)
and written, each in a fixed number of statements. The dry run is the same without the writing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from dianke.customers.models import Address, ContactPoint, Customer, ImportantDate, Tagging
from dianke.customers.operations.bulk import (
    Identities,
    NewCustomer,
    Origin,
    exact_hashes,
    write_new,
    write_parts,
    write_records,
)
from dianke.customers.operations.bulk_lines import write_lines
from dianke.customers.operations.import_drafts import Draft, Fate, Settings, open_drafts
from dianke.customers.operations.serials import serials, taken_numbers
from dianke.customers.operations.writing import refresh_profiles
from dianke.customers.queries import importing as queries
from dianke.customers.queries.matching import known_by_head, split_names
from dianke.customers.rules.entry import AddressEntry
from dianke.customers.rules.linking import Known, choose, conflict
from dianke.customers.rules.shapes import Contact, Normalised
from dianke.events.operations import step

PASSES = 4  # how often rows of one batch that share a key are looked up anew


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
