"""Fixtures of the encryption tests: keys and tables of their own, gone with the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from dianke.core import data_keys
from dianke.core.keys import Keyring, keyring
from dianke.core.models import DataKey, KeyRecord


@pytest.fixture
def own_keys(db: None, settings: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keyring]:
    """A merchant that has never started: an empty key directory and no keys in the database."""
    caches = (data_keys._current, data_keys._by_id, data_keys._noted, data_keys._unsure)
    before = [cache.copy() for cache in caches]
    data_keys.forget_caches()
    settings.DIANKE_KEYS_DIR = tmp_path / "keys"  # type: ignore[attr-defined]
    DataKey.objects.all()._raw_delete("default")
    KeyRecord.objects.all()._raw_delete("default")
    yield keyring()
    for cache, content in zip(caches, before, strict=True):
        cache.clear()
        cache.update(content)  # type: ignore[arg-type]


@pytest.fixture
def sealed_tables(own_keys: Keyring, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tables of tests/models.py."""
    from dianke.core.encrypted_fields import rows
    from dianke.core.tests.models import Contact, Note

    with connection.schema_editor() as editor:
        editor.create_model(Contact)
        editor.create_model(Note)
    known = [*apps.get_models(), Contact, Note]
    monkeypatch.setattr(rows, "apps", SimpleNamespace(get_models=lambda: known))
    yield
    if not connection.in_atomic_block:  # else the test's transaction takes them away
        with connection.schema_editor() as editor:
            editor.delete_model(Contact)
            editor.delete_model(Note)
