"""Custom fields: what the merchant adds to records, in which order, and how the form then looks."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dianke.access.guards import requires
from dianke.core.custom_fields import FieldType, custom_models
from dianke.web.components import Crumb, Tab
from dianke.web.custom_fields import CustomFieldsForm
from dianke.web.forms import KitForm, form_view
from dianke.web.responses import done
from dianke.work import operations
from dianke.work.forms import FieldForm
from dianke.work.models import CustomField

Request = Any
ICONS = {
    FieldType.TEXT: "edit",
    FieldType.LONG_TEXT: "file-text",
    FieldType.NUMBER: "list",
    FieldType.MONEY: "coin",
    FieldType.DATE: "calendar",
    FieldType.LUNAR_DATE: "moon",
    FieldType.YES_NO: "check",
    FieldType.CHOICE: "list-check",
    FieldType.MULTI_CHOICE: "checklist",
    FieldType.PHONE: "phone",
    FieldType.URL: "external-link",
    FieldType.STAFF: "user",
}


def _preview_form(model: str) -> KitForm:
    class Preview(CustomFieldsForm, KitForm):
        custom_model = model

    return Preview(prefix="preview")


@require_GET
@requires("work.manage_custom_fields")
def field_list(request: Request) -> HttpResponse:
    """The fields of one kind of record, and the form as people see it."""
    models = custom_models()
    chosen = request.GET.get("model", "")
    chosen = chosen if chosen in models else next(iter(models))
    rows = list(CustomField.objects.filter(model=chosen))
    counts = (
        {code: CustomField.objects.for_model(code).count() for code in models} if len(models) < 12 else {}
    )
    active = [row for row in rows if row.archived_at is None]
    context = {
        "tabs": [
            Tab(model.label, f"?model={code}", code == chosen, counts.get(code))
            for code, model in models.items()
        ],
        "model": models[chosen],
        "rows": [{"row": row, "icon": ICONS[FieldType(row.type)]} for row in active],
        "archived": [row for row in rows if row.archived_at is not None],
        "preview": _preview_form(chosen) if active else None,
    }
    return render(request, "work/fields.html", context)


@require_http_methods(["GET", "POST"])
@requires("work.manage_custom_fields")
def field_form(request: Request, pk: int | None = None) -> HttpResponse:
    """A new field, or an existing one."""
    field = get_object_or_404(CustomField, pk=pk) if pk else None
    model = field.model if field else request.GET.get("model", "")
    form = FieldForm(request.POST or None, field=field, model=model)

    def run(data: dict[str, Any]) -> CustomField:
        if field is None:
            return operations.define_field(
                model=data["model"],
                type=data["type"],
                values=form.values(),
                actor=request.actor,
                now=request.now,
            )
        return operations.change_field(
            field=field, values=form.values(), actor=request.actor, now=request.now
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change “%(label)s”") % {"label": field.label} if field else _("New field"),
        success=lambda made: _("Field “%(label)s” saved.") % {"label": made.label},
        redirect_to=lambda made: f"{reverse('work:fields')}?model={made.model}",
        cancel_url=f"{reverse('work:fields')}?model={model}",
        template="work/form.html",
        context={"crumb_list": [Crumb(_("Custom fields"), reverse("work:fields"))]},
    )


def _field(pk: int) -> CustomField:
    return get_object_or_404(CustomField, pk=pk)


def _home(field: CustomField) -> str:
    return f"{reverse('work:fields')}?model={field.model}"


@require_POST
@requires("work.manage_custom_fields")
def field_move(request: Request, pk: int) -> HttpResponse:
    """One place up or down."""
    field = operations.move_field(
        field=_field(pk), is_up=request.POST.get("to") == "up", actor=request.actor, now=request.now
    )
    return done(request, _("Order changed."), to=_home(field))


@require_POST
@requires("work.manage_custom_fields")
def field_archive(request: Request, pk: int) -> HttpResponse:
    """Not asked any more."""
    field = operations.archive_field(field=_field(pk), actor=request.actor, now=request.now)
    text = _("“%(label)s” is archived. What was filled in is kept.") % {"label": field.label}
    return done(request, text, to=_home(field), undo_url=reverse("work:field-restore", args=[pk]))


@require_POST
@requires("work.manage_custom_fields")
def field_restore(request: Request, pk: int) -> HttpResponse:
    """Asked again."""
    field = operations.restore_field(field=_field(pk), actor=request.actor, now=request.now)
    return done(request, _("“%(label)s” is back.") % {"label": field.label}, to=_home(field))
