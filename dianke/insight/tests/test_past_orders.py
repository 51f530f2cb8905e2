"""Past orders that come in by a file, with their returns, and are taken back again: the snapshot follows."""

from __future__ import annotations

import pytest

from dianke.customers.tests.cast import make_cast
from dianke.insight.operations import snapshots
from dianke.sales.tests.test_history_import import Desk

pytestmark = pytest.mark.django_db


def test_an_import_with_returns_and_its_undo_are_followed(now, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    desk = Desk(make_cast(now), now)
    nothing = snapshots.refresh(now=now)
    run = desk.bring()
    snapshots.refresh(now=now)
    assert snapshots.verify(now=now) == []
    assert desk.undo(run).state == "UNDONE"
    after = snapshots.refresh(now=now)
    assert snapshots.verify(now=now) == []
    assert {piece.digest for piece in after.manifest.of("facts").values()} == {
        piece.digest for piece in nothing.manifest.of("facts").values()
    }
