"""People: list, one person with postings, hiring, posting, transfer and leaving with hand-over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.models import Role
from dianke.access.requests import Request
from dianke.core.names import query_terms, search_text
from dianke.core.phone import parse as parse_phone
from dianke.stores import forms, handover, operations
from dianke.stores.models import LegalEntity, Posting, Staff, Store
from dianke.stores.queries import local_date
from dianke.web.components import Crumb, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Kind, Listing, as_id, register, relation_filter, yes_no_filter
from dianke.web.responses import done

FORM = ("GET", "POST")


def _in_force(staff: Staff) -> str:
    """Where the person works now, in words; the postings are prefetched."""
    return "、".join(f"{posting.place_name} · {posting.role.label}" for posting in staff.current)  # type: ignore[attr-defined]


@register
class StaffList(Listing):
    code = "stores.staff"
    title = _("Staff")
    permission = "stores.view_organisation"
    columns = (
        Column("name", _("Name"), sort="name", is_title=True, link=lambda s: reverse("stores:staff", args=[s.pk])),
        Column("postings", _("Works as"), value=_in_force),
        Column("title", _("Job title"), sort="title"),
        Column("number", _("Staff number"), sort="number"),
        Column(
            "phone",
            _("Mobile phone"),
            template="stores/parts/phone.html",
            value="masked_phone",
            needs="stores.view_staff_contacts",
        ),
        Column("legal_entity", _("Employer"), sort="legal_entity__short_name", is_default=False),
        Column("hired_on", _("Hired on"), Kind.DATE, sort="hired_on", is_default=False),
        Column(
            "state",
            _("State"),
            Kind.STATUS,
            value=lambda s: _("Left") if s.is_gone else _("Leaving") if s.left_on else _("Employed"),
            tone=lambda s: "off" if s.is_gone else "wait" if s.left_on else "good",
        ),
        Column("left_on", _("Left on"), Kind.DATE, sort="left_on", is_default=False),
    )  # fmt: skip
    filters = (
        yes_no_filter(
            "employed", _("State"), condition=Q(left_on=None), yes=_("Employed"), no=_("Left"), quick=True
        ),
        relation_filter(
            "store", _("Store"), lambda actor: Store.objects.visible_to(actor), lookup="postings__store"
        ),
        relation_filter("role", _("Role"), lambda actor: Role.objects.all(), lookup="postings__role"),
        relation_filter(
            "employer", _("Employer"), lambda actor: LegalEntity.objects.all(), lookup="legal_entity"
        ),
    )
    search_hint = _("Name, pinyin or staff number")
    search_fields = ("name", "number")
    default_sort = "number"
    action = (_("Hire a person"), "stores:staff-hire", "stores.manage_staff", "user-plus")
    empty = (
        "users-group",
        _("Here stand the people who work with you: where, in which role, since when."),
        _("Hire the first person"),
        "stores:staff-hire",
        "stores.manage_staff",
    )

    def queryset(self) -> QuerySet[Staff]:
        today = local_date(self.now)
        current = Posting.objects.in_force(today).select_related("role", "store", "region", "legal_entity")
        return (
            Staff.objects.visible_to(self.actor)
            .select_related("legal_entity")
            .prefetch_related(Prefetch("postings", queryset=current, to_attr="current"))
            .annotate(is_gone=Exists(Staff.objects.filter(pk=OuterRef("pk"), left_on__lte=today)))
        )

    def filter_employed(self, queryset: QuerySet[Staff], value: str) -> QuerySet[Staff]:
        """Whoever works out the notice is still employed."""
        gone = Q(left_on__lte=local_date(self.now))
        return queryset.exclude(gone) if value == "yes" else queryset.filter(gone)

    def filter_store(self, queryset: QuerySet[Staff], value: str) -> QuerySet[Staff]:
        """People who work at the store now or will."""
        return self._posted(queryset, "store", value)

    def filter_role(self, queryset: QuerySet[Staff], value: str) -> QuerySet[Staff]:
        """People who have the role now or will."""
        return self._posted(queryset, "role", value)

    def _posted(self, queryset: QuerySet[Staff], name: str, value: str) -> QuerySet[Staff]:
        postings = Posting.objects.not_over(local_date(self.now)).filter(**{name: as_id(value)})
        return queryset.filter(pk__in=postings.values("staff_id"))

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        """By number, or by name in any spelling (pinyin, initials, traditional): staff are few enough to match in
        memory, names alone are read for it."""
        terms = query_terms(text)
        found = [
            pk
            for pk, name, number in Staff.objects.visible_to(self.actor).values_list("pk", "name", "number")
            if text.casefold() in number.casefold()
            or all(any(word.startswith(term) for word in search_text(name).split()) for term in terms)
        ]
        return queryset.filter(pk__in=found)


staff_list = list_view(StaffList)


@dataclass(frozen=True, slots=True)
class Stay:
    """A posting as the person's page shows it."""

    posting: Posting
    is_current: bool
    may_change: bool


def _staff(request: Request, pk: int) -> Staff:
    people = Staff.objects.visible_to(request.actor).select_related("legal_entity", "user", "successor")
    return get_object_or_404(people, pk=pk)


def _crumbs(staff: Staff | None = None) -> list[Crumb]:
    crumbs = [Crumb(gettext("Staff"), reverse("stores:staff-list"))]
    return [*crumbs, Crumb(staff.name, reverse("stores:staff", args=[staff.pk]))] if staff else crumbs


@require_GET
@requires("stores.view_organisation")
def staff_page(request: Request, pk: int) -> HttpResponse:
    """One person: facts, postings past and present, what they hold."""
    staff = _staff(request, pk)
    today = local_date(request.now)
    postings = [
        Stay(
            posting=posting,
            is_current=posting.is_in_force(today),
            may_change=request.actor.can("stores.manage_staff")
            and (posting.to_date is None or posting.to_date > today)
            and operations.leads_place_of(request.actor, posting),
        )
        for posting in staff.postings.select_related("role", "store", "region", "legal_entity")
    ]
    facts = [
        Fact(_("Staff number"), staff.number),
        Fact(_("Job title"), staff.title),
        Fact(_("Employer"), staff.legal_entity),
        Fact(_("Sign-in name"), staff.user.username),
        Fact(_("Hired on"), staff.hired_on),
        *([Fact(_("First day no longer employed"), staff.left_on)] if staff.left_on else []),
        *([Fact(_("Taken over by"), staff.successor)] if staff.successor else []),
    ]
    actor = request.actor
    return render(
        request,
        "stores/staff.html",
        {
            "staff": staff,
            "crumb_list": _crumbs(),
            "facts_list": facts,
            "postings": postings,
            "held": handover.held_by(staff.user_id),
            "is_gone": staff.left_on is not None and staff.left_on <= today,
            "may_manage": actor.can("stores.manage_staff")
            and operations.leads(actor, staff, now=request.now),
            "may_post": actor.can("stores.manage_staff"),
            "may_see_phone": actor.can("stores.view_staff_contacts"),
        },
    )


@require_http_methods(FORM)
@requires("stores.manage_staff")
def hire(request: Request) -> HttpResponse:
    """Hire a person: account, record, first posting, in one step."""
    initial = {
        "hired_on": local_date(request.now),
        "store": request.GET.get("store") or request.actor.store_id,
    }
    form = forms.HireForm(request.POST or None, initial=initial, actor=request.actor)
    return form_view(
        request,
        form=form,
        run=lambda data: operations.hire_staff(actor=request.actor, now=request.now, **data),
        title=_("Hire a person"),
        submit=_("Hire"),
        success=lambda staff: (
            gettext("%(name)s is hired. Send an invitation so that the account gets a password.")
            % {"name": staff.name}
        ),
        redirect_to=lambda staff: reverse("stores:staff", args=[staff.pk]),
        cancel_url=reverse("stores:staff-list"),
        context={"draft": "staff-hire", "crumb_list": _crumbs()},
    )


@require_http_methods(FORM)
@requires("stores.manage_staff")
def staff_edit(request: Request, pk: int) -> HttpResponse:
    """Change a person's record."""
    staff = _staff(request, pk)
    names = ("name", "number", "title", "phone", "legal_entity")
    initial = {name: getattr(staff, name) for name in names}
    if staff.phone:
        initial["phone"] = parse_phone(staff.phone).format()
    form = forms.StaffForm(request.POST or None, initial=initial)
    if not request.actor.can("stores.reveal_staff_contacts"):
        del form.fields["phone"]
    url = reverse("stores:staff", args=[pk])
    return form_view(
        request,
        form=form,
        run=lambda data: operations.change_staff(
            staff=staff, values=data, actor=request.actor, now=request.now
        ),
        title=gettext("Change %(name)s") % {"name": staff.name},
        success=_("Saved."),
        redirect_to=url,
        cancel_url=url,
        context={"crumb_list": _crumbs(staff)},
    )


@require_http_methods(FORM)
@requires("stores.manage_staff")
def post(request: Request, pk: int) -> HttpResponse:
    """Give a person a further posting."""
    staff = _staff(request, pk)
    form = forms.PostingForm(
        request.POST or None,
        initial={"from_date": local_date(request.now)},
        actor=request.actor,
    )
    url = reverse("stores:staff", args=[pk])
    return form_view(
        request,
        form=form,
        run=lambda data: operations.post_staff(staff=staff, actor=request.actor, now=request.now, **data),
        title=gettext("Post %(name)s") % {"name": staff.name},
        submit=_("Post"),
        success=_("The posting stands."),
        redirect_to=url,
        cancel_url=url,
        context={"crumb_list": _crumbs(staff)},
    )


def _posting(request: Request, pk: int) -> Posting:
    postings = Posting.objects.visible_to(request.actor).select_related(
        "staff", "role", "store", "region", "legal_entity"
    )
    return get_object_or_404(postings, pk=pk)


@require_http_methods(FORM)
@requires("stores.manage_staff")
def posting_end(request: Request, pk: int) -> HttpResponse:
    """End a posting."""
    posting = _posting(request, pk)
    form = forms.EndDateForm(request.POST or None, initial={"to_date": local_date(request.now)})
    url = reverse("stores:staff", args=[posting.staff_id])
    return form_view(
        request,
        form=form,
        run=lambda data: operations.end_posting(
            posting=posting, actor=request.actor, now=request.now, **data
        ),
        title=_("End the posting"),
        submit=_("End it"),
        success=_("The posting ends on that day."),
        redirect_to=url,
        cancel_url=url,
        context={"crumb_list": _crumbs(posting.staff)},
    )


@require_http_methods(FORM)
@requires("stores.manage_staff")
def transfer(request: Request, pk: int) -> HttpResponse:
    """Move a person to another store."""
    posting = _posting(request, pk)
    form = forms.TransferForm(
        request.POST or None,
        initial={"role": posting.role_id, "from_date": local_date(request.now)},
        actor=request.actor,
    )
    url = reverse("stores:staff", args=[posting.staff_id])
    return form_view(
        request,
        form=form,
        run=lambda data: operations.transfer_staff(
            posting=posting, actor=request.actor, now=request.now, **data
        ),
        title=gettext("Transfer %(name)s") % {"name": posting.staff.name},
        submit=_("Transfer"),
        success=_("Transferred. What the person may see changes on that day."),
        redirect_to=url,
        cancel_url=url,
        context={"crumb_list": _crumbs(posting.staff)},
    )


@require_http_methods(FORM)
@requires("stores.manage_staff")
def release(request: Request, pk: int) -> HttpResponse:
    """A person leaves: hand over first, then everything ends on one day."""
    staff = _staff(request, pk)
    form = forms.ReleaseForm(
        request.POST or None,
        initial={"left_on": staff.left_on or local_date(request.now), "successor": staff.successor_id},
        actor=request.actor,
        staff=staff,
    )
    url = reverse("stores:staff", args=[pk])
    return form_view(
        request,
        form=form,
        run=lambda data: operations.release_staff(staff=staff, actor=request.actor, now=request.now, **data),
        title=gettext("%(name)s leaves") % {"name": staff.name},
        submit=_("Hand over and end"),
        success=gettext("%(name)s leaves on that day; what is held goes to the successor.")
        % {"name": staff.name},
        undo=lambda left: reverse("stores:staff-keep", args=[pk]),
        redirect_to=url,
        cancel_url=url,
        template="stores/release.html",
        context={"staff": staff, "held": handover.held_by(staff.user_id), "crumb_list": _crumbs(staff)},
    )


@require_POST
@requires("stores.manage_staff")
def keep(request: Request, pk: int) -> HttpResponse:
    """Undo a release."""
    staff = operations.keep_staff(staff=_staff(request, pk), actor=request.actor, now=request.now)
    text = gettext("%(name)s stays. Give the postings that are needed.") % {"name": staff.name}
    return done(request, text, to=reverse("stores:staff", args=[pk]))
