"""Templates: the list, wording one with a preview beside it, putting away. And addresses that are left alone."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.customers.models import Customer
from dianke.messaging import operations
from dianke.messaging.forms.sending import SuppressForm, TemplateForm
from dianke.messaging.models import Suppression, Template
from dianke.messaging.queries.variables import places, told, variables
from dianke.messaging.views.listings import (
    SUPPRESSIONS,
    TEMPLATES,
    VIEW,
    SuppressionListing,
    TemplateListing,
)
from dianke.messaging.views.messages import FORM, problem_of_words, shown
from dianke.web.components import Crumb, Fact
from dianke.web.forms import form_view
from dianke.web.list_views import list_view
from dianke.web.listing import as_id
from dianke.web.responses import done

template_list = list_view(TemplateListing, "messaging/templates.html")
suppression_list = list_view(SuppressionListing, "messaging/suppressions.html")


def _crumbs(row: Template | None = None) -> list[Crumb]:
    found = [Crumb(_("Message templates"), reverse("messaging:templates"))]
    return found if row is None else [*found, Crumb(row.name, reverse("messaging:template", args=[row.pk]))]


def _template(pk: int) -> Template:
    return get_object_or_404(Template, pk=pk)


@require_GET
@requires(VIEW)
def template_page(request: Request, pk: int) -> HttpResponse:
    """Its words as somebody would read them, what would be refused, its versions."""
    row = _template(pk)
    context = _shown(request, row.channel, row.purpose, row.subject, row.body, row.signature)
    return render(
        request,
        "messaging/template.html",
        {
            "template": row,
            "subject": told(row.subject),
            "body": told(row.body),
            "versions": [
                (version, told(version.body))
                for version in row.versions.select_related("by").order_by("-number")[:20]
            ],
            "facts": [
                Fact(_("Channel"), row.get_channel_display()),
                Fact(_("What for"), row.get_purpose_display()),
                *([Fact(_("Signature"), row.signature)] if row.signature else []),
                *([Fact(_("Approved as"), row.approved_code)] if row.approved_code else []),
                Fact(_("Version"), row.version),
            ],
            "may_manage": request.actor.can(TEMPLATES),
            "crumb_list": _crumbs(),
            **context,
        },
    )


def _shown(
    request: Request, channel: str, purpose: str, subject: str, body: str, signature: str
) -> dict[str, Any]:
    """As the newest customer one may see would read it; what comes with a message by an example."""
    customer = (
        Customer.objects.visible_to(request.actor)
        .heads()
        .filter(state="ACTIVE")
        .order_by("-last_seen_at", "-pk")
        .first()
    )
    given = {one.code: str(one.example) for one in variables() if one.fill is None or customer is None}
    return {
        "reader": customer,
        **shown(
            customer,
            channel=channel,
            purpose=purpose,
            subject=subject,
            body=body,
            signature=signature,
            request=request,
            given=given,
        ),
    }


@require_http_methods(FORM)
@requires(TEMPLATES)
def template_new(request: Request) -> HttpResponse:
    """A new template."""
    form = TemplateForm(request.POST or None)

    def run(data: dict[str, Any]) -> Template:
        return operations.make_template(values=form.values(), actor=request.actor, now=request.now)

    return _form(request, form, run, title=_("New template"), row=None)


@require_http_methods(FORM)
@requires(TEMPLATES)
def template_edit(request: Request, pk: int) -> HttpResponse:
    """Other words from now on."""
    row = _template(pk)
    form = TemplateForm(request.POST or None, row=row)

    def run(data: dict[str, Any]) -> Template:
        return operations.change_template(
            template=row, values=form.values(), actor=request.actor, now=request.now
        )

    return _form(request, form, run, title=_("Change %(name)s") % {"name": row.name}, row=row)


def _form(
    request: Request, form: TemplateForm, run: Any, *, title: str, row: Template | None
) -> HttpResponse:
    return form_view(
        request,
        form=form,
        run=run,
        title=title,
        success=_("Saved."),
        redirect_to=lambda made: reverse("messaging:template", args=[made.pk]),
        template="messaging/template_form.html",
        cancel_url=reverse("messaging:template", args=[row.pk]) if row else reverse("messaging:templates"),
        context={
            "crumb_list": _crumbs(row),
            "preview_url": reverse("messaging:template-preview"),
            "places": places(),
            "channel": row.channel if row else "",
        },
    )


@require_POST
@requires(TEMPLATES)
def template_preview(request: Request) -> HttpResponse:
    """What the fields say so far; nothing is written."""
    form = TemplateForm(request.POST)
    form.is_valid()
    if problem := problem_of_words(form):
        return render(request, "messaging/preview.html", {"problem": problem})
    data = form.cleaned_data
    context = _shown(
        request,
        data.get("channel") or request.GET.get("channel", "") or "SMS",
        data.get("purpose", "MARKETING"),
        data.get("subject", ""),
        data.get("body", ""),
        data.get("signature", ""),
    )
    return render(request, "messaging/preview.html", context)


@require_POST
@requires(TEMPLATES)
def template_state(request: Request, pk: int) -> HttpResponse:
    """Put it away, use it again."""
    state = request.POST.get("state", "")
    if state not in Template.State.values:
        raise Http404
    row = operations.set_template_state(
        template=_template(pk), state=state, actor=request.actor, now=request.now
    )
    text = _("“%(name)s” is in use again.") if state == "ACTIVE" else _("“%(name)s” is put away.")
    return done(request, text % {"name": row.name}, to=reverse("messaging:template", args=[pk]))


# --- addresses left alone --------------------------------------------------------------------------------------------
@require_http_methods(FORM)
@requires(SUPPRESSIONS)
def suppress(request: Request) -> HttpResponse:
    """Leave an address alone from now on."""
    form = SuppressForm(request.POST or None)

    def run(data: dict[str, Any]) -> Suppression:
        return operations.suppress(why=Suppression.Why.HAND, actor=request.actor, now=request.now, **data)

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Leave an address alone"),
        success=_("Nothing is sent there any more."),
        redirect_to=reverse("messaging:suppressions"),
        cancel_url=reverse("messaging:suppressions"),
        context={"crumb_list": [Crumb(_("Left alone"), reverse("messaging:suppressions"))]},
    )


@require_POST
@requires(SUPPRESSIONS)
def lift(request: Request) -> HttpResponse:
    """Write to the chosen addresses again."""
    wanted = {as_id(word) for word in request.POST.getlist("ids")} - {0}
    for row in Suppression.objects.filter(pk__in=wanted, lifted_at=None):
        operations.lift_suppression(suppression=row, actor=request.actor, now=request.now)
    return done(
        request,
        _("They may be written to again. What they agreed to stays as it is."),
        to=reverse("messaging:suppressions"),
    )
