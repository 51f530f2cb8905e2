"""The questions of an import: which file, how it is read, what its columns are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.imports.importers import Importer, MatchRule, Option, Target, Text
from dianke.imports.models import ImportRun
from dianke.imports.rules import delimiters, encodings
from dianke.imports.rules.headers import letters
from dianke.web.forms import KitForm

Choices = list[tuple[Any, Any]]

_DELIMITERS: dict[str, Text] = {
    ",": _("Comma ,"),
    "\t": _("Tab"),
    ";": _("Semicolon ;"),
    "|": _("Bar |"),
    "，": _("Full-width comma ，"),
    "；": _("Full-width semicolon ；"),
    "｜": _("Full-width bar ｜"),
    "^": _("Caret ^"),
    "~": _("Tilde ~"),
}


class UploadForm(KitForm):
    """`importers` are those the person may use; one alone is not asked for."""

    importer = forms.ChoiceField(label=_("What is in the file?"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Excel (.xlsx, .xls) up to 10 MB; CSV or text up to 500 MB, in any encoding and with any separator."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.tsv,.txt"}),
        error_messages={
            "empty": _("There is nothing in this file. Check that it was saved, and upload it again.")
        },
        max_length=None,
    )

    def __init__(self, *args: Any, importers: Sequence[Importer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["importer"]
        field.choices = [(importer.code, importer.label) for importer in importers]  # type: ignore[attr-defined]
        if len(importers) == 1:
            field.widget = forms.HiddenInput()
            self.initial["importer"] = importers[0].code


class ReadingForm(KitForm):
    """How the file is read, where the guess was wrong."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=encodings.CHOICES)
    delimiter = forms.ChoiceField(
        label=_("Columns are separated by"),
        choices=[(each, _DELIMITERS[each]) for each in delimiters.CANDIDATES],
    )
    sheet = forms.ChoiceField(label=_("Sheet"))
    header_row = forms.IntegerField(
        label=_("The heading is in row"),
        min_value=0,
        max_value=60,
        help_text=_("0: there is no heading, the first row is data."),
    )

    def __init__(self, *args: Any, run: ImportRun, sheets: Sequence[str], **kwargs: Any) -> None:
        kwargs["initial"] = {
            "encoding": run.encoding,
            "delimiter": run.delimiter,
            "sheet": run.sheet,
            "header_row": run.header_row,
        }
        super().__init__(*args, **kwargs)
        if run.format == "text":
            del self.fields["sheet"]
        else:
            del self.fields["encoding"], self.fields["delimiter"]
            names = list(sheets) or [run.sheet]
            self.fields["sheet"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]


class ColumnsForm(KitForm):
    """What each column holds (`column-0` …), how existing records are found, and the importer's own questions."""

    def __init__(
        self,
        *args: Any,
        run: ImportRun,
        importer: Importer,
        targets: Sequence[Target],
        actor: Actor,
        **kwargs: Any,
    ) -> None:
        initial: dict[str, Any] = {f"column-{index}": code for index, code in run.columns().items()}
        initial |= {"match_rule": run.match_rule}
        initial |= {f"option-{code}": value for code, value in run.options.items()}
        super().__init__(*args, initial=initial, **kwargs)
        self.run, self.importer = run, importer
        self.column_names = [f"column-{index}" for index in range(len(run.headers))]
        self.option_names = [f"option-{option.code}" for option in importer.options]
        choices = _grouped(targets)
        fields: dict[str, forms.Field] = {}
        for index, name in enumerate(self.column_names):
            header = run.headers[index] or letters(index)
            fields[name] = forms.ChoiceField(
                label=_("Column “%(name)s” holds") % {"name": header}, choices=choices, required=False
            )
        if importer.match_rules:
            fields["match_rule"] = forms.ChoiceField(
                label=_("A record is there already when this agrees"),
                choices=[(rule.code, _with_hint(rule)) for rule in importer.match_rules],
                widget=forms.RadioSelect,
            )
        for option in importer.options:
            fields[f"option-{option.code}"] = _field_of(option, actor)
        self._dress(fields)

    def _dress(self, fields: dict[str, forms.Field]) -> None:
        """Fields made after the kit dressed its own get the same dress."""
        dressed = type("Dressed", (KitForm,), dict(fields))()
        for name in fields:
            self.fields[name] = dressed.fields[name]

    def mapping(self) -> dict[int, str]:
        """Column → target, those left out not in it."""
        chosen = ((index, self.cleaned_data.get(name, "")) for index, name in enumerate(self.column_names))
        return {index: code for index, code in chosen if code}

    def options(self) -> dict[str, str]:
        values = {
            option.code: self.cleaned_data.get(f"option-{option.code}") for option in self.importer.options
        }
        return {code: "1" if value is True else str(value or "") for code, value in values.items()}


def _with_hint(rule: MatchRule) -> Text:
    """The name of a rule with what it means below."""
    if not rule.hint:
        return rule.label
    return format_html('<strong>{}</strong><span class="dk-hint">{}</span>', rule.label, rule.hint)


def _field_of(option: Option, actor: Actor) -> forms.Field:
    if option.is_flag:
        return forms.BooleanField(label=option.label, help_text=option.hint, required=False)
    if option.choices is not None:
        choices: Choices = [] if option.is_required else [("", _("None"))]
        choices += option.choices(actor)
        return forms.ChoiceField(
            label=option.label, help_text=option.hint, choices=choices, required=option.is_required
        )
    return forms.CharField(
        label=option.label, help_text=option.hint, required=option.is_required, max_length=option.max_length
    )


def _grouped(targets: Sequence[Target]) -> Choices:
    """The fields as choices under their groups; those without a group come first."""
    loose: Choices = [("", _("— leave out —"))]
    groups: dict[str, Choices] = {}
    for target in targets:
        label = _("%(label)s (required)") % {"label": target.label} if target.is_required else target.label
        (groups.setdefault(str(target.group), []) if target.group else loose).append((target.code, label))
    return [*loose, *groups.items()]
