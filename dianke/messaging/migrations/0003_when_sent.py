"""Who was written to, and who read it, since a day is found without reading the messages."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("messaging", "0002_guards")]
    operations = [
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["sent_at"],
                include=["customer", "state"],
                condition=models.Q(sent_at__isnull=False),
                name="messaging_message_sent",
            ),
        ),
        AddIndexConcurrently(
            "message",
            models.Index(
                fields=["read_at"],
                include=["customer"],
                condition=models.Q(read_at__isnull=False),
                name="messaging_message_read",
            ),
        ),
    ]
