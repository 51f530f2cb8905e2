"""Days of a store closed: what the report says is what was paid and what the books say, however late it came."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.core.proof import prove
from dianke.ledger.queries import verify as verify_ledger
from dianke.sales import operations as sales
from dianke.sales.models import DayClose, Payment, Refund, ZReport
from dianke.sales.operations import day_close, shifts
from dianke.sales.operations.cash import NotSoMuchInDrawer
from dianke.sales.queries.day_close import (
    CHECKS,
    closed_figures,
    not_closed_yet,
    reported_figures,
    verify_digests,
    x_report_of_day,
    x_report_of_shift,
)
from dianke.sales.queries.shifts import drawer_of
from dianke.sales.rules.business_day import DayNotBegun
from dianke.sales.rules.day_figures import at, digest_of, total
from dianke.sales.tasks import supplement_days
from dianke.sales.tests.till import TODAY, Till, make_till, pieces_of
from dianke.stores.models import Store

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def till(db: None, now) -> Till:
    return make_till(now)


@pytest.fixture(autouse=True)
def _proven(db: None):
    """Every story ends with reports and books that agree."""
    yield
    assert prove(CHECKS) == []
    assert verify_digests() == []


def test_a_day_is_closed_with_a_report_per_register(till: Till):
    shift = till.open()
    till.sell(shift, 12_000)
    till.sell(shift, 8_000, ("CASH", 3_000), ("WECHAT", 5_000))
    till.drop(shift, 10_000)
    till.close(shift, 35_000)
    till.sell(None, 2_000, ("TRANSFER", 2_000))  # at the back office
    close = till.close_day()
    figures = close.snapshot["figures"]
    assert (close.number, close.sequence, close.digest) == (1, 0, digest_of(close.snapshot))
    assert figures["sales"] == {"count": 3, "list": 22_000, "paid": 22_000}
    assert figures["tenders"] == {
        "CASH": {"in_count": 2, "in": 15_000},
        "TRANSFER": {"in_count": 1, "in": 2_000},
        "WECHAT": {"in_count": 1, "in": 5_000},
    }
    assert figures["cash"] == {"in": 15_000}
    assert figures["categories"] == {"FEE": {"lines": 3, "list": 22_000, "paid": 22_000}}
    assert figures["drawer"] == {
        "FROM_SAFE": {"count": 1, "amount": 30_000},
        "TO_SAFE": {"count": 2, "amount": -15_000},
    }
    assert figures["ledger"]["revenue"] == 22_000
    assert close.snapshot["names"]["tenders"]["WECHAT"]
    (shift_row,) = close.snapshot["shifts"]
    assert (shift_row["expected"], shift_row["counted"], shift_row["difference"]) == (35_000, 35_000, 0)
    (report,) = till.z()
    assert (report.number, report.snapshot["close"]["number"]) == (1, 1)
    assert at(report.snapshot["figures"], "sales", "paid") == 20_000
    # the drawer in the books: what was carried in, sold and put away
    assert at(report.snapshot["figures"], "ledger", "cash") == 30_000 + 15_000 - 15_000
    assert till.z(till.second) == []


def test_a_day_is_not_closed_while_a_shift_runs(till: Till):
    shift = till.open()
    with pytest.raises(day_close.ShiftsRun) as refused:
        till.close_day()
    assert shift.register.name in str(refused.value)
    till.count(shift, 30_000)
    with pytest.raises(day_close.ShiftsRun):
        till.close_day()
    shifts.close_shift(shift=shift, left_amount=0, **till.usual({}))
    assert till.close_day().number == 1


def test_only_days_that_have_begun_and_by_who_may(till: Till):
    with pytest.raises(DayNotBegun):
        till.close_day(TODAY + DAY)
    with pytest.raises(day_close.CloseUnknownDay):
        till.close_day(date(2025, 12, 31))
    for name in ("clerk", "southerner"):
        with pytest.raises(PermissionRefused):
            till.close_day(by=name)
    assert not DayClose.objects.exists()


def test_closing_twice_writes_nothing_twice(till: Till):
    till.sell(None, 1_000, ("TRANSFER", 1_000))
    first = till.close_day()
    assert till.close_day() == first
    assert (DayClose.objects.count(), ZReport.objects.count()) == (1, 0)


def test_late_sales_of_an_offline_till_go_into_a_supplement(till: Till, now):
    shift = till.open()
    till.sell(shift, 10_000)
    till.close(shift, 45_000, reason="多了，可能有没上传的单")  # 5,000 were sold offline and not known yet
    till.assert_books(drawer=30_000, safe=-15_000, cash_difference=-5_000, revenue=10_000)
    first = till.close_day(now=now + 8 * HOUR)
    before = dict(first.snapshot)
    late = till.sell(shift, 5_000, at=now + HOUR, now=now + DAY)
    assert late.business_date == TODAY
    supplement = till.close_day(now=now + DAY)
    assert (supplement.number, supplement.sequence, supplement.is_supplement) == (2, 1, True)
    assert supplement.snapshot["kind"] == "SUPPLEMENT"
    assert supplement.snapshot["figures"]["tenders"] == {"CASH": {"in_count": 1, "in": 5_000}}
    # what was over is explained, and posted back
    assert supplement.snapshot["figures"]["drawer"] == {"CORRECTION": {"count": 1, "amount": -5_000}}
    till.assert_books(drawer=30_000, safe=-15_000, revenue=15_000)
    assert [report.number for report in till.z()] == [1, 2]
    first.refresh_from_db()
    assert first.snapshot == before
    assert supplement.snapshot["previous"] == first.digest
    assert at(closed_figures(till.lake, TODAY), "tenders", "CASH", "in") == 15_000
    assert till.close_day(now=now + DAY) == supplement  # nothing came since


def test_a_correction_of_a_correction_is_posted_too(till: Till, now):
    shift = till.close(till.open(), 36_000, reason="多了")
    till.close_day(now=now + 8 * HOUR)
    for amount in (2_000, 4_000):
        till.sell(shift, amount, at=now, now=now + DAY)
        till.close_day(now=now + DAY)
    till.assert_books(drawer=30_000, safe=-24_000, revenue=6_000)
    assert [close.sequence for close in DayClose.objects.order_by("number")] == [0, 1, 2]


def test_a_shop_that_closes_at_two_closes_the_night_with_the_day_before(till: Till):
    Store.objects.filter(pk=till.lake.pk).update(closing_hour=2)
    till.lake.refresh_from_db()
    night = datetime.fromisoformat("2026-11-22T01:30:00+08:00")
    shift = till.open(now=night)
    assert shift.business_date == TODAY
    order = till.sell(shift, 3_000, now=night)
    assert order.business_date == TODAY
    till.close(shift, 33_000, now=night)
    morning = night + 8 * HOUR
    later = till.sell(None, 700, ("TRANSFER", 700), now=morning)
    assert later.business_date == TODAY + DAY
    assert at(till.close_day(TODAY, now=morning).snapshot, "figures", "sales", "paid") == 3_000
    assert at(till.close_day(TODAY + DAY, now=morning).snapshot, "figures", "sales", "paid") == 700


def test_an_x_report_changes_nothing_and_says_what_is_so_far(till: Till, now):
    shift = till.open()
    till.sell(shift, 4_000)
    before = _row_counts()
    report = x_report_of_shift(shift, now=now, sees_expected=True)
    of_day = x_report_of_day(till.lake, TODAY, register=till.first, now=now, sees_expected=True)
    assert (report.expected_cash, at(report.figures, "cash", "in")) == (34_000, 4_000)
    assert at(of_day.figures, "sales", "paid") == 4_000
    assert _row_counts() == before
    blind = x_report_of_day(till.lake, TODAY, now=now, sees_expected=False)
    assert blind.figures == {}
    till.sell(shift, 900, ("WECHAT", 900))
    blind = x_report_of_day(till.lake, TODAY, now=now, sees_expected=False)
    assert blind.figures == {"tenders": {"WECHAT": {"in_count": 1, "in": 900}}}


def _row_counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables ORDER BY relname"
        )
        return dict(cursor.fetchall())


def test_numbers_count_per_register_and_per_store(till: Till):
    for day in range(3):
        now = till.now + day * DAY
        shift = till.open(now=now, reason="x") if not day else till.open(now=now)
        till.sell(shift, 100, now=now)
        till.close(shift, 30_100, now=now)
        if day == 1:
            other = till.open(till.second, now=now)
            till.close(other, 30_000, now=now)
        till.close_day(TODAY + day * DAY, now=now)
    assert [report.number for report in till.z()] == [1, 2, 3]
    assert [report.number for report in till.z(till.second)] == [1]  # nothing sold, but it was open
    assert till.close_day(TODAY, store=till.cast.road, by="owner").number == 1


def test_reports_are_never_changed_and_numbers_have_no_gaps(till: Till, now):
    till.close(till.open(), 30_000)
    close = till.close_day()
    for table in ("sales_dayclose", "sales_zreport"):
        for sql in (f"DELETE FROM {table}", f"UPDATE {table} SET digest = ''"):
            with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
    for number, sequence in ((3, 1), (2, 2), (1, 1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            DayClose.objects.create(
                store=till.lake,
                legal_entity=till.cast.silk,
                business_date=TODAY,
                sequence=sequence,
                number=number,
                currency="CNY",
                closed_at=now,
                snapshot={},
                digest="",
            )
    assert close.number == 1


def test_a_report_that_was_tampered_with_is_found(till: Till):
    till.close(till.open(), 30_000)
    till.close_day()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE sales_zreport SET snapshot = jsonb_set(snapshot, '{number}', '7')")
        assert [finding.check for finding in verify_digests()] == ["digest"]
        cursor.execute("UPDATE sales_zreport SET snapshot = jsonb_set(snapshot, '{number}', '1')")
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_cash_beside_the_books_is_found(till: Till):
    shift = till.open()
    till.sell(shift, 500)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE sales_payment SET amount = 501")
        assert [finding.check for finding in prove(CHECKS)] == ["drawer"]
        cursor.execute("UPDATE sales_payment SET amount = 500")
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_every_night_late_sales_go_into_supplements_by_themselves(till: Till, now):
    shift = till.close(till.open(), 30_000)
    till.close_day(now=now + 8 * HOUR)
    assert supplement_days(now + DAY) == 0
    till.sell(shift, 700, at=now, now=now + DAY)
    assert supplement_days(now + DAY + HOUR) == 1
    assert supplement_days(now + 2 * DAY) == 0
    assert not_closed_yet(till.lake, TODAY) == {}


# --- any mixture -----------------------------------------------------------------------------------------------------
_step = st.one_of(
    st.tuples(st.just("sell"), st.integers(1, 20_000), st.sampled_from(["CASH", "WECHAT", "split"])),
    st.tuples(st.just("refund"), st.integers(0, 50), st.none()),
    st.tuples(st.just("in"), st.integers(1, 5_000), st.none()),
    st.tuples(st.just("out"), st.integers(1, 5_000), st.none()),
    st.tuples(st.just("drop"), st.integers(1, 5_000), st.none()),
    st.tuples(st.just("offline"), st.integers(1, 20_000), st.integers(0, 3)),
    st.tuples(st.just("shift"), st.integers(-200, 200), st.none()),
    st.tuples(st.just("hand over"), st.just(0), st.none()),
    st.tuples(st.just("close day"), st.just(0), st.none()),
    st.tuples(st.just("next day"), st.just(0), st.none()),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(_step, min_size=4, max_size=16))
def test_closes_come_to_what_was_paid_whatever_happened(till: Till, steps: list[tuple[str, int, Any]]):
    """Sales, refunds, cash in and out, shifts, closes and late sales in any order: at the end every day is closed once
    more, and the closes of each day are its payments less its refunds, by tender, and the same as the books."""
    with transaction.atomic():
        run = _Run(till)
        for kind, amount, more in steps:
            run.step(kind, amount, more)
        assert run.disagreements() == []
        transaction.set_rollback(True)


class _Run:
    def __init__(self, till: Till) -> None:
        self.till, self.now, self.shift = till, till.now, None
        self.shifts: list[Any] = []
        self.orders: list[Any] = []
        self.days = [till.lake.business_date(self.now)]

    def running(self) -> Any:
        if self.shift is None:
            self.shift = self.till.open(now=self.now, reason="接着用")
            self.shifts.append(self.shift)
        return self.shift

    def step(self, kind: str, amount: int, more: Any) -> None:
        till, now = self.till, self.now
        self.now += timedelta(minutes=7)
        match kind:
            case "sell":
                parts = {"CASH": [("CASH", amount)], "WECHAT": [("WECHAT", amount)]}
                half = [("CASH", amount - amount // 2), ("WECHAT", amount // 2)]
                tenders = parts.get(more) or [each for each in half if each[1]]
                self.orders.append(till.sell(self.running(), amount, *tenders, now=now))
            case "offline":
                back = self.shifts[-1 - more % len(self.shifts)] if self.shifts else self.running()
                self.orders.append(till.sell(back, amount, at=back.opened_at, now=now))
            case "refund" if self.orders:
                self.refund(self.orders.pop(amount % len(self.orders)))
            case "in":
                till.move(self.running(), "OTHER_IN", amount, now=now)
            case "out" | "drop":
                try:
                    with transaction.atomic():
                        if kind == "out":
                            till.move(self.running(), "EXPENSE", amount, now=now)
                        else:
                            till.drop(self.running(), amount, now=now)
                except NotSoMuchInDrawer:
                    self.shift = self.shifts[-1] if self.shifts and self.shifts[-1].is_running else self.shift
            case "shift" if self.shift is not None:
                self.end(amount)
            case "close day":
                self.end(0)
                till.close_day(self.days[-1], now=now)
            case "next day":
                self.end(0)
                self.now += DAY
                self.days.append(till.lake.business_date(self.now))

    def refund(self, order: Any) -> None:
        line = order.lines.get()
        running = self.running()
        sales.return_goods(
            order=order,
            items=(sales.ReturnItem(line.pk, line.quantity),),
            reason="不要了",
            uuid=uuid4(),
            drawer=sales.Drawer(running.register, running.pk),
            actor=SYSTEM,
            now=self.now,
        )

    def end(self, difference: int) -> None:
        if self.shift is None:
            return
        expected = drawer_of(self.shift).expected
        counted = max(0, expected + difference)
        self.till.close(
            self.shift, counted, left=min(counted, 30_000), reason="盘点", now=self.now + timedelta(minutes=1)
        )
        self.shift.refresh_from_db()
        self.shift = None

    def disagreements(self) -> list[str]:
        """Every day closed once more: what reports, payments and books then say differently."""
        self.end(0)
        found = []
        lake = self.till.lake
        paid: dict[tuple[date, str], int] = {}
        for model, sign in ((Payment, 1), (Refund, -1)):
            rows = model.objects.values_list("business_date", "tender__code", "amount")
            for day, code, amount in rows:
                paid[day, code] = paid.get((day, code), 0) + sign * amount
        days = {*self.days, *(day for day, _code in paid)}
        for day in sorted(days):
            self.till.close_day(day, now=self.now + DAY)
            if not_closed_yet(lake, day):
                found.append(f"{day}: something is not closed")
            figures = closed_figures(lake, day)
            tenders = figures.get("tenders", {})
            for code in {*tenders, *(code for other, code in paid if other == day)}:
                one = tenders.get(code, {})
                if one.get("in", 0) - one.get("out", 0) != paid.get((day, code), 0):
                    found.append(f"{day}: {code} closed {one}, paid {paid.get((day, code))}")
            reports = reported_figures([self.till.first.pk, self.till.second.pk], day)
            # everything was done at registers: their reports come to the close
            if total(each.get("cash", {}) for each in reports.values()) != figures.get("cash", {}):
                found.append(f"{day}: the registers do not come to the day")
        return found + [str(each) for each in (*prove(CHECKS), *verify_digests(), *verify_ledger())]


def test_pieces_of_an_amount_add_up():
    assert sum(value * count for value, count in pieces_of(123_456).items()) == 123_456
