import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("customers", "0011_fill_six_digits"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerMetrics",
            fields=[
                (
                    "customer",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="metrics",
                        serialize=False,
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
                ("order_count", models.PositiveIntegerField(verbose_name="orders")),
                ("order_count_365", models.PositiveIntegerField(verbose_name="orders in a year")),
                ("spend_amount", models.BigIntegerField(verbose_name="spent, net of returns")),
                ("spend_365_amount", models.BigIntegerField(verbose_name="spent in a year")),
                ("returned_amount", models.BigIntegerField(verbose_name="given back")),
                ("margin_amount", models.BigIntegerField(verbose_name="gross profit")),
                ("average_amount", models.BigIntegerField(verbose_name="per order")),
                ("first_date", models.DateField(verbose_name="first purchase")),
                ("last_date", models.DateField(verbose_name="last purchase")),
                (
                    "interval_days",
                    models.DecimalField(
                        decimal_places=1, max_digits=7, null=True, verbose_name="usual interval in days"
                    ),
                ),
                ("recency_score", models.PositiveSmallIntegerField(verbose_name="recency")),
                ("frequency_score", models.PositiveSmallIntegerField(verbose_name="frequency")),
                ("money_score", models.PositiveSmallIntegerField(verbose_name="money")),
                (
                    "value_group",
                    models.CharField(
                        choices=[
                            ("CHAMPION", "Champions"),
                            ("LOYAL", "Loyal"),
                            ("PROMISING", "Promising"),
                            ("NEW", "New"),
                            ("ATTENTION", "Need attention"),
                            ("SLIPPING", "Slipping away"),
                            ("AT_RISK", "At risk"),
                            ("CANT_LOSE", "Win back first"),
                            ("DORMANT", "Dormant"),
                            ("LOST", "Lost"),
                        ],
                        max_length=10,
                        verbose_name="group",
                    ),
                ),
                (
                    "group_last_month",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("CHAMPION", "Champions"),
                            ("LOYAL", "Loyal"),
                            ("PROMISING", "Promising"),
                            ("NEW", "New"),
                            ("ATTENTION", "Need attention"),
                            ("SLIPPING", "Slipping away"),
                            ("AT_RISK", "At risk"),
                            ("CANT_LOSE", "Win back first"),
                            ("DORMANT", "Dormant"),
                            ("LOST", "Lost"),
                        ],
                        max_length=10,
                        verbose_name="group last month",
                    ),
                ),
                (
                    "favourite_category_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        default=list,
                        size=None,
                        verbose_name="favourite categories",
                    ),
                ),
                (
                    "preferred_channel",
                    models.CharField(blank=True, max_length=11, verbose_name="usual channel"),
                ),
                ("preferred_store_id", models.BigIntegerField(null=True, verbose_name="usual store")),
                ("expected_next_date", models.DateField(null=True, verbose_name="next purchase expected")),
                (
                    "churn_risk",
                    models.DecimalField(
                        decimal_places=4, max_digits=5, null=True, verbose_name="risk of losing"
                    ),
                ),
                ("ltv_amount", models.BigIntegerField(null=True, verbose_name="lifetime value")),
                ("ltv_low_amount", models.BigIntegerField(null=True, verbose_name="lifetime value at least")),
                ("ltv_high_amount", models.BigIntegerField(null=True, verbose_name="lifetime value at most")),
                ("model", models.CharField(blank=True, max_length=40, verbose_name="model")),
                ("has_enough_data", models.BooleanField(default=False, verbose_name="enough data")),
                ("as_of_date", models.DateField(verbose_name="as of")),
                ("position", models.CharField(max_length=60)),
            ],
            options={
                "verbose_name": "value of a customer",
                "verbose_name_plural": "values of customers",
                "indexes": [
                    models.Index(
                        fields=["recency_score", "frequency_score", "value_group", "group_last_month"],
                        include=("spend_amount",),
                        name="insight_metrics_grid",
                    ),
                    models.Index(fields=["value_group", "-spend_amount"], name="insight_metrics_group"),
                    models.Index(fields=["-spend_amount", "customer"], name="insight_metrics_spend"),
                    models.Index(fields=["-spend_365_amount", "customer"], name="insight_metrics_year"),
                    models.Index(fields=["last_date", "customer"], name="insight_metrics_last"),
                    models.Index(fields=["first_date", "customer"], name="insight_metrics_first"),
                    models.Index(fields=["-order_count", "customer"], name="insight_metrics_orders"),
                    models.Index(
                        condition=models.Q(("churn_risk__isnull", False)),
                        fields=["-churn_risk"],
                        name="insight_metrics_risk",
                    ),
                    models.Index(
                        condition=models.Q(("expected_next_date__isnull", False)),
                        fields=["expected_next_date"],
                        name="insight_metrics_next",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("frequency_score__range", (1, 5)),
                            ("recency_score__range", (1, 5)),
                            ("money_score__range", (1, 5)),
                        ),
                        name="insight_metrics_scores",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("churn_risk", None), ("churn_risk__range", (0, 1)), _connector="OR"
                        ),
                        name="insight_metrics_risk_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SnapshotRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("RUNNING", "Running"), ("DONE", "Done"), ("FAILED", "Failed")],
                        default="RUNNING",
                        max_length=7,
                        verbose_name="state",
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting for its turn"),
                            ("READING", "Reading what has changed"),
                            ("SCORING", "Working out what customers are worth"),
                            ("ENDED", "Ended"),
                        ],
                        default="WAITING",
                        max_length=7,
                        verbose_name="step",
                    ),
                ),
                ("is_full", models.BooleanField(default=False, verbose_name="everybody anew")),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended")),
                ("as_of_date", models.DateField(null=True, verbose_name="as of")),
                ("position", models.CharField(blank=True, max_length=60)),
                ("row_count", models.BigIntegerField(default=0, verbose_name="rows")),
                ("changed_order_count", models.BigIntegerField(default=0, verbose_name="orders read anew")),
                ("customer_count", models.BigIntegerField(default=0, verbose_name="customers")),
                ("bounds", models.JSONField(default=dict)),
                ("problem", models.CharField(blank=True, max_length=200, verbose_name="problem")),
            ],
            options={
                "verbose_name": "snapshot",
                "verbose_name_plural": "snapshots",
                "ordering": ["-started_at", "-id"],
                "indexes": [models.Index(fields=["state", "-started_at"], name="insight_run_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "RUNNING")),
                        fields=("state",),
                        name="insight_one_run_at_a_time",
                    )
                ],
            },
        ),
    ]
