"""What a report may ask, which days it means, and when it goes out: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from dianke.insight.rules import reports as rules
from dianke.insight.rules.occurrences import Rhythm, next_after
from dianke.sales.rules.report_terms import By, PeriodWrong, Span

TODAY = date(2026, 11, 21)  # a Saturday
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ({"measures": []}, rules.NoMeasure),
        ({"measures": list(rules.MEASURES)}, rules.NoMeasure),
        ({"measures": ["gold"]}, rules.MeasureUnknown),
        ({"measures": ["net"], "by": ["moon"]}, rules.ByUnknown),
        ({"measures": ["net"], "by": ["tender"]}, rules.ByUnknown),
        ({"measures": ["net"], "by": ["day", "day"]}, rules.ByUnknown),
        ({"measures": ["net"], "by": ["day", "store", "staff"]}, rules.ByUnknown),
        ({"measures": ["net"], "filters": {"day": "2026-11-01"}}, rules.FilterUnknown),
        ({"measures": ["net"], "period": "ever"}, rules.ChoiceUnknown),
        ({"measures": ["net"], "period": "custom", "first": "2026-11-01"}, rules.DaysMissing),
        ({"measures": ["net"], "period": "custom", "first": "2020-01-01", "last": "2026-01-01"}, PeriodWrong),
        ({"measures": ["net"], "top": "7"}, rules.ChoiceUnknown),
        ({"measures": ["net"], "chart": "pie"}, rules.ChoiceUnknown),
        ({"measures": ["net"], "chart": "bar"}, rules.NeedsOne),
        ({"measures": ["net"], "by": ["day"], "chart": "heat"}, rules.NeedsTwo),
        ({"measures": ["net"], "by": ["day"], "chart": "stacked"}, rules.CannotStack),
        ({"measures": ["customers"], "by": ["day", "store"], "chart": "stacked"}, rules.CannotStack),
        ({"measures": ["average"], "by": ["day", "store"], "chart": "stacked"}, rules.CannotStack),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_reason(raw, error):
    with pytest.raises(error):
        rules.read(raw)


def test_a_report_is_the_same_after_it_was_kept():
    spec = rules.read(
        {
            "measures": ["net", "orders", "net"],
            "by": ["month", "store"],
            "period": "custom",
            "first": "2026-01-01",
            "last": "2026-03-31",
            "filters": {"channel": "TILL", "staff": ""},
            "sort": "-orders",
            "top": "20",
            "chart": "stacked",
        }
    )
    assert spec.measures == ("net", "orders")
    assert spec.filters == {By.CHANNEL: ("TILL",)}
    assert rules.read(spec.as_json()) == spec


@pytest.mark.parametrize(
    ("raw", "order"),
    [
        ({"by": ["day"]}, ("", False)),
        ({"by": ["store"]}, ("net", True)),
        ({"by": ["store", "day"], "sort": "orders"}, ("orders", False)),
        ({"by": ["store"], "sort": "-profit"}, ("net", True)),  # not among its figures
        ({}, ("", False)),
    ],
)
def test_times_stand_in_their_order_and_others_by_size(raw, order):
    assert rules.read({"measures": ["net", "orders"], **raw}).order == order


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("today", TODAY, TODAY),
        ("7d", date(2026, 11, 14), date(2026, 11, 20)),
        ("365d", date(2025, 11, 21), date(2026, 11, 20)),
        ("week", date(2026, 11, 16), TODAY),
        ("last_month", date(2026, 10, 1), date(2026, 10, 31)),
    ],
)
def test_periods_mean_these_days(period, first, last):
    assert rules.days_of(rules.read({"measures": ["net"], "period": period}), TODAY) == Span(first, last)


@pytest.mark.parametrize(
    ("rhythm", "at", "found"),
    [
        (Rhythm("DAILY", 1, 1, 8), "2026-11-21T07:59", "2026-11-21T08:00"),
        (Rhythm("DAILY", 1, 1, 8), "2026-11-21T08:00", "2026-11-22T08:00"),
        (Rhythm("WEEKLY", 1, 1, 8), "2026-11-21T09:00", "2026-11-23T08:00"),
        (Rhythm("WEEKLY", 6, 1, 8), "2026-11-21T09:00", "2026-11-28T08:00"),
        (Rhythm("MONTHLY", 1, 28, 0), "2026-02-28T00:00", "2026-03-28T00:00"),
        (Rhythm("MONTHLY", 1, 1, 23), "2026-12-01T23:30", "2027-01-01T23:00"),
    ],
)
def test_the_next_occurrence_comes_after_the_last(rhythm, at, found):
    moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI)
    wanted = datetime.fromisoformat(found).replace(tzinfo=SHANGHAI)
    assert next_after(moment, rhythm, SHANGHAI) == wanted
    assert next_after(moment.astimezone(UTC), rhythm, SHANGHAI) == wanted


def test_a_filter_keeps_one_key_or_several_and_is_kept_as_a_list() -> None:
    told = {"measures": ["net"], "filters": {"channel": "TILL", "store": ["1", "2", "1", ""], "brand": []}}
    spec = rules.read(told)
    assert spec.filters == {By.CHANNEL: ("TILL",), By.STORE: ("1", "2")}
    assert spec.as_json()["filters"] == {"channel": ["TILL"], "store": ["1", "2"]}
    assert rules.read(spec.as_json()) == spec
    with pytest.raises(rules.TooManyKeys):
        rules.read({"measures": ["net"], "filters": {"product": [str(n) for n in range(51)]}})
