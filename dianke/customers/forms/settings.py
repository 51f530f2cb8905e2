"""Forms of the settings for entering customers: what a field asks, whose entries are looked through, tags,
consent texts.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role
from dianke.core.custom_fields import FieldSpec
from dianke.customers.forms.parts import ProblemsForm
from dianke.customers.models import Purpose, Tag
from dianke.customers.operations.tags import COLOURS
from dianke.customers.rules.asking import ALWAYS_ASKED, MOST_LENGTH, WITHOUT_PATTERN, Asked
from dianke.customers.rules.entry import AddressEntry, DateEntry, Entry, PhoneEntry

COLOUR_WORDS = dict(
    zip(
        COLOURS,
        (
            _("Grey"),
            _("Red"),
            _("Orange"),
            _("Yellow"),
            _("Green"),
            _("Teal"),
            _("Blue"),
            _("Purple"),
            _("Pink"),
        ),
        strict=True,
    )
)


class EntryRuleForm(ProblemsForm):
    """What one field asks, with an example to try it on."""

    is_shown = forms.BooleanField(label=_("Ask for it at the counter"), required=False)
    is_required = forms.BooleanField(
        label=_("Must be filled in"),
        required=False,
        help_text=_("At the counter and on customers' phones; files and interfaces may leave it out."),
    )
    hint = forms.CharField(
        label=_("Hint beside the field"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    shortest = forms.IntegerField(
        label=_("At least characters"), required=False, min_value=1, max_value=MOST_LENGTH
    )
    longest = forms.IntegerField(
        label=_("At most characters"), required=False, min_value=1, max_value=MOST_LENGTH
    )
    pattern = forms.CharField(
        label=_("Pattern"),
        required=False,
        max_length=120,
        help_text=_("A regular expression the whole entry must fit: \\d{8} for eight digits."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    example = forms.CharField(
        label=_("Try it with an entry"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    wide = ("hint", "pattern", "example")

    def __init__(self, data: Any = None, *, standing: Asked) -> None:
        names = ("is_shown", "is_required", "hint", "shortest", "longest", "pattern")
        super().__init__(data, initial={name: getattr(standing, name) for name in names})
        self.field = standing.field
        if standing.field in ALWAYS_ASKED:
            del self.fields["is_shown"]
        if standing.field in WITHOUT_PATTERN:
            for name in ("shortest", "longest", "pattern"):
                del self.fields[name]

    def asked(self) -> Asked:
        """What was chosen, of the fields that are right."""
        data = getattr(self, "cleaned_data", {})
        return Asked(
            self.field,
            is_shown=bool(data.get("is_shown", True)),
            is_required=bool(data.get("is_required")),
            pattern=data.get("pattern") or "",
            shortest=data.get("shortest"),
            longest=data.get("longest"),
            hint=data.get("hint") or "",
        )


def example_entry(field: str, text: str, spec: FieldSpec | None) -> Entry:
    """An entry with only this field; raises what is wrong with a day that cannot be read."""
    if field == "phone":
        return Entry(phones=(PhoneEntry(text),) if text.strip() else ())
    if field == "email":
        return Entry(emails=(text,))
    if field == "birthday":
        return Entry(birthday=DateEntry.parse(text, field="birthday") if text.strip() else None)
    if field == "address":
        return Entry(addresses=(AddressEntry(text=text),) if text.strip() else ())
    if spec is not None:
        return Entry(custom={spec.key: text})
    given: dict[str, Any] = {field: text}
    return Entry(**given)


class ReviewedRolesForm(ProblemsForm):
    """Whose entries wait until somebody has looked at them."""

    roles = forms.ModelMultipleChoiceField(
        label=_("Roles"), queryset=Role.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, held: list[int]) -> None:
        super().__init__(data, initial={"roles": held})
        adding = [role.pk for role in Role.objects.all() if _adds(role) or role.pk in held]
        self.fields["roles"].queryset = Role.objects.filter(pk__in=adding)  # type: ignore[attr-defined]


def _adds(role: Role) -> bool:
    """Whether people in the role enter customers and do not look entries through themselves."""
    codes = role.permission_codes()
    return "customers.add_customers" in codes and "customers.review_entries" not in codes


class TagForm(ProblemsForm):
    """A word to sort customers by."""

    name = forms.CharField(
        label=_("Tag"), max_length=24, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    colour = forms.ChoiceField(
        label=_("Colour"), choices=list(COLOUR_WORDS.items()), widget=forms.RadioSelect, initial="gray"
    )

    def __init__(self, data: Any = None, *, tag: Tag | None = None) -> None:
        super().__init__(data, initial={"name": tag.name, "colour": tag.colour} if tag else None)


class TagMergeForm(ProblemsForm):
    """The tag another one becomes part of."""

    into = forms.ModelChoiceField(
        label=_("Merge into"), queryset=Tag.objects.none(), empty_label=_("Please choose")
    )

    def __init__(self, data: Any = None, *, tag: Tag) -> None:
        super().__init__(data)
        offered = Tag.objects.filter(archived_at=None).exclude(pk=tag.pk).order_by("name")
        self.fields["into"].queryset = offered  # type: ignore[attr-defined]


class ConsentTextForm(ProblemsForm):
    """A new version of what people agree to."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    text = forms.CharField(label=_("Text"), max_length=4000, widget=forms.Textarea(attrs={"rows": 10}))

    def __init__(self, data: Any = None, *, purpose: Purpose, texts: dict[str, str], language: str) -> None:
        self.purpose = purpose
        super().__init__(data, initial={"language": language, "text": texts.get(language, "")})
