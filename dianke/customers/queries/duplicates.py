"""Who is here already: by exact keys through the blind indexes, and among those one may see by name.

For rows outside the actor's reach the answer is only that somebody exists and who keeps them (another store, a
colleague, another partner): no name, no number, no count. Such questions are logged on the customer they touch and
limited per person, so that the answer cannot be used to look people up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.core.names import fold
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import ContactPoint, Customer, ImportantDate, State
from dianke.customers.queries.entry import own_phones
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.entry import Contact, parse_email
from dianke.stores.models import Partner

IN_USE = (State.ACTIVE, State.REVIEW)
MOST_HOLDERS = 50  # identities looked at for one key: a switchboard's number tells nothing anyway
MOST_HINTS = 6

REASONS: dict[str, str | Promise] = {
    "PHONE": _("Same phone number"),
    "EMAIL": _("Same email"),
    "UNIONID": _("Same WeChat account"),
    "OPENID": _("Same WeChat account"),
    "WECOM": _("Same WeCom contact"),
    "DOCUMENT": _("Same identity document"),
    "MEMBER_NUMBER": _("Same member number"),
    "EXTERNAL_ID": _("Same number in the other system"),
    "NAME": _("Same name"),
    "NAME_AND_BIRTHDAY": _("Same name and birthday"),
}
KEEPERS: dict[str, str | Promise] = {
    "STORE": _("Exists already, kept by another store. Ask your manager to share the customer."),
    "PARTNER": _("Exists already, kept by another partner. Ask them, or the owner, to share the customer."),
    "COLLEAGUE": _("Exists already, kept by a colleague. Ask them, or your manager, to share the customer."),
}


@dataclass(frozen=True, slots=True)
class Hint:
    """One possible duplicate. `customer` is only there when the actor may see them; then `where` is the short name of
    the store and `masked_name` helps to ask back. Otherwise `keeper` ("STORE", "COLLEAGUE", "PARTNER") and `reason` are
    all there is; `may_request`: whether the actor may ask for the customer to be shared."""

    kind: str  # "exact" or "likely"
    reason: str | Promise
    customer: Customer | None = None
    where: str = ""
    masked_name: str = ""
    keeper: str = ""
    may_request: bool = False

    def to_json(self) -> dict[str, Any]:
        """For the API and scripts; of a customer one may not see nothing but that they exist."""
        shown: dict[str, Any] = {
            "kind": self.kind,
            "reason": str(self.reason),
            "may_request": self.may_request,
        }
        if self.customer is not None:
            shown |= {"id": self.customer.pk, "name": self.masked_name, "where": self.where}
        else:
            shown["keeper"] = self.keeper
        return shown


@dataclass(slots=True)
class Holder:
    """A profile that holds one or more of the keys asked for. `identity_ids` are the customers in it that do."""

    head_id: int
    kinds: set[str] = field(default_factory=set)
    verified: set[str] = field(default_factory=set)
    identity_ids: list[int] = field(default_factory=list)


def holders_of(
    contacts: Collection[Contact], member_number: str = "", *, exclude: int | None = None
) -> list[Holder]:
    """Profiles in use that hold one of these keys; those with the most keys first. One query, two with a member number.

    Contact points marked as shared join nobody. Whoever asked for erasure is not found: nothing may join them.
    """
    found: dict[int, Holder] = {}

    def note(head_id: int, identity_id: int, kind: str, is_verified: bool) -> None:
        holder = found.setdefault(head_id, Holder(head_id))
        holder.kinds.add(kind)
        if identity_id not in holder.identity_ids:
            holder.identity_ids.append(identity_id)
        if is_verified:
            holder.verified.add(kind)

    condition = Q()
    for contact in contacts:
        condition |= Q(kind=contact.kind, **ContactPoint.blind("value", contact.value))
    if condition:
        rows = (
            ContactPoint.objects.current()
            .filter(condition, is_shared=False, customer__state__in=IN_USE)
            .annotate(head=Coalesce(F("customer__merged_into_id"), F("customer_id")))
            .order_by("-customer_id")
            .values_list("head", "customer_id", "kind", "verified_at")[:MOST_HOLDERS]
        )
        for head_id, identity_id, kind, verified_at in rows:
            note(head_id, identity_id, kind, verified_at is not None)
    if member_number:
        numbered = Customer.objects.filter(member_number=member_number, state__in=IN_USE)
        for pk, merged_into_id in numbered.values_list("pk", "merged_into_id"):
            note(merged_into_id or pk, pk, "MEMBER_NUMBER", True)
    if exclude is not None:
        found.pop(exclude, None)
    return sorted(found.values(), key=lambda one: (-len(one.kinds), -one.head_id))


def hints_about(
    *,
    actor: Actor,
    holders: Sequence[Holder],
    namesakes: Sequence[Customer] = (),
    birthday: DateEntry | None = None,
) -> tuple[list[Hint], list[Customer]]:
    """What to tell the actor about these profiles, and the heads the actor may not see. Three queries."""
    kinds = {holder.head_id: holder.kinds for holder in holders}
    rows = {
        row.pk: row
        for row in Customer.objects.filter(pk__in=kinds, state__in=IN_USE).select_related("store", "partner")
    }
    visible = set(Customer.objects.visible_to(actor).filter(pk__in=rows).values_list("pk", flat=True))
    hints: list[Hint] = []
    hidden: list[Customer] = []
    for holder in holders:
        row = rows.get(holder.head_id)
        if row is None:
            continue
        if row.pk not in visible:
            hidden.append(row)
            continue
        kind = next(kind for kind in REASONS if kind in holder.kinds)
        hints.append(_shown(row, "exact", REASONS[kind]))
    told: set[str] = set()
    for row in hidden:  # one line per keeper: not even how many there are
        keeper = keeper_of(row, actor)
        if keeper not in told:
            told.add(keeper)
            may_request = actor.can("work.request_approvals")
            hints.append(Hint("exact", KEEPERS[keeper], keeper=keeper, may_request=may_request))
    born = _born_on([row.pk for row in namesakes], birthday)
    for row in namesakes:
        if row.pk not in rows:
            hints.append(_shown(row, "likely", REASONS["NAME_AND_BIRTHDAY" if row.pk in born else "NAME"]))
    return hints[:MOST_HINTS], hidden


def _shown(row: Customer, kind: str, reason: str | Promise) -> Hint:
    where = row.store.short_name if row.store else ""
    return Hint(kind, reason, customer=row, where=where, masked_name=masked_name(row.name))


def masked_name(name: str) -> str:
    """王小明 as 王＊明, 王明 as 王＊: enough to ask “are you Mr Wang?”, not to read out."""
    bare = name.strip()
    if len(bare) <= 1:
        return bare
    if len(bare) == 2:
        return f"{bare[0]}＊"
    return f"{bare[0]}{'＊' * min(len(bare) - 2, 3)}{bare[-1]}"


def keeper_of(row: Customer, actor: Actor) -> str:
    """Who stands between the actor and this customer."""
    is_theirs = row.partner_id is None or (row.partner is not None and row.partner.user_id == actor.user_id)
    if not is_theirs and not actor.can("customers.view_partners_customers"):
        return "PARTNER"
    reached = actor.stores_for("customers.view_customers")
    if reached is not None and row.store_id not in reached:
        return "STORE"
    return "COLLEAGUE"


def namesakes_of(name: str, *, actor: Actor, exclude: int | None = None, limit: int = 5) -> list[Customer]:
    """Profiles of just this name (simplified or traditional, spaces aside) among those the actor may see."""
    wanted = fold(name)
    if len(wanted) < 2:
        return []
    rows = (
        Customer.objects.visible_to(actor)
        .heads()
        .filter(state__in=IN_USE, search_words__found_by=name)
        .exclude(pk=exclude)
        .select_related("store")
        .order_by("-last_seen_at", "-pk")[:40]
    )
    return [row for row in rows if fold(row.name) == wanted][:limit]


def _born_on(customer_ids: Collection[int], birthday: DateEntry | None) -> set[int]:
    if birthday is None or not customer_ids:
        return set()
    days = ImportantDate.objects.filter(
        customer__in=customer_ids,
        kind="BIRTHDAY",
        calendar=birthday.calendar,
        month=birthday.month,
        day=birthday.day,
        archived_at=None,
    )
    return set(days.values_list("customer_id", flat=True))


def keys_typed(phone: str = "", email: str = "") -> list[Contact]:
    """The complete keys among what is being typed; half a number asks nothing, and placeholders find nobody."""
    found: list[Contact] = []
    try:
        number = parse_phone(phone) if phone.strip() else None
    except InvalidInput:
        number = None
    if number and not number.is_placeholder(own_phones()):
        found.append(Contact("PHONE", number.e164))
    try:
        if email.strip():
            found.append(Contact("EMAIL", parse_email(email)))
    except InvalidInput:
        pass
    return found


def hints_for(
    *,
    actor: Actor,
    now: datetime,
    phone: str = "",
    email: str = "",
    name: str = "",
    birthday: DateEntry | None = None,
    member_number: str = "",
    exclude: int | None = None,
) -> list[Hint]:
    """Possible duplicates of what is being typed, at most `MOST_HINTS`, exact ones first.

    Raises `TooManyQuestions` when the person asks too often about customers they may not see (or at all).
    """
    from dianke.customers.operations.asking import note_question

    holders = holders_of(keys_typed(phone, email), member_number.strip(), exclude=exclude)
    namesakes = namesakes_of(name, actor=actor, exclude=exclude) if name.strip() else []
    hints, hidden = hints_about(actor=actor, holders=holders, namesakes=namesakes, birthday=birthday)
    if hidden:
        kinds: dict[int, Iterable[str]] = defaultdict(set, {one.head_id: one.kinds for one in holders})
        asked = {row.pk: sorted(kinds[row.pk]) for row in hidden}
        note_question(customers=hidden, asked=asked, actor=actor, now=now)
    return hints


def partner_of(actor: Actor) -> Partner | None:
    """The partner this person is, if any."""
    if actor.user_id is None:
        return None
    found: Partner | None = Partner.objects.filter(user_id=actor.user_id, is_active=True).first()
    return found
