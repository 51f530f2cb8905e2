"""Django's system check of the database server: what `dianke doctor` calls an error there is one for Django
too.

Like all checks that ask the database it runs with `migrate` and `check --database default`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

from dianke.config.doctor import State, database
from dianke.config.prepare import database_url


@register(Tags.database)
def database_is_safe(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Nothing acknowledged may be lost: fsync, full page writes and synchronous commit are on (REL-5)."""
    if not databases or "default" not in databases:
        return []
    kinds = {State.ERROR: (Error, "dianke.E001"), State.WARNING: (Caution, "dianke.W001")}
    return [
        kinds[finding.state][0](
            f"{finding.subject}: {finding.found}", hint=finding.remedy, id=kinds[finding.state][1]
        )
        for finding in database(database_url())
        if finding.state in kinds
    ]
