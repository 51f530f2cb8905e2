"""Customers' goods: who gave us what, the slip they got for it, and giving it back to the right person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import DateField, Q, QuerySet, Value
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.customers.models import Customer
from dianke.customers.queries.search import find, masked_value, preferred_phones
from dianke.inventory.forms.custody import GiveBackForm, TakeInForm
from dianke.inventory.forms.parts import plain
from dianke.inventory.models import CustodyItem
from dianke.inventory.operations import custody
from dianke.inventory.operations.custody import CUSTODY
from dianke.inventory.views.floor import FORM, document_url, is_part
from dianke.stores.models import Store
from dianke.stores.queries import local_date
from dianke.web.components import Crumb, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Listing, date_filter, register, relation_filter, yes_no_filter
from dianke.web.listing import Kind as Shown

FOUND = 10


def state_of(item: CustodyItem, today: Any) -> tuple[str, str]:
    """(tone, word): kept, overdue or given back."""
    if item.returned_at is not None:
        return "off", _("Given back")
    if item.due_on is not None and item.due_on < today:
        return "bad", _("Overdue")
    return "good", _("Kept")


def head_of(item: CustodyItem) -> Customer:
    """The profile the customer shows up in."""
    return item.customer.merged_into or item.customer


@register
class CustodyListing(Listing):
    """Customers' goods of the stores the actor reaches; those still kept unless asked otherwise."""

    code = "inventory.custody"
    title = gettext_lazy("Customers' goods")
    permission = CUSTODY
    default_sort = "-pk"
    search_fields = ("tag", "description", "purpose")
    search_hint = gettext_lazy("Tag, goods, customer")
    opens_drawer = True
    columns = (
        Column(
            "description",
            gettext_lazy("What it is"),
            is_title=True,
            sort="description",
            link=lambda row: reverse("inventory:custody-item", args=[row.pk]),
        ),
        Column("tag", gettext_lazy("Tag"), sort="tag"),
        Column("customer", gettext_lazy("Customer"), value=lambda row: str(head_of(row))),
        Column(
            "state",
            gettext_lazy("State"),
            Shown.STATUS,
            value=lambda row: state_of(row, row.today)[1],
            tone=lambda row: state_of(row, row.today)[0],
        ),
        Column("store", gettext_lazy("Store"), value="store__short_name"),
        Column("purpose", gettext_lazy("What for")),
        Column("received_at", gettext_lazy("Taken in"), Shown.INSTANT, sort="received_at"),
        Column("due_on", gettext_lazy("Back by"), Shown.DATE, sort="due_on"),
        Column(
            "returned_at", gettext_lazy("Given back"), Shown.INSTANT, sort="returned_at", is_default=False
        ),
    )
    filters = (
        yes_no_filter(
            "kept",
            gettext_lazy("State"),
            condition=Q(returned_at=None),
            yes=gettext_lazy("Kept"),
            no=gettext_lazy("Given back"),
            default="yes",
            quick=True,
        ),
        relation_filter(
            "store", gettext_lazy("Store"), lambda actor: Store.objects.visible_to(actor, CUSTODY)
        ),
        date_filter("due", gettext_lazy("Back by"), lookup="due_on"),
    )
    empty = (
        "briefcase",
        gettext_lazy(
            "A ring to repair, a coat to clean, a sofa to keep: what belongs to customers stands here under its tag "
            "until they fetch it."
        ),
        gettext_lazy("Take in"),
        "inventory:custody-new",
        CUSTODY,
    )
    action = (gettext_lazy("Take in"), "inventory:custody-new", CUSTODY, "plus")

    def queryset(self) -> QuerySet[CustodyItem]:
        rows = CustodyItem.objects.visible_to(self.actor).annotate(
            today=Value(local_date(self.now), output_field=DateField())
        )
        return rows.select_related("customer__merged_into", "store")

    def search(self, queryset: QuerySet[CustodyItem], text: str) -> QuerySet[CustodyItem]:
        named = super().search(queryset, text)
        if not self.actor.can("customers.view_customers"):
            return named
        heads = [each.customer.pk for each in find(self.actor, text, 50)]
        of_customers = queryset.filter(Q(customer__in=heads) | Q(customer__merged_into__in=heads))
        return named | of_customers if heads else named


custody_list = list_view(CustodyListing)


# --- one of them -----------------------------------------------------------------------------------------------------
def item_or_404(http: Request, pk: int) -> CustodyItem:
    """The goods, if the person may see them."""
    rows = CustodyItem.objects.visible_to(http.actor).select_related(
        "customer__merged_into", "store", "place", "variant__product", "piece", "received_by", "returned_by",
        "document_in", "document_out",
    )  # fmt: skip
    found: CustodyItem = get_object_or_404(rows, pk=pk)
    return found


def url_of(item: CustodyItem) -> str:
    return reverse("inventory:custody-item", args=[item.pk])


def crumbs(item: CustodyItem | None = None) -> list[Crumb]:
    way = [Crumb(_("Customers' goods"), reverse("inventory:custody"))]
    return [*way, Crumb(item.description, url_of(item))] if item else way


def _owner(http: Request, item: CustodyItem) -> dict[str, Any]:
    """Whose it is; the number as the person may see it, the profile if they may open it."""
    head = head_of(item)
    is_seen = Customer.objects.visible_to(http.actor).filter(pk=head.pk).exists()
    phone = masked_value(http.actor, preferred_phones([head.pk]).get(head.pk)) if is_seen else ""
    url = reverse("customers:customer", args=[head.pk]) if is_seen else ""
    return {"head": head, "phone": phone, "url": url}


@never_cache
@require_GET
@requires(CUSTODY)
def custody_page(request: Request, pk: int) -> HttpResponse:
    """What was taken in, from whom, in which condition; and giving it back."""
    item = item_or_404(request, pk)
    tone, word = state_of(item, local_date(request.now))
    owner = _owner(request, item)

    def who(at: Any, user: Any) -> dict[str, Any] | None:
        return {"at": at, "by": user.name if user else ""} if at else None

    facts = [
        Fact(_("Tag"), item.tag),
        Fact(_("Store"), item.store.short_name),
        Fact(_("Condition"), item.condition),
        Fact(_("What for"), item.purpose),
        Fact(_("Quantity"), plain(item.quantity) if item.quantity != 1 else ""),
        Fact(_("Weight"), f"{_grams(item)} g" if item.weight_mg else ""),
        Fact(_("Back by"), item.due_on),
        Fact(_("Document in"), item.document_in, document_url(item.document_in)),
        Fact(_("Document out"), item.document_out, document_url(item.document_out)),
    ]
    context: dict[str, Any] = {
        "item": item,
        "tone": tone,
        "word": word,
        "owner": owner,
        "facts": [fact for fact in facts if fact.value not in (None, "")],
        "came": who(item.received_at, item.received_by),
        "went": who(item.returned_at, item.returned_by),
        "crumb_list": crumbs(),
    }
    return render(request, "inventory/floor/custody_item.html", context)


def _grams(item: CustodyItem) -> str:
    return plain(Decimal(item.weight_mg) / 1000) if item.weight_mg else ""


@never_cache
@require_GET
@requires(CUSTODY)
def custody_slip(request: Request, pk: int) -> HttpResponse:
    """The slip for the customer: tag, goods, condition; the number of the phone stays masked."""
    item = item_or_404(request, pk)
    context = {
        "item": item,
        "owner": _owner(request, item),
        "quantity": plain(item.quantity),
        "weight": _grams(item),
    }
    return render(request, "inventory/floor/custody_slip.html", context)


# --- steps -----------------------------------------------------------------------------------------------------------
@never_cache
@require_GET
@requires(CUSTODY)
def custody_new(request: Request) -> HttpResponse:
    """First: whose is it?"""
    text = "".join(char for char in request.GET.get("q", "") if char.isprintable()).strip()[:60]
    found = find(request.actor, text, FOUND) if text else []
    context = {
        "q": text,
        "found": [
            {
                "customer": each.customer,
                "note": " · ".join(filter(None, (each.masked_phone, each.customer.member_number))),
                "url": reverse("inventory:custody-of", args=[each.customer.pk]),
            }
            for each in found
        ],
        "crumb_list": crumbs(),
    }
    name = "inventory/floor/custody_choose.html" + ("#list" if is_part(request, "choices") else "")
    return render(request, name, context)


@never_cache
@require_http_methods(FORM)
@requires(CUSTODY)
def custody_of(request: Request, pk: int) -> HttpResponse:
    """Then: what is it, and how does it look?"""
    customer: Customer = get_object_or_404(Customer.objects.visible_to(request.actor).heads().in_use(), pk=pk)
    form = TakeInForm(request.POST or None, actor=request.actor)

    def run(data: dict[str, Any]) -> CustodyItem:
        return custody.take_in(customer=customer, **form.values(), actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Take in from %(name)s") % {"name": customer},
        success=_("Taken in. Print the slip for the customer."),
        redirect_to=url_of,
        submit=_("Take in"),
        cancel_url=reverse("inventory:custody"),
        context={"crumb_list": crumbs()},
    )


@never_cache
@require_http_methods(FORM)
@requires(CUSTODY)
def custody_give_back(request: Request, pk: int) -> HttpResponse:
    """Give it back, once tag and person were compared."""
    item = item_or_404(request, pk)
    if request.method == "GET" and item.returned_at is not None:
        return redirect(url_of(item))
    owner = _owner(request, item)

    def run(data: dict[str, Any]) -> CustodyItem:
        return custody.give_back(item=item, customer=owner["head"], actor=request.actor, now=request.now)

    return form_view(
        request,
        form=GiveBackForm(request.POST or None),
        run=run,
        title=_("Give back"),
        success=_("Given back to %(name)s.") % {"name": owner["head"]},
        redirect_to=url_of(item),
        template="inventory/floor/give_back.html",
        submit=_("Give back"),
        cancel_url=url_of(item),
        context={"crumb_list": crumbs(item), "item": item, "owner": owner},
    )
