"""The app of the room `core`."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "dianke.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from dianke.core import lookups  # noqa: F401 - registers `among`

        connection_created.connect(_plan_once, dispatch_uid="dianke.core.plan_once")
        post_migrate.connect(_prepare_keys, sender=self, dispatch_uid="dianke.core.prepare_keys")


def _plan_once(*, connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    """What is kept as a plan (`dianke.core.prepared`, bodies of functions) is planned once, not anew for each value:
    of a sale that was a fifth of the database's work. Django's own cursors put values into the text: not concerned.
    """
    connection.connection.execute("SET plan_cache_mode = force_generic_plan")


def _prepare_keys(*, using: str, **_kwargs: Any) -> None:
    """A freshly migrated database gets its key records and the keys of its tables at once."""
    from django.db import connections

    from dianke.core import data_keys
    from dianke.core.encrypted_fields import tables_with_own_key
    from dianke.core.models import DataKey

    tables = connections[using].introspection.table_names()
    if using != "default" or DataKey._meta.db_table not in tables:
        return
    data_keys.forget_caches()
    data_keys.register_keys()
    for table in tables_with_own_key():
        data_keys.table_key(table)
