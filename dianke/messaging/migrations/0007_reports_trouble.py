"""Whether the mailbox of reports could be read stands with its channel."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0006_handed_messages")]
    operations = [
        migrations.AddField(
            "channelsetting",
            "reports_trouble",
            models.CharField(
                verbose_name="mailbox of reports",
                max_length=8,
                choices=[
                    ("LOGIN", "User name or password refused"),
                    ("REACH", "Not reached"),
                    ("BROKEN", "Broke off"),
                ],
                blank=True,
                default="",
            ),
        ),
        migrations.AddField(
            "channelsetting",
            "reports_failing_since",
            models.DateTimeField(verbose_name="reports not read since", null=True, blank=True),
        ),
        migrations.AddField(
            "channelsetting",
            "reports_said",
            models.CharField(verbose_name="what the mailbox said", max_length=150, blank=True, default=""),
        ),
    ]
