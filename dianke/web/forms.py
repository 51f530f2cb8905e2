"""The form kit: fields with hints and errors beside them, one view that runs one operation.

A room declares a `KitForm`; `form_view` shows it, runs the operation with the cleaned data and turns a named
error of the domain into the error of its field, so nothing typed is lost and nothing is checked twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict, DiankeError, InvalidInput, NotAllowed
from dianke.web.responses import done

Text = str | Promise


class KitRenderer(TemplatesSetting):
    """Renders fields with the page kit's markup."""

    form_template_name = "web/form_fields.html"
    field_template_name = "web/field.html"


class KitForm(forms.Form):
    """Base of all forms. `sections` groups fields under headings: `((heading, (names…)), …)`; `wide` names fields
    that take the whole width; `affix` shows a unit behind a field. A field's `mark` stands in place of “optional”."""

    use_required_attribute = True
    required_css_class = "is-required"
    sections: tuple[tuple[Text, tuple[str, ...]], ...] = ()
    wide: tuple[str, ...] = ()
    affix: Mapping[str, Text] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("renderer", KitRenderer())
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _dress(field)
            if isinstance(field.widget, forms.Textarea):
                field.widget.attrs.setdefault("rows", 3)
            field.is_wide = name in self.wide or isinstance(field.widget, forms.Textarea)  # type: ignore[attr-defined]
            field.affix = self.affix.get(name, "")  # type: ignore[attr-defined]
            field.shape = _shape(field)  # type: ignore[attr-defined]
            field.mark = ""  # type: ignore[attr-defined]
            if field.required:
                field.error_messages.setdefault("required", _("Please fill this in."))
                field.error_messages["required"] = _("“%(label)s” is still empty. Please fill it in.") % {
                    "label": field.label or name
                }

    def add_domain_error(self, error: DiankeError) -> None:
        """Put a named error beside its field, or on top of the form."""
        self.add_error(error.field if error.field in self.fields else None, str(error))

    def grouped(self) -> list[tuple[Text, list[forms.BoundField]]]:
        """Visible fields by section; those in no section come first."""
        named = {name for _heading, names in self.sections for name in names}
        visible = {field.name: field for field in self.visible_fields()}
        groups: list[tuple[Text, list[forms.BoundField]]] = []
        loose = [field for name, field in visible.items() if name not in named]
        if loose:
            groups.append(("", loose))
        for heading, names in self.sections:
            fields = [visible[name] for name in names if name in visible]
            if fields:
                groups.append((heading, fields))
        return groups


def _shape(field: forms.Field) -> str:
    """Which markup the field template uses."""
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "switch"
    if isinstance(widget, forms.RadioSelect):
        return "choices"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checks"
    return "field"


def _dress(field: forms.Field) -> None:
    """Gives a widget the kit's classes and the phone's right keyboard."""
    widget, attrs = field.widget, field.widget.attrs
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        attrs.setdefault("class", "form-check-input")
        return
    if isinstance(field, forms.ModelChoiceField) and field.empty_label == "---------":
        field.empty_label = _("Please choose") if field.required else _("None")
    attrs.setdefault("class", "form-select" if isinstance(widget, forms.Select) else "form-control")
    if isinstance(field, forms.DateField) and isinstance(widget, forms.DateInput):
        widget.input_type = "date"
        widget.format = "%Y-%m-%d"
    if isinstance(field, forms.TimeField) and isinstance(widget, forms.TimeInput):
        widget.input_type = "time"
        widget.format = "%H:%M"
    if isinstance(field, forms.DateTimeField) and isinstance(widget, forms.DateTimeInput):
        widget.input_type = "datetime-local"
        widget.format = "%Y-%m-%dT%H:%M"
    if isinstance(field, forms.DecimalField):
        attrs.setdefault("inputmode", "decimal")
    elif isinstance(field, forms.IntegerField):
        attrs.setdefault("inputmode", "numeric")


def form_view(
    request: HttpRequest,
    *,
    form: KitForm,
    run: Callable[[dict[str, Any]], Any],
    title: Text,
    success: Text | Callable[[Any], Text],
    redirect_to: str | Callable[[Any], str],
    template: str = "web/form.html",
    submit: Text = _("Save"),
    cancel_url: str = "",
    context: Mapping[str, Any] | None = None,
    undo: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """Show `form`; on POST run the operation and go on with a toast (and `undo` address), else show what is wrong.

    A refused form is answered with 422 and everything that was typed.
    """
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                result = run(form.cleaned_data)
            except (InvalidInput, Conflict, NotAllowed) as error:
                if isinstance(error, NotAllowed) and error.field not in form.fields:
                    raise  # nothing in the form could be corrected
                form.add_domain_error(error)
            else:
                return done(
                    request,
                    success(result) if callable(success) else success,
                    to=redirect_to(result) if callable(redirect_to) else redirect_to,
                    undo_url=undo(result) if undo else "",
                )
    return render(
        request,
        template,
        {"form": form, "title": title, "submit": submit, "cancel_url": cancel_url, **(context or {})},
        status=status,
    )
