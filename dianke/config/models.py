"""What the house itself keeps: module switches, the preset of each store, and how far the first steps have come."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dianke.stores.models import Store, Trade


class ModuleSwitch(models.Model):
    """A module switched on or off, for all stores (store None) or for one. No row: what is meant one step up."""

    module = models.CharField(_("module"), max_length=40)
    store = models.ForeignKey(
        Store, null=True, blank=True, on_delete=models.CASCADE, related_name="module_switches"
    )
    is_on = models.BooleanField(_("on"))

    class Meta:
        ordering = ["module", "id"]
        verbose_name = _("module switch")
        verbose_name_plural = _("module switches")
        constraints = [
            models.UniqueConstraint(
                fields=["module", "store"], nulls_distinct=False, name="config_module_switch_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.module} {'on' if self.is_on else 'off'}"


class StorePreset(models.Model):
    """The trade preset a store was set up with. `content` keeps levels, pipelines and templates for the rooms that
    use them; `made` names everything applying it brought in, which is what taking it back removes."""

    store = models.OneToOneField(Store, on_delete=models.CASCADE, related_name="preset")
    trade = models.CharField(_("trade"), max_length=16, choices=Trade.choices)
    fingerprint = models.CharField(max_length=16)
    content = models.JSONField(default=dict)
    made = models.JSONField(default=dict)
    applied_at = models.DateTimeField(_("applied"))

    class Meta:
        verbose_name = _("trade preset")
        verbose_name_plural = _("trade presets")

    def __str__(self) -> str:
        return self.trade

    @property
    def label(self) -> str:
        """What the preset is called, in the reader's language."""
        from dianke.config.presets import preset_of

        return str(preset_of(self.trade).label)


class FirstStepDone(models.Model):
    """A line of the first-steps checklist ticked by hand, or (code "*") the whole card put away."""

    WHOLE_CARD = "*"

    code = models.CharField(max_length=40, unique=True)
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        verbose_name = _("first step")
        verbose_name_plural = _("first steps")

    def __str__(self) -> str:
        return self.code
