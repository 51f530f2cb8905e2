"""Forms of the room."""

from dianke.work.forms.settings import (
    ChannelsForm,
    FieldForm,
    PolicyForm,
    PreviewForm,
    RuleForm,
    SkillForm,
    StaffSkillsForm,
)
from dianke.work.forms.tasks import BY_RULES, ME, POOL, WEEKDAYS, OwnerForm, RecurringForm, TaskForm

__all__ = [
    "BY_RULES",
    "ME",
    "POOL",
    "WEEKDAYS",
    "ChannelsForm",
    "FieldForm",
    "OwnerForm",
    "PolicyForm",
    "PreviewForm",
    "RecurringForm",
    "RuleForm",
    "SkillForm",
    "StaffSkillsForm",
    "TaskForm",
]
