"""Forms of tasks and recurring tasks. Each takes the actor, because what may be chosen depends on who chooses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core import lunar
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.stores.models import Store
from dianke.web.custom_fields import CustomFieldsForm
from dianke.web.forms import KitForm
from dianke.work.models import Priority, RecurringTask, Skill, Task
from dianke.work.queries.people import colleagues, reachable_stores
from dianke.work.registry import task_kinds

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

    def __init__(
        self, *args: Any, actor: Actor, now: datetime, permission: str = "work.view_tasks", **kwargs: Any
    ) -> None:
        self.actor, self.now = actor, now
        self.people = {str(user.pk): user for user in colleagues(actor, now=now)}
        self.stores = {str(store.pk): store for store in reachable_stores(actor, permission)}
        super().__init__(*args, **kwargs)
        if "store" in self.fields:
            self._choices(
                "store", [("", _("no store")), *((pk, str(store)) for pk, store in self.stores.items())]
            )
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

    def chosen_person(self, value: str) -> User | None:
        if value == ME:
            return User.objects.filter(pk=self.actor.user_id or 0).first()
        return self.people.get(value)


class TaskForm(CustomFieldsForm, ByPeople):
    """A new task, or what an existing one says."""

    custom_model = "work.task"
    title = forms.CharField(label=_("What is to be done"), max_length=120)
    due_at = forms.DateTimeField(label=_("Until when"), required=False)
    owner = forms.ChoiceField(label=_("Who does it"), required=False)
    kind = forms.ChoiceField(label=_("Kind"))
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL
    )
    store = forms.ChoiceField(label=_("Store"), required=False)
    skill = forms.ChoiceField(
        label=_("Skill needed"),
        required=False,
        help_text=_("The rules then choose among people who have it."),
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea, max_length=4000)
    checklist = forms.CharField(
        label=_("Checklist"),
        required=False,
        widget=forms.Textarea,
        help_text=_("One line each, ticked off one by one."),
    )
    wide = ("title",)

    def __init__(self, *args: Any, task: Task | None = None, **kwargs: Any) -> None:
        if task is not None:
            kwargs["custom"] = task.custom
            kwargs["trade"] = task.store.trade if task.store else None
        else:
            trades = {store.trade for store in reachable_stores(kwargs["actor"], "work.view_tasks")}
            kwargs["trade"] = trades.pop() if len(trades) == 1 else None
        if args and args[0]:
            # What the trade of the chosen store has no field for is neither asked nor kept.
            chosen = args[0].get("store", "")
            stores = reachable_stores(kwargs["actor"], "work.view_tasks")
            kwargs["trade"] = next((store.trade for store in stores if str(store.pk) == chosen), None)
        super().__init__(*args, **kwargs)
        manual = kind_choices()
        if task is not None and task.kind not in dict(manual):
            manual = (
                [(task.kind, task_kinds()[task.kind].label), *manual] if task.kind in task_kinds() else manual
            )
        self._choices("kind", manual)
        if task is None:
            choices: list[tuple[str, Any]] = [(ME, _("I do it myself"))]
            if self.actor.can("work.assign_tasks"):
                choices.append((BY_RULES, _("Let the rules choose")))
            choices.append((POOL, _("Whoever has time")))
            if self.actor.can("work.assign_tasks"):
                choices += self.others()
            self._choices("owner", choices)
            self.fields["due_at"].initial = usual_due(self.now)
            self.fields["kind"].initial = "followup"
            here = str(self.actor.store_id or "")
            self.fields["store"].initial = (
                here if here in self.stores else next(iter(self.stores), "") if len(self.stores) == 1 else ""
            )
        else:
            del self.fields["owner"], self.fields["checklist"]
            start = {
                "title": task.title,
                "due_at": task.due_at,
                "kind": task.kind,
                "priority": task.priority,
                "note": task.note,
            }
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
        label=_("How often"),
        choices=RecurringTask.FrequencyChoice.choices,
        widget=forms.RadioSelect,
        initial="DAILY",
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
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=Priority.choices, coerce=int, initial=Priority.NORMAL
    )
    skill = forms.ChoiceField(label=_("Skill needed"), required=False)
    checklist = forms.CharField(
        label=_("Checklist"),
        required=False,
        widget=forms.Textarea,
        help_text=_("One line each, ticked off one by one."),
    )
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea, max_length=4000)
    wide = ("title",)
    sections = (
        (
            _("When it comes"),
            ("frequency", "weekdays", "day", "yearly_on", "due_time", "lead_days", "starts_on", "ends_on"),
        ),
        (_("Who and what"), ("owner", "store", "kind", "priority", "skill", "checklist", "note")),
    )

    def __init__(self, *args: Any, recurring: RecurringTask | None = None, **kwargs: Any) -> None:
        super().__init__(*args, permission="work.manage_rules", **kwargs)
        self._choices("kind", kind_choices())
        self._choices(
            "owner",
            [("", _("By the rules, else whoever has time")), (ME, _("I do it myself")), *self.others()],
        )
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
        found["owner"] = self.chosen_person(found["owner"])
        found["checklist"] = lines_of(found["checklist"])
        found["lead_days"] = found["lead_days"] or 0
        found["weekdays"] = sorted(found["weekdays"])
        return found
