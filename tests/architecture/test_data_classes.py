"""The classification of data in docs/security.md names every sealed column and has a line for every table."""

from __future__ import annotations

from fnmatch import fnmatch

from django.apps import apps

from dianke.core.encrypted_fields.blind_indexes import BlindIndexField
from dianke.core.encrypted_fields.sealing import EncryptedField
from tests.architecture.documents import document, quoted, rows

CLASSES = [cells for cells in rows(document("security.md"), 7) if cells[0] != "Class"]
#: Tables of packages: their secrets are named in the line of secrets, the rest is theirs.
NOT_OURS = ("auth_", "django_", "account_", "mfa_", "axes_", "procrastinate_")


def named(column: int) -> set[str]:
    """What the lines name in backquotes in a column; `.street` belongs to the table named before it."""
    found = set()
    table = ""
    for cells in CLASSES:
        for name in quoted(cells[column]):
            table = table if name.startswith(".") else name.split(".")[0]
            found.add(f"{table}{name}" if name.startswith(".") else name)
    return found


def test_every_sealed_column_has_a_class():
    sealed = {
        f"{model._meta.db_table}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.fields
        if isinstance(field, EncryptedField)
    }
    assert len(sealed) > 10
    assert sealed - named(2) == set()


def test_every_blind_index_is_told_where_its_column_stands():
    for model in apps.get_models():
        for field in model._meta.fields:
            if isinstance(field, BlindIndexField):
                table = model._meta.db_table
                assert any(table in cells[2] and f"`{field.name}`" in cells[3] for cells in CLASSES), (
                    f"{table}.{field.name} is not told"
                )


def test_every_table_has_a_class():
    patterns = named(2)
    tables = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.db_table.startswith(NOT_OURS)
    }
    untold = {
        table
        for table in tables
        if not any(fnmatch(table, one) or one.startswith(f"{table}.") for one in patterns)
    }
    assert untold == set()
    columns = {
        f"{model._meta.db_table}.{field.name}" for model in apps.get_models() for field in model._meta.fields
    }
    stale = {one for one in patterns if one.count(".") == 1 and "/" not in one} - columns
    assert {one for one in stale if not one.startswith(NOT_OURS)} == set()
