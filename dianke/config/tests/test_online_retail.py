"""The real file, whole: what it becomes is what DuckDB counts in it, to the penny. It takes some minutes, and is left
out where the file is not (set DIANKE_ONLINE_RETAIL to the file or its folder)."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import duckdb
import pytest
from django.utils import timezone

from dianke.config.demo.loading import DemoRefused
from dianke.config.demo.online_retail import FileMissing, file_of, load_online_retail
from dianke.core.actor import SYSTEM
from dianke.ledger.queries import verify as verify_ledger
from dianke.sales.models import HistoryLine, Order, OrderLine
from dianke.sales.queries import proof
from dianke.sales.queries.history import reconciled
from dianke.stores.models import Merchant

#: What each class is, said once more and in another language than the rules.
CLASSES = """
    CASE WHEN InvoiceNo LIKE 'A%' OR code IN ('AMAZONFEE', 'BANK CHARGES', 'CRUK', 'S', 'B') THEN 'EXPENSE'
         WHEN code = 'D' THEN 'DISCOUNT'
         WHEN price = 0 THEN 'CORRECTION'
         WHEN code IN ('POST', 'DOT', 'C2', 'M', 'PADS') THEN CASE WHEN quantity > 0 THEN 'FEE' ELSE 'FEE_BACK' END
         WHEN quantity < 0 THEN 'CANCELLATION'
         WHEN code LIKE 'GIFT%' THEN 'VOUCHER'
         ELSE 'SALE' END
"""
PAST = """
    SELECT InvoiceNo, upper(StockCode) AS code, CAST(Quantity AS INTEGER) AS quantity,
           CAST(UnitPrice AS DECIMAL(18, 6)) AS price
    FROM read_csv(?, all_varchar = true, header = true)
"""


def counted(path: Any) -> dict[str, tuple[int, int, D, D]]:
    """By class: lines, numbers, quantity, amount."""
    rows = duckdb.connect().execute(
        f"SELECT {CLASSES}, count(*), count(DISTINCT InvoiceNo), sum(quantity), sum(quantity * price)"
        f" FROM ({PAST}) GROUP BY 1",
        [str(path)],
    )
    return {
        kind: (lines, numbers, D(quantity), amount)
        for kind, lines, numbers, quantity, amount in rows.fetchall()
    }


@pytest.fixture
def path() -> Any:
    try:
        return file_of()
    except FileMissing as missing:
        pytest.skip(str(missing))


def test_a_file_that_is_not_there_is_told_by_name():
    with pytest.raises(FileMissing, match="DIANKE_ONLINE_RETAIL"):
        file_of("/nowhere/at-all.csv")


def test_nobody_elses_merchant_is_mixed_with_it(db: None, tmp_path: Any):
    Merchant.objects.create(name="别人的店", currency="CNY")
    file = tmp_path / "past.csv"
    file.write_text("InvoiceNo\n1\n")
    with pytest.raises(DemoRefused):
        load_online_retail(str(file), clock=timezone.now)


def test_the_whole_file_comes_in_to_the_penny_and_only_once(
    db: None, path: Any, tmp_path: Any, settings: Any
):
    settings.MEDIA_ROOT = tmp_path / "media"
    loaded = load_online_retail(str(path), clock=timezone.now)
    found = reconciled(loaded.run, SYSTEM)
    expected = counted(path)
    assert {row.kind: (row.lines, row.papers, row.quantity, row.exact) for row in found.rows} == expected
    assert found.lines == loaded.run.row_count == sum(row[0] for row in expected.values())
    assert found.exact == sum(row[3] for row in expected.values())
    assert all(each.is_equal for each in found.held), found.held
    assert abs(found.difference) < D("0.01")
    assert Order.objects.filter(currency="GBP").count() == Order.objects.count() == found.orders
    sold = sum(row[0] for kind, row in expected.items() if kind in ("SALE", "FEE", "VOUCHER"))
    assert OrderLine.objects.count() == sold
    assert not HistoryLine.objects.filter(state="WAITING").exists()
    assert (proof.verify(), verify_ledger()) == ([], [])
    again = load_online_retail(str(path), clock=timezone.now)
    assert (again.run.unchanged_count, again.run.created_count) == (loaded.run.row_count, 0)
    assert Order.objects.count() == found.orders
