"""The tables of the room: tasks, assignment, approvals, notifications, custom fields."""

from dianke.work.models.approvals import Approval, ApprovalPolicy
from dianke.work.models.assignment import AssignmentRule, Skill, StaffSkill
from dianke.work.models.custom_fields import CustomField
from dianke.work.models.notifications import Notification, NotificationPreference
from dianke.work.models.recurring import RecurringTask
from dianke.work.models.tasks import ChecklistItem, Comment, Priority, Task, TaskQuerySet

__all__ = [
    "Approval",
    "ApprovalPolicy",
    "AssignmentRule",
    "ChecklistItem",
    "Comment",
    "CustomField",
    "Notification",
    "NotificationPreference",
    "Priority",
    "RecurringTask",
    "Skill",
    "StaffSkill",
    "Task",
    "TaskQuerySet",
]
