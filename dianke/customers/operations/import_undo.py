"""Taking an import back: customers it made and nobody has touched since go with their keys; what it added to others is
taken off again; whatever changed since stays and is counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from dianke.core.erasure import destroy_data_keys
from dianke.core.models import DataKey
from dianke.customers.models import Customer
from dianke.customers.operations.writing import refresh_profiles
from dianke.events.operations import step

#: Tables of this room that refer to customers, emptied for those that go; the last is the customers' own.
_OF_CUSTOMER = [
    "customers_contactpoint",
    "customers_importantdate",
    "customers_address",
    "customers_tagging",
    "customers_consent",
    "customers_sourcerecord",
]
#: Whoever stands in one of these has been worked with since; rooms above (orders, wallets) add theirs.
_TOUCHED = [
    ("customers_customerfile", "customer_id"),
    ("customers_customernote", "customer_id"),
    ("customers_relation", "customer_id"),
    ("customers_relation", "other_id"),
    ("customers_household_members", "customer_id"),
    ("customers_collaborator", "customer_id"),
    ("customers_sharedwith", "customer_id"),
    ("customers_rightsrequest", "customer_id"),
    ("customers_portalsession", "customer_id"),
    ("customers_careoccasion", "customer_id"),
    ("customers_merge", "kept_id"),
    ("customers_merge", "joined_id"),
    ("customers_customer", "merged_into_id"),
]


@dataclass(frozen=True, slots=True)
class Undone:
    """Customers removed, put back as they were, left alone, and where to go on (None: at the end)."""

    removed: int
    restored: int
    kept: int
    next_id: int | None


def register_hold(table: str, column: str) -> None:
    """Customers who stand in this column are held on to when an import is taken back. Call it from `ready()`."""
    _TOUCHED.append((table, column))


def register_follower(table: str) -> None:
    """Rows of this table (by `customer_id`) were worked out from others: they go with the customers of an import that
    is taken back. Call it from `ready()`."""
    _OF_CUSTOMER.append(table)


@step
def undo_rows(*, run_id: int, after_id: int, limit: int, now: datetime) -> Undone:
    """Take back up to `limit` records of the run, in the order of their ids. Its own transaction is the caller's."""
    rows = _rows(
        "SELECT r.id, r.customer_id FROM customers_sourcerecord r WHERE r.run_id = %s AND r.id > %s"
        " ORDER BY r.id LIMIT %s",
        [run_id, after_id, limit],
    )
    if not rows:
        return Undone(0, 0, 0, None)
    customers = sorted({customer_id for _pk, customer_id in rows})
    made = {
        pk
        for (pk,) in _rows(
            # Made by the run: the customer's first record is one of it.
            "SELECT c.id FROM customers_customer c WHERE c.id = ANY(%s) AND (SELECT r.run_id FROM"
            " customers_sourcerecord r WHERE r.customer_id = c.id ORDER BY r.id LIMIT 1) = %s",
            [customers, run_id],
        )
    }
    touched = _touched(made, run_id)
    removable = sorted(made - touched)
    _remove(removable, now)
    others = [pk for pk in customers if pk not in made]
    restored = _take_off(others, run_id, now)
    return Undone(len(removable), restored, len(made & touched), rows[-1][0])


def _touched(ids: Collection[int], run_id: int) -> set[int]:
    """Those among `ids` that were worked with after the import."""
    if not ids:
        return set()
    wanted = list(ids)
    parts = [
        f"SELECT {column} FROM {table} WHERE {column} = ANY(%(ids)s)"  # noqa: S608 - constants
        for table, column in _TOUCHED
    ]
    parts += [
        "SELECT customer_id FROM customers_sourcerecord WHERE customer_id = ANY(%(ids)s)"
        " AND run_id IS DISTINCT FROM %(run)s",
        "SELECT id FROM customers_customer WHERE id = ANY(%(ids)s) AND (merged_into_id IS NOT NULL"
        " OR state <> 'ACTIVE')",
        "SELECT p.customer_id FROM customers_contactpoint p JOIN customers_sourcerecord r ON r.id = p.record_id"
        " WHERE p.customer_id = ANY(%(ids)s) AND (p.verified_at IS NOT NULL OR p.archived_at IS NOT NULL)",
        "SELECT n.customer_id FROM customers_consent n WHERE n.customer_id = ANY(%(ids)s) AND n.how <> 'IMPORT'",
    ]
    found = {pk for (pk,) in _rows(" UNION ".join(parts), {"ids": wanted, "run": run_id}) if pk is not None}
    return found & set(ids)


def _remove(ids: Sequence[int], now: datetime) -> None:
    """The customers with everything of theirs. Their keys are destroyed first: a backup cannot bring them back."""
    if not ids:
        return
    keys = list(DataKey.objects.filter(pk__in=Customer.objects.filter(pk__in=ids).values("key_id")))
    destroy_data_keys(keys, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM customers_matchpair WHERE left_id = ANY(%(ids)s) OR right_id = ANY(%(ids)s)",
            {"ids": list(ids)},
        )
        for table in _OF_CUSTOMER:
            cursor.execute(f"DELETE FROM {table} WHERE customer_id = ANY(%s)", [list(ids)])  # noqa: S608 - constants
        cursor.execute("DELETE FROM customers_customer WHERE id = ANY(%s)", [list(ids)])


def _take_off(ids: Sequence[int], run_id: int, now: datetime) -> int:
    """Records of the run, and what came with them, taken off customers who were here before."""
    if not ids:
        return 0
    with connection.cursor() as cursor:
        for table in ("customers_contactpoint", "customers_importantdate", "customers_address"):
            unproven = " AND verified_at IS NULL" if table == "customers_contactpoint" else ""
            moved = (
                f"DELETE FROM {table} WHERE customer_id = ANY(%(ids)s){unproven} AND record_id IN"  # noqa: S608 - constants
                " (SELECT id FROM customers_sourcerecord WHERE run_id = %(run)s AND customer_id = ANY(%(ids)s))"
            )
            cursor.execute(moved, {"ids": list(ids), "run": run_id})
        cursor.execute(
            "DELETE FROM customers_sourcerecord r WHERE r.run_id = %(run)s AND r.customer_id = ANY(%(ids)s)"
            " AND NOT EXISTS (SELECT FROM customers_contactpoint p WHERE p.record_id = r.id)",
            {"ids": list(ids), "run": run_id},
        )
    heads = Customer.objects.filter(pk__in={c.head_id for c in Customer.objects.filter(pk__in=ids)})
    readable = [head for head in heads.select_related("key").order_by("pk") if head.is_readable]
    refresh_profiles(readable, now=now)
    return len(ids)


def _rows(sql: str, parameters: object) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)  # type: ignore[arg-type]
        return list(cursor.fetchall())
