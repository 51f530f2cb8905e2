"""The lists of the room: campaigns, and who took part in one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Case, DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.marketing.models import MANAGE, VIEW, Campaign, Member, Purpose, State
from dianke.marketing.queries.monitor import withdrawn
from dianke.marketing.queries.results import Bought, bought_by, members_behind, orders_of, reached
from dianke.marketing.queries.wording import channel_names, group_name, reason_words
from dianke.marketing.views.rows import TONES
from dianke.messaging.models import Channel
from dianke.promotions.models import Coupon
from dianke.sales.models import Order, Turnover
from dianke.sales.models.visible import VIEW as ORDERS
from dianke.web.listing import (
    Column,
    Filter,
    Kind,
    Listing,
    Result,
    as_id,
    choice_filter,
    date_filter,
    register,
)
from dianke.web.listing import State as ListState

MEMBER_TONES = {"PLANNED": "wait", "HANDED": "good", "KEPT": "", "LEFT": "off"}
FIGURES = (
    ("people", pgettext_lazy("campaign", "their turn has come")),
    ("reached", pgettext_lazy("messages", "reached")),
    ("clicked", _("followed the link")),
    ("came", pgettext_lazy("campaign", "came")),
    ("converted", _("bought")),
    ("redeemed", _("used the coupon")),
    ("unsubscribed", _("want no more")),
)
LETTERS = tuple((str(place), letter) for place, letter in enumerate("ABCD"))


@register
class CampaignListing(Listing):
    """Campaigns, the latest first."""

    code = "marketing.campaigns"
    title = pgettext_lazy("place", "Campaigns")
    permission = VIEW
    search_fields = ("name",)
    search_hint = _("Name or pinyin")
    default_sort = "-created_at"
    columns = (
        Column(
            "name",
            pgettext_lazy("of a campaign", "Name"),
            is_title=True,
            sort="name",
            link=lambda row: reverse("marketing:campaign", args=[row.pk]),
        ),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: TONES.get(row.state, "")),
        Column("purpose", _("What it is for")),
        Column("starts_at", _("Begins"), Kind.INSTANT, sort="starts_at"),
        Column(
            "channels",
            pgettext_lazy("of messages", "Channels"),
            value=lambda row: channel_names(row.channels),
        ),
        Column("words", _("To whom"), value=lambda row: row.words),
        Column(
            "spent",
            _("Set aside"),
            Kind.MONEY,
            value=lambda row: Money.from_minor(row.spent_amount, row.currency),
        ),
        Column("created_at", _("Made"), Kind.INSTANT, sort="created_at", is_default=False),
    )
    filters = (
        choice_filter("state", _("State"), State.choices, quick=True),
        choice_filter("purpose", _("What it is for"), Purpose.choices),
        date_filter("begins", _("Begins"), lookup="starts_at", instants=True),
    )
    action = (_("New campaign"), "marketing:campaign-new", MANAGE, "plus")
    empty = (
        "speakerphone",
        _("Choose customers, give them a reason to come, and see what it brought."),
        _("New campaign"),
        "marketing:campaign-new",
        MANAGE,
    )

    def queryset(self) -> QuerySet[Campaign]:
        return Campaign.objects.visible_to(self.actor)

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(search_words__found_by=text)
        return found


def _campaigns(actor: Actor) -> list[tuple[int, str]]:
    rows = Campaign.objects.visible_to(actor).exclude(state=State.DRAFT).order_by("-pk")
    return [(row.pk, row.name) for row in rows[:200]]


@register
class MemberListing(Listing):
    """Who took part, of the customers one may see: of one campaign, and of a figure of its result."""

    code = "marketing.members"
    title = _("Who took part")
    permission = VIEW
    default_sort = "-id"
    columns = (
        Column(
            "customer",
            _("Customer"),
            is_title=True,
            value=lambda row: str(row.customer),
            link=lambda row: reverse("customers:customer", args=[row.customer_id]),
        ),
        Column("arm", _("Group")),
        Column(
            "variant",
            pgettext_lazy("campaign", "Variant"),
            value=lambda row: row.variant.letter if row.variant else "",
        ),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: MEMBER_TONES.get(row.state, "")),
        Column("reason", _("Why not"), value=lambda row: reason_words(row.reason) if row.reason else ""),
        Column(
            "channel",
            pgettext_lazy("of messages", "Channel"),
            value=lambda row: str(Channel(row.channel).label) if row.channel else "",
        ),
        Column("begun_at", pgettext_lazy("campaign", "Since"), Kind.INSTANT),
        Column("orders", _("Orders"), Kind.NUMBER, value=lambda row: row.shown_bought[0]),
        Column(
            "bought",
            _("Bought in the window"),
            Kind.MONEY,
            value=lambda row: Money.from_minor(row.shown_bought[1], row.campaign.currency),
        ),
        Column("campaign", _("Campaign"), value=lambda row: row.campaign.name, is_default=False),
    )
    filters = (
        Filter("campaign", _("Campaign"), lambda rows, value: rows.filter(campaign=as_id(value)), _campaigns),
        Filter("figure", _("Result"), lambda rows, value: rows, lambda actor: FIGURES),
        choice_filter("arm", _("Group"), Member.Arm.choices, quick=True),
        choice_filter("variant", pgettext_lazy("campaign", "Variant"), LETTERS, lookup="variant__position"),
        choice_filter("state", _("State"), Member.State.choices),
    )

    def queryset(self) -> QuerySet[Member]:
        return Member.objects.visible_to(self.actor).select_related("customer", "variant", "campaign")

    def filter_figure(self, rows: QuerySet[Member], value: str) -> QuerySet[Member]:
        """Members behind a figure, each profile once; what they bought is asked for one campaign at a time."""
        if value == "clicked":
            return rows.filter(click__isnull=False)
        if value == "redeemed":
            return rows.filter(coupon_id__in=Coupon.objects.filter(state=Coupon.State.USED).values("pk"))
        campaigns = list(Campaign.objects.filter(pk__in=rows.order_by().values("campaign"))[:2])
        if len(campaigns) != 1:
            return rows
        if value == "reached":
            return rows.filter(customer__in=reached(campaigns[0]).values("customer"))
        if value == "unsubscribed":
            return rows.filter(state=Member.State.HANDED).filter(Exists(withdrawn(campaigns[0])))
        return rows.filter(pk__in=members_behind(campaigns[0], value))

    def result(self, state: ListState) -> Result:
        found = super().result(state)
        self.dress(list(found.page.items))
        return found

    def dressed(self, rows: Any) -> Any:
        batch = list(rows)
        self.dress(batch)
        return batch

    def dress(self, rows: list[Any]) -> None:
        """What each bought, one statement for a campaign."""
        of: dict[int, list[Any]] = {}
        for row in rows:
            of.setdefault(row.campaign_id, []).append(row)
        for members in of.values():
            heads = [row.customer.merged_into_id or row.customer_id for row in members]
            bought = bought_by(members[0].campaign, heads)
            for row, head in zip(members, heads, strict=True):
                row.shown_bought = bought.get(head, (0, 0))


_YUAN = DecimalField(max_digits=20, decimal_places=2)


@register
class CampaignOrderListing(Listing):
    """The orders behind the net sales of a campaign: those of its people within their window. Net is what counts, less
    what came back; the total is the figure of the result, for whoever may see all of these orders."""

    code = "marketing.orders"
    title = _("Orders of a campaign")
    permission = VIEW
    default_sort = "-occurred_at"
    columns = (
        Column(
            "number",
            pgettext_lazy("of a paper", "Number"),
            is_title=True,
            sort="number",
            link=lambda row: reverse("sales:order", args=[row.pk]),
        ),
        Column("customer", _("Customer"), value=lambda row: str(row.customer)),
        Column("group", _("Group"), value=lambda row: group_name(row.shown.arm, row.shown.letter)),
        Column("store", _("Store"), value="store__short_name", sort="store__short_name"),
        Column("occurred_at", pgettext_lazy("of an order", "Placed on"), Kind.INSTANT, sort="occurred_at"),
        Column(
            "net",
            _("Net sales"),
            Kind.MONEY,
            value=lambda row: Money.from_minor(row.shown.net_amount, row.currency),
            sort="net_yuan",
            total=True,
        ),
    )
    filters = (
        Filter("campaign", _("Campaign"), lambda rows, value: rows, _campaigns),
        choice_filter("arm", _("Group"), Member.Arm.choices, quick=True),
        choice_filter("variant", pgettext_lazy("campaign", "Variant"), LETTERS),
    )
    empty = ("receipt", _("Nobody has bought anything yet."), "", "", "")
    found: Mapping[int, Bought] = {}

    def rows(self, state: ListState) -> QuerySet[Order]:
        chosen = state.filters
        orders = Order.objects.visible_to(self.actor, ORDERS).select_related("customer", "store")
        campaign = (
            Campaign.objects.visible_to(self.actor).filter(pk=as_id(chosen.get("campaign", "")) or 0).first()
        )
        if campaign is None:
            return orders.none()
        letter = dict(LETTERS).get(chosen.get("variant", ""), "")
        self.found = orders_of(campaign, arm=chosen.get("arm", ""), letter=letter)
        net = Turnover.objects.filter(order=OuterRef("pk")).order_by().values("order")
        amounts = net.annotate(net=Sum("amount")).values("net")
        is_counted = Q(currency=campaign.currency)
        return orders.filter(pk__in=list(self.found)).annotate(
            net_yuan=Case(
                When(is_counted, then=Coalesce(Subquery(amounts), 0, output_field=_YUAN) / Value(100)),
                default=Value(0),
                output_field=_YUAN,
            )
        )

    def result(self, state: ListState) -> Result:
        result = super().result(state)
        self._dress(result.page.items)
        return result

    def dressed(self, rows: Iterable[Any]) -> Iterable[Any]:
        batch = list(rows)
        self._dress(batch)
        return batch

    def _dress(self, rows: Iterable[Any]) -> None:
        for row in rows:
            row.shown = self.found[row.pk]
