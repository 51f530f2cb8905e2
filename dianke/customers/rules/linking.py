"""When a record that came without a person in front of it belongs to a profile that is here already.

A phone number alone only suggests: numbers are given to new people and families share one. It links together with an
agreeing name or full birthday, or when the number has just been proven and no name speaks against it. What a third
party vouches for (a WeChat union id, a document) links by itself, unless another such identity differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dianke.core.names import fold
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.merging import SINGULAR
from dianke.customers.rules.placeholders import name_is_titled

#: Different values of one of these are different people.
IDENTITIES = SINGULAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A profile, or what came in. `identities` by kind (hashes do), `matched` the kinds of keys both have, `proven`
    those of them that were verified with what came in."""

    head_id: int = 0
    names: tuple[str, ...] = ()
    birthdays: tuple[DateEntry, ...] = ()
    identities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    matched: frozenset[str] = frozenset()
    proven: frozenset[str] = frozenset()


def names_agree(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether one name of each is the same, simplified or traditional, spaces aside; 王女士 agrees with nobody."""
    ours = {fold(name) for name in left if not name_is_titled(name)} - {""}
    return bool(ours & {fold(name) for name in right if not name_is_titled(name)})


def names_clash(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether both have names and none could be the same person's; 王女士 clashes with no 王."""
    ours, theirs = [n for n in left if fold(n)], [n for n in right if fold(n)]
    if not ours or not theirs or names_agree(ours, theirs):
        return False
    return not any(
        (name_is_titled(a) or name_is_titled(b)) and fold(a)[:1] == fold(b)[:1] for a in ours for b in theirs
    )


def conflict(left: Known, right: Known) -> str | None:
    """The kind of identity of which the two have different ones, if any."""
    for kind in IDENTITIES:
        ours, theirs = left.identities.get(kind, frozenset()), right.identities.get(kind, frozenset())
        if ours and theirs and not ours & theirs:
            return kind
    return None


def birthdays_agree(left: Sequence[DateEntry], right: Sequence[DateEntry]) -> bool:
    """Whether one full birthday (with its year) is the same."""
    ours = {day.key for day in left if day.year}
    return bool(ours & {day.key for day in right if day.year})


def birthdays_differ(left: Sequence[DateEntry], right: Sequence[DateEntry]) -> bool:
    """Whether both told a full birthday in one calendar and not the same."""
    for a in left:
        for b in right:
            if a.year and b.year and a.calendar == b.calendar and a.key != b.key:
                return not birthdays_agree(left, right)
    return False


def is_sure(came: Known, profile: Known) -> bool:
    """Whether the record belongs to the profile without anybody looking."""
    if conflict(came, profile) or birthdays_differ(came.birthdays, profile.birthdays):
        return False
    if profile.matched & set(IDENTITIES) or "OPENID" in profile.matched:
        return True
    if not profile.matched:
        return False
    agrees = names_agree(came.names, profile.names) or birthdays_agree(came.birthdays, profile.birthdays)
    if agrees:
        return not names_clash(came.names, profile.names)
    is_proven = bool(profile.matched & profile.proven & {"PHONE", "EMAIL"})
    return is_proven and not names_clash(came.names, profile.names)


def choose(came: Known, profiles: Sequence[Known]) -> int | None:
    """The one profile the record surely belongs to; None when there is none, or more than one."""
    sure = [profile.head_id for profile in profiles if is_sure(came, profile)]
    return sure[0] if len(sure) == 1 else None
