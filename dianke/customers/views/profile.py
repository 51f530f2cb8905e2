"""The page of a customer, its timeline, notes, print and card; tags, person in charge and sharing of one customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import segno
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.operations import reveal_field
from dianke.access.requests import Request
from dianke.core.custom_fields import specs_for
from dianke.core.errors import InvalidInput
from dianke.core.phone import parse as parse_phone
from dianke.customers.forms.profile import OwnerForm, StoreForm, TagsForm
from dianke.customers.models import ConsentChannel, Customer, CustomerNote, NoteKind, Purpose, State, Tag
from dianke.customers.operations import assigning, notes
from dianke.customers.operations import tags as tagging
from dianke.customers.providers.panels import address
from dianke.customers.queries.circle import MIRRORS, Related, decides_on_sharing
from dianke.customers.queries.panels import has_more, next_step_of, sections_of, values_of
from dianke.customers.queries.portal import CHANNELS
from dianke.customers.queries.profile import Profile, head_of, profile_at
from dianke.customers.queries.search import CONTACT_FIELD, masked_value
from dianke.customers.queries.timeline import groups, timeline_of
from dianke.web.components import Crumb, Fact
from dianke.web.custom_fields import facts_of
from dianke.web.forms import form_view
from dianke.web.responses import done, toast

VIEW = "customers.view_customers"
CHANGE = "customers.change_customers"
ICONS = {
    "customers.note_added": "message",
    "customers.customer_entered": "user-plus",
    "customers.customer_changed": "edit",
    "customers.file_added": "paperclip",
    "access.field_revealed": "eye",
    "work.task_created": "checklist",
    "work.task_completed": "check",
}
NOTE_ICONS = {NoteKind.CALL: "phone", NoteKind.VISIT: "building-store", NoteKind.MESSAGE: "brand-wechat"}
SHOWN_SECONDS = 30


def head_or_404(http: Request, pk: int) -> Customer:
    """The profile a customer belongs to, if the person may see it."""
    head = head_of(http.actor, pk)
    if head is None:
        raise Http404
    return head


def profile_or_404(http: Request, pk: int) -> Profile:
    """The same with everything that belongs to it."""
    profile = profile_at(http.actor, pk, now=http.now)
    if profile is None:
        raise Http404
    return profile


# --- the page --------------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def customer(request: Request, pk: int) -> HttpResponse:
    """Everything about one customer; the address of a merged one leads to its profile."""
    profile = profile_or_404(request, pk)
    if profile.head.pk != pk:
        return redirect("customers:customer", pk=profile.head.pk)
    return render(request, "customers/profile/customer.html", page_context(request, profile))


@require_GET
@requires(VIEW)
def dealings(request: Request, pk: int) -> HttpResponse:
    """What the other rooms know of the customer (purchases, points, stored value …): parts of the page, which asks for
    them once it stands."""
    profile = profile_or_404(request, pk)
    context = {
        "customer": profile.head,
        "values": values_of(profile, own=False),
        "main_sections": sections_of(profile, "main", own=False),
        "side_sections": sections_of(profile, "side", own=False),
    }
    return render(request, "customers/profile/dealings.html", context)


def page_context(http: Request, profile: Profile) -> dict[str, Any]:
    """What the page and the print show."""
    actor, head = http.actor, profile.head
    may_edit = profile.can_change
    return {
        "profile": profile,
        "customer": head,
        "crumb_list": [Crumb(_("Customers"), reverse("customers:customers"))],
        "badges": badges(profile),
        "why_bound": why_bound(profile),
        "may_share_with_partners": profile.can_change and decides_on_sharing(head, actor),
        "values": values_of(profile, own=True),
        "has_more": has_more(profile),
        "step": next_step_of(profile),
        "main_sections": sections_of(profile, "main", own=True),
        "side_sections": sections_of(profile, "side", own=True),
        "facts": about(profile),
        "custom_facts": facts_of(
            specs_for("customers.customer", head.store.trade if head.store else None), head.custom
        ),
        "consents": consent_lines(profile),
        "relations": [(relation_word(each), each) for each in profile.relations],
        # A minor's guardians stand in a card of their own.
        "people": [
            (relation_word(each), each)
            for each in profile.relations
            if not (profile.is_minor and each in profile.guardians)
        ],
        "sources": profile.sources(),
        "can_note": may_edit,
        "can_task": actor.can("work.manage_own_tasks"),
        "task_url": f"{reverse('work:task-new')}?subject=customers.customer:{head.pk}",
        "edit_url": address("customers:edit", head.pk) if may_edit else "",
        "urls": {
            name.replace("-", "_"): address(f"customers:{name}", head.pk) if may_edit else ""
            for name in ("contact-new", "address-new", "date-new", "relation-new", "consents")
        },
        "merge_url": address("customers:merge-choose", head.pk)
        if actor.can("customers.merge_customers")
        else "",
        "merges_url": address("customers:merges", head.pk) if profile.merge_count else "",
        "request_url": address("customers:request-new") if actor.can("customers.handle_requests") else "",
        "note_kinds": NoteKind.choices,
        **timeline_context(http, profile.member_ids, head),
    }


def badges(profile: Profile) -> list[tuple[str, str]]:
    """Tone and word of what must be seen before anything else."""
    head, found = profile.head, []
    if head.state != State.ACTIVE:
        found.append(
            ("off" if head.state in (State.ERASED, State.REMOVED) else "wait", head.get_state_display())
        )
    if profile.is_guarded:
        found.append(("bad", _("Under 14: guardian decides")))
    elif profile.is_minor:
        found.append(("wait", _("Minor")))
    if head.is_key_account:
        found.append(("good", _("Key account")))
    open_to = [channel for channel in CHANNELS if profile.may_send(Purpose.MARKETING, channel)]
    if len(open_to) == len(CHANNELS):
        found.append(("good", _("News welcome")))
    elif open_to:
        ways = "、".join(str(ConsentChannel(channel).label) for channel in open_to)
        found.append(("good", _("News welcome: %(ways)s") % {"ways": ways}))
    elif any(purpose == Purpose.MARKETING for purpose, _channel in profile.consents):
        found.append(("off", _("No advertising")))
    return found


def why_bound(profile: Profile) -> str:
    """Why buttons are missing that the person has on other customers; "" where none is."""
    head, actor = profile.head, profile.actor
    if profile.can_change or profile.is_frozen or not actor.can(CHANGE):
        return ""
    if head.store is None:
        return _("You may look at this customer; only who works for the whole business changes them.")
    return _("You may look at this customer; %(store)s looks after them and changes them.") % {
        "store": head.store.short_name
    }


def about(profile: Profile) -> list[Fact]:
    """Who looks after the customer, and what kind of person it is."""
    head = profile.head
    shared = "、".join(each.store.short_name for each in profile.shared_with)
    helpers = "、".join(str(each.user) for each in profile.collaborators)
    facts = [
        Fact(_("Person in charge"), head.owner or _("nobody yet")),
        Fact(_("Helping"), helpers),
        Fact(_("Home store"), head.store.short_name if head.store else ""),
        Fact(_("Shared with"), shared),
        Fact(_("Kept by partner"), head.partner if head.partner_id else ""),
        Fact(_("Gender"), head.get_gender_display() if head.gender else ""),
        Fact(_("Age"), profile.age),
        Fact(_("Occupation"), head.occupation),
        Fact(_("Works at"), head.company),
        Fact(_("Unified social credit code"), head.credit_code),
        Fact(_("Also called"), head.aliases),
    ]
    return [fact for fact in facts if fact.value not in (None, "")]


def consent_lines(profile: Profile) -> list[tuple[str, list[tuple[str, bool]]]]:
    """By purpose: each channel somebody answered for, and the answer."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for (purpose, channel), is_given in sorted(profile.consents.items()):
        general = profile.consents.get((purpose, ConsentChannel.ANY))
        if channel == ConsentChannel.ANY or general is None or general != is_given:
            label = dict(ConsentChannel.choices).get(channel, channel)
            found.setdefault(str(dict(Purpose.choices).get(purpose, purpose)), []).append(
                (str(label), is_given)
            )
    return list(found.items())


def relation_word(related: Related) -> str:
    """What the other one is to this customer."""
    relation = related.relation
    if not related.is_mirror:
        return str(relation.title or relation.get_kind_display())
    mirror = MIRRORS.get(relation.kind)
    if mirror:
        return str(dict(type(relation)._meta.get_field("kind").choices or ()).get(mirror, mirror))
    return {
        "GUARDIAN": _("Guardian of"),
        "REFERRER": _("Brought along"),
        "CONTACT": _("Contact person of"),
    }.get(relation.kind, str(relation.get_kind_display()))


# --- timeline and notes ----------------------------------------------------------------------------------------------
def timeline_context(http: Request, member_ids: Sequence[int], head: Customer) -> dict[str, Any]:
    """A page of the timeline as the query string asks for it."""
    group = http.GET.get("show", "")
    text = "".join(char for char in http.GET.get("find", "") if char.isprintable()).strip()[:60]
    page = timeline_of(
        member_ids, actor=http.actor, group=group, text=text, before=http.GET.get("before") or None
    )
    return {
        "happenings": [(_icon(each), each) for each in page.items],
        "next_cursor": page.next_cursor,
        "timeline_groups": groups(),
        "shown_group": group,
        "found_text": text,
        "customer": head,
        "may_remove_all": http.actor.can("customers.assign_customers"),
    }


def _icon(happening: Any) -> str:
    if happening.note is not None:
        return NOTE_ICONS.get(happening.note.kind, "message")
    return ICONS.get(happening.event.kind, "point")


def _member_ids(head: Customer) -> list[int]:
    return list(Customer.objects.cluster(head.pk).values_list("pk", flat=True))


@require_GET
@requires(VIEW)
def timeline(request: Request, pk: int) -> HttpResponse:
    """The timeline alone: filtered, searched, or its next page."""
    head = head_or_404(request, pk)
    context = timeline_context(request, _member_ids(head), head)
    part = "more" if request.GET.get("before") else "lines"
    return render(request, f"customers/profile/timeline.html#{part}", context)


@require_POST
@requires(CHANGE)
def note_add(request: Request, pk: int) -> HttpResponse:
    """Write something down."""
    head = head_or_404(request, pk)
    is_part = request.headers.get("HX-Request") == "true"
    context: dict[str, Any] = {"note_kinds": NoteKind.choices, "can_note": True}
    status = 200
    try:
        notes.add_note(
            customer=head,
            text=request.POST.get("text", ""),
            kind=request.POST.get("kind") or NoteKind.NOTE,
            actor=request.actor,
            now=request.now,
        )
    except InvalidInput as error:
        if not is_part:
            raise
        context |= {"note_error": str(error), "note_text": request.POST.get("text", "")}
        status = 422
    if not is_part:
        return done(request, _("Noted."), to=reverse("customers:customer", args=[head.pk]))
    context |= timeline_context(request, _member_ids(head), head)
    response = render(request, "customers/profile/timeline.html", context, status=status)
    return response if status == 422 else toast(response, _("Noted."))


@require_POST
@requires(CHANGE)
def note_remove(request: Request, pk: int, note_pk: int) -> HttpResponse:
    """Take a note back."""
    head = head_or_404(request, pk)
    found = get_object_or_404(CustomerNote, pk=note_pk, customer__in=_member_ids(head))
    notes.remove_note(note=found, actor=request.actor, now=request.now)
    return done(request, _("Note taken back."), to=reverse("customers:customer", args=[head.pk]))


# --- calling ---------------------------------------------------------------------------------------------------------
@never_cache
@require_POST
@requires("customers.reveal_contacts")
def call(request: Request, pk: int) -> HttpResponse:
    """The number to call in full, as a link that dials: revealed with a reason and logged like any other reveal."""
    profile = profile_or_404(request, pk)
    head, profile_phone = profile.head, profile.phone
    if profile_phone is None:
        raise Http404
    value = reveal_field(
        code=CONTACT_FIELD,
        subject=profile_phone,
        reason=_("Call the customer"),
        actor=request.actor,
        now=request.now,
    )
    number = parse_phone(value)
    extension = profile_phone.extension
    context = {
        "number": replace(number, extension=extension).format(),
        "tel": value,
        "plain": value.removeprefix("+86"),
        "customer": head,
        "seconds": SHOWN_SECONDS,
        "is_bar": "bar" in request.POST,
    }
    return render(request, "customers/profile/called.html", context)


@require_GET
@requires(VIEW)
def calling(request: Request, pk: int) -> HttpResponse:
    """The button that calls, again: what `call` showed is gone after half a minute."""
    head = head_or_404(request, pk)
    if "bar" in request.GET:
        return HttpResponse()  # the bar below the thumb has its own button all the time
    return render(request, "customers/profile/call.html", {"customer": head})


# --- paper -----------------------------------------------------------------------------------------------------------
@require_GET
@requires(VIEW)
def paper(request: Request, pk: int) -> HttpResponse:
    """The customer on one sheet, hidden fields masked."""
    profile = profile_or_404(request, pk)
    contact_lines = [
        Fact(point.get_kind_display(), masked_value(request.actor, point)) for point in profile.contacts
    ]
    context = page_context(request, profile) | {"contact_lines": contact_lines}
    return render(request, "customers/profile/paper.html", context)


@require_GET
@requires(VIEW)
def card(request: Request, pk: int) -> HttpResponse:
    """The member number as a QR code, as on the card in the customer's phone: to scan or to print."""
    head = head_or_404(request, pk)
    number = head.member_number
    image = segno.make(number, error="m", micro=False).svg_data_uri(
        scale=8, border=2, dark="#000", light="#fff"
    )
    spaced = " ".join(number[start : start + 3] for start in range(0, len(number), 3))
    return render(
        request, "customers/profile/card.html", {"customer": head, "image": image, "number": spaced}
    )


# --- small changes ---------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires("customers.tag_customers")
def customer_tags(request: Request, pk: int) -> HttpResponse:
    """Which tags the customer has."""
    head = head_or_404(request, pk)
    held = set(Tag.objects.filter(taggings__customer__in=_member_ids(head)).values_list("pk", flat=True))
    form = TagsForm(request.POST or None, held=held)

    def run(data: dict[str, Any]) -> None:
        wanted = {tag.pk: tag for tag in data["tags"]}
        who: dict[str, Any] = {"customers": [head], "actor": request.actor, "now": request.now}
        if fresh := [tag for pk, tag in wanted.items() if pk not in held]:
            tagging.tag_customers(tags=fresh, **who)
        if gone := list(Tag.objects.filter(pk__in=held - set(wanted))):
            tagging.untag_customers(tags=gone, **who)

    return _changed(request, head, form, run, _("Tags"))


@require_http_methods(["GET", "POST"])
@requires("customers.assign_customers")
def owner(request: Request, pk: int) -> HttpResponse:
    """Who looks after the customer."""
    head = head_or_404(request, pk)
    form = OwnerForm(
        request.POST or None,
        actor=request.actor,
        now=request.now,
        initial={"owner": str(head.owner_id or "")},
    )

    def run(data: dict[str, Any]) -> None:
        assigning.assign_owner(customers=[head], owner=form.chosen, actor=request.actor, now=request.now)

    return _changed(request, head, form, run, _("Who looks after the customer?"))


@require_http_methods(["GET", "POST"])
@requires("customers.assign_customers")
def share(request: Request, pk: int) -> HttpResponse:
    """Let another store see and serve the customer."""
    head = head_or_404(request, pk)
    form = StoreForm(request.POST or None)

    def run(data: dict[str, Any]) -> None:
        assigning.share_with_store(
            customers=[head], store=data["store"], actor=request.actor, now=request.now
        )

    return _changed(request, head, form, run, _("Share with a store"))


def _changed(request: Request, head: Customer, form: Any, run: Any, title: str) -> HttpResponse:
    back = reverse("customers:customer", args=[head.pk])
    return form_view(
        request, form=form, run=run, title=title, success=_("Saved."), redirect_to=back, cancel_url=back
    )
