"""Forms of this room. They are drawn by the page kit's templates, which read `shape`, `is_wide` and `affix` of a
field; the kit itself stands above this room and cannot be imported here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role, SignInPolicy, User
from dianke.access.permissions import ScopeCode
from dianke.access.rules import MAX_LENGTH
from dianke.core.errors import DiankeError

SHOW = _("Show what is typed")

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    _PolicyModelForm = forms.ModelForm[SignInPolicy]
else:  # Django's forms take no type arguments at run time
    _PolicyModelForm = forms.ModelForm


class _Renderer(TemplatesSetting):
    form_template_name = "web/form_fields.html"
    field_template_name = "web/field.html"


class Form(forms.Form):
    """Base: dresses fields, and puts a named error beside its field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("renderer", _Renderer())
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _dress(field)
            field.error_messages["required"] = _("“%(label)s” is still empty. Please fill it in.") % {
                "label": field.label
            }

    @property
    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """All visible fields in one group without heading."""
        return [("", self.visible_fields())]

    def refuse(self, error: DiankeError) -> None:
        """Show `error` at its field, or on top."""
        self.add_error(error.field if error.field in self.fields else None, str(error))


def _dress(field: forms.Field) -> None:
    widget = field.widget
    shapes: tuple[tuple[type[forms.Widget], str], ...] = (
        (forms.CheckboxSelectMultiple, "checks"),
        (forms.RadioSelect, "choices"),
        (forms.CheckboxInput, "switch"),
    )
    shape = next((name for kind, name in shapes if isinstance(widget, kind)), "field")
    is_select = isinstance(widget, forms.Select) and shape == "field"
    style = "form-select" if is_select else "form-control"
    widget.attrs.setdefault("class", style if shape == "field" else "form-check-input")
    if isinstance(field, forms.DateField):
        widget.input_type = "date"
        widget.format = "%Y-%m-%d"
    field.shape = shape  # type: ignore[attr-defined]
    field.is_wide = isinstance(widget, forms.Textarea) or field.widget.attrs.get("data-wide") == "1"  # type: ignore[attr-defined]
    field.affix = ""  # type: ignore[attr-defined]


def _password(
    label: str | _StrPromise, *, is_new: bool, help_text: str | _StrPromise = ""
) -> forms.CharField:
    # Pasting is allowed, nothing is stripped, and a switch shows what is typed (ASVS 5.0 6.2.6 to 6.2.8).
    autocomplete = "new-password" if is_new else "current-password"
    return forms.CharField(
        label=label,
        strip=False,
        max_length=4 * MAX_LENGTH,
        help_text=help_text,
        widget=forms.PasswordInput(
            attrs={"autocomplete": autocomplete, "data-shown": SHOW, "data-private": "1", "data-wide": "1"}
        ),
    )


PASSWORD_HINT = _("At least 8 characters, better 15: a short sentence is easy to remember and hard to guess.")


class SignInForm(Form):
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=64,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username webauthn",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
                "data-wide": "1",
            }
        ),
    )
    password = _password(_("Password"), is_new=False)


class CodeForm(Form):
    code = forms.CharField(
        label=_("Six-digit code"),
        max_length=24,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "form-control dk-code",
                "data-wide": "1",
            }
        ),
    )


class RecoveryForm(Form):
    code = forms.CharField(
        label=_("Recovery code"),
        max_length=24,
        help_text=_("Each recovery code works once."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "autofocus": True, "data-wide": "1"}
        ),
    )


class NewPasswordForm(Form):
    password = _password(_("New password"), is_new=True, help_text=PASSWORD_HINT)


class OwnAccountForm(Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(
        label=_("Email"), required=False, help_text=_("For notices; you do not sign in with it.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class AccountForm(OwnAccountForm):
    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=64,
        help_text=_("Short and easy to type, for instance the name in pinyin. Not a phone number."),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    field_order = ("name", "username", "email", "language")


class PinForm(Form):
    pin = forms.CharField(
        label=_("PIN"),
        max_length=6,
        strip=False,
        help_text=_("Four to six digits; no birthdays, no rows of digits. Only works on shared tills."),
        widget=forms.PasswordInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "pattern": "[0-9]{4,6}", "data-shown": SHOW}
        ),
    )


class DeviceForm(Form):
    name = forms.CharField(
        label=_("Name of the till"), max_length=60, help_text=_("So that everyone knows it: “Counter left”.")
    )
    store = forms.TypedChoiceField(label=_("Store"), coerce=lambda value: int(value) if value else None)

    def __init__(self, *args: Any, stores: Iterable[tuple[int, str]], may_all: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[Any, Any]] = list(stores)
        if may_all and not choices:
            choices = [("", _("No store yet"))]
            self.fields["store"].required = False
        self.fields["store"].choices = choices  # type: ignore[attr-defined]


class RoleForm(Form):
    name = forms.CharField(label=_("Name of the role"), max_length=60)
    purpose = forms.CharField(
        label=_("What it is for"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"data-wide": "1"}),
    )
    scope = forms.ChoiceField(
        label=_("Reach"),
        widget=forms.RadioSelect,
        choices=[
            (ScopeCode.OWN.value, _("own records")),
            (ScopeCode.STORE.value, _("stores of the posting")),
            (ScopeCode.ALL.value, _("everything")),
        ],
        initial=ScopeCode.OWN.value,
    )


class ApiKeyForm(Form):
    name = forms.CharField(
        label=_("What the key is for"), max_length=80, help_text=_("For instance “Web shop stock”.")
    )
    owner = forms.ModelChoiceField(
        label=_("Acts for"),
        queryset=User.objects.none(),
        empty_label=None,
        help_text=_("The key may never do more than this person."),
    )
    expires_on = forms.DateField(
        label=_("Valid until"), required=False, help_text=_("Empty: until it is revoked.")
    )

    def __init__(self, *args: Any, owners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]


class ReviewForm(Form):
    comment = forms.CharField(
        label=_("What was found"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Who lost or gained what, what is to be clarified."),
    )
    next_due_date = forms.DateField(label=_("Next review"))


class PolicyForm(_PolicyModelForm):
    """The numbers of the sign-in rules, with their limits from the model."""

    class Meta:
        model = SignInPolicy
        fields = (
            "idle_hours",
            "absolute_days",
            "till_days",
            "confirm_minutes",
            "rotation_days",
            "reveals_per_hour",
            "review_months",
            "sign_in_days",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("renderer", _Renderer())
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _dress(field)
            field.widget.attrs["inputmode"] = "numeric"

    @property
    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [("", self.visible_fields())]

    def refuse(self, error: DiankeError) -> None:
        self.add_error(error.field if error.field in self.fields else None, str(error))


def role_choices() -> list[tuple[str, str]]:
    """All roles as (code, label), presets first."""
    return [(role.code, role.label) for role in Role.objects.order_by("-is_preset", "id")]
