"""Settings of entering customers: what each field asks, whose entries are looked through, tags, consent texts."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.custom_fields import FieldSpec, specs_for
from dianke.core.errors import Conflict, InvalidInput
from dianke.customers.forms.settings import (
    ConsentTextForm,
    EntryRuleForm,
    ReviewedRolesForm,
    TagForm,
    TagMergeForm,
    example_entry,
)
from dianke.customers.models import ConsentText, EntryRule, Purpose, ReviewedRole, Tag, TagMerge
from dianke.customers.operations.consents import publish_consent_text
from dianke.customers.operations.entry_rules import set_entry_rule
from dianke.customers.operations.review import set_reviewed_roles
from dianke.customers.operations.tag_merges import merge_tags, unmerge_tags
from dianke.customers.operations.tags import archive_tag, make_tag, rename_tag
from dianke.customers.queries.entry import local_day, own_phones
from dianke.customers.queries.portal import ASKED
from dianke.customers.queries.tags import merges_of_tags, preview_of_tags
from dianke.customers.rules.asking import AT_THE_TOP, LABELS, Asked, check_asked, usual
from dianke.customers.rules.entry import EntryProblems, normalise
from dianke.stores.models import Trade
from dianke.web.components import Crumb
from dianke.web.forms import form_view
from dianke.web.responses import done

MANAGE = "customers.manage_rules"


# --- what is asked ---------------------------------------------------------------------------------------------------
def _own() -> dict[str, FieldSpec]:
    return {spec.form_name: spec for spec in specs_for("customers.customer")}


def _standing(rule: EntryRule | None, field: str) -> Asked:
    if rule is None:
        return usual(field)
    return Asked(field, rule.is_shown, rule.is_required, rule.pattern, rule.shortest, rule.longest, rule.hint)


@require_GET
@requires(MANAGE)
def entry_settings(request: Request) -> HttpResponse:
    """What is asked of each field, and whose entries wait to be looked through."""
    rules = {rule.field: rule for rule in EntryRule.objects.all()}
    own = _own()
    labels: dict[str, Any] = {**LABELS, **{name: spec.label for name, spec in own.items()}}
    rows = [
        {
            "field": field,
            "label": label,
            "asked": _standing(rules.get(field), field),
            "spec": own.get(field),
            "trade": dict(Trade.choices).get(own[field].trade, "") if field in own else "",
            "is_top": field in AT_THE_TOP,
        }
        for field, label in labels.items()
    ]
    reviewed = ReviewedRole.objects.select_related("role").order_by("role__code")
    context = {"rows": rows, "roles": [one.role for one in reviewed]}
    return render(request, "customers/settings/entry.html", context)


def _rule(field: str) -> tuple[Asked, Any, FieldSpec | None]:
    """What holds for a field, its label, and its definition when it is the merchant's own."""
    spec = None
    if field in LABELS:
        label: Any = LABELS[field]
    else:
        spec = _own().get(field)
        if spec is None:
            raise Http404
        label = spec.label
    return _standing(EntryRule.objects.filter(field=field).first(), field), label, spec


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def entry_rule(request: Request, field: str) -> HttpResponse:
    """What one field asks, with an example to try it on."""
    standing, label, _spec = _rule(field)
    form = EntryRuleForm(request.POST or None, standing=standing)

    def run(_data: dict[str, Any]) -> Any:
        return set_entry_rule(asked=form.asked(), actor=request.actor, now=request.now)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("What “%(label)s” asks") % {"label": label},
        success=_("Saved: it holds from the next entry on."),
        redirect_to=reverse("customers:entry-settings"),
        cancel_url=reverse("customers:entry-settings"),
        template="customers/settings/rule.html",
        context={
            "field": field,
            "label": label,
            "verdict": None,
            "crumb_list": [Crumb(_("Entering customers"), reverse("customers:entry-settings"))],
        },
    )


@require_POST
@requires(MANAGE)
def entry_rule_trial(request: Request, field: str) -> HttpResponse:
    """What the form would say to the example."""
    standing, label, spec = _rule(field)
    form = EntryRuleForm(request.POST, standing=standing)
    form.full_clean()
    text = str(form.cleaned_data.get("example") or "")
    context: dict[str, Any] = {
        "label": label,
        "asked": form.asked(),
        "text": text,
        "problem": "",
        "is_tried": True,
    }
    try:
        asked = check_asked(form.asked())
        context["asked"] = asked
        entry = example_entry(field, text, spec)
        normalise(
            entry,
            today=local_day(request.now),
            rules=[asked],
            specs=[spec] if spec else (),
            blocked_phones=own_phones(),
        )
    except EntryProblems as error:
        # Alone in an entry a field may leave the rest empty: only what is said about this one counts.
        context["problem"] = (
            str(error.errors[field]) if field in error.errors and (text or asked.is_required) else ""
        )
    except InvalidInput as error:
        context["problem"] = str(error)
    return render(request, "customers/settings/trial.html", context)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def reviewed_roles(request: Request) -> HttpResponse:
    """Whose entries wait until somebody has looked at them."""
    held = list(ReviewedRole.objects.values_list("role_id", flat=True))
    form = ReviewedRolesForm(request.POST or None, held=held)
    return form_view(
        request,
        form=form,
        run=lambda data: set_reviewed_roles(roles=data["roles"], actor=request.actor, now=request.now),
        title=_("Whose entries are looked through first?"),
        success=_("Saved."),
        redirect_to=reverse("customers:entry-settings"),
        cancel_url=reverse("customers:entry-settings"),
    )


# --- tags ------------------------------------------------------------------------------------------------------------
@require_GET
@requires(MANAGE)
def tag_list(request: Request) -> HttpResponse:
    """The words customers are sorted by."""
    rows = list(Tag.objects.all())
    context = {
        "tags": [tag for tag in rows if tag.archived_at is None],
        "archived": [tag for tag in rows if tag.archived_at is not None and tag.merged_into_id is None],
        "merges": merges_of_tags(),
    }
    return render(request, "customers/settings/tags.html", context)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def tag_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new tag, or another name or colour for one."""
    tag = get_object_or_404(Tag, pk=pk) if pk else None
    form = TagForm(request.POST or None, tag=tag)

    def run(data: dict[str, Any]) -> Tag:
        who: dict[str, Any] = {"actor": request.actor, "now": request.now}
        if tag is None:
            return make_tag(name=data["name"], colour=data["colour"], **who)
        return rename_tag(tag=tag, name=data["name"], colour=data["colour"], **who)

    home = reverse("customers:tag-settings")
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change the tag “%(name)s”") % {"name": tag} if tag else _("New tag"),
        success=lambda made: _("Tag “%(name)s” saved.") % {"name": made},
        redirect_to=home,
        cancel_url=home,
        template="customers/settings/tag.html",
        context={"crumb_list": [Crumb(_("Tags"), home)]},
    )


@require_POST
@requires(MANAGE)
def tag_archiving(request: Request, pk: int) -> HttpResponse:
    """Offer the tag no more."""
    tag = archive_tag(tag=get_object_or_404(Tag, pk=pk), actor=request.actor, now=request.now)
    undo = reverse("customers:tag-restoring", args=[pk])
    text = _("“%(name)s” is offered no more; customers keep it.") % {"name": tag}
    return done(request, text, to=reverse("customers:tag-settings"), undo_url=undo)


@require_POST
@requires(MANAGE)
def tag_restoring(request: Request, pk: int) -> HttpResponse:
    """Offer the tag again."""
    tag = get_object_or_404(Tag.objects.filter(merged_into=None).exclude(archived_at=None), pk=pk)
    tag = make_tag(name=tag.name, colour=tag.colour, actor=request.actor, now=request.now)
    return done(
        request, _("“%(name)s” is offered again.") % {"name": tag}, to=reverse("customers:tag-settings")
    )


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def tag_merging(request: Request, pk: int) -> HttpResponse:
    """Make a tag part of another: choose it, see whom it concerns, confirm."""
    tag = get_object_or_404(Tag.objects.filter(merged_into=None), pk=pk)
    home = reverse("customers:tag-settings")
    asked = request.POST if request.method == "POST" else request.GET if request.GET.get("into") else None
    form = TagMergeForm(asked, tag=tag)
    kept = form.cleaned_data["into"] if form.is_bound and form.is_valid() else None
    if request.method == "POST" and kept is not None:
        try:
            merge = merge_tags(joined=tag, kept=kept, actor=request.actor, now=request.now)
        except (InvalidInput, Conflict) as error:
            form.add_domain_error(error)
        else:
            text = _("“%(name)s” is part of “%(into)s” now.") % {"name": tag, "into": kept}
            undo = reverse("customers:tag-unmerging", args=[merge.pk])
            return done(request, text, to=home, undo_url=undo)
    context = {
        "tag": tag,
        "form": form,
        "kept": kept,
        "preview": preview_of_tags(tag, kept) if kept is not None else None,
        "crumb_list": [Crumb(_("Tags"), home)],
        "cancel_url": home,
    }
    is_part = request.headers.get("HX-Target", "").endswith("#ce-tag-preview")
    name = "customers/settings/tag_merging.html" + ("#preview" if is_part else "")
    return render(request, name, context, status=422 if request.method == "POST" else 200)


@require_POST
@requires(MANAGE)
def tag_unmerging(request: Request, pk: int) -> HttpResponse:
    """Make two tags of one again."""
    merge = get_object_or_404(TagMerge.objects.select_related("kept", "joined"), pk=pk)
    tag = unmerge_tags(merge=merge, actor=request.actor, now=request.now)
    text = _("“%(name)s” is a tag of its own again.") % {"name": tag}
    return done(request, text, to=reverse("customers:tag-settings"))


# --- consent texts ---------------------------------------------------------------------------------------------------
def _purposes() -> tuple[Purpose, ...]:
    return (*ASKED, Purpose.SENSITIVE)


@require_GET
@requires(MANAGE)
def consent_texts(request: Request) -> HttpResponse:
    """What people agree to, purpose by purpose, with every version."""
    versions: dict[str, list[ConsentText]] = {}
    for text in ConsentText.objects.order_by("-version", "language"):
        versions.setdefault(text.purpose, []).append(text)
    rows = [
        {"purpose": purpose, "latest": versions.get(purpose, [])[:1], "older": versions.get(purpose, [])[1:]}
        for purpose in _purposes()
    ]
    return render(request, "customers/settings/consents.html", {"rows": rows})


def _purpose(code: str) -> Purpose:
    if code not in Purpose.values:
        raise Http404
    return Purpose(code)


@require_http_methods(["GET", "POST"])
@requires(MANAGE)
def consent_text(request: Request, purpose: str) -> HttpResponse:
    """Word a new version, seen as it will stand on a customer's phone."""
    wanted = _purpose(purpose)
    texts: dict[str, str] = {}
    for row in ConsentText.objects.filter(purpose=wanted).order_by("version"):
        texts[row.language] = row.text
    language = request.GET.get("language") or "zh-hans"
    form = ConsentTextForm(request.POST or None, purpose=wanted, texts=texts, language=language)

    def run(data: dict[str, Any]) -> ConsentText:
        return publish_consent_text(
            purpose=wanted, text=data["text"], language=data["language"], actor=request.actor, now=request.now
        )

    home = reverse("customers:consent-texts")
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Consent: %(purpose)s") % {"purpose": wanted.label},
        submit=_("Publish"),
        success=lambda made: _("Version %(version)s is published.") % {"version": made.version},
        redirect_to=home,
        cancel_url=home,
        template="customers/settings/consent.html",
        context={
            "purpose": wanted,
            "text": (request.POST.get("text") if request.method == "POST" else texts.get(language, "")) or "",
            "is_first": not texts,
            "crumb_list": [Crumb(_("Consent texts"), home)],
        },
    )


@require_POST
@requires(MANAGE)
def consent_preview(request: Request, purpose: str) -> HttpResponse:
    """The text as it will stand on a customer's phone."""
    context = {
        "purpose": _purpose(purpose),
        "text": request.POST.get("text", "")[:4000],
        "language": get_language(),
    }
    return render(request, "customers/settings/phone.html", context)
