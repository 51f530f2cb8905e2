"""What must be true of the log before anything is written: after migrating, and when the worker starts."""

from __future__ import annotations

from django.db import connection
from django.utils import timezone

from dianke.events.commit_order import ensure_era
from dianke.events.dispatcher import ensure_places
from dianke.events.partitions import ensure_coming_months
from dianke.events.reactions import listed_reactions


def prepare_log() -> None:
    """The era of this cluster, the partitions of the coming months, a place for every reaction."""
    if "events_era" not in connection.introspection.table_names():
        return  # migrated back to nothing
    ensure_era()
    ensure_coming_months(timezone.now())
    ensure_places(listed_reactions())
