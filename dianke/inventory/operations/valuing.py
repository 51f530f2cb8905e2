"""The costs of a document under way: its lines, in their order, drive the cost states the database has locked through
rules/costing.py; what comes out is written as cost entries by the second call of posting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dianke.inventory.models import CostEntry
from dianke.inventory.rules import costing
from dianke.inventory.rules.costing import Change, CostState, EntryKind

if TYPE_CHECKING:
    from dianke.inventory.operations.posting import Line

Key = tuple[int, int]  # (legal entity, variant)
ZERO = Decimal(0)


class Valuing:
    """`answer` is what `inventory_post` said: ids of the movements, locked states, what is given back, and the lines
    it added so that counts stand."""

    def __init__(
        self,
        lines: Sequence[Line],
        answer: Mapping[str, Any],
        *,
        legal_entity_id: int,
        occurred_at: datetime,
        business_date: date,
        later_costs: Mapping[int, tuple[Decimal, Decimal]],
        reverses_id: int | None,
    ) -> None:
        self.lines = lines
        self.answer = answer
        self.legal_entity_id = legal_entity_id
        self.dated = {"occurred_at": occurred_at.isoformat(), "business_date": business_date.isoformat()}
        self.later_costs = later_costs
        self.reverses_id = reverses_id
        self.states: dict[Key, CostState] = {
            (entity, variant): CostState(Decimal(quantity), Decimal(value), Decimal(average))
            for entity, variant, quantity, value, average in answer["states"] or ()
        }
        self.origins = {row["id"]: row for row in answer["origins"] or ()}
        self.given = {pk: Decimal(row["returned"]) for pk, row in self.origins.items()}
        self.given_value = {pk: Decimal(row["returned_value"]) for pk, row in self.origins.items()}
        self.entries_of: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
        for row in answer["entries"] or ():
            self.entries_of[row["movement_id"]].append(row)
        self.entries: list[dict[str, Any]] = []
        self.values: list[Decimal] = []

    def settle(self) -> dict[str, Any]:
        """What `inventory_settle` writes: entries and the states they lead to."""
        if self.states:
            for number, line in enumerate(self.lines, 1):
                self.values.append(self._value(self.answer["ids"][str(number)], line))
            for made in self.answer["compensations"] or ():
                self._compensate(made)
            for variant_id, (received, amount) in self.later_costs.items():
                key = (self.legal_entity_id, variant_id)
                self._write(None, key, costing.add_landed_cost(self.states[key], received, amount))
            if self.reverses_id is not None and not self.lines:
                self._take_back_costs(self.reverses_id)
        else:
            self.values = [ZERO] * len(self.lines)
        return {
            "entries": self.entries,
            "states": [
                {
                    "legal_entity_id": entity,
                    "variant_id": variant,
                    "quantity": str(state.quantity),
                    "value": str(state.value),
                    "average": str(state.average),
                }
                for (entity, variant), state in self.states.items()
            ],
        }

    def _value(self, movement_id: int, line: Line) -> Decimal:
        """What the line changes of the worth of stock, over both ends."""
        giver, taker = line.from_place, line.to_place
        if giver.is_valued and taker.is_valued and giver.legal_entity_id == taker.legal_entity_id:
            return ZERO
        if self.reverses_id is not None:
            return self._reverse(movement_id, line)
        value = ZERO
        if giver.is_valued:
            key = (giver.legal_entity_id, line.variant_id)
            outcome = costing.issue(self.states[key], line.quantity)
            value += self._write(movement_id, key, outcome, self._dated(line))
        if taker.is_valued:
            key = (taker.legal_entity_id, line.variant_id)
            value += self._write(movement_id, key, self._come_in(self.states[key], line), self._dated(line))
        return value

    def _dated(self, line: Line) -> Mapping[str, str]:
        """The line's own time where it has one, else the document's."""
        if line.occurred_at is None:
            return self.dated
        day = line.business_date.isoformat() if line.business_date else self.dated["business_date"]
        return {"occurred_at": line.occurred_at.isoformat(), "business_date": day}

    def _come_in(self, state: CostState, line: Line) -> costing.Outcome:
        if line.cost is not None:
            return costing.receive(state, line.quantity, line.cost)
        if line.origin_id is None:
            return costing.receive_at_average(state, line.quantity)
        origin = self.origins[line.origin_id]
        left = [entry for entry in self.entries_of[line.origin_id] if Decimal(entry["quantity"]) < 0]
        if not left:  # it was not ours when it left
            return costing.receive_at_average(state, line.quantity)
        value = costing.value_of_return(
            Decimal(origin["quantity"]),
            -sum((Decimal(entry["value"]) for entry in left), ZERO),
            self.given[line.origin_id],
            self.given_value[line.origin_id],
            line.quantity,
        )
        self.given[line.origin_id] += line.quantity
        self.given_value[line.origin_id] += value
        return costing.receive(state, line.quantity, value, EntryKind.RETURN)

    def _reverse(self, movement_id: int, line: Line) -> Decimal:
        """Each entity takes back what the original entered there, as one."""
        sums: dict[int, list[Decimal]] = {}
        for entry in self.entries_of[line.origin_id or 0]:
            total = sums.setdefault(entry["legal_entity_id"], [ZERO, ZERO, ZERO])
            for position, column in enumerate(("quantity", "value", "expense")):
                total[position] -= Decimal(entry[column])
        value = ZERO
        for entity, (quantity, worth, expense) in sorted(sums.items()):
            key = (entity, line.variant_id)
            value += self._write(
                movement_id, key, costing.take_back(self.states[key], quantity, worth, expense)
            )
        return value

    def _compensate(self, made: Mapping[str, Any]) -> None:
        """A line that makes a late one good after a count: it takes out or brings in what that line did."""
        if not made["is_valued"]:
            return
        key = (made["legal_entity_id"], made["variant_id"])
        movement_id = self.answer["ids"][str(made["line"])]
        of = self.answer["ids"][str(made["of_line"])]
        done = [e for e in self.entries if e["movement_id"] == of and e["legal_entity_id"] == key[0]]
        dated = {"occurred_at": made["occurred_at"], "business_date": made["business_date"]}
        if done:
            sums = [
                -sum((Decimal(e[column]) for e in done), ZERO) for column in ("quantity", "value", "expense")
            ]
            outcome = costing.take_back(self.states[key], *sums)
        elif made["sign"] > 0:  # moved within the entity: what came back counts as found at the average
            outcome = costing.receive_at_average(self.states[key], Decimal(made["quantity"]))
        else:
            outcome = costing.issue(self.states[key], Decimal(made["quantity"]))
        self._write(movement_id, key, outcome, dated)

    def _take_back_costs(self, document_id: int) -> None:
        """The reversal of a document that only brought costs."""
        for entry in CostEntry.objects.filter(document=document_id).order_by("pk"):
            key = (entry.legal_entity_id, entry.variant_id)
            outcome = costing.take_back(
                self.states[key], -entry.quantity_change, -entry.value_change, -entry.expense
            )
            self._write(None, key, outcome)

    def _write(
        self,
        movement_id: int | None,
        key: Key,
        outcome: costing.Outcome,
        dated: Mapping[str, str] | None = None,
    ) -> Decimal:
        self.states[key], changes = outcome
        for change in changes:
            self.entries.append(self._entry(movement_id, key, change, dated or self.dated))
        return sum((change.value for change in changes), ZERO)

    def _entry(
        self, movement_id: int | None, key: Key, change: Change, dated: Mapping[str, str]
    ) -> dict[str, Any]:
        return {
            "n": len(self.entries),
            "movement_id": movement_id,
            "legal_entity_id": key[0],
            "variant_id": key[1],
            "kind": change.kind.value,
            "quantity": str(change.quantity),
            "value": str(change.value),
            "expense": str(change.expense),
            "average_after": str(change.average_after),
            **dated,
        }
