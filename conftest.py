"""Fixtures every test may use. The database is a throw-away cluster (dianke/core/pytest_plugin.py)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Generator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

settings.register_profile("dianke", deadline=None)
settings.load_profile("dianke")

if TYPE_CHECKING:
    from dianke.access.models import User
    from dianke.core.actor import Actor

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)  # a Saturday, 14:30 in Shanghai


@pytest.fixture
def now() -> datetime:
    """The instant tests live at."""
    return NOW


@pytest.fixture
def system() -> Actor:
    """The system acting."""
    from dianke.core.actor import SYSTEM

    return SYSTEM


@pytest.fixture
def make_actor() -> object:
    """`make_actor("CLERK", store_ids={1}, scope=RowScope.STORE)`: an actor of a preset role, no database needed."""
    from dianke.access.permissions import permissions_of
    from dianke.core.actor import Actor, ActorKind, Grant, RowScope

    def make(
        *roles: str,
        user: User | None = None,
        store_ids: set[int] | None = None,
        scope: RowScope = RowScope.ALL,
        permissions: frozenset[str] | None = None,
    ) -> Actor:
        stores = None if store_ids is None else frozenset(store_ids)
        grants = tuple(
            Grant(role, permissions if permissions is not None else permissions_of(role), scope, stores)
            for role in (roles or ("CUSTOM",))
        )
        pk = user.pk if user else 0
        return Actor(
            kind=ActorKind.USER, id=pk, user_id=pk, name=user.name if user else "test", grants=grants
        )

    return make


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The database of the tests begins as that of a new installation does, instead of with a minute of migrations."""
    from django.conf import settings

    from dianke.config import baseline

    assert baseline.lay(baseline.empty_database(os.environ["DIANKE_TEST_CLUSTER"], "beginning"))
    settings.DATABASES["default"]["TEST"]["TEMPLATE"] = "beginning"


#: Made with the tables and the same ever after.
OF_THE_PROGRAM = {"django_content_type", "auth_permission"}
EMPTY = """
DO $$ DECLARE each text; is_used boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOREACH each IN ARRAY %s::text[] LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %%I)', each) INTO is_used;
    IF is_used THEN EXECUTE format('DELETE FROM %%I', each); END IF;
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Tests that commit end with every table empty. Here only those that are not empty are touched, past the triggers
    of append-only tables, and what describes the program stays: else it takes longer than most of the tests."""
    from django.contrib.auth.management import create_permissions
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db.backends.postgresql.operations import DatabaseOperations
    from django.db.models.signals import post_migrate

    def empty(self: DatabaseOperations, sql_list: list[str]) -> None:
        tables = sorted({table for sql in sql_list for table in re.findall(r'"(\w+)"', sql)} - OF_THE_PROGRAM)
        with self.connection.cursor() as cursor:
            cursor.execute(EMPTY, [tables])

    setattr(DatabaseOperations, "execute_sql_flush", empty)  # noqa: B010 (a method is replaced)
    assert post_migrate.disconnect(create_contenttypes)
    assert post_migrate.disconnect(
        create_permissions, dispatch_uid="django.contrib.auth.management.create_permissions"
    )


@pytest.fixture(scope="session", autouse=True)
def _imports_leave_the_collector_alone() -> None:
    """An import ends with a look through everything the process holds: of a run of thousands of tests that takes longer
    than the imports of tests do. The real thing is asked by dianke/core/tests/test_collector.py."""
    from dianke.imports import running

    setattr(running, "undisturbed", nullcontext)  # noqa: B010 (a function is replaced)


def _standing(load: Callable[[], object], blocker: Any) -> Generator[None, None, None]:
    """What `load` makes stands for every test of a module; each takes back what it did with it."""
    from django.db.transaction import Atomic, set_rollback

    whole = Atomic(using=None, savepoint=True, durable=False)
    whole._from_testcase = True
    with blocker.unblock():
        whole.__enter__()
        try:
            load()
        except BaseException:
            set_rollback(True)
            whole.__exit__(None, None, None)
            raise
    yield
    with blocker.unblock():
        set_rollback(True)
        whole.__exit__(None, None, None)


@pytest.fixture(scope="module")
def whole_demo(django_db_setup: None, django_db_blocker: Any) -> Generator[None, None, None]:
    """The demo as it is at `NOW`, loaded once for a module in which nothing wants an empty database."""
    from dianke.config import demo

    yield from _standing(lambda: demo.load(now=NOW), django_db_blocker)


@pytest.fixture(scope="module")
def demo_of_today(django_db_setup: None, django_db_blocker: Any) -> Generator[None, None, None]:
    """As `whole_demo`, for what asks the clock on the wall."""
    from dianke.config import demo

    yield from _standing(demo.load, django_db_blocker)


@pytest.fixture(autouse=True)
def _one_door(request: pytest.FixtureRequest) -> Generator[None, None, None]:
    """Every request a test makes writes only through operations (tests/one_door.py)."""
    if request.node.get_closest_marker("django_db") or "db" in request.fixturenames:
        request.getfixturevalue(
            "db" if "transactional_db" not in request.fixturenames else "transactional_db"
        )
        from tests.one_door import watched

        with watched():
            yield
    else:
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Every test that posted to the ledger, moved stock or sold ends with the proof that the books are right.

    `@pytest.mark.ledger_unsound`, `stock_unsound` and `sales_unsound` are for the tests that break them on
    purpose to see it fail.
    """
    yield
    if not (
        item.get_closest_marker("django_db")
        or {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    ):
        return
    from dianke.inventory.models import Document
    from dianke.inventory.queries import verify as verify_stock
    from dianke.ledger.models import Transaction
    from dianke.ledger.queries import verify
    from dianke.sales.models import Order
    from dianke.sales.queries import verify as verify_sales

    if not item.get_closest_marker("ledger_unsound") and Transaction.objects.exists():
        assert verify() == []
    if not item.get_closest_marker("stock_unsound") and Document.objects.exists():
        assert verify_stock() == []
    if not item.get_closest_marker("sales_unsound") and Order.objects.exists():
        assert verify_sales() == []
