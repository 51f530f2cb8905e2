"""Opening stock out of files, through the whole room of imports: a dry run with what is wrong in each row, documents,
the same file again, and taking it back.
"""

from __future__ import annotations

import pytest

from dianke.catalog.tests import conftest as catalog_fixtures
from dianke.catalog.tests.goods import make_product, only_variant
from dianke.core.actor import SYSTEM
from dianke.imports import operations as imports
from dianke.imports import running
from dianke.imports.models import ImportRun
from dianke.imports.queries import noted_rows
from dianke.inventory.models import Batch, Document, PeriodLock, PieceAt
from dianke.inventory.queries import on_hand, verify
from dianke.inventory.rules.opening_rows import RowCostWrong, RowDateWrong, cost_of, day_of, quantity_of
from dianke.inventory.tests.stock_window import Window, make_window

pytestmark = pytest.mark.django_db
cast, signed_in = catalog_fixtures.cast, catalog_fixtures.signed_in
HEAD = "SKU,门店,仓位,数量,成本,批号,有效期,条签"


@pytest.fixture
def window(cast) -> Window:
    return make_window(cast)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def bring(window):
    """`bring(rows)`: uploads, checks and imports them as the owner; `upto="check"` stops before anything is written."""
    cast, now = window.cast, window.cast.now

    def run(*rows: str, upto: str = "", by: str = "owner", **options: str) -> ImportRun:
        actor = cast.actor(by)
        data = "\r\n".join([HEAD, *rows]).encode()
        made = imports.upload_file(
            importer="opening_stock", file_name="期初.csv", chunks=[data], actor=actor, now=now
        )
        made = imports.check_run(
            run=made, mapping=made.columns(), match_rule=made.match_rule, options=made.options | options,
            actor=actor, now=now,
        )  # fmt: skip
        running.work(made.pk, lambda: now)
        if upto != "check":
            imports.start_run(run=made, actor=actor, now=now)
            running.work(made.pk, lambda: now)
        return ImportRun.objects.get(pk=made.pk)

    return run


def take_back(window: Window, run: ImportRun) -> ImportRun:
    imports.start_undo(run=run, actor=window.cast.actor("owner"), now=window.cast.now)
    running.work(run.pk, lambda: window.cast.now)
    return ImportRun.objects.get(pk=run.pk)


def codes(run: ImportRun) -> list[str]:
    """What is wrong with the noted rows, in their order."""
    return [problem.code for row in noted_rows(run) for problem in row.problems]


def lying(variant, store) -> int:
    return sum(row.quantity for row in on_hand([variant.pk], actor=SYSTEM, store_ids=[store.pk]))


@pytest.fixture
def gloves(window):
    return only_variant(make_product(window.cast.now, "羊皮手套", code="ST1"))


GLOVES = "ST1,西湖,,10,45.5,,,"


def test_rows_become_one_document_for_each_store(window, bring, gloves) -> None:
    run = bring(GLOVES, "ST1,HZ02,,4,45.5,,,", "MS1,西湖,,3,30,B7,2027年3月31日,")
    assert (run.created_count, run.error_count) == (3, 0)
    made = list(Document.objects.filter(kind="OPENING").order_by("store__code"))
    assert [document.store for document in made] == [window.cast.lake, window.cast.road]
    assert lying(gloves, window.cast.lake) == 10
    assert lying(gloves, window.cast.road) == 4
    assert Batch.objects.get(code="B7").expires_on.isoformat() == "2027-03-31"
    entry = made[1].movements.get().cost_entries.get()
    assert entry.value_change == 4 * 45.5


def test_a_dry_run_writes_nothing_and_says_what_is_wrong_in_each_row(window, bring, gloves) -> None:
    run = bring(
        GLOVES,
        "NOPE,西湖,,1,,,,",
        "HL1,西湖,,1,,,,",
        "ST1,北京,,1,,,,",
        "ST1,西湖,阁楼,1,,,,",
        "ST1,武林路,,-1,,,,",
        "ST1,武林路,,1,abc,,,",
        "MS1,西湖,,1,,,,",
        "MS1,西湖,,1,,B8,明年,",
        "ZJ1,西湖,,1,,,,",
        ",西湖,,,2000,,,R0001",
        "ST1,西湖,,3,,,,",
        upto="check",
    )
    assert codes(run) == [
        "opening_goods_unknown", "opening_not_stocked", "opening_store_unknown", "opening_place_unknown",
        "opening_quantity_wrong", "opening_cost_wrong", "opening_batch_missing", "opening_date_wrong",
        "opening_tag_wrong", "opening_piece_held", "opening_row_twice",
    ]  # fmt: skip
    assert not Document.objects.filter(kind="OPENING").exists()


def test_the_same_file_again_changes_nothing_and_another_quantity_is_refused(window, bring, gloves) -> None:
    bring(GLOVES)
    again = bring(GLOVES)
    assert (again.created_count, again.unchanged_count, again.error_count) == (0, 1, 0)
    other = bring("ST1,西湖,,12,45.5,,,")
    assert codes(other) == ["opening_stands"]
    assert lying(gloves, window.cast.lake) == 10


def test_an_import_is_taken_back_as_a_whole_while_nothing_was_used(window, bring, gloves) -> None:
    run = take_back(window, bring(GLOVES, "MS1,武林路,,3,30,B7,,"))
    assert (run.removed_count, run.kept_count) == (2, 0)
    assert lying(gloves, window.cast.lake) == 0
    documents = Document.objects.filter(kind="OPENING", reverses=None)
    assert all(hasattr(document, "reversed_by") for document in documents)
    # It can be imported once more then.
    assert bring(GLOVES).created_count == 1


def test_what_was_sold_from_since_stays_and_is_counted(window, bring, gloves) -> None:
    bags = only_variant(make_product(window.cast.now, "手提包", code="BG1"))
    run = bring(GLOVES, "BG1,西湖,,2,300,,,")
    window.sell(gloves, 1, window.cast.lake)
    run = take_back(window, run)
    assert (run.removed_count, run.kept_count) == (1, 1)
    assert lying(gloves, window.cast.lake) == 9
    assert lying(bags, window.cast.lake) == 0
    assert verify() == []


def test_a_piece_comes_by_its_tag_and_goes_again(window, bring) -> None:
    from dianke.catalog.operations.pieces import add_piece

    piece = add_piece(
        variant=window.ring, values={"tag": "R0002", "price_amount": 1}, actor=SYSTEM, now=window.cast.now
    )
    run = bring(",西湖,,,1888,,,r0002")
    assert run.created_count == 1
    assert PieceAt.objects.get(piece=piece).place.store == window.cast.lake
    assert take_back(window, run).removed_count == 1
    assert not PieceAt.objects.filter(piece=piece, place__kind="STOCK").exists()


def test_rows_of_stores_one_may_not_enter_stock_for_are_refused(window, bring, gloves, cast) -> None:
    run = bring("ST1,武林路,,4,45.5,,,", by="manager", upto="check")
    assert codes(run) == ["opening_store_unknown"]


def test_a_store_for_the_whole_file_and_a_locked_day(window, bring, gloves) -> None:
    run = bring("ST1,,,4,45.5,,,", store=str(window.cast.road.pk), day="2026-11-20")
    assert run.created_count == 1
    assert Document.objects.get(kind="OPENING").business_date.isoformat() == "2026-11-20"
    PeriodLock.objects.create(
        legal_entity=window.cast.silk,
        locked_through="2026-11-20",
        last_document_id=10**9,
        locked_at=window.cast.now,
    )
    late = bring(GLOVES, day="2026-11-20", upto="check")
    assert codes(late) == ["opening_locked"]


def test_cells_are_read_as_people_write_them() -> None:
    assert quantity_of("1,200.5") == quantity_of("1200.50")
    assert cost_of("￥12.50") == cost_of("12.5")
    assert cost_of("") is None
    assert day_of("2027/3/1") == day_of("2027年3月1日") == day_of("2027-03-01")
    with pytest.raises(RowCostWrong):
        cost_of("-1")
    with pytest.raises(RowDateWrong):
        day_of("2027-02-30")
