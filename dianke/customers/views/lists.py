"""The list of customers, its groups, and what is done to several customers at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput
from dianke.customers.forms.profile import OwnerForm, StoreForm, TagsForm
from dianke.customers.models import Customer
from dianke.customers.operations import assigning
from dianke.customers.operations import tags as tagging
from dianke.customers.providers.panels import address
from dianke.customers.providers.search import quick_create
from dianke.customers.views.listings import VIEW, CustomerListing
from dianke.web.forms import KitForm
from dianke.web.list_views import list_context
from dianke.web.responses import done

LIST = "customers:customers"


@require_GET
@requires(VIEW)
def customer_list(request: Request) -> HttpResponse:
    """The list, or its rows when filters change."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, CustomerListing)
    may_add = request.actor.can("customers.add_customers")
    context |= {
        "new_url": address("customers:new") if may_add else "",
        "import_url": address("imports:new") if request.actor.can("customers.import_customers") else "",
    }
    if (
        context["state"].query and not context["rows"]
    ):  # whom one looked for in vain is entered with what was typed
        context["way_out"] = quick_create(request.actor, context["state"].query)
    response = render(request, "web/list.html#rows" if is_part else "customers/list/customers.html", context)
    if is_part:
        query = context["query_string"]
        response["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
    return response


@require_GET
@requires(VIEW)
def groups(request: Request) -> HttpResponse:
    """The chips by level and store; fetched after the list, since they count every row. Opened by itself it is the
    list."""
    if request.headers.get("HX-Request") != "true":
        return redirect(f"{reverse('customers:customers')}?{request.GET.urlencode()}".rstrip("?"))
    listing = CustomerListing(request.actor, request.now)
    state = listing.state(request.GET)
    return render(request, "customers/list/groups.html", {"groups": listing.groups(state)})


# --- several at once -------------------------------------------------------------------------------------------------
def chosen_ids(http: Request) -> list[int]:
    """The selected rows."""
    return [int(value) for value in http.POST.getlist("ids") if value.isdecimal() and len(value) < 19]


def _next(request: Request) -> str:
    target = request.POST.get("next", "")
    is_safe = url_has_allowed_host_and_scheme(target, {request.get_host()})
    return target if target and is_safe else reverse(LIST)


def _several(
    request: Request, *, form: KitForm, field: str, title: str, submit: str, run: Callable[[list[int]], str]
) -> HttpResponse:
    """First asks (the list posts ids only), then does it: `run(ids)` answers what happened in words."""
    ids, status = chosen_ids(request), 200
    if field in request.POST or "asked" in request.POST:
        status = 422
        if form.is_valid():
            try:
                text = run(ids)
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                return done(request, text, to=_next(request))
    rows = (
        Customer.objects.visible_to(request.actor).heads().in_use().filter(pk__in=ids).select_related("store")
    )
    shown = list(rows.order_by("-last_seen_at")[:21])
    if not shown:
        return redirect(LIST)
    context: dict[str, Any] = {
        "form": form,
        "title": title,
        "submit": submit,
        "ids": ids,
        "customers": shown[:20],
        "next": _next(request),
    }
    return render(request, "customers/list/several.html", context, status=status)


def _bound(request: Request, field: str) -> Any:
    return request.POST if field in request.POST or "asked" in request.POST else None


def _which_tags(request: Request) -> TagsForm:
    """For one customer no tag is an answer; for several it is a forgotten tick."""
    form = TagsForm(_bound(request, "tags"))
    form.fields["tags"].required = True
    form.fields["tags"].error_messages["required"] = _("No tag is ticked yet. Tick at least one.")
    return form


@require_POST
@requires("customers.tag_customers")
def taggings(request: Request) -> HttpResponse:
    """Put tags on."""
    form = _which_tags(request)

    def run(ids: list[int]) -> str:
        count = tagging.tag_customers(
            customers=ids, tags=list(form.cleaned_data["tags"]), actor=request.actor, now=request.now
        )
        return ngettext("%(count)s customer tagged.", "%(count)s customers tagged.", count) % {"count": count}

    return _several(request, form=form, field="tags", title=_("Put tags on"), submit=_("Put on"), run=run)


@require_POST
@requires("customers.tag_customers")
def untaggings(request: Request) -> HttpResponse:
    """Take tags off."""
    form = _which_tags(request)

    def run(ids: list[int]) -> str:
        count = tagging.untag_customers(
            customers=ids, tags=list(form.cleaned_data["tags"]), actor=request.actor, now=request.now
        )
        return ngettext("Taken off %(count)s customer.", "Taken off %(count)s customers.", count) % {
            "count": count
        }

    return _several(request, form=form, field="tags", title=_("Take tags off"), submit=_("Take off"), run=run)


@require_POST
@requires("customers.assign_customers")
def owners(request: Request) -> HttpResponse:
    """Put somebody in charge."""
    form = OwnerForm(_bound(request, "owner"), actor=request.actor, now=request.now)

    def run(ids: list[int]) -> str:
        count = assigning.assign_owner(customers=ids, owner=form.chosen, actor=request.actor, now=request.now)
        return ngettext("%(count)s customer changed hands.", "%(count)s customers changed hands.", count) % {
            "count": count
        }

    return _several(
        request, form=form, field="owner", title=_("Put in charge"), submit=_("Put in charge"), run=run
    )


@require_POST
@requires("customers.assign_customers")
def shares(request: Request) -> HttpResponse:
    """Let another store see and serve them."""
    form = StoreForm(_bound(request, "store"))

    def run(ids: list[int]) -> str:
        store = form.cleaned_data["store"]
        count = assigning.share_with_store(customers=ids, store=store, actor=request.actor, now=request.now)
        return ngettext(
            "%(count)s customer shared with %(store)s.", "%(count)s customers shared with %(store)s.", count
        ) % {"count": count, "store": store.short_name}

    return _several(
        request,
        form=form,
        field="store",
        title=_("Share with a store"),
        submit=pgettext("verb", "Share"),
        run=run,
    )
