"""The queue of possible duplicates, what speaks for and against each, and the merges of a profile.

A pair belongs to an actor's queue when both profiles its customers show up in are within sight. The queue is walked by
its index (probability, id), one pair at a time, so its length does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.customers.models import Customer, MatchPair, Merge, PairState
from dianke.matching.explanation import words_of
from dianke.matching.thresholds import LINK

MERGE = "customers.merge_customers"
REVIEW = "customers.review_matches"
#: The queue is counted up to here; more is "999+".
MOST_COUNTED = 999
#: Bits at which a bar is full, and below which a comparison is not worth a line.
FULL_BAR, LEAST_SHOWN = 12.0, 0.05


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue somebody looks at. `band` is "likely" (nearly sure) or "possible", `kind` PERSON or COMPANY."""

    state: str = PairState.WAITING
    store: int = 0
    band: str = ""
    kind: str = ""


BANDS: Mapping[str, Text] = {"likely": _("Very likely"), "possible": _("Possible")}
NEARLY = 0.9


def pairs_visible_to(actor: Actor) -> QuerySet[Any]:
    """Pairs whose two profiles the actor may see and decide on; each with `left_head` and `right_head`."""
    seen = Customer.objects.visible_to(actor, REVIEW).in_use()
    return MatchPair.objects.annotate(
        left_head=Coalesce(F("left__merged_into_id"), F("left_id")),
        right_head=Coalesce(F("right__merged_into_id"), F("right_id")),
    ).filter(
        Exists(seen.filter(pk=OuterRef("left_head"))),
        Exists(seen.filter(pk=OuterRef("right_head"))),
    )


def queue(actor: Actor, wanted: QueueFilter) -> QuerySet[Any]:
    """The pairs to decide (or put off), most probable first."""
    rows = pairs_visible_to(actor).filter(state=wanted.state)
    if wanted.store:
        at = Customer.objects.filter(store=wanted.store)
        rows = rows.filter(
            Exists(at.filter(pk=OuterRef("left_head"))) | Exists(at.filter(pk=OuterRef("right_head")))
        )
    if wanted.band in BANDS:
        rows = (
            rows.filter(probability__gte=NEARLY)
            if wanted.band == "likely"
            else rows.filter(probability__lt=NEARLY)
        )
    if wanted.kind:
        rows = rows.filter(left__kind=wanted.kind)
    return rows.order_by("-probability", "pk")


@dataclass(frozen=True, slots=True)
class Place:
    """A pair in the queue, with the ids before and after it and how many there are (at most `MOST_COUNTED` + 1)."""

    pair: MatchPair | None
    before: int | None
    after: int | None
    count: int


def place_in(rows: QuerySet[Any], at: MatchPair | None = None, *, is_past: bool = False) -> Place:
    """Where `at` stands in the queue. `is_past`: `at` has just been decided, show the one behind it; at the end of the
    queue the first again. Four queries at most."""
    count = len(rows.order_by().values_list("pk", flat=True)[: MOST_COUNTED + 1])
    pair = at
    if at is None or is_past:
        pair = (_beyond(rows, at).first() if at is not None else None) or rows.first()
    if pair is None:
        return Place(None, None, None, count)
    neighbours = [
        side.annotate(side=Value(number)).values_list("side", "pk")[:1]
        for number, side in enumerate((_ahead(rows, pair), _beyond(rows, pair)))
    ]
    found = dict(neighbours[0].union(neighbours[1], all=True))
    return Place(pair, found.get(0), found.get(1), count)


def _beyond(rows: QuerySet[Any], pair: MatchPair) -> QuerySet[Any]:
    return rows.filter(Q(probability__lt=pair.probability) | Q(probability=pair.probability, pk__gt=pair.pk))


def _ahead(rows: QuerySet[Any], pair: MatchPair) -> QuerySet[Any]:
    return rows.filter(
        Q(probability__gt=pair.probability) | Q(probability=pair.probability, pk__lt=pair.pk)
    ).order_by("probability", "-pk")


def decided_pairs(actor: Actor) -> QuerySet[Any]:
    """Pairs somebody decided on, the last first."""
    rows = pairs_visible_to(actor).filter(state__in=[PairState.LINKED, PairState.DIFFERENT, PairState.LATER])
    return (
        rows.exclude(decided_at=None)
        .select_related("left", "right", "decided_by")
        .order_by("-decided_at", "-pk")
    )


def last_decision(actor: Actor, *, since: datetime) -> MatchPair | None:
    """What the person decided last, for the key that takes it back."""
    if actor.user_id is None:
        return None
    return decided_pairs(actor).filter(decided_by=actor.user_id, decided_at__gte=since).first()


def decided_count(actor: Actor, *, since: datetime) -> int:
    """How many pairs the person has decided since."""
    rows = MatchPair.objects.filter(
        decided_by=actor.user_id or 0,
        decided_at__gte=since,
        state__in=[PairState.LINKED, PairState.DIFFERENT, PairState.LATER],
    )
    return rows.count()


# --- the reasons of a score ----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Evidence:
    """One comparison in words. `tone` is "good" (for one person), "bad" (against) or "off"; `percent` fills its bar."""

    label: Text
    sentence: Text
    strength: Text
    tone: str
    weight: float
    percent: int


_STRENGTHS: Mapping[str, Text] = {
    "strong": pgettext_lazy("evidence", "speaks strongly for one person"),
    "for": pgettext_lazy("evidence", "speaks for one person"),
    "little": pgettext_lazy("evidence", "says little"),
    "against": pgettext_lazy("evidence", "speaks against it"),
    "contradicts": pgettext_lazy("evidence", "speaks strongly against it"),
}


def evidence_of(pair: MatchPair) -> list[Evidence]:
    """What the pair's score consists of, the weightiest first; what one side did not have is left out."""
    found = []
    for part in pair.parts:
        weight = float(part["weight"])
        if abs(weight) < LEAST_SHOWN:
            continue
        label, sentence = _words(part["comparison"], part["level"])
        tone = "good" if weight >= 1 else "bad" if weight <= -1 else "off"
        percent = min(100, max(4, round(abs(weight) / FULL_BAR * 100)))
        found.append(Evidence(label, sentence, _STRENGTHS[_strength(weight)], tone, weight, percent))
    return sorted(found, key=lambda each: -abs(each.weight))


def _words(comparison: str, level: str) -> tuple[Text, Text]:
    """The engine's words; its bare codes for a pair that an older engine scored."""
    try:
        label, _state, detail = words_of(comparison, level)
    except (LookupError, StopIteration):
        return comparison, level
    return label, detail


def _strength(weight: float) -> str:
    if weight >= 6:
        return "strong"
    if weight >= 1:
        return "for"
    if weight > -1:
        return "little"
    return "against" if weight > -6 else "contradicts"


def summary_of(pair: MatchPair) -> Text:
    """The score as one sentence."""
    if not pair.parts:
        return _("Nobody compared these two; somebody told them apart by hand.")
    if pair.probability >= LINK:
        return _("Almost certainly the same person.")
    if pair.probability >= NEARLY:
        return _("Very likely the same person.")
    if pair.probability >= 0.5:
        return _("Probably the same person.")
    return _("Possibly the same person.")


# --- merges of a profile ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class MergeLine:
    """One merge of a profile's history: what was joined, when, by whom, and whether it can be undone now."""

    merge: Merge
    name: str
    count: int
    may_undo: bool


def merges_among(members: Collection[int] | QuerySet[Any]) -> list[Merge]:
    """The merges these customers had a part in, those undone since included, newest first. One query."""
    rows = Merge.objects.filter(Q(kept__in=members) | Q(joined__in=members))
    return list(rows.select_related("kept", "joined", "by", "undone_by").order_by("-at", "-pk"))


def merges_of(head: Customer, actor: Actor, merges: Sequence[Merge] | None = None) -> list[MergeLine]:
    """The merges that made this profile and those undone since, newest first; two queries, or (with the `merges_among`
    its members) at most one. The actor may see it."""
    if merges is None:
        merges = merges_among(Customer.objects.cluster(head.pk).values("pk"))
    may = actor.can(MERGE) and head.may_be_merged
    gone = {merge.joined_id for merge in merges if merge.undone_at is not None}
    seen = heads_seen_by(actor, gone) if gone else set()
    return [
        MergeLine(
            merge,
            str(merge.joined) if merge.undone_at is None or merge.joined_id in seen else "",
            len(merge.moved),
            may_undo=may and merge.undone_at is None,
        )
        for merge in merges
    ]


def heads_seen_by(actor: Actor, customer_ids: Collection[int]) -> set[int]:
    """Of these customers those whose profile the actor may see."""
    seen = Customer.objects.visible_to(actor)
    rows = Customer.objects.filter(pk__in=customer_ids).annotate(head=Coalesce(F("merged_into_id"), F("pk")))
    return set(rows.filter(Exists(seen.filter(pk=OuterRef("head")))).values_list("pk", flat=True))
