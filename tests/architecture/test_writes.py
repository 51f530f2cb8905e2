"""One door for writes: only operations (and migrations and tests) change rows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import (
    PRODUCT,
    Finding,
    calls,
    find,
    is_module,
    must_be_clean,
    parsed,
    product_modules,
)

# Files that write without being operations, each with its reason. Keep this short.
ALLOWED: dict[str, str] = {
    "catalog/apps.py": "units and tax classes are there when the database is migrated",
    "sales/apps.py": "kinds of payment and stages are there when the database is migrated",
    "access/apps.py": "the preset roles follow the permission table when the database is migrated",
    "access/limits.py": "counts attempts, also those of a request that is refused and rolled back",
    "api/idempotency.py": "stores answers around the operation, not within it",
    "api/limits.py": "counts requests, also the refused ones",
    "config/demo/deliveries.py": "a picture into memory",
    "config/baseline.py": "makes the tables of a database that has none yet",
    "core/data_keys.py": "keys lie below the operations that use them",
    "core/erasure.py": "destroys keys, below the operations that decide it",
    "core/key_rotation.py": "re-wraps keys in small transactions that may be interrupted",
    "core/hot_rows.py": "inserts a row on behalf of the operation that calls it",
    "core/encrypted_fields/rows.py": "seals the fields of a row while an operation saves it",
    "core/search_words.py": "gives a row the words it is found by while an operation saves it",
    "events/changes.py": "saves a row on behalf of the operation that calls it",
    "events/commit_order.py": "notes how far the log was read",
    "events/sealing/chain.py": "seals what operations recorded; itself no operation, or it would seal itself",
    "events/dispatcher.py": "notes what was delivered, in the transaction of the reaction",
    "imports/running.py": "notes how far a check is and what it finds, before the operation that ends it",
    "matching/bulk_preparation.py": "fills tables of DuckDB in memory; the database knows nothing of them",
    "sales/views/till_receipts.py": "a picture into memory",
    "web/exporting.py": "shows the progress of a running export",
}

ALWAYS = {
    "acreate",
    "asave",
    "abulk_create",
    "aget_or_create",
    "aupdate_or_create",
    "bulk_create",
    "bulk_update",
    "create",
    "create_superuser",
    "create_user",
    "get_or_create",
    "save",
    "update_or_create",
}
_SQL = re.compile(
    r"^\s*(INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|TRUNCATE\s+\S+|COPY\s+\S+.*FROM)\b", re.I | re.S
)


def writes(source: str) -> Iterator[Finding]:
    """Calls that write through the ORM, and literals that are writing SQL.

    `d.update(other)` and `cache.delete(key)` take positional arguments, a queryset's own take none.
    """
    for call, name in calls(source):
        receiver, _, verb = name.rpartition(".")
        if verb == "Adding":
            yield call.lineno, "a way to insert rows"
        if not receiver:
            continue
        bare = not call.args and not call.keywords
        set_by_name = not call.args and bool(call.keywords)
        if (
            verb in ALWAYS
            or (verb in {"delete", "adelete", "_raw_delete"} and bare)
            or (verb in {"update", "aupdate"} and set_by_name)
        ):
            yield call.lineno, name
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
            yield node.lineno, "writing SQL"


def test_only_operations_write():
    elsewhere = [
        path
        for path in product_modules()
        if not is_module(path, "operations") and path.relative_to(PRODUCT).as_posix() not in ALLOWED
    ]
    must_be_clean(find(elsewhere, writes))


def test_the_short_list_names_only_files_that_write():
    idle = [name for name in ALLOWED if not find([PRODUCT / name], writes)]
    assert idle == []


@pytest.mark.parametrize(
    "line",
    [
        "order.save()",
        "_ORDERS = Adding(Order)",
        "form.save()",
        "Order.objects.create(total=1)",
        "Order.objects.bulk_create(rows)",
        "Order.objects.filter(pk=1).update(total=1)",
        "rows.update(total=1)",
        "Order.objects.filter(pk=1).delete()",
        "order.delete()",
        "Order.objects.get_or_create(pk=1)",
        "cursor.execute('INSERT INTO orders VALUES (1)')",
        "cursor.execute('''\n  update orders set total = 1''')",
    ],
)
def test_a_write_is_found(line):
    assert len(list(writes(line))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "headers.update(other)",
        "digest.update(b'x')",
        "cache.delete('key')",
        "cursor.execute('SELECT 1')",
        "Order.objects.filter(total=1).exists()",
        "Order(total=1)",
    ],
)
def test_what_only_looks_like_a_write_is_not(line):
    assert list(writes(line)) == []
