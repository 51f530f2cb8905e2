"""Who belongs to a customer and who looks after them: consents, relations, household, helpers, home store, partner."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from dianke.access.guards import requires
from dianke.access.models import User
from dianke.access.requests import Request
from dianke.core.errors import InvalidInput
from dianke.customers.forms.details import (
    HelperForm,
    HomeForm,
    HouseholdForm,
    PartnerForm,
    RelationForm,
)
from dianke.customers.forms.profile import PartnersForm
from dianke.customers.models import Channel, ConsentChannel, Customer, Household, Purpose, Relation
from dianke.customers.operations import assigning, relations
from dianke.customers.operations.consents import GUARDIAN, GuardianNeeded, record_consent
from dianke.customers.operations.sharing import NotKept, NotTheKeeper, share_with_partners
from dianke.customers.queries.circle import SHARE, decides_on_sharing, partners_beside, partners_serving
from dianke.customers.queries.consents import consents_of
from dianke.customers.queries.portal import ASKED, BY_CHANNEL, CHANNELS, current_texts
from dianke.customers.queries.search import find
from dianke.customers.views.details import CHANGE, details_url, dialog, head_or_404, profile_url
from dianke.stores.models import Store
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done

ASSIGN = "customers.assign_customers"
SHOWN = 10


# --- consents --------------------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def consents(request: Request, pk: int) -> HttpResponse:
    """What the customer agrees to, purpose by purpose; each answer is noted as it is given."""
    head = head_or_404(request, pk)
    problem, needs_guardian, status = "", False, 200
    texts = current_texts()
    if request.method == "POST":
        purpose, channel = request.POST.get("purpose", ""), request.POST.get("channel") or ConsentChannel.ANY
        is_given = request.POST.get("is_given") == "1"
        try:
            record_consent(
                customer=head,
                purpose=purpose,
                channel=channel,
                is_given=is_given,
                text=texts.get(purpose) if is_given else None,
                how=GUARDIAN if request.POST.get("how") == GUARDIAN else Channel.COUNTER,
                actor=request.actor,
                now=request.now,
            )
        except GuardianNeeded as error:
            problem, needs_guardian, status = str(error), True, 422
        except InvalidInput as error:
            problem, status = str(error), 422
        else:
            if request.headers.get("HX-Request") != "true":
                return redirect("customers:consents", pk=head.pk)
    answers = consents_of([head.pk])[head.pk]
    context = {
        "customer": head,
        "rows": [_row(purpose, answers, texts) for purpose in (*ASKED, Purpose.SENSITIVE)],
        "problem": problem,
        "needs_guardian": needs_guardian,
        "asked": request.POST,
        "crumb_list": [Crumb(str(head), profile_url(head))],
    }
    is_part = request.method == "POST"
    name = "customers/details/consents.html" + ("#answers" if is_part else "")
    response = render(request, name, context, status=status)
    return trigger_client_event(response, "dk:changed", {}) if is_part and status == 200 else response


def _row(purpose: Purpose, answers: dict[tuple[str, str], bool], texts: dict[str, Any]) -> dict[str, Any]:
    general = answers.get((purpose, ConsentChannel.ANY))
    channels = [
        {"channel": channel, "answer": answers.get((purpose, channel), general)}
        for channel in (CHANNELS if purpose in BY_CHANNEL else ())
    ]
    return {
        "purpose": purpose,
        "text": texts.get(purpose),
        "answer": general,
        "channels": channels,
        "is_mixed": any(each["answer"] != general for each in channels),
    }


# --- relations and household -----------------------------------------------------------------------------------------
@never_cache
@require_GET
@requires(CHANGE)
def relation_new(request: Request, pk: int) -> HttpResponse:
    """Look for the other one."""
    head = head_or_404(request, pk)
    text, is_household = request.GET.get("q", "").strip(), request.GET.get("for") == "household"
    found = (
        [each for each in find(request.actor, text, SHOWN + 1) if each.customer.pk != head.pk] if text else []
    )
    target = "customers:household-with" if is_household else "customers:relation-with"
    context = {
        "customer": head,
        "q": text,
        "is_household": is_household,
        "found": [
            {
                "customer": each.customer,
                "note": " · ".join(filter(None, (each.masked_phone, each.customer.member_number))),
                "url": reverse(target, args=[head.pk, each.customer.pk]),
            }
            for each in found[:SHOWN]
        ],
        "crumb_list": [Crumb(str(head), profile_url(head))],
    }
    is_list = request.headers.get("HX-Target", "").endswith("#choices")
    return render(request, "customers/details/choose.html" + ("#list" if is_list else ""), context)


def _other(request: Request, pk: int) -> Customer:
    found: Customer = get_object_or_404(Customer.objects.visible_to(request.actor).heads().in_use(), pk=pk)
    return found


@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def relation_with(request: Request, pk: int, other: int) -> HttpResponse:
    """What they are to each other."""
    head, found = head_or_404(request, pk), _other(request, other)
    form = RelationForm(request.POST or None, head=head, other=found)

    def run(data: dict[str, Any]) -> Any:
        return relations.relate(
            customer=head,
            other=found,
            kind=data["kind"],
            title=data["title"],
            is_primary=data["is_primary"],
            actor=request.actor,
            now=request.now,
        )

    title = _("“%(other)s” is … of “%(name)s”") % {"other": found, "name": head}
    return dialog(request, head, form, run, title)


@require_POST
@requires(CHANGE)
def relation_ending(request: Request, pk: int, relation: int) -> HttpResponse:
    """They are it no more."""
    head = head_or_404(request, pk)
    members = Customer.objects.cluster(head.pk)
    rows = Relation.objects.filter(customer__in=members) | Relation.objects.filter(other__in=members)
    held = get_object_or_404(rows.select_related("customer"), pk=relation)
    relations.end_relation(relation=held, actor=request.actor, now=request.now)
    return done(request, _("Noted: no longer related."), to=details_url(head))


@never_cache
@require_http_methods(["GET", "POST"])
@requires(CHANGE)
def household_with(request: Request, pk: int, other: int) -> HttpResponse:
    """Live together: join the household the other one is in, or make one of the two."""
    head, found = head_or_404(request, pk), _other(request, other)
    standing = Household.objects.filter(members=found).first()
    name = _("%(name)s's home") % {"name": found.name[:1]}
    form = HouseholdForm(request.POST if request.method == "POST" else None, initial={"name": name})
    if standing is not None:
        del form.fields["name"]

    def run(data: dict[str, Any]) -> Any:
        who: dict[str, Any] = {"actor": request.actor, "now": request.now}
        if standing is not None:
            return relations.join_household(household=standing, customer=head, **who)
        return relations.make_household(name=data["name"], members=[head, found], **who)

    title = _("Same household as “%(name)s”") % {"name": found}
    return dialog(
        request, head, form, run, title, template="customers/details/household.html", household=standing
    )


@require_POST
@requires(CHANGE)
def household_leaving(request: Request, pk: int, household: int) -> HttpResponse:
    """Lives elsewhere now."""
    head = head_or_404(request, pk)
    held = get_object_or_404(Household, pk=household, members=head)
    relations.leave_household(household=held, customer=head, actor=request.actor, now=request.now)
    return done(request, _("Left the household."), to=details_url(head))


# --- who looks after them --------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires(ASSIGN)
def helper_new(request: Request, pk: int) -> HttpResponse:
    """A colleague more who looks after the customer."""
    head = head_or_404(request, pk, ASSIGN)
    without = {head.owner_id or 0, *head.collaborators.values_list("user_id", flat=True)}
    form = HelperForm(request.POST or None, actor=request.actor, now=request.now, without=without)

    def run(_data: dict[str, Any]) -> Any:
        return assigning.add_collaborator(
            customer=head, user=form.chosen, actor=request.actor, now=request.now
        )

    return dialog(request, head, form, run, _("Who helps?"))


@require_POST
@requires(ASSIGN)
def helper_removal(request: Request, pk: int, user: int) -> HttpResponse:
    """The colleague looks after the customer no more."""
    head = head_or_404(request, pk, ASSIGN)
    helper = get_object_or_404(User, pk=user, pk__in=head.collaborators.values("user_id"))
    assigning.remove_collaborator(customer=head, user=helper, actor=request.actor, now=request.now)
    return done(request, _("%(name)s helps no more.") % {"name": helper}, to=details_url(head))


@require_POST
@requires(ASSIGN)
def unsharing(request: Request, pk: int, store: int) -> HttpResponse:
    """The other store serves the customer no more."""
    head = head_or_404(request, pk, ASSIGN)
    other = get_object_or_404(Store, pk=store, pk__in=head.shared_with.values("store_id"))
    assigning.unshare(customers=[head], store=other, actor=request.actor, now=request.now)
    text = _("No longer shared with %(store)s.") % {"store": other.short_name}
    return done(request, text, to=details_url(head))


@require_http_methods(["GET", "POST"])
@requires(ASSIGN)
def home(request: Request, pk: int) -> HttpResponse:
    """A new home store."""
    head = head_or_404(request, pk, ASSIGN)
    form = HomeForm(request.POST or None, actor=request.actor, head=head)

    def run(data: dict[str, Any]) -> Any:
        return assigning.move_to_store(
            customers=[head], store=data["store"], actor=request.actor, now=request.now
        )

    return dialog(request, head, form, run, _("Move to another store"))


@require_http_methods(["GET", "POST"])
@requires(ASSIGN)
def partner(request: Request, pk: int) -> HttpResponse:
    """Kept by one partner, or open to all."""
    head = head_or_404(request, pk, ASSIGN)
    form = PartnerForm(request.POST or None, actor=request.actor, head=head)

    def run(data: dict[str, Any]) -> Any:
        return assigning.keep_for_partner(
            customers=[head], partner=data["partner"], actor=request.actor, now=request.now
        )

    return dialog(request, head, form, run, _("Kept by partner"))


@require_http_methods(["GET", "POST"])
@requires(SHARE)
def partners(request: Request, pk: int) -> HttpResponse:
    """Which other partners serve a customer a partner keeps; the keeper decides."""
    head = head_or_404(request, pk, SHARE)
    if not decides_on_sharing(head, request.actor):
        raise NotTheKeeper if head.partner_id else NotKept
    offered = partners_beside(head, request.actor, now=request.now)
    held = partners_serving(head)
    if not offered and not held:
        return render(request, "customers/details/partners.html", {"customer": head})
    # Nobody ticked is an answer too.
    form = PartnersForm(request.POST if request.method == "POST" else None, offered=offered, held=held)

    def run(data: dict[str, Any]) -> Any:
        return share_with_partners(
            customer=head, partners=list(data["partners"]), actor=request.actor, now=request.now
        )

    title = _("Share with other partners")
    return form_view(
        request,
        form=form,
        run=run,
        title=title,
        success=_("Saved."),
        redirect_to=profile_url(head),
        cancel_url=profile_url(head),
        context={"crumb_list": [Crumb(str(head), profile_url(head))]},
    )
