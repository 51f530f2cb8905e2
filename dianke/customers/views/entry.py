"""Entering a customer at the counter: the form, who is here already while one types, asking a keeper to share."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.errors import Conflict, InvalidInput, NotAllowed
from dianke.customers.forms.entry import ADD, PREFILLED, EntryForm, HintsForm
from dianke.customers.models import Channel, Customer
from dianke.customers.operations.asking import TooManyQuestions
from dianke.customers.operations.entry import CustomerExists, Entered, Outcome, enter_customer
from dianke.customers.operations.sharing import ask_to_share
from dianke.customers.queries.duplicates import Hint, hints_for
from dianke.web.components import Crumb
from dianke.web.responses import done

TEMPLATE = "customers/entry/new.html"


@never_cache
@require_http_methods(["GET", "POST"])
@requires(ADD)
def new(request: Request) -> HttpResponse:
    """The form. Saving says who is here already and asks what to do; nothing typed is lost."""
    if request.method == "GET":
        start = {name: request.GET[name] for name in (*PREFILLED, "store") if request.GET.get(name)}
        form = EntryForm(actor=request.actor, now=request.now, start=start)
        return _page(request, form)
    if "open" in request.POST:
        return _go(request, _profile(_seen(request, request.POST["open"])))
    form = EntryForm(request.POST, actor=request.actor, now=request.now)
    if not form.is_valid():
        return _page(request, form, status=422)
    link_to = _seen(request, request.POST["link_to"]) if request.POST.get("link_to") else None
    try:
        entered = enter_customer(
            entry=form.entry(),
            channel=Channel.COUNTER,
            store=form.here,
            owner=form.chosen_owner,
            partner=form.chosen_partner,
            link_to=link_to,
            as_new=bool(request.POST.get("as_new")),
            actor=request.actor,
            now=request.now,
        )
    except CustomerExists as error:
        return _page(request, form, status=422, hints=error.hints, is_known=True)
    except TooManyQuestions as error:
        form.add_error(None, str(error))
        return _page(request, form, status=422)
    except (InvalidInput, Conflict, NotAllowed) as error:
        form.refuse(error)
        return _page(request, form, status=422)
    return done(request, _said(entered), to=_profile(entered.customer))


def _page(
    request: Request,
    form: EntryForm,
    *,
    status: int = 200,
    hints: list[Hint] | None = None,
    is_known: bool = False,
) -> HttpResponse:
    context = {
        "form": form,
        "hints": _lines(request, hints or []),
        "is_known": is_known,
        "may_word": request.actor.can("customers.manage_rules"),
        "crumb_list": [Crumb(_("Customers"), reverse("customers:customers"))],
    }
    return render(request, TEMPLATE, context, status=status)


def _profile(customer: Customer) -> str:
    return reverse("customers:customer", args=[customer.pk])


def _go(request: Request, url: str) -> HttpResponse:
    """Leave the form, in a dialog too."""
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") == "true" else redirect(url)


def _seen(request: Request, pk: str) -> Customer:
    rows = Customer.objects.visible_to(request.actor).in_use()
    found: Customer = get_object_or_404(rows, pk=int(pk) if pk.isdecimal() and len(pk) < 19 else 0)
    return found


def _said(entered: Entered) -> str:
    name = str(entered.customer)
    if entered.outcome is Outcome.WAITING:
        return _("Handed in. “%(name)s” waits until a colleague has looked through the entry.") % {
            "name": name
        }
    if entered.outcome is Outcome.LINKED:
        return _("Added to “%(name)s”.") % {"name": name}
    if entered.pairs:
        return _("“%(name)s” is entered, and put down as a possible duplicate to look at.") % {"name": name}
    return _("“%(name)s” is entered.") % {"name": name}


# --- who is here already ---------------------------------------------------------------------------------------------
@never_cache
@require_POST
@requires(ADD)
def hints(request: Request) -> HttpResponse:
    """Possible duplicates of what is being typed; of customers kept by others only that they exist."""
    context: dict[str, Any] = {}
    try:
        asked = HintsForm(request.POST).asked()
        context["hints"] = _lines(request, hints_for(actor=request.actor, now=request.now, **asked))
    except TooManyQuestions as error:
        context["problem"] = str(error)
    return render(request, "customers/entry/hints.html", context)


def _lines(request: Request, hints: list[Hint]) -> list[dict[str, Any]]:
    return [{"hint": hint, "url": _profile(hint.customer) if hint.customer else ""} for hint in hints]


@never_cache
@require_POST
@requires("work.request_approvals")
def sharing(request: Request) -> HttpResponse:
    """Ask whoever keeps the customer to share them; the answer says nothing about who it is."""
    asked = HintsForm(request.POST).asked()
    problem = ""
    try:
        count = ask_to_share(phone=asked["phone"], email=asked["email"], actor=request.actor, now=request.now)
    except TooManyQuestions as error:
        count, problem = 0, str(error)
    text = _("Asked. Whoever keeps the customer has a task now and decides.") if count else problem
    text = text or _("You see this customer already: look for the number again.")
    if request.headers.get("HX-Request") != "true":
        return done(request, text, to=reverse("customers:customers"))
    return render(request, "customers/entry/asked.html", {"text": text, "is_asked": bool(count)})


@never_cache
@require_POST
@requires(ADD)
def own_fields(request: Request) -> HttpResponse:
    """The fields of the chosen store's trade, with what was typed into those that stay."""
    form = EntryForm(request.POST, actor=request.actor, now=request.now)
    form.leave_unjudged()
    return render(request, "customers/entry/own_fields.html", {"form": form})
