"""Whether a proposal worked out at night holds now: whether something is due again, and whether what is known of a
person forbids it. Pure, and without arrays: asked while somebody waits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date, timedelta

#: What is due is told so many days ahead, and until a whole interval (a month at least) has passed in vain.
AHEAD, PATIENCE = 14, 30
_BETWEEN = re.compile(r"[\s,，、;；/|]+")


def due_on(last: date, interval_days: int) -> date:
    return last + timedelta(days=interval_days)


def is_due(due: date, interval_days: int, today: date) -> bool:
    """Soon, or lately: who has not come for a whole interval buys elsewhere."""
    return -max(interval_days, PATIENCE) <= (due - today).days <= AHEAD


def words_of(text: str) -> tuple[str, ...]:
    """ "酒精、果酸" as two words."""
    return tuple(word for word in _BETWEEN.split(_plain(text)) if word)


def forbids(words: Collection[str], details: str) -> bool:
    """Whether one of the words a product is to be avoided for stands anywhere in what is known of a person. "Not
    allergic to alcohol" forbids too: rather nothing is proposed than the wrong thing."""
    known = _plain(details)
    return bool(known) and any(word in known for word in words)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
