"""Forms of what the room is set up with: rules, skills, custom fields, policies, ways of being notified."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.access.models import User
from dianke.core.custom_fields import FieldType, custom_models
from dianke.stores.models import Region, Trade
from dianke.web.forms import KitForm
from dianke.work.forms.tasks import ByPeople, lines_of
from dianke.work.models import AssignmentRule, CustomField, Skill, StaffSkill
from dianke.work.operations.custom_fields import SEARCHABLE, WITH_OPTIONS, options_from
from dianke.work.registry import Approvable, NoticeKind, task_kinds


class RuleForm(ByPeople):
    """A rule of assignment."""

    name = forms.CharField(label=_("Name of the rule"), max_length=60)
    kind = forms.ChoiceField(label=_("For tasks of the kind"), required=False)
    store = forms.ChoiceField(label=_("At the store"), required=False)
    region = forms.ChoiceField(label=_("In the region"), required=False)
    skill = forms.ChoiceField(label=_("Skill needed"), required=False)
    strategy = forms.ChoiceField(
        label=_("Who gets it"),
        choices=AssignmentRule.StrategyChoice.choices,
        widget=forms.RadioSelect,
        initial="LEAST_LOAD",
    )
    person = forms.ChoiceField(
        label=_("Person"), required=False, help_text=_("For “always the same person”.")
    )
    only_on_shift = forms.BooleanField(label=_("Only people on shift now"), required=False)
    wide = ("name",)

    def __init__(self, *args: Any, rule: AssignmentRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, permission="work.manage_rules", **kwargs)
        is_head = self.actor.stores_for("work.manage_rules") is None
        self._choices(
            "kind",
            [
                ("", _("every kind")),
                *((kind.code, kind.label) for kind in task_kinds().values() if kind.code != "approval"),
            ],
        )
        everywhere = [("", _("every store"))] if is_head else []
        self._choices("store", [*everywhere, *((pk, str(store)) for pk, store in self.stores.items())])
        self.regions = {str(region.pk): region for region in Region.objects.all()} if is_head else {}
        if self.regions:
            self._choices(
                "region",
                [("", _("every region")), *((pk, str(region)) for pk, region in self.regions.items())],
            )
        else:
            del self.fields["region"]
        self._choices("person", [("", "—"), *((pk, str(user)) for pk, user in self.people.items())])
        if rule is not None:
            for name in self.fields:
                value = (
                    getattr(rule, f"{name}_id", None)
                    if name in ("store", "region", "skill", "person")
                    else getattr(rule, name)
                )
                self.fields[name].initial = "" if value is None else value

    def values(self) -> dict[str, Any]:
        found = dict(self.cleaned_data)
        found["person"] = self.people.get(found["person"])
        if "region" in found:
            found["region"] = self.regions.get(found["region"])
        return found


class PreviewForm(ByPeople):
    """Which task to try the rules on."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    store = forms.ChoiceField(label=_("Store"), required=False)
    skill = forms.ChoiceField(label=_("Skill needed"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, permission="work.manage_rules", **kwargs)
        self._choices(
            "kind", [(kind.code, kind.label) for kind in task_kinds().values() if kind.code != "approval"]
        )


class SkillForm(KitForm):
    name = forms.CharField(label=_("Skill"), max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), choices=Skill.Kind.choices)


class StaffSkillsForm(KitForm):
    """One row per skill: not at all, learning, able, expert."""

    def __init__(self, *args: Any, skills: Iterable[Skill], levels: Mapping[int, int], **kwargs: Any) -> None:
        none = ("", pgettext_lazy("skill", "not at all"))
        own: dict[str, forms.Field] = {
            f"skill_{skill.pk}": forms.ChoiceField(
                label=skill.name,
                choices=[none, *StaffSkill.Level.choices],
                initial=levels.get(skill.pk, ""),
                required=False,
            )
            for skill in skills
        }
        self.base_fields = own  # type: ignore[misc]
        super().__init__(*args, **kwargs)

    def levels(self) -> dict[int, int]:
        return {
            int(name.removeprefix("skill_")): int(value) for name, value in self.cleaned_data.items() if value
        }


class FieldForm(KitForm):
    """The definition of a custom field."""

    model = forms.ChoiceField(label=_("Belongs to"))
    label = forms.CharField(label=_("Name of the field"), max_length=30)
    type = forms.ChoiceField(label=_("Kind of value"), choices=FieldType.choices)
    options = forms.CharField(
        label=_("Choices of the field"),
        required=False,
        widget=forms.Textarea,
        help_text=_("One on each line. Only for fields with choices."),
    )
    help = forms.CharField(
        label=_("Hint"), required=False, max_length=120, help_text=_("Stands below the field.")
    )
    unit = forms.CharField(label=_("Unit"), required=False, max_length=10)
    default = forms.CharField(label=_("Usual value"), required=False, max_length=200)
    section = forms.CharField(
        label=_("Heading"),
        required=False,
        max_length=20,
        help_text=_("Fields of one heading stand together."),
    )
    trade = forms.ChoiceField(
        label=_("Only for the trade"), required=False, choices=[("", _("every trade")), *Trade.choices]
    )
    is_required = forms.BooleanField(label=_("Must be filled in"), required=False)
    in_list = forms.BooleanField(label=_("Shown in lists"), required=False)
    in_filter = forms.BooleanField(label=_("Lists can be filtered by it"), required=False)
    in_search = forms.BooleanField(label=_("Search looks in it"), required=False)
    wide = ("help",)
    sections = (
        (_("What it asks"), ("model", "label", "type", "options", "help", "unit", "default")),
        (_("Where it stands"), ("section", "trade", "is_required", "in_list", "in_filter", "in_search")),
    )

    def __init__(self, *args: Any, field: CustomField | None = None, model: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["model"].choices = [(m.code, m.label) for m in custom_models().values()]  # type: ignore[attr-defined]
        self.fields["model"].initial = model
        self.held = field.options if field else []
        if field is None:
            self.fields["type"].help_text = _(
                "Cannot be changed later. A public phone number is stored readable; "
                "phones of customers belong to their contacts."
            )
            return
        del self.fields["model"], self.fields["type"]
        for name in (
            "label",
            "help",
            "unit",
            "section",
            "trade",
            "is_required",
            "in_list",
            "in_filter",
            "in_search",
        ):
            self.fields[name].initial = getattr(field, name)
        self.fields["default"].initial = _default_text(field)
        self.fields["options"].initial = "\n".join(
            o["label"] for o in field.options if not o.get("is_archived")
        )
        if field.type not in WITH_OPTIONS:
            del self.fields["options"]
        if field.type not in SEARCHABLE:
            del self.fields["in_search"]

    def values(self) -> dict[str, Any]:
        """As the operations take them."""
        found = {name: value for name, value in self.cleaned_data.items() if name not in ("model", "type")}
        if "options" in found:
            found["options"] = options_from(lines_of(found["options"]), self.held)
        return found


def _default_text(field: CustomField) -> str:
    """The usual value as one types it."""
    value, labels = field.default, {o["code"]: o["label"] for o in field.options}
    if isinstance(value, list):
        return "、".join(str(labels.get(code, code)) for code in value)
    if isinstance(value, dict):
        return str(value.get("text", ""))
    return "" if value is None else str(labels.get(str(value), value))


class PolicyForm(KitForm):
    """When an operation needs a second person."""

    is_active = forms.BooleanField(label=_("A second person has to agree"), required=False)
    limit = forms.DecimalField(
        label=_("From how much on"), required=False, min_value=0, decimal_places=2, max_digits=18
    )
    checkers = forms.TypedMultipleChoiceField(
        label=_("Who decides"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nobody ticked: whoever may approve there and may do it themselves."),
    )
    expires_hours = forms.IntegerField(label=_("Expires after"), min_value=1, max_value=720, initial=72)

    def __init__(self, *args: Any, approvable: Approvable, people: Iterable[User], **kwargs: Any) -> None:
        self.affix = {"expires_hours": _("hours"), "limit": approvable.amount_label}
        super().__init__(*args, **kwargs)
        named = [(user.pk, str(user)) for user in people]
        self.fields["checkers"].choices = named  # type: ignore[attr-defined]
        if not named:
            del self.fields["checkers"]
        if approvable.amount_label:
            self.fields["limit"].help_text = _("Below this nobody is asked. Empty: every time.")
        else:
            del self.fields["limit"]


class ChannelsForm(KitForm):
    """How one hears of each kind of notice."""

    def __init__(
        self,
        *args: Any,
        kinds: Iterable[NoticeKind],
        channels: Mapping[str, str],
        choices: Any,
        **kwargs: Any,
    ) -> None:
        own: dict[str, forms.Field] = {
            kind.code: forms.ChoiceField(
                label=str(kind.label), choices=choices, initial=channels.get(kind.code, kind.channel)
            )
            for kind in kinds
        }
        self.base_fields = own  # type: ignore[misc]
        super().__init__(*args, **kwargs)
