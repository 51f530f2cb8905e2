"""The words of the room: kinds of tasks and notices, labels of its events, what its models are called."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.events.registry import SubjectName, register_kind, register_rows, register_subject
from dianke.work.registry import (
    NoticeKind,
    TaskKind,
    approvables,
    notice_kinds,
    register_notice_kind,
    register_task_kind,
)

TASK_KINDS = (
    TaskKind("followup", _("Follow-up"), "phone"),
    TaskKind("care", _("Care"), "heart"),
    TaskKind("alert", _("Alert"), "alert-triangle", is_manual=False),
    TaskKind("approval", _("Approval"), "shield-check", is_manual=False),
    TaskKind("ticket", _("Ticket"), "headset", is_manual=False),
    TaskKind("handover", _("Hand-over"), "user-circle"),
    TaskKind("other", _("Other"), "checkbox"),
)

NOTICE_KINDS = (
    NoticeKind("task_assigned", _("Somebody gives me a task"), _("%(who)s gave you “%(title)s”"), "checkbox"),
    NoticeKind("task_chosen", _("A rule gives me a task"), _("New for you: “%(title)s”"), "checkbox"),
    NoticeKind(
        "tasks_assigned",
        _("Somebody gives me several tasks"),
        _("%(who)s gave you %(count)s tasks"),
        "checklist",
    ),
    NoticeKind(
        "tasks_handed_over",
        _("A colleague's tasks come to me"),
        _("You take over %(count)s tasks of %(who)s"),
        "checklist",
    ),
    NoticeKind("mentioned", _("Somebody mentions me"), _("%(who)s mentioned you on “%(title)s”"), "message"),
    NoticeKind(
        "commented", _("Somebody comments on my task"), _("%(who)s commented on “%(title)s”"), "message"
    ),
    NoticeKind(
        "approval_requested",
        _("Something waits for my approval"),
        _("%(who)s asks you to approve: %(title)s"),
        "shield-check",
        "EMAIL",
    ),
    NoticeKind(
        "approval_approved", _("My request is approved"), _("%(who)s approved: %(title)s"), "circle-check"
    ),
    NoticeKind("approval_refused", _("My request is refused"), _("%(who)s refused: %(title)s"), "x"),
    NoticeKind(
        "approval_lapsed",
        _("My request expired or was overtaken"),
        _("Nobody decided in time, or it changed meanwhile: %(title)s"),
        "clock",
    ),
    NoticeKind(
        "tasks_overdue",
        _("Every morning: what is overdue"),
        _("%(count)s tasks of yours are overdue"),
        "clock",
    ),
)

EVENT_KINDS = {
    "work.task_created": _("Task made"),
    "work.task_changed": _("Task changed"),
    "work.task_assigned": _("Given to somebody"),
    "work.task_completed": _("Done"),
    "work.task_reopened": _("Reopened"),
    "work.task_cancelled": _("Called off"),
    "work.task_snoozed": _("Put off"),
    "work.tasks_assigned": _("Given to somebody, %(count)s tasks together"),
    "work.tasks_completed": _("Done, %(count)s tasks together"),
    "work.tasks_reopened": _("Reopened, %(count)s tasks together"),
    "work.tasks_handed_over": _("Handed over to a successor"),
    "work.comment_added": _("Commented"),
    "work.watching_stopped": _("Stopped watching"),
    "work.checklist_item_added": _("Line added to the checklist"),
    "work.checklist_item_ticked": _("Line ticked off"),
    "work.checklist_item_unticked": _("Tick taken back"),
    "work.checklist_item_removed": _("Line removed from the checklist"),
    "work.recurring_task_created": _("Recurring task made"),
    "work.recurring_task_changed": _("Recurring task changed"),
    "work.recurring_task_paused": _("Recurring task paused"),
    "work.recurring_task_resumed": _("Recurring task resumed"),
    "work.occurrences_made": _("Tasks of a recurring task made"),
    "work.rule_created": _("Assignment rule “%(name)s” made"),
    "work.rule_changed": _("Assignment rule changed"),
    "work.rule_moved": _("Assignment rule moved"),
    "work.rule_paused": _("Assignment rule “%(name)s” paused"),
    "work.rule_resumed": _("Assignment rule “%(name)s” resumed"),
    "work.skill_added": _("Skill “%(name)s” added"),
    "work.skill_archived": _("Skill “%(name)s” archived"),
    "work.staff_skills_set": _("Skills set"),
    "work.approval_requested": _("Approval asked for"),
    "work.approval_approved": _("Approved and carried out"),
    "work.approval_refused": _("Request refused"),
    "work.approval_withdrawn": _("Request withdrawn"),
    "work.approval_overtaken": _("Request overtaken by a change"),
    "work.approvals_expired": _("Requests expired"),
    "work.approval_policy_set": _("Approval policy set"),
    "work.people_notified": _("People notified"),
    "work.notices_mailed": _("Notices sent by email"),
    "work.notices_read": _("Notices read"),
    "work.old_notices_deleted": _("Old notices deleted"),
    "work.notice_channels_chosen": _("Ways of being notified chosen"),
    "work.custom_field_defined": _("Custom field “%(label)s” defined"),
    "work.custom_field_changed": _("Custom field “%(label)s” changed"),
    "work.custom_field_moved": _("Custom field “%(label)s” moved"),
    "work.custom_field_archived": _("Custom field “%(label)s” archived"),
    "work.custom_field_restored": _("Custom field “%(label)s” restored"),
}


def _register_subjects() -> None:
    """What the room's rows are called in logs and timelines."""
    from dianke.work import models

    manage = "work.manage_rules"
    register_rows("work.task", models.Task.objects.visible_to, "title", url_name="work:task")
    register_rows("work.approval", models.Approval.objects.visible_to, "summary", url_name="work:approval")
    register_rows(
        "work.recurringtask",
        models.RecurringTask.objects.visible_to,
        "title",
        url_name="work:recurring-edit",
        permission=manage,
    )
    register_rows(
        "work.assignmentrule",
        models.AssignmentRule.objects.visible_to,
        "name",
        url_name="work:rule-edit",
        permission=manage,
    )
    register_rows("work.skill", lambda actor: models.Skill.objects.all(), "name")
    register_rows(
        "work.customfield",
        lambda actor: models.CustomField.objects.all(),
        "label",
        url_name="work:field-edit",
        permission="work.manage_custom_fields",
    )
    register_subject("work.approvalpolicy", _policies)
    register_subject("work.notice", _notices)


def _policies(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    """A policy is called by the operation it guards."""
    from dianke.work.models import ApprovalPolicy

    rows = ApprovalPolicy.objects.filter(pk__in=[key for key in keys if key.isdecimal()])
    labels = approvables()
    return {
        str(row.pk): SubjectName(
            str(_("Approval policy: %s"))
            % (labels[row.operation].label if row.operation in labels else row.operation)
        )
        for row in rows
    }


def _notices(keys: Collection[str], actor: Actor) -> Mapping[str, SubjectName]:
    """Notices are recorded by their kind, mails of several together by a number."""
    kinds = notice_kinds()
    return {
        key: SubjectName(str(_("Notice: %s")) % kinds[key].label if key in kinds else str(_("Notices")))
        for key in keys
    }


def register() -> None:
    """Kinds, labels, names."""
    for kind in TASK_KINDS:
        register_task_kind(kind)
    for notice in NOTICE_KINDS:
        register_notice_kind(notice)
    for code, label in EVENT_KINDS.items():
        register_kind(code, label)
    _register_subjects()
