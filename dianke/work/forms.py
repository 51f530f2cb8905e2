"""Forms of the room. Each takes the actor, because what may be chosen depends on who chooses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.access.models import User
from dianke.core import lunar
from dianke.core.actor import Actor
from dianke.core.custom_fields import FieldType, custom_models
from dianke.core.errors import InvalidInput
from dianke.stores.models import Region, Store, Trade
from dianke.web.custom_fields import CustomFieldsForm
from dianke.web.forms import KitForm
from dianke.work.models import AssignmentRule, CustomField, Priority, RecurringTask, Skill, StaffSkill, Task
from dianke.work.operations.custom_fields import SEARCHABLE, WITH_OPTIONS, options_from
from dianke.work.queries.people import colleagues, reachable_stores
from dianke.work.registry import Approvable, NoticeKind, task_kinds

ME, POOL, BY_RULES = "me", "pool", "rules"
WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)


def kind_choices() -> list[tuple[str, Any]]:
    """Kinds people may choose."""
    return [(kind.code, kind.label) for kind in task_kinds().values() if kind.is_manual]


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def usual_due(now: datetime) -> datetime:
    """Six in the evening of today, or of tomorrow when that is near."""
    local = timezone.localtime(now)
    evening = datetime.combine(local.date(), time(18), local.tzinfo)
    return evening if evening - local > timedelta(hours=1) else evening + timedelta(days=1)


class ByPeople(KitForm):
    """Base of forms that choose among people, stores and skills the actor reaches."""

    def __init__(self, *args: Any, actor: Actor, now: datetime, permission: str = "work.view_tasks", **kwargs: Any) -> None:
        self.actor, self.now = actor, now
        self.people = {str(user.pk): user for user in colleagues(actor, now=now)}
        self.stores = {str(store.pk): store for store in reachable_stores(actor, permission)}
        super().__init__(*args, **kwargs)
        if "store" in self.fields:
            self._choices("store", [("", _("no store")), *((pk, str(store)) for pk, store in self.stores.items())])
        if "skill" in self.fields:
            self.skills = {str(skill.pk): skill for skill in Skill.objects.filter(archived_at=None)}
            self._choices("skill", [("", "—"), *((pk, str(skill)) for pk, skill in self.skills.items())])
            if not self.skills:
                del self.fields["skill"]

    def _choices(self, name: str, choices: Iterable[tuple[str, Any]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def others(self) -> list[tuple[str, str]]:
        return [(pk, str(user)) for pk, user in self.people.items() if user.pk != self.actor.user_id]

    def clean_store(self) -> Store | None:
        return self.stores.get(self.cleaned_data["store"])

    def clean_skill(self) -> Skill | None:
        return self.skills.get(self.cleaned_data["skill"])

    def person(self, value: str) -> User | None:
        if value == ME:
            return User.objects.filter(pk=self.actor.user_id).first()
        return self.people.get(value)


class TaskForm(CustomFieldsForm, ByPeople):
    """A new task, or what an existing one says."""

    custom_model = "work.task"
    title = forms.CharField(label=_("What is to be done"), max_length=120)
    due_at = forms.DateTimeField(label=_("Until when"), required=False)
    owner = forms.ChoiceField(label=_("Who does it"), required=False)
    kind = forms.ChoiceField(label=_("Kind"))
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL)
    store = forms.ChoiceField(label=_("Store"), required=False)
    skill = forms.ChoiceField(
        label=_("Skill needed"), required=False, help_text=_("The rules then choose among people who have it.")
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea, max_length=4000)
    checklist = forms.CharField(
        label=_("Checklist"), required=False, widget=forms.Textarea, help_text=_("One line each, ticked off one by one.")
    )
    wide = ("title",)

    def __init__(self, *args: Any, task: Task | None = None, **kwargs: Any) -> None:
        if task is not None:
            kwargs["custom"] = task.custom
            kwargs["trade"] = task.store.trade if task.store else None
        super().__init__(*args, **kwargs)
        manual = kind_choices()
        if task is not None and task.kind not in dict(manual):
            manual = [(task.kind, task_kinds()[task.kind].label), *manual] if task.kind in task_kinds() else manual
        self._choices("kind", manual)
        if task is None:
            choices = [(ME, _("I do it myself"))]
            if self.actor.can("work.assign_tasks"):
                choices.append((BY_RULES, _("Let the rules choose")))
            choices.append((POOL, _("Whoever has time")))
            if self.actor.can("work.assign_tasks"):
                choices += self.others()
            self._choices("owner", choices)
            self.fields["due_at"].initial = usual_due(self.now)
            self.fields["kind"].initial = "followup"
            here = str(self.actor.store_id or "")
            self.fields["store"].initial = here if here in self.stores else next(iter(self.stores), "") if len(self.stores) == 1 else ""
        else:
            del self.fields["owner"], self.fields["checklist"]
            start = {"title": task.title, "due_at": task.due_at, "kind": task.kind, "priority": task.priority, "note": task.note}
            start |= {"store": str(task.store_id or ""), "skill": str(task.skill_id or "")}
            for name, value in start.items():
                if name in self.fields:
                    self.fields[name].initial = value

    def clean_checklist(self) -> list[str]:
        return lines_of(self.cleaned_data["checklist"])


class OwnerForm(ByPeople):
    """Who gets a task, or several."""

    owner = forms.ChoiceField(label=_("Who does it"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, loads: Mapping[int, int] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [(ME, _("I do it myself")), (POOL, _("Whoever has time"))]
        if self.actor.can("work.assign_tasks"):
            choices.insert(1, (BY_RULES, _("Let the rules choose")))
            for pk, name in self.others():
                count = (loads or {}).get(int(pk), 0)
                choices.append((pk, _("%(name)s · %(count)s open") % {"name": name, "count": count}))
        self._choices("owner", choices)


class RecurringForm(ByPeople):
    """A pattern of tasks."""

    title = forms.CharField(label=_("What is to be done"), max_length=120)
    frequency = forms.ChoiceField(
        label=_("How often"), choices=RecurringTask.FrequencyChoice.choices, widget=forms.RadioSelect, initial="DAILY"
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days of the week"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("For every week."),
    )
    day = forms.IntegerField(
        label=_("Day of the month"),
        min_value=1,
        max_value=31,
        required=False,
        help_text=_("For every month. 31 is the last day of any month."),
    )
    yearly_on = forms.CharField(
        label=_("Day of the year"),
        required=False,
        max_length=20,
        help_text=_("For every year: 3-8. For every lunar year: 8-15, or as people say it in Chinese."),
    )
    due_time = forms.TimeField(label=_("Due at"), initial=time(10))
    lead_days = forms.IntegerField(
        label=_("Appears so many days before"), min_value=0, max_value=60, initial=0, required=False
    )
    starts_on = forms.DateField(label=_("From"))
    ends_on = forms.DateField(label=_("Until"), required=False)
    owner = forms.ChoiceField(label=_("Who does it"), required=False)
    store = forms.ChoiceField(label=_("Store"), required=False)
    kind = forms.ChoiceField(label=_("Kind"))
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL)
    skill = forms.ChoiceField(label=_("Skill needed"), required=False)
    checklist = forms.CharField(
        label=_("Checklist"), required=False, widget=forms.Textarea, help_text=_("One line each, ticked off one by one.")
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea, max_length=4000)
    wide = ("title",)
    sections = (
        (_("When it comes"), ("frequency", "weekdays", "day", "yearly_on", "due_time", "lead_days", "starts_on", "ends_on")),
        (_("Who and what"), ("owner", "store", "kind", "priority", "skill", "checklist", "note")),
    )

    def __init__(self, *args: Any, recurring: RecurringTask | None = None, **kwargs: Any) -> None:
        super().__init__(*args, permission="work.manage_rules", **kwargs)
        self._choices("kind", kind_choices())
        self._choices("owner", [("", _("By the rules, else whoever has time")), (ME, _("I do it myself")), *self.others()])
        self.fields["starts_on"].initial = timezone.localtime(self.now).date()
        self.fields["kind"].initial = "other"
        if recurring is not None:
            yearly = f"{recurring.month}-{recurring.day}"
            if recurring.frequency == "LUNAR_YEARLY" and recurring.month and recurring.day:
                yearly = lunar.LunarDate(recurring.month, recurring.day, recurring.is_leap_month).format()
            values = {name: getattr(recurring, name) for name in self.fields if hasattr(recurring, name)}
            values |= {
                "owner": str(recurring.owner_id or ""),
                "store": str(recurring.store_id or ""),
                "skill": str(recurring.skill_id or ""),
                "checklist": "\n".join(recurring.checklist),
                "yearly_on": yearly if recurring.month else "",
                "day": None if recurring.month else recurring.day,
            }
            if recurring.owner_id == self.actor.user_id:
                values["owner"] = ME
            for name, value in values.items():
                if name in self.fields:
                    self.fields[name].initial = value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        frequency, text = cleaned.get("frequency"), cleaned.get("yearly_on", "").strip()
        cleaned["month"], cleaned["is_leap_month"] = None, False
        if frequency == "YEARLY":
            day = re.fullmatch(r"(\d{1,2})\D(\d{1,2})\D?", text)
            cleaned["month"], cleaned["day"] = (int(day[1]), int(day[2])) if day else (None, None)
        elif frequency == "LUNAR_YEARLY":
            cleaned["day"] = None
            try:
                read = lunar.parse(text, field="yearly_on") if text else None
            except InvalidInput as error:
                self.add_error("yearly_on", str(error))
                read = None
            if read is not None:
                cleaned |= {"month": read.month, "day": read.day, "is_leap_month": read.is_leap}
        elif frequency != "MONTHLY":
            cleaned["day"] = None
        if frequency != "WEEKLY":
            cleaned["weekdays"] = []
        return cleaned

    def values(self) -> dict[str, Any]:
        """As the operations take them."""
        found = {name: value for name, value in self.cleaned_data.items() if name != "yearly_on"}
        found["owner"] = self.person(found["owner"])
        found["checklist"] = lines_of(found["checklist"])
        found["lead_days"] = found["lead_days"] or 0
        found["weekdays"] = sorted(found["weekdays"])
        return found


class RuleForm(ByPeople):
    """A rule of assignment."""

    name = forms.CharField(label=_("Name of the rule"), max_length=60)
    kind = forms.ChoiceField(label=_("For tasks of the kind"), required=False)
    store = forms.ChoiceField(label=_("At the store"), required=False)
    region = forms.ChoiceField(label=_("In the region"), required=False)
    skill = forms.ChoiceField(label=_("Skill needed"), required=False)
    strategy = forms.ChoiceField(
        label=_("Who gets it"), choices=AssignmentRule.StrategyChoice.choices, widget=forms.RadioSelect, initial="LEAST_LOAD"
    )
    person = forms.ChoiceField(label=_("Person"), required=False, help_text=_("For “always the same person”."))
    only_on_shift = forms.BooleanField(label=_("Only people on shift now"), required=False)
    wide = ("name",)

    def __init__(self, *args: Any, rule: AssignmentRule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, permission="work.manage_rules", **kwargs)
        is_head = self.actor.stores_for("work.manage_rules") is None
        self._choices("kind", [("", _("every kind")), *((kind.code, kind.label) for kind in task_kinds().values() if kind.code != "approval")])
        everywhere = [("", _("every store"))] if is_head else []
        self._choices("store", [*everywhere, *((pk, str(store)) for pk, store in self.stores.items())])
        self.regions = {str(region.pk): region for region in Region.objects.all()} if is_head else {}
        if self.regions:
            self._choices("region", [("", _("every region")), *((pk, str(region)) for pk, region in self.regions.items())])
        else:
            del self.fields["region"]
        self._choices("person", [("", "—"), *((pk, str(user)) for pk, user in self.people.items())])
        if rule is not None:
            for name in self.fields:
                value = getattr(rule, f"{name}_id", None) if name in ("store", "region", "skill", "person") else getattr(rule, name)
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
        self._choices("kind", [(kind.code, kind.label) for kind in task_kinds().values() if kind.code != "approval"])


class SkillForm(KitForm):
    name = forms.CharField(label=_("Skill"), max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), choices=Skill.Kind.choices)


class StaffSkillsForm(KitForm):
    """One row per skill: not at all, learning, able, expert."""

    def __init__(self, *args: Any, skills: Iterable[Skill], levels: Mapping[int, int], **kwargs: Any) -> None:
        none = ("", pgettext_lazy("skill", "not at all"))
        self.base_fields = {
            f"skill_{skill.pk}": forms.ChoiceField(
                label=skill.name,
                choices=[none, *StaffSkill.Level.choices],
                initial=levels.get(skill.pk, ""),
                required=False,
            )
            for skill in skills
        }
        super().__init__(*args, **kwargs)

    def levels(self) -> dict[int, int]:
        return {int(name.removeprefix("skill_")): int(value) for name, value in self.cleaned_data.items() if value}


class FieldForm(KitForm):
    """The definition of a custom field."""

    model = forms.ChoiceField(label=_("Belongs to"))
    label = forms.CharField(label=_("Name of the field"), max_length=30)
    type = forms.ChoiceField(label=_("Kind of value"), choices=FieldType.choices)
    options = forms.CharField(
        label=_("Choices of the field"), required=False, widget=forms.Textarea, help_text=_("One on each line. Only for fields with choices.")
    )
    help = forms.CharField(label=_("Hint"), required=False, max_length=120, help_text=_("Stands below the field."))
    unit = forms.CharField(label=_("Unit"), required=False, max_length=10)
    default = forms.CharField(label=_("Usual value"), required=False, max_length=200)
    section = forms.CharField(label=_("Heading"), required=False, max_length=20, help_text=_("Fields of one heading stand together."))
    trade = forms.ChoiceField(label=_("Only for the trade"), required=False, choices=[("", _("every trade")), *Trade.choices])
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
            self.fields["type"].help_text = _("Cannot be changed later. A public phone number is stored readable; phones of customers belong to their contacts.")
            return
        del self.fields["model"], self.fields["type"]
        for name in ("label", "help", "unit", "section", "trade", "is_required", "in_list", "in_filter", "in_search"):
            self.fields[name].initial = getattr(field, name)
        self.fields["default"].initial = _default_text(field)
        self.fields["options"].initial = "\n".join(o["label"] for o in field.options if not o.get("is_archived"))
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
        return "、".join(labels.get(code, code) for code in value)
    if isinstance(value, dict):
        return str(value.get("text", ""))
    return "" if value is None else str(labels.get(str(value), value))


class PolicyForm(KitForm):
    """When an operation needs a second person."""

    is_active = forms.BooleanField(label=_("A second person has to agree"), required=False)
    limit = forms.DecimalField(label=_("From how much on"), required=False, min_value=0, decimal_places=2, max_digits=18)
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

    def __init__(self, *args: Any, kinds: Iterable[NoticeKind], channels: Mapping[str, str], choices: Any, **kwargs: Any) -> None:
        self.base_fields = {
            kind.code: forms.ChoiceField(label=kind.label, choices=choices, initial=channels.get(kind.code, kind.channel))
            for kind in kinds
        }
        super().__init__(*args, **kwargs)
