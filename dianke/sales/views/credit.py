"""Who may pay later: customers with their limits and what they owe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import InvalidInput
from dianke.core.money import Money
from dianke.customers.models import Customer
from dianke.customers.queries.search import find
from dianke.ledger.models import Account, Posting
from dianke.sales.forms.sales_settings import CreditForm, CreditNewForm
from dianke.sales.models import CreditTerms
from dianke.sales.operations.credit import set_credit
from dianke.sales.views.register_parts import CREDIT, FORM
from dianke.stores.models import LegalEntity
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Filter, Kind, Listing, Result, State, as_id, register

_LABEL = Customer._meta.label_lower


class CustomerNotFound(InvalidInput):
    code = "credit_customer_not_found"
    message = _("Nobody or more than one is called “%(text)s”. Enter the phone or the member number.")
    default_field = "customer"


def entities_of(http: Request) -> QuerySet[LegalEntity]:
    return LegalEntity.objects.visible_to(http.actor, CREDIT).order_by("short_name", "pk")


def owed_of(rows: Sequence[CreditTerms]) -> dict[tuple[int, int], int]:
    """(customer, entity) → what is owed by the ledger, over all records merged into the customer. Two statements."""
    heads = {row.customer_id for row in rows}
    of_head = {pk: pk for pk in heads}
    merged = Customer.objects.filter(merged_into__in=heads).values_list("pk", "merged_into_id")
    of_head |= dict(merged)
    accounts = Account.objects.filter(
        holder__in=[f"{_LABEL}:{pk}" for pk in of_head],
        code="receivable",
        legal_entity_id__in={row.legal_entity_id for row in rows},
    )
    sums = (
        Posting.objects.filter(account__in=accounts)
        .values_list("account__holder", "account__legal_entity_id")
        .annotate(sum=Sum("amount"))
    )
    found: dict[tuple[int, int], int] = {}
    for holder, entity_id, amount in sums:
        key = (of_head[int(holder.partition(":")[2])], entity_id)
        found[key] = found.get(key, 0) + int(amount)
    return found


@register
class CreditListing(Listing):
    """Customers who may pay later, of the entities and customers the actor reaches."""

    code = "sales.credit"
    title = _("Credit of customers")
    permission = CREDIT
    search_fields = ("customer__name", "customer__member_number")
    search_hint = _("Name or member number")
    default_sort = "-set_at"
    columns = (
        Column(
            "customer",
            _("Customer"),
            value="customer__name",
            is_title=True,
            link=lambda row: reverse("sales:credit-edit", args=[row.pk]),
        ),
        Column("entity", _("Owes to"), value="legal_entity__short_name"),
        Column("limit", _("May owe up to"), Kind.MONEY, value=lambda row: row.limit, sort="limit_amount"),
        Column("owed", pgettext_lazy("credit", "Owes"), Kind.MONEY, value=lambda row: row.owed),
        Column("left", pgettext_lazy("credit", "Left"), Kind.MONEY, value=lambda row: row.left),
        Column("days", _("Days to pay"), Kind.NUMBER, sort="days"),
        Column(
            "state",
            _("State"),
            Kind.STATUS,
            value=lambda row: row.state_text,
            tone=lambda row: row.state_tone,
        ),
        Column("set_at", _("Since"), Kind.INSTANT, sort="set_at", is_default=False),
        Column("set_by", _("Set by"), value=lambda row: getattr(row.set_by, "name", ""), is_default=False),
    )
    filters = (
        Filter(
            "blocked",
            _("State"),
            lambda rows, value: rows.filter(is_blocked=value == "yes") if value in ("yes", "no") else rows,
            lambda actor: (("no", _("May pay later")), ("yes", _("Blocked"))),
            is_quick=True,
        ),
        Filter(
            "entity",
            _("Owes to"),
            lambda rows, value: rows.filter(legal_entity=as_id(value)),
            lambda actor: list(
                LegalEntity.objects.visible_to(actor, CREDIT).values_list("pk", "short_name")[:300]
            ),
        ),
    )
    action = (_("New credit"), "sales:credit-new", CREDIT, "plus")
    empty = (
        "coin",
        _("Customers who may pay later stand here, with their limit and what they owe."),
        _("New credit"),
        "sales:credit-new",
        CREDIT,
    )

    def queryset(self) -> QuerySet[CreditTerms]:
        rows = CreditTerms.objects.filter(
            customer__in=Customer.objects.visible_to(self.actor),
            legal_entity__in=LegalEntity.objects.visible_to(self.actor, CREDIT),
        )
        return rows.select_related("customer", "legal_entity", "set_by")

    def result(self, state: State) -> Result:
        result = super().result(state)
        self._dress(result.page.items)
        return result

    def dressed(self, rows: Iterable[Any]) -> Iterable[Any]:
        rows = list(rows)
        self._dress(rows)
        return rows

    def _dress(self, rows: Sequence[Any]) -> None:
        owed = owed_of(rows)
        for row in rows:
            currency = row.legal_entity.currency
            amount = owed.get((row.customer_id, row.legal_entity_id), 0)
            row.limit, row.owed = (
                Money.from_minor(row.limit_amount, currency),
                Money.from_minor(amount, currency),
            )
            row.left = Money.from_minor(max(0, row.limit_amount - amount), currency)
            over = amount > row.limit_amount
            row.state_text = (
                gettext("Blocked")
                if row.is_blocked
                else gettext("Over the limit")
                if over
                else gettext("May pay later")
            )
            row.state_tone = "off" if row.is_blocked else "bad" if over else "good"


credit_list = list_view(CreditListing)


def _crumbs() -> list[Crumb]:
    return [Crumb(gettext("Credit of customers"), reverse("sales:credit"))]


def _found(http: Request, text: str) -> Customer:
    """The one customer the words mean. Raises `CustomerNotFound`."""
    rows = find(http.actor, text, limit=2)
    exact = (
        Customer.objects.visible_to(http.actor)
        .in_use()
        .filter(Q(member_number=text.strip()) | Q(name=text.strip()))
    )
    few: list[Customer] = list(exact[:2])
    if len(few) == 1:
        return few[0]
    if len(rows) != 1:
        raise CustomerNotFound(text=text)
    found: Customer = rows[0].customer
    return found


@require_http_methods(FORM)
@requires(CREDIT)
def credit_new(request: Request) -> HttpResponse:
    """Agree on credit with a customer."""
    page = reverse("sales:credit")
    form = CreditNewForm(request.POST or None, entities=entities_of(request))

    def run(data: dict[str, Any]) -> CreditTerms:
        return set_credit(
            customer=_found(request, data["customer"]),
            legal_entity=data["legal_entity"],
            limit_amount=data["limit_amount"],
            days=data["days"],
            is_blocked=data["is_blocked"],
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=gettext("New credit"),
        success=gettext("Saved. Orders of the customer may be paid later from now on."),
        redirect_to=page,
        cancel_url=page,
        context={"crumb_list": _crumbs()},
    )


@require_http_methods(FORM)
@requires(CREDIT)
def credit_edit(request: Request, pk: int) -> HttpResponse:
    """Change the limit, or block."""
    rows = CreditListing(request.actor, request.now).queryset()
    terms = get_object_or_404(rows, pk=pk)
    page = reverse("sales:credit")
    initial = {name: getattr(terms, name) for name in ("limit_amount", "days", "is_blocked")}
    return form_view(
        request,
        form=CreditForm(request.POST or None, initial=initial),
        run=lambda data: set_credit(
            customer=terms.customer,
            legal_entity=terms.legal_entity,
            actor=request.actor,
            now=request.now,
            **data,
        ),
        title=gettext("Credit of %(name)s") % {"name": terms.customer.name},
        success=gettext("Saved. It is asked for at the next order and when goods leave."),
        redirect_to=page,
        cancel_url=page,
        context={"crumb_list": _crumbs()},
    )
