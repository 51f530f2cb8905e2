"""The lists of the room: promotions, kinds of coupons, coupons, and codes to be printed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.customers.models import Customer
from dianke.promotions.forms.kinds import KINDS as COUPON_KINDS
from dianke.promotions.forms.promotions import KINDS as PROMOTION_KINDS
from dianke.promotions.models import Coupon, CouponBatch, CouponKind, Promotion
from dianke.promotions.models.visible import ISSUE, MANAGE, VIEW
from dianke.promotions.queries.figures import KindFigures, PromotionFigures, kind_figures, promotion_figures
from dianke.promotions.queries.names import coupon_sentence, names_for, promotion_sentence
from dianke.promotions.rules.coupon_codes import grouped, looks_like_code, read_code
from dianke.web.formats import money
from dianke.web.listing import (
    BulkAction,
    Column,
    Filter,
    Kind,
    Listing,
    Result,
    State,
    as_id,
    choice_filter,
    date_filter,
    register,
)

PROMOTION_TONES: Mapping[str, str] = {"DRAFT": "", "RUNNING": "good", "PAUSED": "wait", "ENDED": "off"}
KIND_TONES: Mapping[str, str] = {"ACTIVE": "good", "PAUSED": "wait", "ENDED": "off"}
COUPON_TONES: Mapping[str, str] = {
    "ISSUED": "wait",
    "CLAIMED": "good",
    "USED": "",
    "EXPIRED": "off",
    "REVOKED": "bad",
}
_BATCH = 500


def end_text(ends_at: datetime | None) -> str:
    """When an offer ends, as people say it: what ends at midnight holds to the end of the day before."""
    if ends_at is None:
        return ""
    local = timezone.localtime(ends_at)
    if (local.hour, local.minute) != (0, 0):
        return f"{local:%Y-%m-%d %H:%M}"
    return gettext("to the end of %(day)s") % {"day": f"{local - timedelta(minutes=1):%Y-%m-%d}"}


def amount(minor: int | None, currency: str = "CNY") -> str:
    """An amount for people, or nothing."""
    return "" if minor is None else money(Money.from_minor(minor, currency))


def money_of(minor: int | None, currency: str = "CNY") -> Money | None:
    """The same for a column of amounts."""
    return None if minor is None else Money.from_minor(minor, currency)


def last_day(moment: datetime | None) -> date | None:
    """The last day somebody may use what ends at that instant."""
    return timezone.localtime(moment - timedelta(seconds=1)).date() if moment else None


def _names(kinds: Iterable[tuple[str, Any, Any, str]]) -> list[tuple[str, Any]]:
    return [(code, name) for code, name, _example, _icon in kinds]


PROMOTION_KIND_NAMES = dict(_names(PROMOTION_KINDS))
COUPON_KIND_NAMES = dict(_names(COUPON_KINDS))


class _Dressed(Listing, ABC):
    """A list whose rows get sentences and figures, a page or a batch at a time."""

    def result(self, state: State) -> Result:
        found = super().result(state)
        self.dress(list(found.page.items))
        return found

    def dressed(self, rows: Iterable[Any]) -> Iterator[Any]:
        batch: list[Any] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                self.dress(batch)
                yield from batch
                batch = []
        self.dress(batch)
        yield from batch

    @abstractmethod
    def dress(self, rows: list[Any]) -> None:
        """Give these rows what their cells show, in a number of statements that does not follow theirs."""


@register
class PromotionListing(_Dressed):
    """Promotions, those that run first by their beginning."""

    code = "promotions.promotions"
    title = _("Promotions")
    permission = VIEW
    search_fields = ("name",)
    search_hint = _("Name or pinyin")
    default_sort = "-starts_at"
    columns = (
        Column(
            "name",
            pgettext_lazy("of an offer", "Name"),
            is_title=True,
            sort="name",
            link=lambda row: reverse("promotions:promotion", args=[row.pk]),
            template="promotions/cells/promotion.html",
        ),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: PROMOTION_TONES.get(row.state, "")),
        Column(
            "kind",
            pgettext_lazy("of an offer", "Kind"),
            value=lambda row: PROMOTION_KIND_NAMES.get(row.kind, row.kind),
        ),
        Column("starts_at", pgettext_lazy("period", "From"), Kind.INSTANT, sort="starts_at"),
        Column(
            "ends_at",
            pgettext_lazy("period", "To"),
            value=lambda row: end_text(row.ends_at),
            sort="ends_at",
        ),
        Column("times", _("Times"), Kind.NUMBER, value=lambda row: row.shown_figures.times),
        Column(
            "given", _("Given away"), Kind.MONEY, value=lambda row: money_of(row.shown_figures.given_amount)
        ),
        Column(
            "budget", _("Budget"), Kind.MONEY, value=lambda row: money_of(row.budget_amount), is_default=False
        ),
        Column(
            "brought",
            _("Paid for it"),
            Kind.MONEY,
            value=lambda row: money_of(row.shown_figures.brought_amount),
            is_default=False,
        ),
        Column("version", _("Version"), Kind.NUMBER, is_default=False),
        Column(
            "sentence",
            pgettext_lazy("of an offer", "What it does"),
            value=lambda row: row.shown_sentence,
            is_default=False,
        ),
    )
    filters = (
        choice_filter("state", _("State"), Promotion.State.choices, quick=True),
        choice_filter("kind", pgettext_lazy("of an offer", "Kind"), _names(PROMOTION_KINDS)),
        date_filter("begins", _("Begins"), lookup="starts_at", instants=True),
        date_filter("ends", _("Ends"), lookup="ends_at", instants=True),
    )
    action = (_("New promotion"), "promotions:promotion-new", MANAGE, "plus")
    empty = (
        "discount",
        _("Money off, second piece half price, gifts: what the till gives by itself while it runs."),
        _("New promotion"),
        "promotions:promotion-new",
        MANAGE,
    )

    def queryset(self) -> QuerySet[Promotion]:
        return Promotion.objects.visible_to(self.actor)

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(search_words__found_by=text)
        return found

    def dress(self, rows: list[Any]) -> None:
        names = names_for(row.terms for row in rows)
        figures = promotion_figures([row.pk for row in rows])
        for row in rows:
            row.shown_sentence = promotion_sentence(row.terms, names, per_customer=row.per_customer_count)
            row.shown_figures = figures.get(row.pk, PromotionFigures())


@register
class KindListing(_Dressed):
    """Kinds of coupons; what was put away only when asked for."""

    code = "promotions.kinds"
    title = _("Kinds of coupons")
    permission = VIEW
    search_fields = ("name",)
    search_hint = _("Name or pinyin")
    default_sort = "-pk"
    columns = (
        Column(
            "name",
            pgettext_lazy("of an offer", "Name"),
            is_title=True,
            sort="name",
            link=lambda row: reverse("promotions:kind", args=[row.pk]),
            template="promotions/cells/kind.html",
        ),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: KIND_TONES.get(row.state, "")),
        Column(
            "kind",
            pgettext_lazy("of an offer", "Kind"),
            value=lambda row: COUPON_KIND_NAMES.get(row.kind, row.kind),
        ),
        Column(
            "issued",
            pgettext_lazy("coupons", "Given"),
            Kind.NUMBER,
            value="issued_count",
            sort="issued_count",
        ),
        Column("usable", _("Usable"), Kind.NUMBER, value=lambda row: row.shown_figures.usable),
        Column(
            "used", pgettext_lazy("coupons", "Used"), Kind.NUMBER, value=lambda row: row.shown_figures.used
        ),
        Column(
            "expired",
            pgettext_lazy("coupons", "Expired"),
            Kind.NUMBER,
            value=lambda row: row.shown_figures.expired,
        ),
        Column(
            "brought",
            _("Paid with them"),
            Kind.MONEY,
            value=lambda row: money_of(row.shown_figures.brought_amount),
        ),
        Column(
            "given",
            _("Given away"),
            Kind.MONEY,
            value=lambda row: money_of(row.shown_figures.given_amount),
            is_default=False,
        ),
        Column("sentence", _("What it gives"), value=lambda row: row.shown_sentence, is_default=False),
    )
    filters = (
        choice_filter("state", _("State"), CouponKind.State.choices, quick=True),
        choice_filter("kind", pgettext_lazy("of an offer", "Kind"), _names(COUPON_KINDS)),
    )
    action = (_("New kind of coupon"), "promotions:kind-new", MANAGE, "plus")
    empty = (
        "ticket",
        _(
            "What customers may have in their hands: money off, a gift, delivery. First the kind, then the coupons."
        ),
        _("New kind of coupon"),
        "promotions:kind-new",
        MANAGE,
    )

    def queryset(self) -> QuerySet[CouponKind]:
        return CouponKind.objects.visible_to(self.actor)

    def rows(self, state: State) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().rows(state)
        return rows if state.filters.get("state") else rows.exclude(state=CouponKind.State.ENDED)

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(search_words__found_by=text)
        return found

    def dress(self, rows: list[Any]) -> None:
        names = names_for(row.terms for row in rows)
        figures = kind_figures([row.pk for row in rows])
        for row in rows:
            row.shown_sentence = coupon_sentence(row.terms, names)
            row.shown_figures = figures.get(row.pk, KindFigures())


def _batches(actor: Actor) -> list[tuple[int, str]]:
    kinds = CouponKind.objects.visible_to(actor).values("pk")
    rows = CouponBatch.objects.filter(kind__in=kinds).order_by("-pk")
    return list(rows.values_list("pk", "name")[:200])


_BATCH_FILTER = Filter("batch", _("Printed"), lambda rows, value: rows.filter(batch=as_id(value)), _batches)


def _customer_name(row: Any) -> str:
    if row.customer is None:
        return gettext("Whoever brings it")
    return str(row.customer)


@register
class CouponListing(Listing):
    """Coupons of customers one may see, and printed ones; codes by their end only."""

    code = "promotions.coupons"
    title = _("Coupons given")
    permission = VIEW
    search_fields = ("code",)
    search_hint = _("Code, customer or member number")
    default_sort = "-issued_at"
    columns = (
        Column(
            "kind",
            _("Coupon"),
            is_title=True,
            value=lambda row: row.kind.name,
            link=lambda row: reverse("promotions:coupon", args=[row.pk]),
        ),
        Column("tail", pgettext_lazy("of a coupon", "Code"), value="tail"),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: COUPON_TONES.get(row.state, "")),
        Column("customer", _("Customer"), value=_customer_name),
        Column("issued_at", pgettext_lazy("of a coupon", "Given on"), Kind.INSTANT, sort="issued_at"),
        Column("good_until", _("Good until"), Kind.DATE, value=lambda row: last_day(row.expires_at)),
        Column("used_at", pgettext_lazy("coupons", "Used"), Kind.INSTANT),
        Column("took_off", _("Took off"), Kind.MONEY, value=lambda row: money_of(row.used_amount or None)),
        Column("reason", _("Reason"), is_default=False),
    )
    filters = (
        choice_filter("state", _("State"), Coupon.State.choices, quick=True),
        Filter(
            "kind",
            _("Coupon"),
            lambda rows, value: rows.filter(kind=as_id(value)),
            lambda actor: list(
                CouponKind.objects.visible_to(actor).order_by("name").values_list("pk", "name")[:200]
            ),
        ),
        _BATCH_FILTER,
        date_filter("given", pgettext_lazy("of a coupon", "Given on"), lookup="issued_at", instants=True),
        date_filter("until", _("Good until"), lookup="expires_at", instants=True),
    )
    bulk_actions = (
        BulkAction(
            "revoke",
            pgettext_lazy("of a coupon", "Revoke"),
            "promotions:revoke",
            ISSUE,
            icon="ban",
            is_danger=True,
        ),
    )
    empty = (
        "ticket",
        _("Every coupon that was given, and what became of it. Give some from the page of their kind."),
        _("Kinds of coupons"),
        "promotions:kinds",
        VIEW,
    )

    def queryset(self) -> QuerySet[Coupon]:
        return Coupon.objects.visible_to(self.actor).select_related("kind", "customer", "batch")

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any]
        if looks_like_code(text):
            found = queryset.filter(code=read_code(text))
            return found
        people = Customer.objects.visible_to(self.actor).filter(search_words__found_by=text)
        found = queryset.filter(
            Q(customer__in=people.values("pk")) | Q(customer__merged_into__in=people.values("pk"))
        )
        return found


@register
class CodeListing(Listing):
    """Codes of one batch in full, to be printed: for who may give coupons."""

    code = "promotions.codes"
    title = _("Codes to be printed")
    permission = ISSUE
    default_sort = "pk"
    columns = (
        Column(
            "code", pgettext_lazy("of a coupon", "Code"), is_title=True, value=lambda row: grouped(row.code)
        ),
        Column("kind", _("Coupon"), value=lambda row: row.kind.name),
        Column("batch", _("Printed"), value=lambda row: row.batch.name),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: COUPON_TONES.get(row.state, "")),
        Column("good_until", _("Good until"), Kind.DATE, value=lambda row: last_day(row.expires_at)),
    )
    filters = (
        _BATCH_FILTER,
        choice_filter("state", _("State"), Coupon.State.choices, quick=True),
    )
    empty = ("printer", _("No codes were made here yet."), "", "", ISSUE)

    def queryset(self) -> QuerySet[Coupon]:
        kinds = CouponKind.objects.visible_to(self.actor)
        rows = Coupon.objects.filter(batch__isnull=False, kind__in=kinds.values("pk"))
        return rows.select_related("kind", "batch")
