"""Proving the log: recompute every leaf, root and link, and compare with blocks and checkpoints."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from dianke.core.keys import KeysMissing, keyring
from dianke.events.commit_order import read_between
from dianke.events.models import DroppedMonth, Event, SealBlock
from dianke.events.sealing.canonical import GENESIS, block_hash, event_leaf, exact_loads
from dianke.events.sealing.chain import Lag, lag, last_position
from dianke.events.sealing.checkpoints import checkpoint_file, read
from dianke.events.sealing.merkle import HASH_BYTES, merkle_root

Report = Callable[[str], None]
LONGEST_LAG = timedelta(minutes=5)


class FindingCode(enum.StrEnum):
    EVENT_CHANGED = "EVENT_CHANGED"
    EVENT_DELETED = "EVENT_DELETED"
    EVENT_INSERTED = "EVENT_INSERTED"
    EVENTS_REORDERED = "EVENTS_REORDERED"
    BLOCK_CHANGED = "BLOCK_CHANGED"
    BLOCK_MISSING = "BLOCK_MISSING"
    CHAIN_BROKEN = "CHAIN_BROKEN"
    TAIL_CUT = "TAIL_CUT"
    CHAIN_REWRITTEN = "CHAIN_REWRITTEN"
    CHECKPOINT_FORGED = "CHECKPOINT_FORGED"
    DROP_UNPROVEN = "DROP_UNPROVEN"
    CHECKPOINTS_MISSING = "CHECKPOINTS_MISSING"
    SEALING_LATE = "SEALING_LATE"


# Signs that something does not run, not that somebody tampered.
WARNINGS = frozenset({FindingCode.CHECKPOINTS_MISSING, FindingCode.SEALING_LATE})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed; `text` tells people."""

    code: FindingCode
    text: str
    event_ids: tuple[int, ...] = ()

    @property
    def is_warning(self) -> bool:
        return self.code in WARNINGS

    def __str__(self) -> str:
        return self.text


@dataclass(slots=True)
class _Run:
    report: Report
    dropped: list[tuple[int, int]]
    findings: list[Finding] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    inserted: set[int] = field(default_factory=set)
    hashes: dict[int, bytes] = field(default_factory=dict)
    event_count: int = 0

    def find(self, code: FindingCode, text: str, *event_ids: int) -> None:
        self.findings.append(Finding(code, text, event_ids))
        self.report(text)

    def was_dropped(self, event_id: int) -> bool:
        return any(first <= event_id < end for first, end in self.dropped)


def verify(report: Report = lambda text: None) -> list[Finding]:
    """Prove the whole log; `report` is given a line of progress or finding at a time. Memory stays flat.

    An empty answer, or warnings only: the log is as it was sealed. Deletion of the newest events together with
    their blocks is only seen while the file of checkpoints is there; events not sealed yet are not covered.
    """
    run = _Run(report=report, dropped=[])
    _check_dropped_months(run)
    before: SealBlock | None = None
    for block in SealBlock.objects.order_by("number").iterator(chunk_size=20):
        _check_links(run, block, before)
        _check_events(run, block, before)
        run.hashes[block.number] = bytes(block.hash)
        run.event_count += block.event_count
        before = block
    _tell_moved_events(run)
    _check_checkpoints(run)
    waiting = lag(now=timezone.now())
    _check_lag(run, waiting)
    run.report(
        _("%(blocks)s blocks with %(events)s events examined, %(waiting)s not sealed yet, %(n)s findings.")
        % {
            "blocks": len(run.hashes),
            "events": run.event_count,
            "waiting": waiting.event_count,
            "n": len(run.findings),
        }
    )
    return run.findings


def _check_links(run: _Run, block: SealBlock, before: SealBlock | None) -> None:
    """The block itself and its place in the chain."""
    number = before.number + 1 if before else 1
    if block.number != number:
        text = _("Block %(first)s to %(last)s of the chain are missing.")
        run.find(FindingCode.BLOCK_MISSING, text % {"first": number, "last": block.number - 1})
    elif bytes(block.prev_hash) != (bytes(before.hash) if before else GENESIS):
        text = _("Block %(number)s does not continue the block before it.")
        run.find(FindingCode.CHAIN_BROKEN, text % {"number": block.number})
    leaves = _leaves(block)
    is_sound = (
        block_hash(block) == bytes(block.hash)
        and merkle_root(leaves) == bytes(block.root)
        and len(leaves) == block.event_count == len(block.event_ids)
        and block.total_count == (before.total_count if before else 0) + block.event_count
    )
    if not is_sound:
        text = _("Block %(number)s was changed after it was sealed.")
        run.find(FindingCode.BLOCK_CHANGED, text % {"number": block.number})


def _leaves(block: SealBlock) -> list[bytes]:
    data = bytes(block.leaves)
    return [data[n : n + HASH_BYTES] for n in range(0, len(data), HASH_BYTES)]


def _check_events(run: _Run, block: SealBlock, before: SealBlock | None) -> None:
    """The events the block covers, with whatever lies between the block before and its end."""
    entries = read_between(last_position(before), last_position(block), loads=exact_loads)
    found = {entry.event.pk: event_leaf(entry) for entry in entries}
    sealed = dict(zip(block.event_ids, _leaves(block), strict=False))
    if list(found.items()) == list(sealed.items()):
        return
    for event_id, leaf in sealed.items():
        if event_id not in found:
            if not run.was_dropped(event_id):
                run.deleted.add(event_id)
        elif found[event_id] != leaf:
            text = _("Event %(id)s (block %(number)s) was changed after it was sealed.")
            run.find(FindingCode.EVENT_CHANGED, text % {"id": event_id, "number": block.number}, event_id)
    run.inserted |= found.keys() - sealed.keys()
    order = [event_id for event_id in found if event_id in sealed]
    if order != [event_id for event_id in block.event_ids if event_id in found]:
        text = _("Events in block %(number)s stand in another order than when they were sealed.")
        run.find(FindingCode.EVENTS_REORDERED, text % {"number": block.number}, *order)


def _tell_moved_events(run: _Run) -> None:
    """Name what is missing and what is new; an event that is both was moved to another place."""
    sealed_ids_elsewhere = set(
        Event.objects.filter(pk__in=run.deleted).values_list("pk", flat=True) if run.deleted else ()
    )
    for event_id in sorted(run.deleted & (run.inserted | sealed_ids_elsewhere)):
        text = _("Event %(id)s was moved to another place in the log.")
        run.find(FindingCode.EVENTS_REORDERED, text % {"id": event_id}, event_id)
    for event_id in sorted(run.deleted - run.inserted - sealed_ids_elsewhere):
        text = _("Event %(id)s was deleted from the log.")
        run.find(FindingCode.EVENT_DELETED, text % {"id": event_id}, event_id)
    for event_id in sorted(run.inserted - run.deleted):
        text = _("Event %(id)s was inserted among sealed events.")
        run.find(FindingCode.EVENT_INSERTED, text % {"id": event_id}, event_id)


def _check_dropped_months(run: _Run) -> None:
    """A month may be missing only if the log itself says so: the event that says it is sealed like any other."""
    for dropped in DroppedMonth.objects.order_by("month"):
        told = Event.objects.filter(
            kind="events.month_dropped",
            data__month=f"{dropped.month:%Y-%m}",
            data__event_ids=dropped.event_ids,
        )
        if told.exists():
            run.dropped += _ranges(dropped.event_ids)
        else:
            text = _("The month %(month)s is noted as dropped, but the log does not say so.")
            run.find(FindingCode.DROP_UNPROVEN, text % {"month": f"{dropped.month:%Y-%m}"})


def _ranges(multirange: str) -> list[tuple[int, int]]:
    """`"{[1,5),[8,9)}"` -> [(1, 5), (8, 9)]."""
    inner = multirange.strip("{}")
    if not inner:
        return []
    pairs = (part.strip("[)").split(",") for part in inner.replace("),[", ")|[").split("|"))
    return [(int(first), int(end)) for first, end in pairs]


def _check_checkpoints(run: _Run) -> None:
    path = checkpoint_file()
    try:
        public = keyring().seal_key().public_key()
    except KeysMissing as error:
        run.find(FindingCode.CHECKPOINTS_MISSING, str(error))
        return
    newest_block, genuine = max(run.hashes, default=0), 0
    cut, rewritten = 0, []
    for found in read(path, public):
        if not found.is_genuine or found.checkpoint is None:
            text = _("Line %(line)s of %(file)s is not a checkpoint this installation signed.")
            run.find(FindingCode.CHECKPOINT_FORGED, text % {"line": found.line, "file": path})
            continue
        genuine += 1
        number = found.checkpoint.block_number
        if number > newest_block:
            cut = max(cut, number)
        elif number in run.hashes and run.hashes[number] != found.checkpoint.hash:
            rewritten.append(number)
    if cut:
        text = _("The log ends at block %(here)s, but block %(there)s was attested: the end was cut off.")
        run.find(FindingCode.TAIL_CUT, text % {"here": newest_block, "there": cut})
    if rewritten:
        text = _("From block %(number)s on the chain is not the one that was attested: it was made anew.")
        run.find(FindingCode.CHAIN_REWRITTEN, text % {"number": min(rewritten)})
    if run.hashes and not genuine:
        text = _("There are no checkpoints in %(file)s: a cut-off end or a new chain would not be noticed.")
        run.find(FindingCode.CHECKPOINTS_MISSING, text % {"file": path})


def _check_lag(run: _Run, waiting: Lag) -> None:
    if waiting.event_count and waiting.age > LONGEST_LAG:
        text = _(
            "%(count)s events wait to be sealed, the oldest for %(minutes)s minutes. Is the worker running?"
        )
        minutes = int(waiting.age.total_seconds() // 60)
        run.find(FindingCode.SEALING_LATE, text % {"count": waiting.event_count, "minutes": minutes})
