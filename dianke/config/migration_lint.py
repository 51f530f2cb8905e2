"""Judges migrations by what they would do to full tables: `python -m dianke.config.migration_lint`.

It reads the operations, not SQL, so it needs neither a database nor the history of the repository. Tables
that the same migration creates, and migrations marked `initial`, are free. What is forbidden can be allowed
after a review by an attribute of the migration: `reviewed = {"raw-sql": "one trigger function, no lock"}`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import AutoField, CheckConstraint, Field, GeneratedField, UniqueConstraint
from django.db.models.expressions import Value

# code -> the safe way to reach the same end
REMEDIES = {
    "drop-table": "stop using it in one release, drop it in the next",
    "drop-column": "stop using it in one release, drop it in the next",
    "rename-table": "make a new table, write both, move, drop the old one later",
    "rename-column": "make a new column, write both, move, drop the old one later",
    "change-type": "make a new column of the new type, write both, move, drop the old one later",
    "auto-column": "a counting column rewrites the table; make a new table instead",
    "generated-column": "a stored generated column rewrites the table; use a plain column and fill it",
    "volatile-default": "add the column without default, fill it in batches, then set the default",
    "not-null": "add a CHECK (… IS NOT NULL) not valid, validate it, only then set NOT NULL",
    "add-foreign-key": "add the key NOT VALID, validate it in a later migration",
    "add-check": "use AddConstraintNotValid, and ValidateConstraint in a later migration",
    "add-unique": "build the unique index concurrently, then attach it as the constraint",
    "add-exclusion": "an exclusion constraint locks the table while it is built; make a new table",
    "add-index": "use AddIndexConcurrently in a migration with atomic = False",
    "validate-at-once": "validate the constraint in a later migration than the one that adds it",
    "backfill": "fill rows in a migration of its own with atomic = False, in batches",
    "raw-sql": "nobody can judge raw SQL but a reader; say in `reviewed` why it is safe",
}


@dataclass(frozen=True)
class Finding:
    """One forbidden thing a migration does; `what` names the table or column."""

    migration: str
    code: str
    what: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.code} ({self.what}): {REMEDIES[self.code]}"


def lint(migration: Migration, before: ProjectState) -> list[Finding]:
    """The findings of one migration that no review covers, and reviews that cover nothing.

    `before` is the state of all models that the migration starts from.
    """
    name = f"{migration.app_label}.{migration.name}"
    reviewed: dict[str, str] = getattr(migration, "reviewed", {})
    unknown = sorted(set(reviewed) - set(REMEDIES))
    if unknown:
        raise ValueError(f"{name}: reviewed names {unknown}, known are {sorted(REMEDIES)}")
    if any(len(reason.strip()) < 10 for reason in reviewed.values()):
        raise ValueError(f"{name}: a review needs its reason")
    if migration.initial:
        return []
    findings = list(dict.fromkeys(_findings(migration, before, name)))
    idle = sorted(set(reviewed) - {finding.code for finding in findings})
    if idle:
        raise ValueError(f"{name}: reviewed names {idle}, which the migration does not do")
    return [finding for finding in findings if finding.code not in reviewed]


def _findings(migration: Migration, before: ProjectState, name: str) -> Iterator[Finding]:
    flat = list(_flatten(migration.operations))
    created = {op.name_lower for op in flat if isinstance(op, operations.CreateModel)}
    added_not_valid = {op.constraint.name for op in flat if isinstance(op, AddConstraintNotValid)}
    state = before.clone()
    for operation in flat:
        if _table(operation) not in created:
            for code, what in _judge(operation, state, migration):
                yield Finding(name, code, what)
        if isinstance(operation, ValidateConstraint) and operation.name in added_not_valid:
            yield Finding(name, "validate-at-once", operation.name)
        if isinstance(operation, operations.RunPython) and (
            migration.atomic or any(not isinstance(op, operations.RunPython) for op in flat)
        ):
            yield Finding(name, "backfill", getattr(operation.code, "__name__", "RunPython"))
        operation.state_forwards(migration.app_label, state)


def _flatten(steps: Iterable[Operation]) -> Iterator[Operation]:
    for step in steps:
        if isinstance(step, operations.SeparateDatabaseAndState):
            yield from _flatten(step.database_operations)
        else:
            yield step


def _table(operation: Operation) -> str | None:
    named = getattr(operation, "model_name", None)
    if named is None and isinstance(
        operation, operations.AlterModelTable | operations.AlterUniqueTogether | operations.AlterIndexTogether
    ):
        named = operation.name
    return named.lower() if named else None


def _judge(operation: Operation, state: ProjectState, migration: Migration) -> Iterator[tuple[str, str]]:
    match operation:
        case operations.DeleteModel():
            yield "drop-table", operation.name
        case operations.RemoveField():
            yield "drop-column", f"{operation.model_name}.{operation.name}"
        case operations.RenameModel():
            yield "rename-table", operation.old_name
        case operations.AlterModelTable():
            yield "rename-table", operation.name
        case operations.RenameField():
            yield "rename-column", f"{operation.model_name}.{operation.old_name}"
        case operations.AddField():
            for code in _judge_new_field(operation.field):
                yield code, f"{operation.model_name}.{operation.name}"
        case operations.AlterField():
            model = state.models[migration.app_label, operation.model_name_lower]
            for code in _judge_changed_field(model.fields[operation.name], operation.field):
                yield code, f"{operation.model_name}.{operation.name}"
        case operations.AddIndex() if not isinstance(operation, AddIndexConcurrently):
            yield "add-index", operation.index.name
        case operations.AddConstraint() if not isinstance(operation, AddConstraintNotValid):
            kinds = {
                CheckConstraint: "add-check",
                UniqueConstraint: "add-unique",
                ExclusionConstraint: "add-exclusion",
            }
            yield kinds[type(operation.constraint)], operation.constraint.name
        case operations.AlterUniqueTogether() if operation.option_value:
            yield "add-unique", operation.name
        case operations.AlterIndexTogether() if operation.option_value:
            yield "add-index", operation.name
        case operations.RunSQL():
            yield "raw-sql", "RunSQL"


def _judge_new_field(field: Field[Any, Any]) -> Iterator[str]:
    if isinstance(field, AutoField):
        yield "auto-column"
    if isinstance(field, GeneratedField) and getattr(field, "db_persist", True):
        yield "generated-column"
    if (
        field.has_db_default()
        and not isinstance(field.db_default, Value)
        and hasattr(field.db_default, "as_sql")
    ):
        yield "volatile-default"
    if field.unique and not isinstance(field, AutoField):
        yield "add-unique"
    elif getattr(field, "db_index", False):
        yield "add-index"
    if field.remote_field is not None and getattr(field, "db_constraint", False):
        yield "add-foreign-key"


def _judge_changed_field(old: Field[Any, Any], new: Field[Any, Any]) -> Iterator[str]:
    free = {*new.non_db_attrs, "default", "db_default", "null", "unique", "db_index", "db_column"}
    before, after = (
        {key: value for key, value in field.deconstruct()[3].items() if key not in free}
        for field in (old, new)
    )
    if old.get_internal_type() != new.get_internal_type() or _narrower(before, after):
        yield "change-type"
    if before.get("to") != after.get("to") and "to" in after:
        yield "add-foreign-key"
    if old.null and not new.null:
        yield "not-null"
    if new.unique and not old.unique:
        yield "add-unique"
    elif getattr(new, "db_index", False) and not getattr(old, "db_index", False):
        yield "add-index"
    if old.db_column != new.db_column:
        yield "rename-column"


def _narrower(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """True when the column cannot take over its values as they stand (a longer text or number can)."""
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new or key == "to":
            continue
        widened = key in {"max_length", "max_digits"} and old is not None and (new is None or new > old)
        if not widened:
            return True
    return False


def lint_project() -> list[Finding]:
    """The findings over the migrations of every room, in the order of their names."""
    from django.apps import apps
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(None, ignore_no_migrations=True)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith("dianke.")}
    findings: list[Finding] = []
    for (label, name), migration in sorted(loader.disk_migrations.items()):
        if label in ours:
            findings += lint(migration, loader.project_state((label, name), at_end=False))
    return findings


def main() -> int:
    import django

    django.setup()
    try:
        findings = lint_project()
    except ValueError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
