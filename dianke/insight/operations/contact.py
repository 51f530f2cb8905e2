"""On which channel customers answer, worked out of a year of messages and calls once a night: one statement counts, a
rule tells, and what differs is written. docs/algorithms/value-model.md
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

from django.db import connection

from dianke.core.actor import Actor
from dianke.customers.models.people import OUT_OF_USE
from dianke.customers.queries.consents import consents_of
from dianke.events.operations import operation, record, step
from dianke.insight.models import ContactPreference, SnapshotRun
from dianke.insight.operations.replacing import replace_rows
from dianke.insight.operations.snapshots.manifest import home
from dianke.insight.queries.contact import known_asked, refuses
from dianke.insight.rules.answering import (
    FEWEST_ANSWERS,
    FEWEST_MESSAGES,
    TIME_TO_ANSWER,
    YEAR,
    Counted,
    answers_on,
)

REFRESH = "insight.refresh_snapshots"
BATCH = 5_000
_COUNTED = """
SELECT h.id, a.channel, count(*), count(*) FILTER (WHERE a.is_answered)
FROM ({asked}) AS a (customer_id, channel, is_answered)
JOIN customers_customer AS c ON c.id = a.customer_id
JOIN customers_customer AS h ON h.id = coalesce(c.merged_into_id, c.id)
WHERE h.state <> ALL(%(gone)s)
GROUP BY 1, 2
HAVING count(*) >= %(messages)s AND count(*) FILTER (WHERE a.is_answered) >= %(answers)s
ORDER BY 1
"""


@dataclass(slots=True)
class Found:
    """A file of rows as COPY reads them, and how many."""

    path: Path
    people: int = 0


@contextmanager
def prepared(*, now: datetime) -> Iterator[Found]:
    """Work it out of everybody, before any transaction is opened for it; files keep the memory flat."""
    with tempfile.TemporaryDirectory(dir=home()) as folder:
        counted, found = Path(folder) / "counted.csv", Found(Path(folder) / "contact.csv")
        _count(counted, now)
        with counted.open(newline="") as rows, found.path.open("w", newline="") as file:
            writer = csv.writer(file)
            for head, told in _told(_answering(csv.reader(rows))):
                writer.writerow([head, told.channel, told.messages, told.answers])
                found.people += 1
        yield found


def _count(path: Path, now: datetime) -> None:
    """Profile, channel, messages, answers, where they are enough; one statement."""
    asked = " UNION ALL ".join(each.sql for each in known_asked())
    values = {
        "since": now - YEAR,
        "until": now - TIME_TO_ANSWER,
        "gone": list(OUT_OF_USE),
        "messages": FEWEST_MESSAGES,
        "answers": FEWEST_ANSWERS,
    }
    copying = f"COPY ({_COUNTED.format(asked=asked)}) TO STDOUT (FORMAT csv)"
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(copying, values) as copy:
        for block in copy:
            file.write(block)


def _answering(rows: Iterable[Sequence[str]]) -> Iterator[tuple[int, Counted]]:
    for head, group in groupby(rows, key=itemgetter(0)):
        told = answers_on(
            Counted(channel, int(messages), int(answers)) for _, channel, messages, answers in group
        )
        if told is not None:
            yield int(head), told


def _told(answering: Iterator[tuple[int, Counted]]) -> Iterator[tuple[int, Counted]]:
    """Without those who refuse."""
    while people := list(islice(answering, BATCH)):
        consents = consents_of([head for head, _told in people])
        yield from (each for each in people if not refuses(consents[each[0]]))


@operation(REFRESH)
def write_preferences(*, run: SnapshotRun, found: Found, actor: Actor, now: datetime) -> int:
    """Put what was worked out of everybody in place of what there was; of how many it is told."""
    columns = ("customer_id", "channel", "message_count", "answer_count")
    replace_rows(ContactPreference, found.path, columns, keys=1)
    record("insight.preferences_written", run, actor=actor, now=now, data={"people": found.people})
    return found.people


@step
def forget_preferences(customer_ids: Collection[int], now: datetime) -> int:
    """Of somebody who is erased it is not told."""
    return ContactPreference.objects.filter(customer_id__in=customer_ids).delete()[0]
