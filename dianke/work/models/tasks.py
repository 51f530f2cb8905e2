"""Tasks: something a person is to do by a time, about a subject, with a checklist and a talk about it.

What state a task is in follows from two instants: completed, cancelled, else open. A task without owner stands in the
pool of its store, where whoever works there takes it. Who sees which task is `visible_to`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor, RowScope
from dianke.core.custom_fields import CustomFieldsModel, custom_fields_index

APPROVAL_KIND = "approval"


class Priority(models.IntegerChoices):
    """Stored as a number so that sorting by it is sorting by urgency."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


OPEN = Q(completed_at=None, cancelled_at=None)


class TaskQuerySet(models.QuerySet["Task"]):
    """Reads as `Task.objects.visible_to(actor).open().overdue(now)`."""

    def visible_to(self, actor: Actor, permission: str = "work.view_tasks") -> Self:
        """What the actor's grants reach: all; the tasks of its stores; or its own, and what nobody has taken in the
        stores it works at. One's own (owner, maker, watcher) always. Tasks that stand for an approval are for those
        who may decide there, and for their owner and maker."""
        if actor.is_system:
            return self
        reached, is_all = Q(pk__in=[]), False
        for grant in actor.grants:
            if permission not in grant.permissions:
                continue
            here = Q(store__isnull=False) if grant.store_ids is None else Q(store_id__in=grant.store_ids)
            if grant.scope is RowScope.ALL and grant.store_ids is None:
                is_all = True
            elif grant.scope is RowScope.OWN:
                reached |= here & Q(owner=None)
            else:
                reached |= here
        if not actor.can(permission):
            return self.none()
        deciding = actor.stores_for("work.decide_approvals")
        decides = Q() if deciding is None else Q(store_id__in=deciding) if deciding else Q(pk__in=[])
        wide = (Q() if is_all else reached) & (~Q(kind=APPROVAL_KIND) | decides)
        return self.filter(wide | self.own(actor))

    @staticmethod
    def own(actor: Actor) -> Q:
        """Tasks one owns, made or watches."""
        if actor.user_id is None:
            return Q(pk__in=[])
        watched = Task.watchers.through.objects.filter(user_id=actor.user_id).values("task_id")
        return Q(owner_id=actor.user_id) | Q(created_by_id=actor.user_id) | Q(pk__in=watched)

    def open(self) -> Self:
        return self.filter(OPEN)

    def closed(self) -> Self:
        return self.exclude(OPEN)

    def overdue(self, now: datetime) -> Self:
        return self.filter(OPEN, due_at__lt=now)

    def owned_by(self, user_id: int | None) -> Self:
        return self.filter(owner_id=user_id)

    def unassigned(self) -> Self:
        return self.filter(owner=None)

    def to_do(self) -> Self:
        """Without the tasks that stand for approvals: those are decided, not done."""
        return self.exclude(kind=APPROVAL_KIND)


class Task(CustomFieldsModel):
    """`subject` is what it is about, as events write it ("stores.store:12"); `reference` a key under which a task is
    made once at most, however often it is asked for; `assigned_why` the reasons of the rule that chose the owner."""

    title = models.CharField(_("title"), max_length=120)
    note = models.TextField(_("note"), blank=True)
    kind = models.CharField(_("kind"), max_length=40, default="other")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
        verbose_name=_("person in charge"),
    )
    store = models.ForeignKey(
        "stores.Store",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("store"),
    )
    skill = models.ForeignKey(
        "work.Skill",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("skill"),
    )
    subject = models.CharField(_("about"), max_length=120, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority.choices, default=Priority.NORMAL
    )
    created_at = models.DateTimeField(_("created"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("created by"),
    )
    assigned_at = models.DateTimeField(null=True)
    assigned_why = models.JSONField(default=list, blank=True)
    completed_at = models.DateTimeField(_("completed"), null=True)
    completed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("completed by"),
    )
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    recurring = models.ForeignKey(
        "work.RecurringTask",
        null=True,
        on_delete=models.PROTECT,
        related_name="tasks",
        verbose_name=_("repeats"),
    )
    occurrence_date = models.DateField(null=True)
    reference = models.CharField(max_length=160, null=True, unique=True)  # noqa: DJ001  unique, so absent is null
    watchers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="watched_tasks", blank=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.CheckConstraint(
                condition=Q(completed_at=None) | Q(cancelled_at=None), name="work_task_ends_once"
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=False) | Q(completed_by=None),
                name="work_task_completed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=4), name="work_task_priority_known"
            ),
            models.CheckConstraint(
                condition=Q(recurring=None, occurrence_date=None)
                | Q(recurring__isnull=False, occurrence_date__isnull=False),
                name="work_task_occurrence_whole",
            ),
            models.UniqueConstraint(
                fields=["recurring", "occurrence_date"], name="work_task_occurrence_once"
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "due_at"], condition=OPEN, name="work_task_of_owner"),
            models.Index(fields=["store", "due_at"], condition=OPEN, name="work_task_of_store"),
            models.Index(fields=["due_at", "id"], name="work_task_due"),
            models.Index(fields=["subject"], condition=~Q(subject=""), name="work_task_subject"),
            custom_fields_index("work_task_custom"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.completed_at is None and self.cancelled_at is None

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.due_at is not None and self.due_at < now


class ChecklistItem(models.Model):
    """One line to tick off."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="checklist")
    text = models.CharField(_("text"), max_length=120)
    position = models.PositiveSmallIntegerField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("checklist item")
        verbose_name_plural = _("checklist items")

    def __str__(self) -> str:
        return self.text


class Comment(models.Model):
    """What somebody wrote on a task; `mentioned` are the people called by name in it."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("comment on a task"))
    mentioned = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        verbose_name = _("comment on a task")
        verbose_name_plural = _("comments on a task")

    def __str__(self) -> str:
        return self.text[:40]
