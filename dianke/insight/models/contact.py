"""On which channel a customer answers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ContactPreference(models.Model):
    """The channel a profile answers on, worked out at night from what rooms above tell (`queries/contact.Asked`): of
    `message_count` messages and calls there, `answer_count` were answered. Nobody who has too little to go by, or
    refused to have their interests followed, has a row. `customer_id` is the head of that night; a number instead of a
    key with a constraint, as every row can be made anew."""

    customer_id = models.BigIntegerField(primary_key=True)
    channel = models.CharField(_("channel"), max_length=8)
    message_count = models.PositiveIntegerField(_("messages"))
    answer_count = models.PositiveIntegerField(_("answers"))

    class Meta:
        verbose_name = _("contact preference")
        verbose_name_plural = _("contact preferences")
        constraints = [
            models.CheckConstraint(
                condition=Q(answer_count__gt=0, answer_count__lte=F("message_count")),
                name="insight_contact_counts",
            ),
        ]
        indexes = [models.Index(fields=["channel", "customer_id"], name="insight_contact_channel")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.channel}"
