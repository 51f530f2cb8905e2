"""Opening points as two columns of the import of customers."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.imports.importers import (
    Context,
    ImporterExtension,
    Outcome,
    Row,
    RowProblem,
    Target,
    UndoCount,
    register_extension,
)
from dianke.loyalty.operations.opening import open_points, take_back_opening
from dianke.loyalty.operations.points import ADJUST
from dianke.loyalty.queries.members import house
from dianke.loyalty.rules.opening import OpeningRow, Wrong, read
from dianke.stores.queries import local_date

_TARGETS = (
    Target(
        "points",
        _("Points"),
        ("积分", "当前积分", "可用积分", "剩余积分", "积分余额", "期初积分", "points", "point balance"),
        group=_("Membership"),
        hint=_("What the customer has now. Nobody gets them twice."),
        example="1280",
    ),
    Target(
        "points_until",
        _("Points usable through"),
        ("积分有效期", "积分到期日", "积分有效期至", "points expire"),
        group=_("Membership"),
        hint=_("Empty: as the programme says."),
        example="2027-12-31",
    ),
)
_PROBLEMS = {
    "points": _("This is no number of points. Write it like 1280, without a minus."),
    "day": _("This is not a date. Write it like 2027-12-31."),
    "past": _("These points would be gone already. Leave the row out, or give a later day."),
}
_NO_PROGRAMME = _("There is no membership programme yet. Set it up first, or leave the column out.")


class OpeningPointsExtension(ImporterExtension):
    """Each customer gets opening points once, from whichever file they come."""

    code = "loyalty_points"
    importer = "customers"
    label = _("Points")
    permission = ADJUST

    def targets(self, actor: Actor) -> Sequence[Target]:
        """The two columns."""
        return _TARGETS

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[tuple[RowProblem, ...]]:
        """What is wrong with the points of each row."""
        read_rows = [self._read(row, context) for row in rows]
        if house() is None:
            problem = (RowProblem("loyalty_no_programme", _NO_PROGRAMME, "points"),)
            return [problem if isinstance(one, Wrong) or one.points else () for one in read_rows]
        return [
            (RowProblem(f"loyalty_opening_{one.code}", _PROBLEMS[one.code], one.field),)
            if isinstance(one, Wrong)
            else ()
            for one in read_rows
        ]

    def apply(self, rows: Sequence[tuple[Row, Outcome]], context: Context) -> None:
        """Give the points, all of a batch together."""
        wanted: list[tuple[int, int, OpeningRow]] = []
        for row, outcome in rows:
            one = self._read(row, context)
            if isinstance(one, OpeningRow) and one.points and outcome.subject_id:
                wanted.append((row.number, int(outcome.subject_id), one))
        if wanted:
            open_points(run_id=context.run.pk, rows=wanted, actor=context.actor.as_system(), now=context.now)

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back what nobody used."""
        done = take_back_opening(
            run_id=context.run.pk,
            after=int(cursor or 0),
            limit=limit,
            actor=context.actor.as_system(),
            now=context.now,
        )
        return UndoCount(done.removed, 0, done.kept, "" if done.next_row is None else str(done.next_row))

    def _read(self, row: Row, context: Context) -> OpeningRow | Wrong:
        return read(row.get("points", ""), row.get("points_until", ""), today=local_date(context.now))


def register() -> None:
    """Called once, when the app is ready."""
    register_extension(OpeningPointsExtension())
