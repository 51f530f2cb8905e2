"""Every forbidden step is found on a full table, and free on one that the migration itself creates."""

import pytest
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models.functions import Lower, Now

from dianke.config.migration_lint import REMEDIES, lint, lint_project


def before():
    state = ProjectState()
    fields = [
        ("id", models.BigAutoField(primary_key=True)),
        ("name", models.CharField(max_length=20, null=True)),
        ("price", models.DecimalField(max_digits=10, decimal_places=2)),
    ]
    state.add_model(ModelState("till", "Order", fields))
    state.add_model(ModelState("till", "Shop", fields[:1]))
    return state


def a_migration(*steps, **attributes):
    made = type("Migration", (migrations.Migration,), {"operations": list(steps), **attributes})
    return made("0002_change", "till")


def codes(*steps, **attributes):
    return [finding.code for finding in lint(a_migration(*steps, **attributes), before())]


def add(field):
    return migrations.AddField("order", "extra", field)


def alter(name, field):
    return migrations.AlterField("order", name, field)


def do_nothing(apps, schema_editor):
    """Stands for a backfill."""


PRICED = models.CheckConstraint(condition=models.Q(price__gte=0), name="order_price_not_negative")


def named(value):
    """Test ids that are the same in every worker."""
    return value.__class__.__name__ if isinstance(value, Operation) else "+".join(value)


FORBIDDEN = [
    (migrations.DeleteModel("Order"), ["drop-table"]),
    (migrations.RemoveField("order", "name"), ["drop-column"]),
    (migrations.RenameModel("Order", "Sale"), ["rename-table"]),
    (migrations.AlterModelTable("order", "sale"), ["rename-table"]),
    (migrations.RenameField("order", "name", "title"), ["rename-column"]),
    (add(models.BigAutoField(primary_key=True)), ["auto-column"]),
    (
        add(
            models.GeneratedField(
                expression=Lower("name"), output_field=models.CharField(max_length=20), db_persist=True
            )
        ),
        ["generated-column"],
    ),
    (add(models.DateTimeField(db_default=Now())), ["volatile-default"]),
    (add(models.CharField(max_length=3, null=True, unique=True)), ["add-unique"]),
    (add(models.CharField(max_length=3, null=True, db_index=True)), ["add-index"]),
    (add(models.ForeignKey("till.Shop", models.PROTECT, null=True)), ["add-index", "add-foreign-key"]),
    (alter("name", models.TextField(null=True)), ["change-type"]),
    (alter("name", models.CharField(max_length=10, null=True)), ["change-type"]),
    (alter("price", models.DecimalField(max_digits=12, decimal_places=4)), ["change-type"]),
    (alter("name", models.CharField(max_length=20)), ["not-null"]),
    (alter("name", models.CharField(max_length=20, null=True, unique=True)), ["add-unique"]),
    (alter("name", models.CharField(max_length=20, null=True, db_index=True)), ["add-index"]),
    (alter("name", models.CharField(max_length=20, null=True, db_column="title")), ["rename-column"]),
    (migrations.AddIndex("order", models.Index(fields=["name"], name="order_name")), ["add-index"]),
    (migrations.AddConstraint("order", PRICED), ["add-check"]),
    (
        migrations.AddConstraint("order", models.UniqueConstraint(fields=["name"], name="one_name")),
        ["add-unique"],
    ),
    (
        migrations.AddConstraint("order", ExclusionConstraint(name="apart", expressions=[("price", "=")])),
        ["add-exclusion"],
    ),
    (migrations.AlterUniqueTogether("order", {("name", "price")}), ["add-unique"]),
    (migrations.RunSQL("SELECT 1"), ["raw-sql"]),
    (migrations.RunPython(do_nothing), ["backfill"]),
    (
        migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("order", "name")]),
        ["drop-column"],
    ),
]


@pytest.mark.parametrize(("step", "found"), FORBIDDEN, ids=named)
def test_a_step_that_locks_or_breaks_a_full_table_is_found(step, found):
    assert codes(step) == found


def test_a_constraint_is_not_validated_by_the_migration_that_adds_it():
    steps = [AddConstraintNotValid("order", PRICED), ValidateConstraint("order", PRICED.name)]
    assert codes(*steps) == ["validate-at-once"]
    assert codes(steps[0]) == []


def test_every_code_has_a_case_here():
    assert {code for _step, found in FORBIDDEN for code in found} | {"validate-at-once"} == set(REMEDIES)


@pytest.mark.parametrize(
    "step",
    [
        migrations.CreateModel("Line", [("id", models.BigAutoField(primary_key=True))]),
        add(models.CharField(max_length=3, default="new")),
        add(models.CharField(max_length=3, db_default="new")),
        alter("name", models.CharField(max_length=40, null=True, verbose_name="title", help_text="x")),
        alter("price", models.DecimalField(max_digits=14, decimal_places=2)),
        migrations.AlterModelOptions("order", {"ordering": ["name"]}),
        AddIndexConcurrently("order", models.Index(fields=["name"], name="order_name")),
    ],
    ids=named,
)
def test_a_harmless_step_passes(step):
    assert codes(step, atomic=False) == []


def test_steps_on_a_table_of_the_same_migration_are_free():
    made = migrations.CreateModel("Line", [("id", models.BigAutoField(primary_key=True))])
    index = migrations.AddIndex("line", models.Index(fields=["id"], name="line_id"))
    key = migrations.AddField("line", "order", models.ForeignKey("till.Order", models.PROTECT))
    assert codes(made, index, key) == []
    assert codes(made, migrations.AddIndex("order", models.Index(fields=["name"], name="n"))) == ["add-index"]


def test_an_initial_migration_is_free():
    assert codes(migrations.RunSQL("CREATE FUNCTION …"), initial=True) == []


def test_filling_rows_alone_and_outside_of_a_transaction_passes():
    assert codes(migrations.RunPython(do_nothing), atomic=False) == []
    assert codes(migrations.RunPython(do_nothing), add(models.IntegerField(null=True)), atomic=False) == [
        "backfill"
    ]


def test_a_review_with_its_reason_allows_what_it_names():
    allowed = {"raw-sql": "one trigger function, takes no lock"}
    assert codes(migrations.RunSQL("SELECT 1"), reviewed=allowed) == []
    assert codes(migrations.RunSQL("SELECT 1"), migrations.DeleteModel("Order"), reviewed=allowed) == [
        "drop-table"
    ]


@pytest.mark.parametrize(
    ("reviewed", "complaint"),
    [
        ({"raw-sql": "ok"}, "needs its reason"),
        ({"rawsql": "one trigger function"}, "known are"),
        ({"raw-sql": "one trigger function"}, "does not do"),
    ],
)
def test_a_review_that_says_nothing_is_refused(reviewed, complaint):
    with pytest.raises(ValueError, match=complaint):
        codes(migrations.AlterModelOptions("order", {}), reviewed=reviewed)


def test_the_product_itself_has_no_findings():
    assert [str(finding) for finding in lint_project()] == []
