"""What is known of a shift: whether one runs, what it took in cash, what its drawer should hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from dianke.sales.models import CashMovement, Shift
from dianke.sales.rules.counting import expected_cash, unsettled


@dataclass(frozen=True, slots=True)
class Drawer:
    """The books of one drawer during a shift, in minor units: carried over, cash payments less cash refunds, and what
    else moved."""

    carried: int
    takings: int
    movements: tuple[int, ...]

    @property
    def expected(self) -> int:
        """What should be in it."""
        return expected_cash(self.carried, self.takings, self.movements)

    def unsettled(self, left: int) -> int:
        """What arrived after the shift was closed and `left` stayed in the drawer."""
        return unsettled(carried=self.carried, takings=self.takings, movements=self.movements, left=left)


def running_shift(register_id: int) -> Shift | None:
    """The shift that runs at a register, open or counted."""
    found: Shift | None = Shift.objects.running().filter(register=register_id).first()
    return found


def last_closed(register_id: int) -> Shift | None:
    """The one that ran before."""
    rows: QuerySet[Shift] = Shift.objects.filter(register=register_id, state=Shift.State.CLOSED)
    return rows.order_by("-closed_at", "-pk").first()


def cash_takings(shift_ids: Sequence[int]) -> dict[int, int]:
    """Shift id → cash payments less cash refunds, of all that has arrived. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT shift_id, sum(amount)::bigint FROM (
                SELECT p.shift_id, p.amount FROM sales_payment AS p JOIN sales_tender AS t ON t.id = p.tender_id
                WHERE p.shift_id = ANY(%(shifts)s) AND p.state = 'TAKEN' AND t.account = 'cash'
                UNION ALL
                SELECT r.shift_id, -r.amount FROM sales_refund AS r JOIN sales_tender AS t ON t.id = r.tender_id
                WHERE r.shift_id = ANY(%(shifts)s) AND t.account = 'cash') AS moved
            GROUP BY shift_id
            """,
            {"shifts": list(shift_ids)},
        )
        rows = cursor.fetchall()
    return dict(rows)


def drawers_of(shifts: Sequence[Shift]) -> Mapping[int, Drawer]:
    """Shift id → its drawer. Two statements, however many."""
    keys = [shift.pk for shift in shifts]
    takings = cash_takings(keys)
    moved: dict[int, list[int]] = {key: [] for key in keys}
    rows = CashMovement.objects.filter(shift__in=keys).order_by("pk")
    for shift_id, amount in rows.values_list("shift_id", "amount"):
        moved[shift_id].append(amount)
    return {
        shift.pk: Drawer(shift.carried_amount, takings.get(shift.pk, 0), tuple(moved[shift.pk]))
        for shift in shifts
    }


def drawer_of(shift: Shift) -> Drawer:
    """The drawer of one shift."""
    return drawers_of([shift])[shift.pk]
