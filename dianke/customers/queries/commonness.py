"""How common a word is among customers, judged by those seen last and remembered for some minutes.

Asked of the database for every search it would cost a third of the search. An old answer makes a search slower, never
wrong: it only chooses between two ways to the same customers. Only words are kept, in the memory of the process.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from dataclasses import dataclass

from django.db import connection

from dianke.core.names import query_terms

#: How many of the latest customers are looked at, and for how long what they said is believed.
SAMPLE, BELIEVED_SECONDS = 4_000, 600.0
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Sample:
    """The words of the customers looked at, in order, and beside each in `holders` whose it is."""

    words: list[str]
    holders: list[int]
    taken_at: float

    def who(self, beginning: str) -> set[int]:
        """Those with a word that begins so."""
        first = bisect_left(self.words, beginning)
        return set(self.holders[first : bisect_left(self.words, beginning + _LAST, first)])


_sample: Sample | None = None


def among_latest(text: str) -> int:
    """How many of the latest `SAMPLE` customers answer a query by their words."""
    terms = query_terms(text)
    sample = _latest()
    return len(set.intersection(*(sample.who(term) for term in terms))) if terms else 0


def forget() -> None:
    """Ask anew at the next search."""
    global _sample
    _sample = None


def _latest() -> Sample:
    global _sample
    sample = _sample
    if sample is None or time.monotonic() - sample.taken_at > BELIEVED_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT word, latest.id FROM (
                    SELECT id, search_words FROM customers_customer ORDER BY last_seen_at DESC, id DESC LIMIT %s
                ) AS latest CROSS JOIN LATERAL unnest(tsvector_to_array(latest.search_words)) AS word
                """,
                [SAMPLE],
            )
            found = sorted(cursor.fetchall())
        words, holders = [word for word, _pk in found], [pk for _word, pk in found]
        sample = _sample = Sample(words, holders, time.monotonic())
    return sample
