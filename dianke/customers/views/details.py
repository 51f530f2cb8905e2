"""Correcting one customer: the fields of the profile, contact points, addresses, days that matter; and the
page where all of it is in one place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.fields import masked
from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.custom_fields import specs_for
from dianke.customers.forms.details import AddressForm, BasicsForm, ContactForm, DateForm, SensitiveForm
from dianke.customers.forms.entry import SENSITIVE
from dianke.customers.forms.parts import ProblemsForm
from dianke.customers.models import Address, ContactPoint, Customer, DateKind, ImportantDate, State
from dianke.customers.operations import changes, contacts
from dianke.customers.queries.circle import decides_on_sharing
from dianke.customers.queries.consents import has_agreed_to_sensitive
from dianke.customers.queries.entry import entry_rules
from dianke.customers.queries.profile import head_of, profile_at
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done

VIEW, CHANGE = "customers.view_customers", "customers.change_customers"
CONTACT_FIELD, STREET_FIELD = "customers.contact.value", "customers.address.street"


def head_or_404(http: Request, pk: int, permission: str = CHANGE) -> Customer:
    """The profile, if the person may see it; whether it may be changed is the operation's to say."""
    head = head_of(http.actor, pk)
    if head is None or not http.actor.can(permission):
        raise Http404
    return head


def profile_url(head: Customer) -> str:
    return reverse("customers:customer", args=[head.pk])


def details_url(head: Customer) -> str:
    return reverse("customers:details", args=[head.pk])


def dialog(
    http: Request,
    head: Customer,
    form: ProblemsForm,
    run: Callable[[dict[str, Any]], Any],
    title: str,
    *,
    success: str = "",
    template: str = "web/form.html",
    **context: Any,
) -> HttpResponse:
    """A form about one customer, in a dialog or as a page."""
    return form_view(
        http,
        form=form,
        run=run,
        title=title,
        success=success or _("Saved."),
        redirect_to=profile_url(head),
        cancel_url=profile_url(head),
        template=template,
        context={"customer": head, "crumb_list": [Crumb(str(head), profile_url(head))], **context},
    )


# --- everything in one place
# -----------------------------------------------------------------------------------------
@never_cache
@require_GET
@requires(CHANGE)
def details(request: Request, pk: int) -> HttpResponse:
    """Every contact point, address, day, relation and colleague of the customer, each with what can be done
    about it.
    """
    profile = profile_at(request.actor, pk, now=request.now)
    if profile is None:
        raise Http404
    head = profile.head
    archived = (
        ContactPoint.objects.filter(customer__in=profile.member_ids, archived_at__isnull=False)
        .select_related("key")
        .order_by("-archived_at", "-pk")[:20]
    )
    trade = head.store.trade if head.store else ""
    may_sensitive = request.actor.can("customers.view_sensitive")
    context = {
        "customer": head,
        "profile": profile,
        "archived": [
            (point, masked(request.actor, CONTACT_FIELD, str(point.value or ""))) for point in archived
        ],
        "sensitive_specs": specs_for(SENSITIVE, trade) if may_sensitive else (),
        "may_assign": profile.can_change and request.actor.can("customers.assign_customers"),
        "may_share_with_partners": profile.can_change and decides_on_sharing(head, request.actor),
        "may_keep": request.actor.can("customers.view_partners_customers"),
        "may_remove": request.actor.can("customers.remove_customers") and head.state == State.ACTIVE,
        "crumb_list": [
            Crumb(_("Customers"), reverse("customers:customers")),
            Crumb(str(head), profile_url(head)),
        ],
    }
    return render(request, "customers/details/details.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def edit(request: Request, pk: int) -> HttpResponse:
    """Fields of the profile."""
    head = head_or_404(request, pk)
    if not head.is_readable:
        raise Http404
    form = BasicsForm(request.POST or None, head=head, rules={rule.field: rule for rule in entry_rules()})

    def run(_data: dict[str, Any]) -> Any:
        return changes.change_customer(
            customer=head, changes=form.changes(), actor=request.actor, now=request.now
        )

    return dialog(request, head, form, run, _("Correct the profile"), template="customers/details/edit.html")


@never_cache
@require_http_methods(["GET", "POST"])
@requires("customers.view_sensitive")
def sensitive(request: Request, pk: int) -> HttpResponse:
    """Sensitive details, only with the customer's consent."""
    head = head_or_404(request, pk)
    if not head.is_readable:
        raise Http404
    form = SensitiveForm(request.POST or None, head=head)

    def run(_data: dict[str, Any]) -> Any:
        return changes.change_customer(
            customer=head, changes={"sensitive": form.changes()}, actor=request.actor, now=request.now
        )

    return dialog(
        request,
        head,
        form,
        run,
        _("Sensitive details"),
        template="customers/details/sensitive.html",
        is_agreed=has_agreed_to_sensitive(head.pk),
    )


@require_POST
@requires(CHANGE)
def key_account(request: Request, pk: int) -> HttpResponse:
    """Mark as a key account, or no longer."""
    head = head_or_404(request, pk)
    is_key = request.POST.get("is_key_account") == "1"
    changes.set_key_account(customer=head, is_key_account=is_key, actor=request.actor, now=request.now)
    return done(
        request, _("Key account now.") if is_key else _("No key account any more."), to=details_url(head)
    )


@require_POST
@requires("customers.remove_customers")
def removal(request: Request, pk: int) -> HttpResponse:
    """Out of lists, search and matching; can be brought back."""
    head = head_or_404(request, pk, "customers.remove_customers")
    changes.remove_customer(customer=head, actor=request.actor, now=request.now)
    undo = reverse("customers:restoration", args=[head.pk])
    return done(
        request,
        _("“%(name)s” is removed.") % {"name": head},
        to=reverse("customers:customers"),
        undo_url=undo,
    )


@require_POST
@requires("customers.remove_customers")
def restoration(request: Request, pk: int) -> HttpResponse:
    """Bring a removed customer back."""
    found = get_object_or_404(Customer.objects.visible_to(request.actor, "customers.remove_customers"), pk=pk)
    head = changes.restore_customer(customer=found, actor=request.actor, now=request.now)
    return done(request, _("“%(name)s” is back.") % {"name": head}, to=profile_url(head))


# --- contact points
# --------------------------------------------------------------------------------------------------
def _point(request: Request, pk: int, point_pk: int) -> tuple[Customer, ContactPoint]:
    head = head_or_404(request, pk)
    rows = ContactPoint.objects.filter(customer__in=Customer.objects.cluster(head.pk)).select_related("key")
    return head, get_object_or_404(rows, pk=point_pk)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def contact_new(request: Request, pk: int) -> HttpResponse:
    """A further way to reach the customer."""
    head = head_or_404(request, pk)
    form = ContactForm(request.POST or None)

    def run(data: dict[str, Any]) -> Any:
        return contacts.add_contact_point(
            customer=head,
            kind=data["kind"],
            value=data["value"],
            use=data["use"],
            is_shared=data["is_shared"],
            actor=request.actor,
            now=request.now,
        )

    return dialog(request, head, form, run, _("Add a number or address"))


@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def contact(request: Request, pk: int, point: int) -> HttpResponse:
    """Correct a contact point: another value, or what it is used for."""
    head, held = _point(request, pk, point)
    shown = masked(request.actor, CONTACT_FIELD, str(held.value or ""))
    form = ContactForm(request.POST or None, point=held, shown=shown)

    def run(data: dict[str, Any]) -> Any:
        return contacts.change_contact_point(
            point=held,
            value=data["value"],
            use=data.get("use"),
            is_shared=data["is_shared"],
            actor=request.actor,
            now=request.now,
        )

    title = _("Change %(kind)s %(value)s") % {"kind": held.get_kind_display(), "value": shown}
    return dialog(request, head, form, run, title, template="customers/details/contact.html", point=held)


@require_POST
@requires(CHANGE)
def contact_preferring(request: Request, pk: int, point: int) -> HttpResponse:
    """The one to use first."""
    head, held = _point(request, pk, point)
    contacts.prefer_contact_point(point=held, actor=request.actor, now=request.now)
    return done(request, _("Used first from now on."), to=details_url(head))


@require_POST
@requires(CHANGE)
def contact_archiving(request: Request, pk: int, point: int) -> HttpResponse:
    """Use it no more."""
    head, held = _point(request, pk, point)
    contacts.archive_contact_point(point=held, actor=request.actor, now=request.now)
    undo = reverse("customers:contact-restoring", args=[head.pk, held.pk])
    return done(request, _("Put away: it is used and searched no more."), to=details_url(head), undo_url=undo)


@require_POST
@requires(CHANGE)
def contact_restoring(request: Request, pk: int, point: int) -> HttpResponse:
    """Use it again."""
    head, held = _point(request, pk, point)
    contacts.restore_contact_point(point=held, actor=request.actor, now=request.now)
    return done(request, _("In use again."), to=details_url(head))


# --- addresses
# -------------------------------------------------------------------------------------------------------
def _address(request: Request, pk: int, address_pk: int) -> tuple[Customer, Address]:
    head = head_or_404(request, pk)
    rows = Address.objects.filter(customer__in=Customer.objects.cluster(head.pk), archived_at=None)
    return head, get_object_or_404(rows.select_related("key"), pk=address_pk)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def address_new(request: Request, pk: int) -> HttpResponse:
    """A further address."""
    head = head_or_404(request, pk)
    form = AddressForm(request.POST or None)

    def run(_data: dict[str, Any]) -> Any:
        return contacts.add_address(customer=head, address=form.entry(), actor=request.actor, now=request.now)

    return dialog(request, head, form, run, _("Add an address"))


@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def address(request: Request, pk: int, address: int) -> HttpResponse:
    """Another address in the place of this one. Street, receiver and phone are typed anew: they stay hidden."""
    head, held = _address(request, pk, address)
    form = AddressForm(request.POST or None, address=held)

    def run(_data: dict[str, Any]) -> Any:
        return contacts.change_address(address=held, entry=form.entry(), actor=request.actor, now=request.now)

    return dialog(
        request,
        head,
        form,
        run,
        _("Change the address"),
        template="customers/details/address.html",
        address=held,
    )


@require_POST
@requires(CHANGE)
def address_archiving(request: Request, pk: int, address: int) -> HttpResponse:
    """Use it no more."""
    head, held = _address(request, pk, address)
    contacts.archive_address(address=held, actor=request.actor, now=request.now)
    return done(request, _("Address put away."), to=details_url(head))


# --- days that matter
# ------------------------------------------------------------------------------------------------
def _date(request: Request, pk: int, date_pk: int) -> tuple[Customer, ImportantDate]:
    head = head_or_404(request, pk)
    rows = ImportantDate.objects.filter(customer__in=Customer.objects.cluster(head.pk), archived_at=None)
    return head, get_object_or_404(rows, pk=date_pk)


@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def date_new(request: Request, pk: int) -> HttpResponse:
    """A day that comes round."""
    head = head_or_404(request, pk)
    kind = request.GET.get("kind", "")
    form = DateForm(request.POST or None, now=request.now, kind=kind if kind in DateKind.values else "")

    def run(_data: dict[str, Any]) -> Any:
        return contacts.add_date(customer=head, date=form.day, actor=request.actor, now=request.now)

    return dialog(request, head, form, run, _("Add a day"))


@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def date(request: Request, pk: int, date: int) -> HttpResponse:
    """Correct a day."""
    head, held = _date(request, pk, date)
    form = DateForm(request.POST or None, now=request.now, date=held)

    def run(_data: dict[str, Any]) -> Any:
        return contacts.change_date(date=held, entry=form.day, actor=request.actor, now=request.now)

    return dialog(
        request, head, form, run, _("Change the day"), template="customers/details/date.html", date=held
    )


@require_POST
@requires(CHANGE)
def date_archiving(request: Request, pk: int, date: int) -> HttpResponse:
    """Celebrate it no more."""
    head, held = _date(request, pk, date)
    contacts.archive_date(date=held, actor=request.actor, now=request.now)
    return done(request, _("Day put away."), to=details_url(head))
