"""Lines of a stocktake as people read them: what differs, and why in words. The figures of the books are told only to
those who may know them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dianke.inventory.forms.parts import COSTS, plain, signed
from dianke.inventory.models import CountLine, CountSession
from dianke.inventory.operations.counting import APPROVE
from dianke.inventory.rules.counting import Reason
from dianke.web.formats import money
from dianke.web.list_views import list_view
from dianke.web.listing import Column, Filter, Listing, as_id, choice_filter, register
from dianke.web.listing import Kind as Shown

Verdict = CountLine.Verdict
TONES: dict[str, str] = {
    Verdict.SETTLED: "good",
    Verdict.RECOUNT: "wait",
    Verdict.DISPUTED: "bad",
    Verdict.ELSEWHERE: "bad",
    Verdict.SUPERSEDED: "off",
    Verdict.UNCOUNTED: "off",
}
_REASONS: dict[str, Any] = {
    Reason.AS_EXPECTED: gettext_lazy("as expected"),
    Reason.WITHIN_TOLERANCE: gettext_lazy("within the tolerance"),
    Reason.CONFIRMED: gettext_lazy("two people found the same"),
    Reason.ABOVE_TOLERANCE: gettext_lazy("above the tolerance: somebody else looks again"),
    Reason.MOVED_MEANWHILE: gettext_lazy(
        "goods moved while it was counted, which may explain it: look again"
    ),
    Reason.LOOKS_DIFFER: gettext_lazy("the people who counted disagree"),
    Reason.CONTRADICTED: gettext_lazy("more was sold since than was counted: look again"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A line as the actor may see it; figures are "" where they are not told."""

    line: CountLine
    name: str
    note: str
    place: str
    unit: str
    entered: str
    is_again: bool
    expected: str = ""
    counted: str = ""
    variance: str = ""
    is_short: bool = False
    value: str = ""
    verdict: str = ""
    tone: str = ""
    why: str = ""


def told(line: CountLine, entered: Decimal | None, *, is_told: bool, sees_values: bool) -> Told:
    """`entered` is what was entered in the present round."""
    common: dict[str, Any] = {
        "line": line,
        "name": str(line.variant),
        "note": note_of(line),
        "place": str(line.place),
        "unit": line.variant.product.unit.name,
        "entered": plain(entered),
        "is_again": line.verdict == Verdict.RECOUNT,
    }
    if not is_told:
        return Told(**common)
    variance = line.variance
    return Told(
        **common,
        expected=plain(line.snapshot if line.expected is None else line.expected),
        counted=plain(line.counted),
        variance="" if variance is None else signed(variance),
        is_short=variance is not None and variance < 0,
        value=_value(line) if sees_values else "",
        verdict=line.get_verdict_display(),
        tone=TONES.get(line.verdict, ""),
        why=explained(line),
    )


def note_of(line: CountLine) -> str:
    """What tells these goods from others of the name."""
    if line.piece is not None:
        return _("Tag %(tag)s") % {"tag": line.piece.tag}
    return _("Batch %(code)s") % {"code": line.batch.code} if line.batch else line.variant.code


def value_of(line: CountLine) -> Decimal | None:
    """What the difference is worth at average cost, in yuan."""
    if not line.variance or line.unit_cost is None:
        return None
    return line.variance * line.unit_cost


def _value(line: CountLine) -> str:
    value = value_of(line)
    return "" if value is None else money(value)


def explained(line: CountLine) -> str:
    """Why a line stands where it stands: the books at the start, what moved up to the look, what was seen."""
    if line.verdict == Verdict.ELSEWHERE:
        return _(
            "By the books it is with a customer or another store: it is not booked here. Find out whose it is."
        )
    if line.verdict == Verdict.SUPERSEDED:
        return _("It was counted later in another stocktake, which counts.")
    if line.counted is None or line.expected is None or line.counted_at is None:
        return _("Nobody counted it: the books stay as they are.")
    values = {
        "time": f"{timezone.localtime(line.counted_at):%H:%M}",
        "name": line.counted_by.name if line.counted_by else "–",
        "counted": plain(line.counted),
        "snapshot": plain(line.snapshot),
        "moved": signed(line.expected - line.snapshot),
        "expected": plain(line.expected),
    }
    if line.expected == line.snapshot:
        text = _("%(expected)s should be there; %(name)s saw %(counted)s at %(time)s") % values
    else:
        text = (
            _(
                "%(snapshot)s at the start, %(moved)s moved until %(time)s, so %(expected)s should be there; "
                "%(name)s saw %(counted)s"
            )
            % values
        )
    reason = _REASONS.get(line.reason, "")
    return f"{text} · {reason}" if reason else text


# --- as a list, for the export ---------------------------------------------------------------------------------------
@register
class CountLineListing(Listing):
    """Lines of stocktakes whose figures the actor may know."""

    code = "inventory.count_lines"
    title = gettext_lazy("Differences of stocktakes")
    permission = "inventory.view_stock"
    default_sort = "-pk"
    search_fields = ("variant__product__name", "variant__code", "piece__tag", "session__name")
    search_hint = gettext_lazy("Goods, SKU, tag, stocktake")
    can_export = True
    columns = (
        Column(
            "goods",
            gettext_lazy("Goods"),
            value=lambda row: str(row.variant),
            is_title=True,
            link=lambda row: reverse("inventory:count", args=[row.session_id]),
        ),
        Column("code", gettext_lazy("SKU"), value="variant__code", sort="variant__code"),
        Column("note", gettext_lazy("Batch or tag"), value=lambda row: note_of(row)),
        Column("session", gettext_lazy("Stocktake"), value=lambda row: str(row.session)),
        Column("place", pgettext_lazy("of stock", "Place"), value=lambda row: str(row.place)),
        Column("snapshot", gettext_lazy("At the start"), Shown.NUMBER, value=lambda row: row.snapshot),
        Column("expected", gettext_lazy("Expected"), Shown.NUMBER, value=lambda row: row.expected),
        Column("counted", pgettext_lazy("quantity", "Counted"), Shown.NUMBER, value=lambda row: row.counted),
        Column(
            "variance",
            gettext_lazy("Difference"),
            Shown.NUMBER,
            sort="variance",
            value=lambda row: row.variance,
        ),
        Column(
            "unit_cost",
            gettext_lazy("Cost of one"),
            Shown.MONEY,
            needs=COSTS,
            value=lambda row: row.unit_cost,
        ),
        Column(
            "value",
            pgettext_lazy("of stock", "Value"),
            Shown.MONEY,
            needs=COSTS,
            value=lambda row: value_of(row),
        ),
        Column("verdict", gettext_lazy("Result"), Shown.STATUS, tone=lambda row: TONES.get(row.verdict, "")),
        Column("counted_at", gettext_lazy("Counted at"), Shown.INSTANT, sort="counted_at"),
        Column("counted_by", gettext_lazy("Counted by"), value="counted_by__name"),
        Column("why", gettext_lazy("Why"), value=lambda row: explained(row)),
    )
    filters = (
        Filter(
            "session",
            gettext_lazy("Number of the stocktake"),
            lambda rows, value: rows.filter(session=as_id(value)),
            kind="text",
        ),
        choice_filter(
            "sign",
            gettext_lazy("Difference"),
            [
                ("any", gettext_lazy("Any")),
                ("short", gettext_lazy("Missing")),
                ("more", gettext_lazy("Found")),
            ],
            quick=True,
        ),
        choice_filter("verdict", gettext_lazy("Result"), Verdict.choices),
    )
    empty = (
        "clipboard-check",
        gettext_lazy("Differences that stocktakes found stand here once they are counted."),
        "",
        "",
        "",
    )

    def queryset(self) -> QuerySet[CountLine]:
        sessions = CountSession.objects.visible_to(self.actor)
        approving = self.actor.stores_for(APPROVE)
        if approving is not None:
            # Of a blind stocktake only those who approve learn what should have been there.
            sessions = sessions.filter(Q(is_blind=False) | Q(store__in=approving))
        sessions = sessions.exclude(state__in=[CountSession.State.COUNTING, CountSession.State.RECOUNTING])
        rows = CountLine.objects.filter(session__in=sessions.order_by())
        return rows.select_related(
            "session", "place", "variant__product__unit", "batch", "piece", "counted_by"
        )

    def filter_sign(self, rows: QuerySet[CountLine], value: str) -> QuerySet[CountLine]:
        if value == "any":
            return rows.exclude(variance=None).exclude(variance=0)
        if value == "short":
            return rows.filter(variance__lt=0)
        return rows.filter(variance__gt=0) if value == "more" else rows


count_line_list = list_view(CountLineListing)
