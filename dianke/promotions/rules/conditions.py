"""For what, when, where and for whom an offer holds. All of it is plain values; an empty set asks for nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from dianke.promotions.rules.reading import Fields, TermsContradict, clock, read_hours

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Goods:
    """A set of goods: what one of the ids or tags names, without what the excluded ones name. All empty: everything.

    A category names its whole branch; `CartLine.category_ids` run up to the root, so one of them is enough.
    """

    variant_ids: frozenset[int] = frozenset()
    product_ids: frozenset[int] = frozenset()
    category_ids: frozenset[int] = frozenset()
    brand_ids: frozenset[int] = frozenset()
    tags: frozenset[str] = frozenset()
    excluded_variant_ids: frozenset[int] = frozenset()
    excluded_product_ids: frozenset[int] = frozenset()
    excluded_category_ids: frozenset[int] = frozenset()
    excluded_brand_ids: frozenset[int] = frozenset()
    excluded_tags: frozenset[str] = frozenset()

    @classmethod
    def read(cls, data: object, path: str = "goods") -> Goods:
        fields = Fields(data, path)
        read = cls(
            variant_ids=fields.ids("variant_ids"),
            product_ids=fields.ids("product_ids"),
            category_ids=fields.ids("category_ids"),
            brand_ids=fields.ids("brand_ids"),
            tags=fields.texts("tags"),
            excluded_variant_ids=fields.ids("excluded_variant_ids"),
            excluded_product_ids=fields.ids("excluded_product_ids"),
            excluded_category_ids=fields.ids("excluded_category_ids"),
            excluded_brand_ids=fields.ids("excluded_brand_ids"),
            excluded_tags=fields.texts("excluded_tags"),
        )
        fields.finish()
        return read

    def as_dict(self) -> Json:
        return {name: sorted(getattr(self, name)) for name in self.__slots__ if getattr(self, name)}

    @property
    def names_something(self) -> bool:
        return bool(self.variant_ids or self.product_ids or self.category_ids or self.brand_ids or self.tags)

    @property
    def excludes_something(self) -> bool:
        return bool(
            self.excluded_variant_ids
            or self.excluded_product_ids
            or self.excluded_category_ids
            or self.excluded_brand_ids
            or self.excluded_tags
        )

    @property
    def is_everything(self) -> bool:
        return not (self.names_something or self.excludes_something)

    def names(
        self,
        *,
        variant_id: int,
        product_id: int,
        category_ids: Iterable[int] = (),
        brand_id: int | None = None,
        tags: Iterable[str] = (),
    ) -> bool:
        """Whether the set holds this variant."""
        categories, marks = frozenset(category_ids), frozenset(tags)
        if (
            variant_id in self.excluded_variant_ids
            or product_id in self.excluded_product_ids
            or brand_id in self.excluded_brand_ids
            or not self.excluded_category_ids.isdisjoint(categories)
            or not self.excluded_tags.isdisjoint(marks)
        ):
            return False
        if not self.names_something:
            return True
        return (
            variant_id in self.variant_ids
            or product_id in self.product_ids
            or brand_id in self.brand_ids
            or not self.category_ids.isdisjoint(categories)
            or not self.tags.isdisjoint(marks)
        )


@dataclass(frozen=True, slots=True)
class When:
    """On the clock of the store: `[from_at, to_at)`, weekdays 1 (Monday) to 7, days of the month 1 to 31, and hours as
    minutes of the day `[begin, end)`.

    Hours that pass midnight (22:00–02:00) belong to the day on which they began, and so do its weekday and its date.
    """

    from_at: datetime | None = None
    to_at: datetime | None = None
    weekdays: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()
    hours: tuple[tuple[int, int], ...] = ()

    @classmethod
    def read(cls, data: object, path: str = "when") -> When:
        fields = Fields(data, path)
        read = cls(
            from_at=fields.moment("from_at"),
            to_at=fields.moment("to_at"),
            weekdays=fields.ids("weekdays", most=7),
            month_days=fields.ids("month_days", most=31),
            hours=fields.each("hours", read_hours),
        )
        fields.finish()
        if read.from_at is not None and read.to_at is not None and read.from_at >= read.to_at:
            raise TermsContradict(why=_("It ends before it begins. Set a later end."), field=f"{path}.to_at")
        return read

    def as_dict(self) -> Json:
        written: Json = {}
        if self.from_at is not None:
            written["from_at"] = self.from_at.isoformat()
        if self.to_at is not None:
            written["to_at"] = self.to_at.isoformat()
        if self.weekdays:
            written["weekdays"] = sorted(self.weekdays)
        if self.month_days:
            written["month_days"] = sorted(self.month_days)
        if self.hours:
            written["hours"] = [[clock(begin), clock(end)] for begin, end in self.hours]
        return written

    def why_not(self, local: datetime) -> str | None:
        """The code of what keeps the offer shut at this time of the store's clock (no zone), None when it is open."""
        if self.from_at is not None and local < self.from_at:
            return "not_begun"
        if self.to_at is not None and local >= self.to_at:
            return "is_over"
        if not (self.weekdays or self.month_days or self.hours):
            return None
        minute = local.hour * 60 + local.minute
        if not (self.weekdays or self.month_days):
            is_open = any(
                begin <= minute < end if begin < end else minute >= begin or minute < end
                for begin, end in self.hours
            )
            return None if is_open else "other_hour"
        days = [local] if not self.hours else []
        for begin, end in self.hours:
            if begin <= minute < end or (end < begin <= minute):
                days.append(local)
            elif minute < end < begin:
                days.append(local - timedelta(days=1))
        if not days:
            return "other_hour"
        if any(self._has_day(day) for day in days):
            return None
        return "other_day"

    def _has_day(self, day: datetime) -> bool:
        return (not self.weekdays or day.isoweekday() in self.weekdays) and (
            not self.month_days or day.day in self.month_days
        )


@dataclass(frozen=True, slots=True)
class Audience:
    """Where and for whom: stores, sales channels (codes), member levels (codes), who is in one of the segments, members
    only, in the month of the birthday, on the first purchase."""

    store_ids: frozenset[int] = frozenset()
    channels: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    segment_ids: frozenset[int] = frozenset()
    is_members_only: bool = False
    is_birthday_month: bool = False
    is_first_purchase: bool = False

    @classmethod
    def read(cls, data: object, path: str = "audience") -> Audience:
        fields = Fields(data, path)
        read = cls(
            store_ids=fields.ids("store_ids"),
            channels=fields.texts("channels"),
            tiers=fields.texts("tiers"),
            segment_ids=fields.ids("segment_ids"),
            is_members_only=fields.flag("is_members_only"),
            is_birthday_month=fields.flag("is_birthday_month"),
            is_first_purchase=fields.flag("is_first_purchase"),
        )
        fields.finish()
        return read

    def as_dict(self) -> Json:
        written: Json = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if value:
                written[name] = True if value is True else sorted(value)
        return written

    def why_not(
        self,
        *,
        store_id: int,
        channel: str,
        tier: str,
        is_member: bool,
        is_birthday_month: bool,
        is_first_purchase: bool,
        segment_ids: Collection[int] = (),
    ) -> str | None:
        """The code of the first thing that is missing, None when nothing is. `tier` is "" for none; `segment_ids` are
        those the customer is in."""
        if self.store_ids and store_id not in self.store_ids:
            return "other_store"
        if self.channels and channel not in self.channels:
            return "other_channel"
        if self.is_members_only and not is_member:
            return "members_only"
        if self.tiers and tier not in self.tiers:
            return "other_tier"
        if self.segment_ids and self.segment_ids.isdisjoint(segment_ids):
            return "other_segment"
        if self.is_birthday_month and not is_birthday_month:
            return "not_birthday_month"
        if self.is_first_purchase and not is_first_purchase:
            return "not_first_purchase"
        return None

    def because_of(self, segments: Mapping[int, str]) -> str:
        """The name of the segment (id → name, those the customer is in) that lets them have it; "" where none is
        asked for."""
        return next((segments[pk] for pk in sorted(self.segment_ids) if pk in segments), "")


EVERYTHING, ALWAYS, EVERYBODY = Goods(), When(), Audience()
