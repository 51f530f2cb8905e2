"""When two profiles may become one, and what a separation takes along.

Merges are links: each customer that was joined hangs below the one it was joined to, so the merges that stand make
trees, a profile is a tree and its head the root. Undoing a merge cuts one link; whatever hangs below it leaves
together, in whatever order merges were made and undone. Nothing else ever moves.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Text

MOST_MEMBERS = 20
#: How many different values of a kind one profile may hold. More says that something else than a person is collected.
MOST_VALUES: Mapping[str, int] = {
    "PHONE": 10,
    "EMAIL": 10,
    "WECHAT": 5,
    "UNIONID": 2,
    "OPENID": 10,
    "WECOM": 5,
    "DOCUMENT": 3,
}
#: Verified, these name exactly one person: two different ones are two people, whatever else agrees.
SINGULAR = ("UNIONID", "WECOM", "DOCUMENT")


# --- may they be merged -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What decides about merging one profile; of everything that was merged into it too.

    `values` has per kind of contact point what tells one value from another (a blind index), `verified` those proven
    (opened, only of the kinds in `SINGULAR`). `related` are the customers somebody said it knows, `apart` those
    somebody said it is not. `partners` are the partners who keep it, without the house's own.
    """

    head: int
    members: frozenset[int]
    kind: str = "PERSON"
    states: frozenset[str] = frozenset({"ACTIVE"})
    has_erasure_open: bool = False
    values: Mapping[str, frozenset[bytes]] = field(default_factory=dict)
    verified: Mapping[str, frozenset[str]] = field(default_factory=dict)
    credit_codes: frozenset[str] = frozenset()
    partners: frozenset[int] = frozenset()
    is_common: bool = True
    related: frozenset[int] = frozenset()
    apart: frozenset[int] = frozenset()

    @property
    def weight(self) -> tuple[bool, int, int, int]:
        """What speaks for keeping this one: looked through, verified, grown, older."""
        proven = sum(len(found) for found in self.verified.values())
        return ("REVIEW" not in self.states, proven, len(self.members), -self.head)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why two profiles cannot be one: what is the case and what to do. `str()` in the reader's language."""

    code: str
    message: Text
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text: Any = self.message
        return str(text % self.params if self.params else text)


_VERIFIED = {
    "UNIONID": _(
        "Both have a verified WeChat identity, and they differ: these are two people. "
        "If one of them is wrong, archive it first."
    ),
    "WECOM": _(
        "Both have a verified WeCom identity, and they differ: these are two people. "
        "If one of them is wrong, archive it first."
    ),
    "DOCUMENT": _(
        "Both have a verified identity document, and they differ: these are two people. "
        "If one of them is wrong, archive it first."
    ),
}


def why_not(left: Side, right: Side) -> list[Problem]:
    """Everything that forbids making one of the two; empty when they may be merged."""
    found: list[Problem] = []
    states = left.states | right.states
    if "ERASED" in states:
        found.append(
            Problem(
                "erased", _("The data of one of them were erased for good. There is nothing left to merge.")
            )
        )
    elif "ERASING" in states or left.has_erasure_open or right.has_erasure_open:
        found.append(
            Problem(
                "erasure_pending",
                _("One of them has asked to be erased. Answer that request first, then decide again."),
            )
        )
    if "REMOVED" in states:
        found.append(Problem("removed", _("One of them was removed. Restore it first.")))
    if left.kind != right.kind:
        found.append(
            Problem(
                "kinds_differ",
                _("One is a person, the other a company. Make the person a contact of the company instead."),
            )
        )
    found += _conflicts(left, right)
    if left.related & right.members or right.related & left.members:
        found.append(
            Problem(
                "related",
                _(
                    "They stand as two people who know each other. End the relation first if it is one person."
                ),
            )
        )
    if left.apart & right.members or right.apart & left.members:
        found.append(
            Problem(
                "told_apart",
                _(
                    "Somebody decided that these are not the same. Take that decision back first, "
                    "under possible duplicates."
                ),
            )
        )
    return found + _limits(left, right)


def _conflicts(left: Side, right: Side) -> list[Problem]:
    found = [
        Problem("identities_differ", _VERIFIED[kind], {})
        for kind in SINGULAR
        if len(left.verified.get(kind, frozenset()) | right.verified.get(kind, frozenset())) > 1
    ]
    if len(left.credit_codes | right.credit_codes) > 1:
        found.append(
            Problem(
                "credit_codes_differ",
                _(
                    "They have different social credit codes: these are two companies. Correct the code if it is wrong."
                ),
            )
        )
    if len(left.partners | right.partners) > 1:
        found.append(
            Problem(
                "partners_differ",
                _("Two partners keep them apart. One has to hand the customer over before they can be one."),
            )
        )
    return found


def _limits(left: Side, right: Side) -> list[Problem]:
    found = []
    members = len(left.members | right.members)
    if members > MOST_MEMBERS:
        found.append(
            Problem(
                "too_many_members",
                _(
                    "Together they would be %(count)s records; a profile holds at most %(limit)s. Check what was "
                    "merged before."
                ),
                {"count": members, "limit": MOST_MEMBERS},
            )
        )
    for kind, most in MOST_VALUES.items():
        count = len(left.values.get(kind, frozenset()) | right.values.get(kind, frozenset()))
        if count > most:
            found.append(
                Problem(
                    "too_many_values",
                    _(
                        "Together they would have %(count)s different contacts of one kind; a person has at most "
                        "%(limit)s. Archive what is no longer used first."
                    ),
                    {"count": count, "limit": most},
                )
            )
    return found


def why_not_by_rule(left: Side, right: Side) -> list[Problem]:
    """What forbids a merge that nobody looked at: `why_not`, showing it to other partners, and the unreviewed."""
    found = why_not(left, right)
    if left.partners != right.partners or left.is_common != right.is_common:
        found.append(
            Problem(
                "partner_decides", _("A partner keeps one of them. Only a person can decide to merge them.")
            )
        )
    if "REVIEW" in left.states | right.states:
        found.append(
            Problem(
                "waits_for_review", _("One of them has not been looked through yet. Review the entry first.")
            )
        )
    return found


def better_to_keep(left: Side, right: Side) -> int:
    """The head that should stay: what was looked through before what was not, then the more verified, the grown, the
    older one."""
    return max(left, right, key=lambda side: side.weight).head


# --- what comes along, what leaves -----------------------------------------------------------------------------
def branch_of(root: int, links: Mapping[int, int]) -> frozenset[int]:
    """`root` and everything below it; `links` leads from each joined customer to the one it was joined to."""
    below: dict[int, list[int]] = {}
    for joined, kept in links.items():
        below.setdefault(kept, []).append(joined)
    found, waiting = {root}, [root]
    while waiting:
        for joined in below.get(waiting.pop(), ()):
            if joined not in found:
                found.add(joined)
                waiting.append(joined)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Reach:
    """Who serves one identity: people in charge or helping, stores at home or shared with."""

    people: frozenset[int] = frozenset()
    stores: frozenset[int] = frozenset()

    def __or__(self, other: Reach) -> Reach:
        return Reach(self.people | other.people, self.stores | other.stores)

    def __and__(self, other: Reach) -> Reach:
        return Reach(self.people & other.people, self.stores & other.stores)

    def __sub__(self, other: Reach) -> Reach:
        return Reach(self.people - other.people, self.stores - other.stores)

    def __bool__(self) -> bool:
        return bool(self.people or self.stores)


def reach_to_withdraw(
    reach: Mapping[int, Reach], lent: Mapping[int, Reach], links: Mapping[int, int]
) -> dict[int, Reach]:
    """Per customer left in a profile the reach that only the departed brought.

    `reach` is what each has now, `lent` the part of it that came by merges, the undone one included; `links` are the
    merges that stand. What somebody below has of its own keeps holding.
    """
    own = {customer: has - lent.get(customer, Reach()) for customer, has in reach.items()}
    found = {}
    for customer, given in lent.items():
        warranted = Reach()
        for below in branch_of(customer, links):
            warranted |= own.get(below, Reach())
        if given - warranted:
            found[customer] = given - warranted
    return found


# --- accounts of later rooms ----------------------------------------------------------------------------------------
#: Customer ids to what each of those that have something has, in words ("320 points"); asked once for all.
CountFor = Callable[[Collection[int]], Mapping[int, Text]]


@dataclass(frozen=True, slots=True)
class AccountView:
    """How a later room shows what it keeps per customer."""

    code: str
    label: Text
    count_for: CountFor


_views: dict[str, AccountView] = {}


def register_account_view(code: str, label: Text, count_for: CountFor) -> None:
    """Called by later rooms when they are ready: merging then shows what stays apart. The same code again replaces."""
    _views[code] = AccountView(code, label, count_for)


def account_views() -> tuple[AccountView, ...]:
    return tuple(_views.values())
