"""The ledger as a plain model, which test_model.py holds the real one against: wallets (W…) and points (P…) of
customers with floor 0, transactions over two accounts. Answers "ok", "low", "done" or "nothing" (rounds to nothing).
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction

NEVER = datetime.max.replace(tzinfo=UTC)
Moves = list[tuple[int, int]]  # (lot number, signed quantity)


class Model:
    def __init__(self) -> None:
        self.balances: Counter[str] = Counter()
        self.lots: list[list] = []  # [owner, remaining, expires_at or None]
        self.posted: dict[str, tuple[dict[str, int], Moves]] = {}
        self.back: Counter[str] = Counter()  # transaction -> how much of it was taken back

    def post(self, ref: str, amounts: dict[str, int], moves: Moves = ()) -> str:
        if any(who[0] in "WP" and v < 0 and self.balances[who] + v < 0 for who, v in amounts.items()):
            return "low"
        self.balances.update(amounts)
        for number, quantity in moves:
            self.lots[number][1] += quantity
        self.posted[ref] = (amounts, moves)
        return "ok"

    def grant(self, ref: str, who: str, quantity: int, expires_at: datetime | None) -> str:
        self.lots.append([who, 0, expires_at])
        return self.post(ref, {who: quantity, "issued": quantity}, [(len(self.lots) - 1, quantity)])

    def order(self, number: int) -> tuple[datetime, int]:
        return self.lots[number][2] or NEVER, number

    def usable(self, who: str, now: datetime) -> list[int]:
        mine = [n for n, lot in enumerate(self.lots) if lot[0] == who and lot[1] and self.order(n)[0] > now]
        return sorted(mine, key=self.order)

    def take(self, numbers: list[int], quantity: int) -> tuple[Moves, int]:
        moves = []
        for number in numbers:
            part = min(self.lots[number][1], quantity)
            quantity -= part
            moves += [(number, -part)] if part else []
        return moves, quantity

    def spend(self, ref: str, who: str, quantity: int, now: datetime) -> str:
        moves, short = self.take(self.usable(who, now), quantity)
        return "low" if short else self.post(ref, {who: -quantity, "redeemed": quantity}, moves)

    def expire(self, now: datetime) -> None:
        for number, (who, left, expires_at) in enumerate(self.lots):
            if left and expires_at and expires_at <= now:
                self.post("expiry", {who: -left, "expired": left}, [(number, -left)])

    def undo(self, ref: str, by: str, share: Fraction, now: datetime, grace: int) -> str:
        amounts, moves = self.posted[ref]
        size, gone = max(map(abs, amounts.values())), self.back[ref]
        part = int(size * share) - gone
        if gone == size or part <= 0:
            return "done" if gone == size else "nothing"
        changes: Moves = []
        if moves and moves[0][1] > 0:  # a grant: from its own lot, then from the others
            own = moves[0][0]
            others = [n for n in self.usable(self.lots[own][0], now) if n != own]
            changes, short = self.take([own, *others], part)
            if short:
                return "low"
        else:  # a spending: back into its lots, the last drawn first
            drawn = sorted(moves, key=lambda move: self.order(move[0]), reverse=True)
            units = [number for number, quantity in drawn for _unit in range(-quantity)]
            for number, quantity in Counter(units[gone : gone + part]).items():
                who, _left, expires_at = self.lots[number]
                if grace and expires_at and expires_at <= now:
                    self.lots.append([who, 0, now + timedelta(days=grace)])
                    number = len(self.lots) - 1
                changes.append((number, quantity))
        answer = self.post(by, {who: -part if v > 0 else part for who, v in amounts.items()}, changes)
        self.back[ref] += part if answer == "ok" else 0
        return answer
