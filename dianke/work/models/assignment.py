"""Who gets which work: skills of people, and the rules by which a task without owner finds one."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.work.rules.assignment import Strategy


class Skill(models.Model):
    """What people can do that not everybody can: 水光 treatments, setting stones, speaking Cantonese."""

    class Kind(models.TextChoices):
        SKILL = "SKILL", _("Skill")
        LANGUAGE = "LANGUAGE", _("Language")

    name = models.CharField(_("skill"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.SKILL)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["kind", "name"]
        verbose_name = _("skill")
        verbose_name_plural = _("skills")

    def __str__(self) -> str:
        return self.name


class StaffSkill(models.Model):
    """That a person has a skill, and how well. Learners are not given work that needs it."""

    class Level(models.IntegerChoices):
        LEARNING = 1, _("learning")
        ABLE = 2, _("able")
        EXPERT = 3, _("expert")

    staff = models.ForeignKey("stores.Staff", on_delete=models.CASCADE, related_name="skills")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="people")
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices, default=Level.ABLE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff", "skill"], name="work_staff_skill_once"),
            models.CheckConstraint(
                condition=Q(level__gte=1, level__lte=3), name="work_staff_skill_level_known"
            ),
        ]


class AssignmentRuleQuerySet(models.QuerySet["AssignmentRule"]):
    def visible_to(self, actor: Actor, permission: str = "work.manage_rules") -> Self:
        """Rules that can choose for a store the actor leads: of that store, of its region, of everywhere."""
        reached = actor.stores_for(permission)
        if reached is None:
            return self
        if not reached:
            return self.none()
        return self.filter(Q(store_id__in=reached) | Q(store=None))

    def active(self) -> Self:
        return self.filter(paused_at=None)


class AssignmentRule(models.Model):
    """The first rule in `position` order that fits a task and finds somebody chooses. Empty conditions fit all."""

    class StrategyChoice(models.TextChoices):
        LEAST_LOAD = Strategy.LEAST_LOAD, _("Whoever has the fewest open tasks")
        ROUND_ROBIN = Strategy.ROUND_ROBIN, _("In turn")
        OWNER_OF_SUBJECT = Strategy.OWNER_OF_SUBJECT, _("Whoever looks after what it is about")
        FIXED = Strategy.FIXED, _("Always the same person")

    name = models.CharField(_("name of the rule"), max_length=60)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind of task"), max_length=40, blank=True)
    store = models.ForeignKey(
        "stores.Store",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("store"),
    )
    region = models.ForeignKey(
        "stores.Region",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("region"),
    )
    skill = models.ForeignKey(
        Skill,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("skill needed"),
    )
    strategy = models.CharField(_("who gets it"), max_length=20, choices=StrategyChoice.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("person"),
    )
    only_on_shift = models.BooleanField(_("only people on shift"), default=False)
    paused_at = models.DateTimeField(null=True)

    objects = AssignmentRuleQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("assignment rule")
        verbose_name_plural = _("assignment rules")
        constraints = [
            models.CheckConstraint(
                condition=(~Q(strategy=Strategy.FIXED) & Q(person=None))
                | Q(strategy=Strategy.FIXED, person__isnull=False),
                name="work_rule_fixed_has_person",
            ),
            models.CheckConstraint(condition=Q(store=None) | Q(region=None), name="work_rule_one_place"),
        ]

    def __str__(self) -> str:
        return self.name
