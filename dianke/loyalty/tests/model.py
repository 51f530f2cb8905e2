"""Points as a plain model, which test_model.py holds the room against: lots in a list, two members who may be
one, sales of one line. It knows nothing of accounts, drafts and references.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from dianke.core.allocation import allocate_units

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(eq=False)
class Lot:
    owner: int
    is_pending: bool
    source: str
    left: int
    ends: datetime | None
    number: int
    opens: datetime | None = None
    promised: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.ends is not None and self.ends <= now

    @property
    def rank(self) -> tuple[datetime, int]:
        return self.ends or NEVER, self.number


@dataclass
class Sale:
    owner: int
    paid: int
    earned: int
    moves: list[tuple[Lot, int]]
    left: int
    taken: int = 0
    back: dict[int, int] = field(default_factory=dict)


class Model:
    """`grace` days for points that come back late. Owners are 1 and 2; `head` of 2 is 1 while they are one."""

    def __init__(self, grace: int) -> None:
        self.grace = grace
        self.lots: list[Lot] = []
        self.sales: dict[str, Sale] = {}
        self.gone: dict[str, int] = {}
        self.are_one = False

    def cluster(self, owner: int) -> list[int]:
        return [1, 2] if self.are_one else [owner]

    def add(self, owner: int, points: int, ends: datetime | None, source: str = "", **rest) -> None:
        lot = Lot(owner, bool(rest.get("opens")), source, points, ends, len(self.lots), **rest)
        if not lot.is_pending:
            for debt in self.lots:
                if debt.owner == owner and debt.left < 0 and lot.left:
                    part = min(-debt.left, lot.left)
                    debt.left += part
                    lot.left -= part
        self.lots.append(lot)

    def free(self, owner: int, now: datetime, is_pending: bool = False) -> int:
        mine = [lot for lot in self.lots if lot.owner == owner and lot.is_pending == is_pending]
        return max(sum(lot.left for lot in mine if not lot.is_over(now)), 0)

    def spendable(self, owner: int, now: datetime) -> int:
        return sum(self.free(each, now) for each in self.cluster(owner))

    def balance(self, owner: int, is_pending: bool) -> int:
        return sum(lot.left for lot in self.lots if lot.owner == owner and lot.is_pending == is_pending)

    # --- what happens ---------------------------------------------------------------------------------------
    def sell(
        self, ref: str, owner: int, paid: int, used: int, opens: datetime, promised: datetime, now: datetime
    ) -> bool:
        who = self.cluster(owner)
        if sum(self.free(each, now) for each in who) < used:
            return False
        moves, free = [], {each: self.free(each, now) for each in who}
        live = [lot for lot in self.lots if lot.owner in who and lot.left > 0 and not lot.is_pending]
        for lot in sorted((lot for lot in live if not lot.is_over(now)), key=lambda lot: lot.rank):
            part = min(lot.left, used, free[lot.owner])
            if part:
                lot.left -= part
                free[lot.owner] -= part
                used -= part
                moves.append((lot, part))
        earned = paid // 100
        if earned:
            self.add(owner, earned, None, ref, opens=opens, promised=promised)
        self.sales[ref] = Sale(owner, paid, earned, moves, paid)
        return True

    def give_back(self, sale: Sale, share: Fraction, now: datetime) -> dict[int, int]:
        """Undo the using of points up to a share; what of it can be used now, by owner."""
        owners = sorted({lot.owner for lot, _part in sale.moves})
        sizes = [sum(part for lot, part in sale.moves if lot.owner == each) for each in owners]
        done = [sale.back.get(each, 0) for each in owners]
        now_back = max(int(sum(sizes) * share) - sum(done), 0)
        usable: dict[int, int] = {}
        parts = (
            allocate_units(now_back, [size - gone for size, gone in zip(sizes, done, strict=True)])
            if owners
            else []
        )
        for owner, gone, part in zip(owners, done, parts, strict=True):
            drawn = sorted(
                ((lot, size) for lot, size in sale.moves if lot.owner == owner),
                key=lambda move: (move[0].ends is None, *move[0].rank),
                reverse=True,
            )
            units = [lot for lot, size in drawn for _unit in range(size)][gone : gone + part]
            for lot in dict.fromkeys(units):
                count = units.count(lot)
                if lot.is_over(now) and self.grace:
                    self.lots.append(
                        Lot(owner, False, "", count, now + timedelta(days=self.grace), len(self.lots))
                    )
                else:
                    lot.left += count
                if not lot.is_over(now) or self.grace:
                    usable[owner] = usable.get(owner, 0) + count
            sale.back[owner] = gone + part
        return usable

    def take_back(self, ref: str, left: int, now: datetime) -> None:
        sale = self.sales[ref]
        back = sale.paid - left
        wanted = max(sale.earned * back // sale.paid - sale.taken, 0)
        sale.taken += wanted
        sale.left = left
        who = self.cluster(sale.owner)
        plan: dict[tuple[int, bool], tuple[int, list[Lot]]] = {}
        free = {(each, kind): self.free(each, now, kind) for each in who for kind in (False, True)}

        def take(lot: Lot) -> None:
            nonlocal wanted
            key = (lot.owner, lot.is_pending)
            part = min(wanted, lot.left, free[key])
            if part > 0:
                amount, lots = plan.get(key, (0, []))
                plan[key] = (amount + part, [*lots, lot])
                free[key] -= part
                wanted -= part

        ours = [lot for lot in self.lots if lot.owner in who and lot.left > 0]
        live = [lot for lot in ours if not lot.is_over(now)]
        for lot in sorted(
            (lot for lot in live if lot.source == ref), key=lambda lot: (not lot.is_pending, *lot.rank)
        ):
            take(lot)
        stale = sum(lot.left for lot in ours if lot.source == ref and lot.is_over(now))
        lapsed = min(wanted, self.gone.get(ref, 0) + stale)
        self.gone[ref] = self.gone.get(ref, 0) - lapsed
        wanted -= lapsed
        for lot in sorted(
            (lot for lot in live if lot.source != ref), key=lambda lot: (lot.is_pending, *lot.rank)
        ):
            take(lot)
        usable = self.give_back(sale, Fraction(back, sale.paid), now)
        for owner, count in usable.items():
            part = min(wanted, count)
            if part:
                amount, lots = plan.get((owner, False), (0, []))
                plan[owner, False] = (amount + part, lots)
                wanted -= part
        if wanted:
            amount, lots = plan.get((sale.owner, False), (0, []))
            plan[sale.owner, False] = (amount + wanted, lots)
        for (owner, kind), (amount, first) in plan.items():
            mine = [
                lot
                for lot in self.lots
                if (lot.owner, lot.is_pending) == (owner, kind) and lot.left > 0 and not lot.is_over(now)
            ]
            for lot in sorted(
                mine, key=lambda lot: (first.index(lot) if lot in first else len(first), *lot.rank)
            ):
                part = min(lot.left, amount)
                lot.left -= part
                amount -= part
            if amount:
                self.lots.append(Lot(owner, False, "", -amount, None, len(self.lots)))

    def release(self, now: datetime) -> None:
        for lot in list(self.lots):
            if lot.is_pending and lot.left and lot.opens is not None and lot.opens <= now:
                points, lot.left = lot.left, 0
                if lot.promised is not None and lot.promised <= now:
                    self.gone[lot.source] = self.gone.get(lot.source, 0) + points
                else:
                    self.add(lot.owner, points, lot.promised, lot.source)

    def expire(self, now: datetime) -> None:
        for lot in self.lots:
            if lot.left > 0 and not lot.is_pending and lot.is_over(now):
                self.gone[lot.source] = self.gone.get(lot.source, 0) + lot.left
                lot.left = 0
