"""The lists of wallets and of session cards."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.money import Money
from dianke.customers.queries.search import find
from dianke.stores.models import LegalEntity, Store
from dianke.wallets.models import CardKind, SessionCard, Wallet
from dianke.wallets.views.finding import VIEW
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Kind, Listing, date_filter, register, relation_filter, yes_no_filter


def _money(row: Wallet, amount: int) -> Money:
    return Money.from_minor(amount, row.currency)


@register
class WalletListing(Listing):
    """Wallets of the customers the person reaches, those with most in them first."""

    code = "wallets.wallets"
    title = _("Stored value")
    permission = VIEW
    default_sort = "-total"
    search_fields = ("number",)
    search_hint = _("Card number, customer")
    columns = (
        Column(
            "customer",
            _("Customer"),
            is_title=True,
            value=lambda row: str(row.customer.merged_into or row.customer),
            link=lambda row: reverse("wallets:wallet", args=[row.pk]),
        ),
        Column("number", _("Card number"), sort="number"),
        Column("legal_entity", _("Money received by"), value="legal_entity__short_name"),
        Column(
            "principal",
            _("Principal"),
            Kind.MONEY,
            value=lambda row: _money(row, row.in_principal),
            sort="in_principal",
        ),
        Column(
            "bonus",
            pgettext_lazy("stored value", "Bonus"),
            Kind.MONEY,
            value=lambda row: _money(row, row.given),
            sort="given",
        ),
        Column("total", _("Together"), Kind.MONEY, value=lambda row: _money(row, row.total), sort="total"),
        Column(
            "state",
            _("State"),
            Kind.STATUS,
            value=lambda row: _("Frozen") if row.is_frozen else pgettext_lazy("stored value", "In use"),
            tone=lambda row: "bad" if row.is_frozen else "good",
        ),
        Column("opened_at", _("Since"), Kind.INSTANT, sort="opened_at", is_default=False),
    )
    filters = (
        relation_filter(
            "legal_entity", _("Money received by"), lambda actor: LegalEntity.objects.visible_to(actor, VIEW)
        ),
        yes_no_filter(
            "filled",
            _("Balance"),
            condition=Q(total__gt=0),
            yes=_("With value"),
            no=_("Empty"),
            default="yes",
            quick=True,
        ),
    )
    empty = (
        "wallet",
        _("What customers pay ahead stands here. Top up from the page of a customer."),
        "",
        "",
        "",
    )

    def queryset(self) -> QuerySet[Wallet]:
        from django.db.models import Exists, OuterRef

        from dianke.wallets.models import Freeze

        rows: QuerySet[Wallet] = Wallet.objects.visible_to(self.actor)
        return rows.select_related("customer__merged_into", "legal_entity").annotate(
            in_principal=F("principal__guard__balance"),
            given=F("bonus__guard__balance") + F("promotional__guard__balance"),
            total=F("principal__guard__balance")
            + F("bonus__guard__balance")
            + F("promotional__guard__balance"),
            is_frozen=Exists(Freeze.objects.filter(wallet=OuterRef("pk"), ended_at=None)),
        )

    def search(self, queryset: QuerySet[Wallet], text: str) -> QuerySet[Wallet]:
        return super().search(queryset, text) | queryset.filter(_of_customers(self, text))


@register
class CardListing(Listing):
    """Session cards of the customers the person reaches, newest first."""

    code = "wallets.cards"
    title = _("Session cards")
    permission = VIEW
    default_sort = "-sold_at"
    search_fields = ("number", "kind__name")
    search_hint = _("Card number, customer, kind")
    columns = (
        Column(
            "customer",
            _("Customer"),
            is_title=True,
            value=lambda row: str(row.customer.merged_into or row.customer),
            link=lambda row: reverse("wallets:card", args=[row.pk]),
        ),
        Column("kind", _("Kind of card"), value="kind__name", sort="kind__name"),
        Column("number", _("Card number"), sort="number"),
        Column(
            "left", _("Sessions left"), Kind.NUMBER, value=lambda row: row.sessions_left, sort="sessions_left"
        ),
        Column(
            "paid_amount",
            _("Paid"),
            Kind.MONEY,
            value=lambda row: Money.from_minor(row.paid_amount, row.currency),
            sort="paid_amount",
        ),
        Column("expires_on", _("Valid through"), Kind.DATE, sort="expires_on"),
        Column("store", _("Sold at"), value="store__short_name"),
        Column("sold_at", pgettext_lazy("session card", "Sold on"), Kind.INSTANT, sort="sold_at"),
        Column(
            "state",
            _("State"),
            Kind.STATUS,
            value=lambda row: row.get_closed_as_display(),
            tone=lambda row: "off" if row.closed_as else "good",
        ),
    )
    filters = (
        yes_no_filter(
            "open",
            _("State"),
            condition=Q(closed_at=None),
            yes=pgettext_lazy("session card", "In use"),
            no=pgettext_lazy("session card", "Closed"),
            default="yes",
            quick=True,
        ),
        relation_filter("kind", _("Kind of card"), lambda actor: CardKind.objects.visible_to(actor)),
        relation_filter("store", _("Sold at"), lambda actor: Store.objects.visible_to(actor, VIEW)),
        date_filter("expires", _("Valid through"), lookup="expires_on"),
    )
    empty = (
        "ticket",
        _("Session cards of customers stand here. Sell one from the page of a customer."),
        "",
        "",
        "",
    )

    def queryset(self) -> QuerySet[SessionCard]:
        from django.db.models import Sum

        rows: QuerySet[SessionCard] = SessionCard.objects.visible_to(self.actor)
        return rows.select_related("customer__merged_into", "kind", "store").annotate(
            sessions_left=Sum("items__sessions__guard__balance")
        )

    def search(self, queryset: QuerySet[SessionCard], text: str) -> QuerySet[SessionCard]:
        return super().search(queryset, text) | queryset.filter(_of_customers(self, text))


def _of_customers(listing: Listing, text: str) -> Q:
    if not listing.actor.can("customers.view_customers"):
        return Q(pk__in=[])
    heads = [each.customer.pk for each in find(listing.actor, text, 50)]
    return Q(customer__in=heads) | Q(customer__merged_into__in=heads)


wallet_list = list_view(WalletListing)
card_list = list_view(CardListing)
