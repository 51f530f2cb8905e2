"""The list of customers: columns, filters, groups that filter, bulk actions; also what exports write.

Phones are opened for the rows of one page or one batch of an export at once, and stand masked in both.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.lunar import lunar_of
from dianke.core.paging import Page
from dianke.customers.models import (
    Calendar,
    Channel,
    Consent,
    ConsentChannel,
    Customer,
    DateKind,
    ImportantDate,
    Kind,
    Purpose,
    State,
    Tag,
    Tagging,
)
from dianke.customers.models.life import day_key, day_key_of
from dianke.customers.queries.search import masked_value, narrowed, preferred_phones
from dianke.stores.models import Store
from dianke.web.custom_fields import CustomFieldsListing
from dianke.web.listing import (
    BulkAction,
    Column,
    Filter,
    Result,
    as_id,
    choice_filter,
    date_filter,
    register,
    yes_no_filter,
)
from dianke.web.listing import Kind as Shown
from dianke.web.listing import State as ListState

VIEW = "customers.view_customers"
STATE_TONES = {State.REVIEW: "wait", State.ERASING: "wait", State.ERASED: "off", State.REMOVED: "off"}
OWNERS = (("me", _("Me")), ("none", _("Nobody yet")))
MONTHS = [(str(number), _("Month %(number)s") % {"number": number}) for number in range(1, 13)]
MOST_CHIPS = 6


def _of_owner(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(owner=None) if value == "none" else rows.filter(owner_id=as_id(value))


def _owners(actor: Actor) -> list[tuple[Any, Any]]:
    """Oneself, nobody, and colleagues who look after customers the actor may see; at most two hundred."""
    visible = Customer.objects.visible_to(actor).exclude(owner=None)
    people: Sequence[User] | QuerySet[User] = (
        User.objects.filter(pk__in=visible.values("owner_id"))
        if actor.can("stores.view_organisation")
        else []
    )
    return [*OWNERS, *((user.pk, str(user)) for user in people[:200] if user.pk != actor.user_id)]


def _with_tag(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    # A saved view may ask for a tag that has become part of another since.
    wanted = Tag.objects.filter(pk=as_id(value)).values(standing=Coalesce("merged_into_id", "pk"))
    return rows.filter(
        Customer.objects.profiles_of(Tagging.objects.filter(tag__in=wanted).values("customer_id"))
    )


def _born_in(month: int, today: date) -> QuerySet[ImportantDate]:
    """Birthdays celebrated in a month: solar ones of that month, lunar ones that fall into it in its coming year."""
    rows = ImportantDate.objects.filter(kind=DateKind.BIRTHDAY, archived_at=None)
    if not 1 <= month <= 12:
        return rows.none()
    first = date(today.year + (month < today.month), month, 1)
    spans: dict[int, list[int]] = {}
    for offset in range(monthrange(first.year, month)[1]):
        lunar = lunar_of(first + timedelta(days=offset))
        spans.setdefault(lunar.month, []).append(lunar.day)
    # In the words of the index over days (`models.life.day_key`).
    wanted = Q(
        key__range=(day_key_of(Calendar.SOLAR, month, 1, False), day_key_of(Calendar.SOLAR, month, 31, False))
    )
    for lunar_month, days in spans.items():
        # The 30th of a month with 29 days is celebrated on the 29th.
        last = 30 if max(days) >= 29 else max(days)
        for is_leap in (False, True):
            ends = [day_key_of(Calendar.LUNAR, lunar_month, day, is_leap) for day in (min(days), last)]
            wanted |= Q(key__range=ends)
    return rows.alias(key=day_key()).filter(wanted)


def _consent(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Whether news and offers may be sent on some channel: the newest word counts, one for any channel speaks for each,
    and a refusal by anybody merged into the profile stands."""
    said = Consent.objects.filter(purpose=Purpose.MARKETING)
    later = said.filter(
        Q(channel=OuterRef("channel")) | Q(channel=ConsentChannel.ANY),
        Q(at__gt=OuterRef("at")) | Q(at=OuterRef("at"), pk__gt=OuterRef("pk")),
        customer=OuterRef("customer_id"),
    )
    standing = said.exclude(Exists(later))
    given = Exists(standing.filter(customer=OuterRef("pk"), is_given=True))
    refused = Exists(standing.filter(customer__merged_into=OuterRef("pk"), is_given=False))
    if value == "yes":
        return rows.filter(given).exclude(refused)
    return rows.exclude(given, ~refused) if value == "no" else rows


@register
class CustomerListing(CustomFieldsListing):
    """Profiles the actor may see, those seen last first; erased and removed ones only when asked for."""

    code = "customers.customers"
    title = _("Customers")
    permission = VIEW
    custom_model = "customers.customer"
    search_fields = ("name",)
    search_hint = _("Name, pinyin, phone or its last digits, member number")
    default_sort = "-last_seen_at"
    columns = (
        Column(
            "name",
            _("Name"),
            value=str,
            sort="name",
            link=lambda row: reverse("customers:customer", args=[row.pk]),
            template="customers/cells/name.html",
            is_title=True,
        ),
        Column(
            "phone",
            _("Phone"),
            value=lambda row: getattr(row, "shown_phone", ""),
            needs="customers.view_contacts",
        ),
        Column("member_number", _("Member number"), sort="member_number"),
        Column(
            "tags",
            _("Tags"),
            value=lambda row: "、".join(tag.name for tag in getattr(row, "shown_tags", ())),
            template="customers/cells/tags.html",
        ),
        Column("level", _("Level"), sort="level"),
        Column("owner", _("Person in charge"), value=lambda row: str(row.owner or "")),
        Column(
            "store",
            _("Home store"),
            value=lambda row: row.store.short_name if row.store else "",
        ),
        Column("last_seen_at", _("Last seen"), Shown.INSTANT, sort="last_seen_at"),
        Column("created_at", _("Since"), Shown.INSTANT, sort="created_at", is_default=False),
        Column(
            "channel",
            _("First channel"),
            value=lambda row: str(dict(Channel.choices).get(row.channel, "")),
            is_default=False,
        ),
        Column("campaign", _("Campaign"), is_default=False),
        Column("gender", _("Gender"), is_default=False),
        Column("kind", _("Kind"), is_default=False),
        Column(
            "state",
            _("State"),
            Shown.STATUS,
            tone=lambda row: STATE_TONES.get(row.state, "good"),
            is_default=False,
        ),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Filter(
            "store",
            _("Home store"),
            lambda rows, value: rows.filter(store_id=as_id(value)),
            lambda actor: [(store.pk, store.short_name) for store in Store.objects.visible_to(actor, VIEW)],
        ),
        Filter("owner", _("Person in charge"), lambda rows, value: rows, _owners),
        Filter("level", _("Level"), lambda rows, value: rows.filter(level="" if value == "-" else value)),
        Filter(
            "tag",
            _("Tag"),
            _with_tag,
            lambda actor: [(tag.pk, tag.name) for tag in Tag.objects.filter(archived_at=None)],
        ),
        choice_filter("kind", _("Kind"), Kind.choices),
        choice_filter("channel", _("First channel"), Channel.choices),
        choice_filter("state", _("State"), State.choices),
        Filter("birthday", _("Birthday in"), lambda rows, value: rows, lambda actor: MONTHS),
        Filter(
            "consent",
            _("News and offers"),
            _consent,
            lambda actor: (("yes", _("Welcome")), ("no", _("Not agreed"))),
        ),
        yes_no_filter("key", _("Key account"), condition=Q(is_key_account=True), yes=_("Yes"), no=_("No")),
        date_filter("since", _("Since"), lookup="created_at", instants=True),
        date_filter("seen", _("Last seen"), lookup="last_seen_at", instants=True),
    )
    bulk_actions = (
        BulkAction(
            "tag", pgettext_lazy("verb", "Tag"), "customers:taggings", "customers.tag_customers", icon="tag"
        ),
        BulkAction(
            "untag", _("Take tag off"), "customers:untaggings", "customers.tag_customers", icon="tag-off"
        ),
        BulkAction(
            "owner", _("Put in charge"), "customers:owners", "customers.assign_customers", icon="user"
        ),
        BulkAction(
            "share",
            pgettext_lazy("verb", "Share"),
            "customers:shares",
            "customers.assign_customers",
            icon="share",
        ),
    )

    def queryset(self) -> QuerySet[Customer]:
        return Customer.objects.visible_to(self.actor).heads().select_related("store", "owner")

    def rows(self, state: ListState) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().rows(state)
        return rows if state.filters.get("state") else rows.exclude(state__in=(State.ERASED, State.REMOVED))

    def filter_owner(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        return _of_owner(rows, str(self.actor.user_id) if value == "me" else value)

    def filter_birthday(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        born = _born_in(as_id(value), timezone.localtime(self.now).date())
        return rows.filter(Customer.objects.profiles_of(born.values("customer_id")))

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        """By phone, name, pinyin or number, and by custom fields marked for search."""
        found = narrowed(self.actor, queryset, text)
        keys = [name for name in self.search_fields if name.startswith("custom__")]
        if not keys:
            return found
        condition = Q()
        for name in keys:
            condition |= Q(**{f"{name}__icontains": text})
        both: QuerySet[Any] = queryset.filter(Q(pk__in=found.order_by().values("pk")) | condition)
        return both

    def result(self, state: ListState) -> Result:
        """The page with phones and tags of its rows: two queries more, whatever its length."""
        result = super().result(state)
        page: Page[Any] = result.page
        dress(self.actor, page.items)
        return result

    def dressed(self, rows: Iterable[Any]) -> Iterable[Any]:
        """Rows of an export, dressed batch by batch."""
        return dressed(self.actor, rows)

    def groups(self, state: ListState) -> list[dict[str, Any]]:
        """How many of the rows there are by level and by home store, as chips that filter. One query over all
        of them."""
        others = replace(
            state, filters={k: v for k, v in state.filters.items() if k not in ("level", "store")}
        )
        rows = self.rows(others).select_related(None).order_by()
        levels: Counter[str] = Counter()
        stores: Counter[int] = Counter()
        for level, store_id, count in rows.values_list("level", "store_id").annotate(count=Count("pk")):
            levels[level] += count
            stores[store_id or 0] += count
        names = dict(Store.objects.filter(pk__in=list(stores)).values_list("pk", "short_name"))
        grouped = [("level", level, level, count) for level, count in levels.most_common(MOST_CHIPS) if level]
        if len(stores) > 1:
            grouped += [
                ("store", str(pk), names[pk], n) for pk, n in stores.most_common(MOST_CHIPS) if pk in names
            ]
        return [
            {
                "label": label,
                "count": count,
                "is_chosen": state.filters.get(code) == value,
                "url": "?" + state.query_string(**{code: "" if state.filters.get(code) == value else value}),
            }
            for code, value, label, count in grouped
        ]


Narrow = Callable[[CustomerListing, QuerySet[Any], str], QuerySet[Any]]


def register_filter(added: Filter, narrow: Narrow) -> None:
    """A filter of a room above; `narrow(listing, rows, value)` leaves the rows that fit, knowing who asks and when. The
    same code again replaces it."""
    kept = tuple(each for each in CustomerListing.filters if each.code != added.code)
    CustomerListing.filters = (*kept, added)
    setattr(CustomerListing, f"filter_{added.code}", narrow)


def dress(actor: Actor, rows: Sequence[Any]) -> None:
    """Give each row what its cells show: the masked phone and the tags. Two queries."""
    ids = [row.pk for row in rows]
    if not ids:
        return
    phones = preferred_phones(ids) if actor.can("customers.view_contacts") else {}
    tags: dict[int, list[Tag]] = {}
    members = Customer.objects.clusters(ids).values("pk")
    taggings = (
        Tagging.objects.filter(customer__in=members).select_related("tag", "customer").order_by("tag__name")
    )
    for tagging in taggings.only("tag__name", "tag__colour", "customer__merged_into"):
        of = tags.setdefault(tagging.customer.head_id, [])
        if tagging.tag not in of:
            of.append(tagging.tag)
    for row in rows:
        row.shown_phone = masked_value(actor, phones.get(row.pk))
        row.shown_tags = tags.get(row.pk, [])


def dressed(actor: Actor, rows: Iterable[Any], size: int = 500) -> Iterator[Any]:
    """The rows of an export, dressed batch by batch."""
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            dress(actor, batch)
            yield from batch
            batch = []
    dress(actor, batch)
    yield from batch
