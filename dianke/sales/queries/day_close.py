"""Reading closed days: what a date came to, the X report of this moment, and the proof that reports and books agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.proof import Check, Finding
from dianke.sales.models import DayClose, Shift, Tender, ZReport
from dianke.sales.queries.day_figures import Scope, figures_of, names_in
from dianke.sales.queries.shifts import drawers_of
from dianke.sales.rules.day_figures import digest_of, minus, total
from dianke.stores.models import Register, Store


@dataclass(frozen=True, slots=True)
class Report:
    """An X report: figures of this moment, with the names of what is in them. `expected_cash` is None while the count
    is blind for the reader."""

    figures: Mapping[str, Any]
    names: Mapping[str, Mapping[str, str]]
    taken_at: datetime
    expected_cash: int | None = None


def closed_figures(store: Store, day: date) -> dict[str, Any]:
    """What all closes of a date say together; empty when it was not closed."""
    rows = DayClose.objects.filter(store=store, business_date=day)
    return total(snapshot["figures"] for snapshot in rows.values_list("snapshot", flat=True))


def reported_figures(register_ids: Sequence[int], day: date) -> dict[int, dict[str, Any]]:
    """Register → what its Z reports of a date say together."""
    found: dict[int, dict[str, Any]] = {key: {} for key in register_ids}
    rows = ZReport.objects.filter(register__in=register_ids, close__business_date=day)
    for register_id, snapshot in rows.values_list("register_id", "snapshot"):
        found[register_id] = total([found[register_id], snapshot["figures"]])
    return found


def not_closed_yet(store: Store, day: date) -> dict[str, Any]:
    """What came since the date was closed; the whole day when it was not."""
    return minus(figures_of([Scope(store, day)])[0], closed_figures(store, day))


def x_report_of_shift(shift: Shift, *, now: datetime, sees_expected: bool) -> Report:
    """What a shift did until now. Nothing is written. What cash should be there is told once it is closed, and before
    only to who `sees_expected`."""
    (figures,) = figures_of([Scope(shift.store, shift=shift)])
    if not sees_expected and shift.is_running:
        return Report(_blind(figures), names_in(figures), now)
    expected = drawers_of([shift])[shift.pk].expected if shift.is_running else shift.expected_amount
    return Report(figures, names_in(figures), now, expected)


def x_report_of_day(
    store: Store, day: date, *, register: Register | None = None, now: datetime, sees_expected: bool
) -> Report:
    """What a store, or one register of it, did on a day until now. Nothing is written."""
    (figures,) = figures_of([Scope(store, day, register.pk if register is not None else None)])
    if sees_expected:
        return Report(figures, names_in(figures), now)
    return Report(_blind(figures), names_in(figures), now)


def _blind(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Only what does not tell how much cash there should be: totals less the other tenders would."""
    cash = set(Tender.objects.filter(account=Tender.Account.CASH).values_list("code", flat=True))
    tenders = {code: value for code, value in figures.get("tenders", {}).items() if code not in cash}
    shown = {key: figures[key] for key in ("orders", "openings") if key in figures}
    return shown | ({"tenders": tenders} if tenders else {})


# --- the proof -------------------------------------------------------------------------------------------------------
CHECKS: tuple[Check, ...] = (
    Check(
        "drawer",
        _("what payments, refunds and movements say of the cash in drawers is what the ledger says"),
        """
        WITH told AS (
            SELECT p.register_id, o.legal_entity_id, p.business_date, p.amount FROM sales_payment AS p
            JOIN sales_tender AS t ON t.id = p.tender_id AND t.account = 'cash'
            JOIN sales_order AS o ON o.id = p.order_id
            WHERE p.state = 'TAKEN' AND p.register_id IS NOT NULL
            UNION ALL
            SELECT r.register_id, o.legal_entity_id, r.business_date, -r.amount FROM sales_refund AS r
            JOIN sales_tender AS t ON t.id = r.tender_id AND t.account = 'cash'
            JOIN sales_order AS o ON o.id = r.order_id
            WHERE r.register_id IS NOT NULL
            UNION ALL
            SELECT s.register_id, s.legal_entity_id, m.business_date, m.amount FROM sales_cashmovement AS m
            JOIN sales_shift AS s ON s.id = m.shift_id),
        posted AS (
            SELECT r.id AS register_id, a.legal_entity_id, t.business_date, p.amount
            FROM ledger_account AS a JOIN ledger_posting AS p ON p.account_id = a.id
            JOIN ledger_transaction AS t ON t.id = p.transaction_id
            -- The ledger keeps what the registers of a removed demo took; their sales are gone with them.
            JOIN stores_register AS r ON a.holder = 'stores.register:' || r.id
            WHERE a.code = 'cash' AND a.holder LIKE 'stores.register:%'),
        every AS (
            SELECT register_id, business_date, amount AS told, 0 AS posted FROM told
            UNION ALL SELECT register_id, business_date, 0, amount FROM posted)
        SELECT 'register ' || register_id || ' on ' || business_date, sum(told) || ', ledger ' || sum(posted)
        FROM every GROUP BY register_id, business_date HAVING sum(told) <> sum(posted)
        """,
    ),
    Check(
        "shift",
        _("a closed shift left what was counted less what went into the safe"),
        """
        SELECT 'shift ' || s.id, 'left ' || s.left_amount || ', counted ' || s.counted_amount
        FROM sales_shift AS s
        WHERE s.state = 'CLOSED' AND s.left_amount <> s.counted_amount + coalesce((
            SELECT sum(m.amount) FROM sales_cashmovement AS m WHERE m.shift_id = s.id AND m.kind = 'TO_SAFE'
               AND m.reference = 'sales.shift:' || s.uuid || '/safe'), 0)
        """,
    ),
    Check(
        "zreports",
        _("Z reports and day closes are numbered without gaps"),
        """
        SELECT 'register ' || register_id, count(*) || ' reports, last number ' || max(number)
        FROM sales_zreport GROUP BY register_id HAVING count(*) <> max(number)
        UNION ALL
        SELECT 'store ' || store_id, count(*) || ' closes, last number ' || max(number)
        FROM sales_dayclose GROUP BY store_id HAVING count(*) <> max(number)
        """,
    ),
    Check(
        "report",
        _("a Z report says of the drawer what the ledger said"),
        """
        SELECT 'register ' || z.register_id || ' no. ' || z.number, 'ledger ' || t.posted || ', report ' || t.told
        FROM sales_zreport AS z CROSS JOIN LATERAL (
            SELECT coalesce((z.snapshot #>> '{figures,ledger,cash}')::bigint, 0) AS posted,
                   coalesce((z.snapshot #>> '{figures,cash,in}')::bigint, 0)
                   - coalesce((z.snapshot #>> '{figures,cash,out}')::bigint, 0)
                   + coalesce((SELECT sum((d.value ->> 'amount')::bigint)
                               FROM jsonb_each(z.snapshot #> '{figures,drawer}') AS d), 0) AS told) AS t
        WHERE t.posted <> t.told
        """,
    ),
    Check(
        "closed",
        _("the closes of a day are what was paid, but for what came since"),
        """
        WITH closed AS (
            SELECT c.store_id, c.business_date, max(c.closed_at) AS closed_at,
                   sum(coalesce((c.snapshot #>> '{figures,cash,in}')::bigint, 0)
                       - coalesce((c.snapshot #>> '{figures,cash,out}')::bigint, 0)) AS told
            FROM sales_dayclose AS c GROUP BY c.store_id, c.business_date),
        paid AS (
            SELECT o.store_id, p.business_date, p.amount, o.recorded_at AS at FROM sales_payment AS p
            JOIN sales_tender AS t ON t.id = p.tender_id AND t.account = 'cash'
            JOIN sales_order AS o ON o.id = p.order_id
            WHERE p.state = 'TAKEN'
            UNION ALL
            SELECT o.store_id, r.business_date, -r.amount, r.made_at FROM sales_refund AS r
            JOIN sales_tender AS t ON t.id = r.tender_id AND t.account = 'cash'
            JOIN sales_order AS o ON o.id = r.order_id)
        SELECT 'store ' || c.store_id || ' on ' || c.business_date,
               'closed ' || c.told || ', paid ' || coalesce(sum(p.amount), 0)
        FROM closed AS c LEFT JOIN paid AS p ON p.store_id = c.store_id AND p.business_date = c.business_date
        GROUP BY c.store_id, c.business_date, c.told, c.closed_at
        HAVING c.told <> coalesce(sum(p.amount), 0)
           AND NOT coalesce(bool_or(p.at >= c.closed_at - interval '5 minutes'), false)
        """,
    ),
)


def verify_digests(report: Callable[[str], None] | None = None) -> list[Finding]:
    """Stored reports that are not what their digest says, or do not name the report before."""
    promise = _("closed days and Z reports are as they were written")
    findings = []
    for model, owner in ((DayClose, "store_id"), (ZReport, "register_id")):
        before: tuple[int, str] = (0, "")
        rows = model.objects.order_by(owner, "number").values_list(owner, "number", "snapshot", "digest")
        for key, number, snapshot, digest in rows.iterator(chunk_size=500):
            expected = before[1] if before[0] == key else ""
            if digest_of(snapshot) != digest or snapshot.get("previous", "") != expected:
                findings.append(Finding("digest", f"{model._meta.model_name} {key}/{number}", str(promise)))
            before = (key, digest)
    if report is not None:
        report(f"{'✗' if findings else '✓'} {promise}")
    return findings
