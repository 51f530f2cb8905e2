"""Fixtures every test may use. The database is a throw-away cluster (dianke/core/pytest_plugin.py)."""

from __future__ import annotations

import os
from collections.abc import Generator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

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


@pytest.fixture(scope="session", autouse=True)
def _emptying_between_tests_passes_the_guards() -> None:
    """Tests that commit end with TRUNCATE, which append-only tables refuse: their triggers rest for that moment."""
    from django.db.backends.postgresql.operations import DatabaseOperations
    from django.db.transaction import atomic

    empty = DatabaseOperations.execute_sql_flush

    def empty_past_guards(self: DatabaseOperations, sql_list: list[str]) -> None:
        with atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            empty(self, sql_list)

    setattr(DatabaseOperations, "execute_sql_flush", empty_past_guards)  # noqa: B010 (a method is replaced)


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
