"""Two profiles beside each other, and the one they would become: read once for all, whatever they hold.

Contact points and streets are shown masked, as the actor may see them; whether two are the same is told by what they
are, so that two numbers that look alike behind the mask still differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dianke.access.fields import HIDDEN
from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.custom_fields import FieldSpec, specs_for
from dianke.core.custom_fields import shown as custom_shown
from dianke.core.data_keys import DataKeyDestroyed
from dianke.core.errors import Text
from dianke.core.lunar import LunarDate
from dianke.core.names import fold
from dianke.customers.models import (
    Address,
    Consent,
    ConsentChannel,
    ContactPoint,
    Customer,
    DateKind,
    ImportantDate,
    Merge,
    Purpose,
    Tagging,
)
from dianke.customers.queries.records import records_of_many
from dianke.customers.queries.search import masked_value
from dianke.customers.queries.sides import reach_from, sides_from
from dianke.customers.rules.comparing import (
    AccountLine,
    ConsentLine,
    Line,
    MergePreview,
    Seer,
    Value,
    compare,
    preview,
)
from dianke.customers.rules.consent import ConsentFact, effective
from dianke.customers.rules.merging import Reach, Side, account_views
from dianke.customers.rules.survivorship import RecordFields, explain, survivors
from dianke.stores.models import Store

#: Fields in the order in which one looks at two people. Those of contact points are named by their kind.
LABELS: Mapping[str, Text] = {
    "name": _("Name"),
    "aliases": _("Also called"),
    "PHONE": _("Phone"),
    "gender": _("Gender"),
    "BIRTHDAY": _("Birthday"),
    "address": _("Address"),
    "WECHAT": _("WeChat ID"),
    "EMAIL": _("Email"),
    "UNIONID": _("WeChat union ID"),
    "OPENID": _("WeChat open ID"),
    "WECOM": _("WeCom ID"),
    "DOCUMENT": _("Identity document"),
    "OTHER": _("Other contacts"),
    "company": _("Works at"),
    "occupation": _("Occupation"),
    "credit_code": _("Unified social credit code"),
    "dates": _("Other dates"),
    "note": _("Note"),
    "tags": _("Tags"),
    "custom": _("Further details"),
    "member_number": _("Member number"),
    "store": _("Home store"),
    "partner": _("Kept by partner"),
    "owner": _("Person in charge"),
    "channel": _("Came by"),
}
#: Of these only one value is shown afterwards; of all others everything stays.
SINGLE = ("name", "gender", "company", "occupation", "credit_code", "note")
#: What stays the kept profile's.
KEPT = ("member_number", "store", "partner", "owner", "channel")


@dataclass(slots=True)
class Profile:
    """One profile as it is compared. `customer` is the head; `members` everybody in it."""

    customer: Customer
    members: list[Customer] = field(default_factory=list)
    points: list[ContactPoint] = field(default_factory=list)
    values: dict[str, list[Value]] = field(default_factory=lambda: defaultdict(list))
    records: list[RecordFields] = field(default_factory=list)
    consents: list[ConsentFact] = field(default_factory=list)
    merged_at: dict[int, datetime] = field(default_factory=dict)

    def add(self, code: str, text: Text, key: str = "") -> None:
        """A value once, however many of its members have it."""
        value = Value(text, key or fold(str(text)))
        if str(text) and all(value.key != known.key for known in self.values[code]):
            self.values[code].append(value)


def profiles_of(heads: Iterable[int], *, actor: Actor) -> dict[int, Profile]:
    """Everything to compare these profiles by; nine queries, however many there are. The actor may see them."""
    wanted = set(heads)
    rows = Customer.objects.filter(Q(pk__in=wanted) | Q(merged_into__in=wanted))
    rows = rows.select_related("key", "store", "owner", "partner").order_by("pk")
    members = list(rows)
    found = {row.pk: Profile(row) for row in members if row.pk in wanted}
    of = {row.pk: found[row.head_id] for row in members if row.head_id in found}
    for row in members:
        if row.pk in of:
            of[row.pk].members.append(row)
    for profile in found.values():
        # The head first: its values stand on top.
        head = profile.customer
        profile.members = [head, *(row for row in profile.members if row.pk != head.pk)]
    records = records_of_many(list(found))
    for pk, profile in found.items():
        profile.records = records[pk]
        for record in profile.records:
            profile.add("channel", record.label, record.channel)
    _read_contacts(of, actor)
    _read_addresses(of, actor)
    _read_dates(of)
    tags = Tagging.objects.filter(customer__in=of).order_by("pk")
    for customer, name in tags.values_list("customer_id", "tag__name"):
        of[customer].add("tags", name)
    _read_consents(of)
    specs = specs_for("customers.customer")
    for profile in found.values():
        _read_head(profile, specs)
    return found


def sides_among(profiles: Mapping[int, Profile]) -> dict[int, Side]:
    """What decides about merging these profiles; three queries."""
    points = [point for profile in profiles.values() for point in profile.points]
    return sides_from([row for profile in profiles.values() for row in profile.members], points)


def _read_head(profile: Profile, specs: Sequence[FieldSpec]) -> None:
    head = profile.customer
    profile.add("name", head.name)
    for alias in head.aliases.replace("、", ",").replace("，", ",").split(","):
        profile.add("aliases", alias.strip())
    if head.gender:
        profile.add("gender", head.get_gender_display(), head.gender)
    profile.add("occupation", head.occupation)
    profile.add("credit_code", head.credit_code)
    profile.add("note", _opened(lambda: head.note or ""))
    profile.add("company", head.company)
    trade = head.store.trade if head.store else None
    for spec in (spec for spec in specs if trade is None or spec.trade in ("", trade)):
        value = custom_shown(spec, head.custom.get(spec.key))
        if value is not None:
            profile.add("custom", f"{spec.label}: {value}")
    for row in profile.members:
        profile.add("member_number", row.member_number)
    profile.add("store", head.store.short_name if head.store else "")
    profile.add("partner", str(head.partner or ""))
    profile.add("owner", str(head.owner or ""), str(head.owner_id or ""))


def _read_contacts(of: Mapping[int, Profile], actor: Actor) -> None:
    points = ContactPoint.objects.current().filter(customer__in=of).select_related("key")
    for point in points.order_by("-is_preferred", "pk"):
        of[point.customer_id].points.append(point)
        text = masked_value(actor, point)
        marks = [text]
        if point.verified_at:
            marks.append(str(_("verified")))
        if point.is_shared:
            marks.append(str(_("shared")))
        if text:
            of[point.customer_id].add(point.kind, " · ".join(marks), bytes(point.value_exact or b"").hex())


def _read_addresses(of: Mapping[int, Profile], actor: Actor) -> None:
    rows = Address.objects.filter(customer__in=of, archived_at=None).select_related("key")
    may_see = actor.can("customers.view_contacts")
    for row in rows.order_by("-is_preferred", "pk"):
        street = _opened(lambda row=row: row.street or "") or ""
        place = "".join(dict.fromkeys(part for part in (row.province, row.city, row.district) if part))
        hidden = (f"{street[:3]}***" if may_see else HIDDEN) if street else ""
        of[row.customer_id].add("address", f"{place} {hidden}".strip(), fold(f"{place}{street}"))


def _read_dates(of: Mapping[int, Profile]) -> None:
    rows = ImportantDate.objects.filter(customer__in=of, archived_at=None).order_by("pk")
    for row in rows:
        is_birthday = row.kind == DateKind.BIRTHDAY
        text = day_text(row) if is_birthday else f"{row.label or row.get_kind_display()} {day_text(row)}"
        key = f"{row.kind}:{row.label}:{row.calendar}:{row.year}-{row.month}-{row.day}-{row.is_leap}"
        of[row.customer_id].add("BIRTHDAY" if is_birthday else "dates", text, key)


def day_text(row: ImportantDate) -> str:
    """1990-03-05, 03-05, 农历八月十五."""
    if isinstance(row.recurring, LunarDate):
        spoken = row.recurring.format(get_language() or "zh-hans")
        return f"{row.year} {spoken}" if row.year else spoken
    day = f"{row.month:02}-{row.day:02}"
    return f"{row.year}-{day}" if row.year else day


def _read_consents(of: Mapping[int, Profile]) -> None:
    for row in Consent.objects.filter(customer__in=of).order_by("pk"):
        fact = ConsentFact(row.customer_id, row.purpose, row.channel, row.is_given, row.at, row.pk)
        of[row.customer_id].consents.append(fact)
    for merge in Merge.objects.filter(kept__in=of, undone_at=None).order_by("at"):
        of[merge.kept_id].merged_at |= dict.fromkeys(merge.moved, merge.at)


def _opened(read: Any) -> Any:
    """What is sealed; nothing for what was erased."""
    try:
        return read()
    except DataKeyDestroyed:
        return ""


# --- side by side ------------------------------------------------------------------------------------------------
def lines_of(left: Profile, right: Profile) -> list[Line]:
    """The fields of two profiles beside each other."""
    return compare(LABELS, left.values, right.values, untelling=KEPT)


def consent_lines(left: Profile, right: Profile) -> list[ConsentLine]:
    """What both agreed to and what would hold with `left` kept: the most restrictive. A purpose that is the same over
    all channels is one line."""
    mine, theirs = (
        effective(side.consents, head_id=side.customer.pk, merged_at=side.merged_at) for side in (left, right)
    )
    # What the joined one said holds until the kept one is asked again after the merge.
    both = effective([*left.consents, *right.consents], head_id=left.customer.pk, merged_at=left.merged_at)
    lines = []
    for purpose in Purpose.values:
        general = [side.get((purpose, ConsentChannel.ANY)) for side in (mine, theirs, both)]
        for channel in ConsentChannel.values:
            said = [side.get((purpose, channel)) for side in (mine, theirs, both)]
            if said == [None] * 3 or (channel != ConsentChannel.ANY and said == general):
                continue
            lines.append(ConsentLine(Purpose(purpose).label, ConsentChannel(channel).label, *said))
    return lines


# --- what would become of them ---------------------------------------------------------------------------------
def preview_of(kept: int, joined: int, *, actor: Actor) -> tuple[MergePreview, Profile, Profile]:
    """What merging the profile `joined` into the profile `kept` would make, and both. The actor may see them."""
    profiles = profiles_of([kept, joined], actor=actor)
    keeping, joining = profiles[kept], profiles[joined]
    sides = sides_among(profiles)
    made = preview(
        kept=sides[kept],
        joined=sides[joined],
        lines=lines_of(keeping, joining),
        after=_after(keeping, joining),
        consents=consent_lines(keeping, joining),
        accounts=accounts_of(keeping.members, joining.members),
        seers=_seers(keeping, joining),
    )
    return made, keeping, joining


def _after(kept: Profile, joined: Profile) -> dict[str, tuple[tuple[Text, ...], Text]]:
    records = [*kept.records, *joined.records]
    surviving = survivors(records)
    found: dict[str, tuple[tuple[Text, ...], Text]] = {}
    for code in SINGLE:
        survivor = surviving.get(code)
        if survivor is not None:
            text = survivor.value
            if code == "gender":
                text = next(
                    (v.text for p in (kept, joined) for v in p.values["gender"] if v.key == text), text
                )
            found[code] = ((text,), explain(code, survivor, records))
    for code in KEPT:
        mine = kept.values.get(code, [])
        if code == "member_number":
            theirs = joined.values.get(code, [])
            found[code] = (
                tuple(value.text for value in (*mine, *theirs)),
                _("the other number goes on working"),
            )
        else:
            found[code] = (tuple(value.text for value in mine), _("of the profile that is kept"))
    return found


def accounts_of(kept: Sequence[Customer], joined: Sequence[Customer]) -> list[AccountLine]:
    """What later rooms keep for each of them, which a merge leaves where it is."""
    lines = []
    sides = [[row.pk for row in kept], [row.pk for row in joined]]
    for view in account_views():
        words = view.count_for(sides[0] + sides[1])
        mine, theirs = (tuple(words[pk] for pk in side if pk in words) for side in sides)
        if mine or theirs:
            lines.append(AccountLine(view.label, mine, theirs))
    return lines


def _seers(kept: Profile, joined: Profile) -> list[Seer]:
    reach = reach_from([*kept.members, *joined.members])
    mine = reach[kept.customer.pk]
    theirs = Reach()
    for row in joined.members:
        theirs |= reach[row.pk]
    both = mine | theirs
    stores = dict(Store.objects.filter(pk__in=both.stores).values_list("pk", "short_name"))
    people = dict(User.objects.filter(pk__in=both.people).values_list("pk", "name"))
    found = [Seer("store", stores[pk], pk not in mine.stores) for pk in sorted(both.stores)]
    found += [Seer("person", people[pk], pk not in mine.people) for pk in sorted(both.people)]
    if kept.customer.partner is not None:
        found.append(Seer("partner", str(kept.customer.partner), is_new=False))
    return found
