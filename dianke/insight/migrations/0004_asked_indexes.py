"""Rules of segments read what customers are worth from indexes alone."""

from __future__ import annotations

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("insight", "0003_proposals")]
    operations = [
        AddIndexConcurrently(
            "customermetrics",
            models.Index(
                fields=["last_date", "customer"],
                include=["order_count", "spend_amount", "spend_365_amount", "interval_days"],
                name="insight_metrics_lately",
            ),
        ),
        RemoveIndexConcurrently("customermetrics", "insight_metrics_last"),
        AddIndexConcurrently(
            "customermetrics",
            models.Index(
                fields=["customer"],
                include=[
                    "order_count",
                    "order_count_365",
                    "spend_amount",
                    "spend_365_amount",
                    "first_date",
                    "last_date",
                    "interval_days",
                    "recency_score",
                    "frequency_score",
                    "money_score",
                    "value_group",
                ],
                name="insight_metrics_asked",
            ),
        ),
    ]
