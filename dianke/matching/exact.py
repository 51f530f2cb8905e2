"""The keys that find a record again at once: to be indexed where records are kept, and looked up at entry.

What agreement on an exact key means differs. A verified identity (WeChat union id, identity document, member number)
says the same person, and two different ones of a kind say two people whatever else agrees. A phone or an email
suggests: families share them, carriers give them to the next. That placeholders (13800000000) never count is seen to
in preparation.
"""

from __future__ import annotations

from dianke.matching.blocking import CUSTOMERS
from dianke.matching.decisions import VERIFIED
from dianke.matching.preparation import prepare
from dianke.matching.record import Record

EXACT_KINDS = ("phone", "email", *VERIFIED)


def candidate_keys(record: Record) -> dict[str, tuple[str, ...]]:
    """Kind → keys, exact ones and those of blocking; kinds without a key are left out.

    Two records are worth comparing when they share a key of the same kind. The texts hold personal data: whoever
    stores them does so as keyed hashes.
    """
    prepared = prepare(record)
    found = {key.code: key.of(prepared) for key in CUSTOMERS}
    return {code: keys for code, keys in found.items() if keys}


def exact_keys(record: Record) -> dict[str, tuple[str, ...]]:
    """Only "phone", "email", "unionid", "document", "member_number"."""
    found = candidate_keys(record)
    return {kind: found[kind] for kind in EXACT_KINDS if kind in found}


def conflict(left: Record, right: Record) -> str | None:
    """The kind of verified identity in which the two differ, the strongest first; None when they may be joined."""
    for kind in VERIFIED:
        one, other = getattr(left, kind), getattr(right, kind)
        if one and other and one != other:
            return kind
    return None
