"""The pages of stock: who opens them, who sees costs and whose stores, what filters leave, what was there then."""

from __future__ import annotations

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dianke.catalog.tests import conftest as catalog_fixtures
from dianke.catalog.tests.goods import make_product
from dianke.core.actor import SYSTEM
from dianke.inventory.models import Document, PeriodLock, Place, SafetyStock
from dianke.inventory.operations.alerts import Level, look_through_stock, set_safety_stock
from dianke.inventory.queries import on_hand, on_hand_at
from dianke.inventory.queries.item import curve, movements_of_item
from dianke.inventory.queries.matrix import shelves_of
from dianke.inventory.tests.stock_window import Window, make_window
from dianke.inventory.views.documents import DocumentListing
from dianke.inventory.views.matrix_listing import StockListing
from dianke.web.exporting import file_of, write_export
from dianke.web.operations import request_export

pytestmark = pytest.mark.django_db
D = Decimal
cast, signed_in = catalog_fixtures.cast, catalog_fixtures.signed_in


@pytest.fixture
def window(cast) -> Window:
    return make_window(cast)


def url(name: str, *args: object) -> str:
    return reverse(f"inventory:{name}", args=args)


def text_of(answer) -> str:
    return answer.content.decode()


def every_page(window: Window) -> dict[str, str]:
    """Each page with one address."""
    receipt = Document.objects.filter(store=window.cast.lake, kind="RECEIPT").order_by("pk").first()
    assert receipt is not None
    item = window.scarf.pk
    return {
        **{
            name: url(name)
            for name in (
                "stock", "alerts", "documents", "receive", "opening", "adjust", "scrap", "value", "periods",
                "settings", "exception-new",
            )
        },
        **{name: url(name, item) for name in ("item", "movements", "levels")},
        **{name: url(name, receipt.pk) for name in ("document", "document-reversal", "later-cost")},
        "batches": url("item", window.cream.pk),
        "pieces": url("item", window.ring.pk),
        "cell": f"{url('movements', item)}?store={window.cast.lake.pk}",
        "period-lock": url("period-lock", window.cast.silk.pk),
        "period-reopen": url("period-reopen", window.cast.silk.pk),
        "place-policy": url("place-policy", window.shelf(window.cast.lake).pk),
    }  # fmt: skip


def test_every_page_opens_for_the_owner_as_a_page_and_as_a_dialog(signed_in, window) -> None:
    client = signed_in("owner")
    for name, address in every_page(window).items():
        assert client.get(address).status_code == 200, name
        part = client.get(address, headers={"HX-Request": "true", "HX-Target": "div#dialog-body"})
        assert part.status_code == 200, name
        assert "<html" not in text_of(part), name


READING = {"stock", "alerts", "documents", "item", "movements", "document", "batches", "pieces", "cell"}
RECEIVING = {"receive"}


def test_a_clerk_looks_and_receives_and_is_refused_the_rest(signed_in, window) -> None:
    client = signed_in("clerk")
    for name, address in every_page(window).items():
        if name in ("document-reversal", "later-cost"):
            continue  # depend on the document
        wanted = 200 if name in READING | RECEIVING else 403
        assert client.get(address).status_code == wanted, name


def test_a_clerk_sees_no_cost_anywhere(signed_in, window) -> None:
    owner, clerk = signed_in("owner"), signed_in("clerk")
    receipt = Document.objects.filter(store=window.cast.lake, kind="RECEIPT").order_by("pk").first()
    for address in (url("item", window.scarf.pk), url("document", receipt.pk)):
        assert "100.00" in text_of(owner.get(address)), address
        assert "100.00" not in text_of(clerk.get(address)), address
        assert "1,200.00" not in text_of(clerk.get(address)), address
    assert "unit_cost" not in text_of(clerk.get(f"{url('receive')}?variant={window.scarf.pk}"))
    assert "unit_cost" in text_of(owner.get(f"{url('receive')}?variant={window.scarf.pk}"))
    codes = [
        column.code
        for column in DocumentListing(window.cast.actor("clerk"), window.cast.now).allowed_columns()
    ]
    assert "value" not in codes


def test_nobody_sees_the_stock_of_stores_they_do_not_reach(signed_in, window) -> None:
    cast = window.cast
    clerk = signed_in("clerk")
    page = text_of(clerk.get(url("stock")))
    assert "西湖" in page
    assert "武林路" not in page
    assert "前海" not in page
    item = text_of(clerk.get(url("item", window.scarf.pk)))
    assert "武林路" not in item
    theirs = Document.objects.filter(store=cast.road).order_by("pk").first()
    assert clerk.get(url("document", theirs.pk)).status_code == 404
    assert clerk.get(f"{url('movements', window.scarf.pk)}?store={cast.road.pk}").status_code == 404
    listing = DocumentListing(cast.actor("clerk"), cast.now)
    found = listing.result(listing.state(QueryDict(""))).page.items
    assert {row.store_id for row in found} == {cast.lake.pk}


# --- the matrix ------------------------------------------------------------------------------------------------------
def matrix(window: Window, query: str = "", by: str = "owner") -> dict[str, dict[str, str]]:
    """name -> store -> figure, as the page has it."""
    listing = StockListing(window.cast.actor(by), window.cast.now)
    rows = listing.result(listing.state(QueryDict(query))).page.items
    names = {store.pk: store.short_name for store in listing.stores}
    return {
        row.product.name: {names[pk]: cell.text for pk, cell in row.cells.items()} | {"=": row.together_text}
        for row in rows
    }


def test_the_matrix_has_every_store_one_reaches_and_their_sum(window) -> None:
    found = matrix(window)
    assert found["羊绒围巾"] == {"西湖": "12", "武林路": "3", "前海": "5", "=": "20"}
    assert found["素圈戒指"] == {"西湖": "1", "武林路": "0", "前海": "0", "=": "1"}
    assert "手部护理" not in found
    assert matrix(window, by="clerk")["羊绒围巾"] == {"西湖": "12", "=": "12"}


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("q=围巾", ["羊绒围巾"]),
        ("q=yrwj", ["羊绒围巾"]),
        ("q=MS1", ["玫瑰面霜"]),
        ("q=R0001", ["素圈戒指"]),
        ("state=low", ["玫瑰面霜"]),
        ("state=negative", []),
        ("state=none", ["空手套"]),
        ("state=some", ["玫瑰面霜", "素圈戒指", "羊绒围巾"]),
        ("category=none", ["玫瑰面霜", "空手套", "素圈戒指"]),
        ("category=%(clothes)s", ["羊绒围巾"]),
        ("state=some&store=%(road)s", ["羊绒围巾"]),
        ("brand=none&q=面霜", ["玫瑰面霜"]),
    ],
)
def test_filters_of_the_matrix_leave_what_they_say(window, query, seen) -> None:
    make_product(window.cast.now, "空手套", code="ST1")
    set_safety_stock(
        place=window.shelf(window.cast.lake),
        levels=[Level(window.cream.pk, D(10)), Level(window.scarf.pk, D(2))],
        actor=SYSTEM,
        now=window.cast.now,
    )
    asked = query % {"clothes": window.clothes.pk, "road": window.cast.road.pk}
    assert sorted(matrix(window, asked)) == sorted(seen)


def test_a_shelf_below_its_minimum_above_its_maximum_or_below_zero_is_marked(window) -> None:
    cast = window.cast
    who = {"actor": SYSTEM, "now": cast.now}
    set_safety_stock(place=window.shelf(cast.lake), levels=[Level(window.scarf.pk, D(1), D(10))], **who)
    set_safety_stock(place=window.shelf(cast.road), levels=[Level(window.scarf.pk, D(4))], **who)
    Place.objects.filter(store=cast.harbour, kind="STOCK").update(negative="ALLOW")
    window.sell(window.scarf, 6, cast.harbour)
    listing = StockListing(cast.actor("owner"), cast.now)
    rows = listing.result(listing.state(QueryDict("q=围巾"))).page.items
    tones = {pk: cell.tone for pk, cell in rows[0].cells.items()}
    assert tones == {cast.lake.pk: "is-over", cast.road.pk: "is-low", cast.harbour.pk: "is-short"}
    assert rows[0].cells[cast.harbour.pk] == D(-1)
    assert rows[0].cells[cast.harbour.pk].may_leave == ""


def test_the_matrix_tells_what_was_there_at_an_instant(window) -> None:
    cast = window.cast
    window.sell(window.scarf, 4, cast.lake)
    then = timezone.localtime(cast.now - timedelta(days=9, hours=12)).strftime("%Y-%m-%dT%H:%M")
    assert matrix(window, "q=围巾")["羊绒围巾"]["西湖"] == "8"
    assert matrix(window, f"q=围巾&at={then}")["羊绒围巾"] == {
        "西湖": "12",
        "武林路": "0",
        "前海": "0",
        "=": "12",
    }
    listing = StockListing(cast.actor("owner"), cast.now)
    rows = listing.result(listing.state(QueryDict(f"at={then}"))).page.items
    shelves = shelves_of([store.pk for store in listing.stores])
    told = on_hand_at([row.pk for row in rows], place_ids=shelves, at=listing.at)
    for row in rows:
        for store, cell in row.cells.items():
            assert cell == sum(told[row.pk, shelf] for shelf, of in shelves.items() if of == store)


def test_what_is_available_is_what_is_not_promised(window) -> None:
    from dianke.inventory import operations as stock
    from dianke.inventory.tests.shop import within

    cast = window.cast
    wanted = [stock.Wanted("test:1", window.scarf.pk, window.shelf(cast.lake), D(5))]
    within(
        work=lambda: stock.reserve(wanted=wanted, expires_at=None, actor=SYSTEM, now=cast.now),
        actor=SYSTEM,
        now=cast.now,
    )
    assert matrix(window, "q=围巾")["羊绒围巾"]["西湖"] == "12"
    assert matrix(window, "q=围巾&figure=available")["羊绒围巾"]["西湖"] == "7"


def test_a_page_of_the_matrix_costs_the_same_for_one_row_and_for_many(signed_in, window) -> None:
    client = signed_in("owner")

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(url("stock"))
        return len(queries)

    count()
    before = count()
    for number in range(30):
        made = make_product(window.cast.now, f"商品{number}", code=f"N{number}").variants.get()
        window.receive(made, 2, 10, window.cast.lake)
    assert count() <= before + 1  # the count of the rows once they go on to a second page


def test_the_matrix_goes_out_as_a_file_with_a_column_for_each_store(window) -> None:
    cast = window.cast
    actor = cast.actor("owner")
    made = request_export(
        list_code=StockListing.code, query="q=围巾", format="csv", total_count=1, actor=actor, now=cast.now
    )
    made = write_export(made, actor=actor, now=cast.now)
    with file_of(made).open(encoding="utf-8-sig", newline="") as file:
        head, row = list(csv.reader(file))
    told = dict(zip(head, row, strict=True))
    assert [D(told[name]) for name in ("西湖", "武林路", "前海")] == [12, 3, 5]


# --- one item --------------------------------------------------------------------------------------------------------
def test_the_course_equals_the_fold_of_the_movements(window) -> None:
    cast = window.cast
    window.sell(window.scarf, 4, cast.lake, at=window.days_ago(5))
    window.sell(window.scarf, 1, cast.road, at=window.days_ago(2))
    window.adjust(window.scarf, 2, cast.lake)
    places = shelves_of([cast.lake.pk, cast.road.pk])
    today = timezone.localdate(cast.now)
    days = curve(window.scarf.pk, place_ids=places, today=today, zone="Asia/Shanghai", days=12)
    assert len(days) == 12
    for day, quantity in days:
        end = timezone.make_aware(
            timezone.datetime.combine(day + timedelta(days=1), timezone.datetime.min.time())
        ) - timedelta(microseconds=1)
        told = on_hand_at([window.scarf.pk], place_ids=places, at=end)
        assert quantity == sum(told.values()), day
    assert days[-1][1] == 12 + 3 - 4 - 1 + 2
    assert days[0][1] == 0


def test_the_history_is_narrowed_by_store_kind_and_days_and_every_row_has_its_document(
    signed_in, window
) -> None:
    cast = window.cast
    window.sell(window.scarf, 4, cast.lake)
    actor = cast.actor("owner")
    rows, cursor = movements_of_item(window.scarf.pk, actor=actor)
    assert [row.change for row in rows[:1]] == [D(-4)]
    assert {row.change for row in rows[1:]} == {D(5), D(3), D(12)}
    assert cursor is None
    of_road, _cursor = movements_of_item(window.scarf.pk, actor=actor, store_id=cast.road.pk)
    assert [row.change for row in of_road] == [D(3)]
    sold, _cursor = movements_of_item(window.scarf.pk, actor=actor, kind="SALE")
    assert [row.change for row in sold] == [D(-4)]
    early, _cursor = movements_of_item(
        window.scarf.pk, actor=actor, until=window.days_ago(9) - timedelta(hours=1)
    )
    assert [row.change for row in early] == [D(12)]
    first, cursor = movements_of_item(window.scarf.pk, actor=actor, limit=3)
    second, _none = movements_of_item(window.scarf.pk, actor=actor, limit=3, cursor=cursor)
    assert {row.movement.pk for row in [*first, *second]} == {row.movement.pk for row in rows}
    page = text_of(signed_in("owner").get(f"{url('item', window.scarf.pk)}?kind=SALE"))
    assert url("document", sold[0].movement.document_id) in page
    assert url("document", of_road[0].movement.document_id) not in page


def test_the_item_page_tells_of_batches_pieces_and_bounds(signed_in, window) -> None:
    client = signed_in("owner")
    assert "B1" in text_of(client.get(url("item", window.cream.pk)))
    assert "R0001" in text_of(client.get(url("item", window.ring.pk)))
    shelf = window.shelf(window.cast.lake)
    sent = {"place": shelf.pk, "minimum": "5", "maximum": "3"}
    refused = client.post(url("levels", window.scarf.pk), sent)
    assert refused.status_code == 422
    assert client.post(url("levels", window.scarf.pk), sent | {"maximum": "30"}).status_code == 303
    standing = SafetyStock.objects.get(variant=window.scarf, place=shelf)
    assert (standing.minimum, standing.maximum) == (5, 30)
    assert "5–30" in text_of(client.get(url("item", window.scarf.pk)))
    assert client.post(url("levels", window.scarf.pk), {"place": shelf.pk}).status_code == 303
    assert not SafetyStock.objects.filter(variant=window.scarf).exists()


# --- documents -------------------------------------------------------------------------------------------------------
def test_a_receipt_is_taken_back_with_a_reason_once(signed_in, window) -> None:
    client, cast = signed_in("owner"), window.cast
    posted = window.receive(window.scarf, 2, 90, cast.lake)
    page = url("document", posted.document_id)
    assert url("document-reversal", posted.document_id) in text_of(client.get(page))
    assert client.post(url("document-reversal", posted.document_id), {"reason": ""}).status_code == 422
    assert client.post(url("document-reversal", posted.document_id), {"reason": "录重了"}).status_code == 303
    assert on_hand([window.scarf.pk], actor=SYSTEM, store_ids=[cast.lake.pk])[0].quantity == 12
    after = text_of(client.get(page))
    assert url("document-reversal", posted.document_id) not in after
    reversal = Document.objects.get(reverses=posted.document_id)
    assert url("document", reversal.pk) in after
    assert "录重了" in text_of(client.get(url("document", reversal.pk)))


def test_what_is_sold_already_is_not_taken_back_and_the_form_says_so(signed_in, window) -> None:
    client, cast = signed_in("owner"), window.cast
    posted = window.receive(window.scarf, 2, 90, cast.lake)
    window.sell(window.scarf, 13, cast.lake)
    refused = client.post(url("document-reversal", posted.document_id), {"reason": "录重了"})
    assert refused.status_code == 422
    assert "羊绒围巾" in text_of(refused)
    assert not Document.objects.filter(reverses=posted.document_id).exists()


def test_documents_of_sales_are_not_taken_back_here(signed_in, window) -> None:
    posted = window.sell(window.scarf, 1, window.cast.lake)
    client = signed_in("owner")
    assert client.get(url("document-reversal", posted.document_id)).status_code == 404
    assert url("document-reversal", posted.document_id) not in text_of(
        client.get(url("document", posted.document_id))
    )


def test_freight_is_spread_over_a_receipt(signed_in, window) -> None:
    client = signed_in("owner")
    posted = window.receive(window.scarf, 2, 90, window.cast.lake)
    address = url("later-cost", posted.document_id)
    sent = {"amount": "10", "note": "运费", "token": "abc"}
    assert client.post(address, sent | {"amount": "0"}).status_code == 422
    first = client.post(address, sent)
    assert first.status_code == 303
    assert "运费" in text_of(client.get(first["Location"]))
    # The same form sent twice is one cost.
    assert client.post(address, sent)["Location"] == first["Location"]


# --- by hand ---------------------------------------------------------------------------------------------------------
def sent(window: Window, *lines: dict[str, str], store=None, **more: str) -> dict[str, object]:
    """A form of stock by hand with these lines."""
    store = store or window.cast.lake
    body: dict[str, object] = {
        "store": str(store.pk),
        "business_date": store.business_date(window.cast.now).isoformat(),
        "token": "t1",
        "line": [f"k{number}" for number, _line in enumerate(lines)],
        **more,
    }
    for number, line in enumerate(lines):
        body |= {f"{name}_k{number}": value for name, value in line.items()}
    return body


def test_goods_are_scanned_onto_the_list_and_counted_up(signed_in, window) -> None:
    client = signed_in("owner")
    once = client.post(url("receive"), sent(window, add="1", code="WJ1"))
    assert once.status_code == 200
    assert once.context["draft"].lines[0].quantity == "1"
    line = {"variant": str(window.scarf.pk), "quantity": "1"}
    twice = client.post(url("receive"), sent(window, line, add="1", code="WJ1"))
    assert [each.quantity for each in twice.context["draft"].lines] == ["2"]
    unknown = client.post(url("receive"), sent(window, line, add="1", code="nothing-like-it"))
    assert unknown.status_code == 422
    assert [each.quantity for each in unknown.context["draft"].lines] == ["1"]
    service = client.post(url("receive"), sent(window, add="1", code="HL1"))
    assert service.status_code == 422


def test_an_adjustment_takes_a_reason_for_each_line_and_says_where_it_is_missing(signed_in, window) -> None:
    client, cast = signed_in("manager"), window.cast
    good = {"variant": str(window.scarf.pk), "quantity": "-2", "reason": "破损"}
    bad = {"variant": str(window.cream.pk), "quantity": "x", "reason": ""}
    refused = client.post(url("adjust"), sent(window, good, bad, post="1"))
    assert refused.status_code == 422
    lines = refused.context["draft"].lines
    assert lines[0].errors == {}
    assert set(lines[1].errors) == {"quantity", "batch", "reason"}
    made = client.post(url("adjust"), sent(window, good, post="1"))
    assert made.status_code == 303
    document = Document.objects.get(kind="ADJUSTMENT")
    assert made["Location"] == url("document", document.pk)
    assert document.movements.get().reason == "破损"
    assert on_hand([window.scarf.pk], actor=SYSTEM, store_ids=[cast.lake.pk])[0].quantity == 10
    # The same page sent twice is one document.
    assert client.post(url("adjust"), sent(window, good, post="1"))["Location"] == made["Location"]
    assert Document.objects.filter(kind="ADJUSTMENT").count() == 1


def test_too_much_to_take_away_is_told_at_its_line(signed_in, window) -> None:
    client = signed_in("manager")
    line = {"variant": str(window.scarf.pk), "quantity": "50", "reason": "发霉"}
    refused = client.post(url("scrap"), sent(window, line, post="1"))
    assert refused.status_code == 422
    assert refused.context["draft"].lines[0].errors
    assert not Document.objects.filter(kind="SCRAP").exists()
    assert client.post(url("scrap"), sent(window, line | {"quantity": "2"}, post="1")).status_code == 303
    assert Document.objects.get(kind="SCRAP").movements.get().to_place.kind == "SCRAP"


def test_a_receipt_brings_batches_with_their_expiry_and_cost(signed_in, window) -> None:
    client, cast = signed_in("owner"), window.cast
    line = {"variant": str(window.cream.pk), "quantity": "4", "unit_cost": "33", "expires_on": "2027-05-01"}
    refused = client.post(url("receive"), sent(window, line, post="1"))
    assert set(refused.context["draft"].lines[0].errors) == {"batch_code"}
    assert client.post(url("receive"), sent(window, line | {"batch_code": "B9"}, post="1")).status_code == 303
    movement = Document.objects.filter(kind="RECEIPT").latest("pk").movements.select_related("batch").get()
    assert (movement.batch.code, movement.batch.expires_on.isoformat()) == ("B9", "2027-05-01")
    assert movement.cost_entries.get().value_change == 4 * 33
    assert cast.lake.pk == movement.document.store_id


def test_whoever_sees_no_costs_cannot_set_one_by_typing_it(signed_in, window) -> None:
    line = {"variant": str(window.scarf.pk), "quantity": "1", "unit_cost": "1"}
    assert signed_in("clerk").post(url("receive"), sent(window, line, post="1")).status_code == 303
    entry = Document.objects.filter(kind="RECEIPT").latest("pk").movements.get().cost_entries.get()
    assert entry.value_change == 100  # the average that is known


def test_a_piece_is_adjusted_by_its_tag(signed_in, window) -> None:
    client = signed_in("manager")
    found = client.post(url("adjust"), sent(window, add="1", code="R0001"))
    line = found.context["draft"].lines[0]
    assert (line.piece, line.quantity) == (window.piece, "-1")
    body = sent(
        window,
        {"variant": str(window.ring.pk), "piece": str(window.piece.pk), "quantity": "-1", "reason": "丢失"},
        post="1",
    )
    assert client.post(url("adjust"), body).status_code == 303
    assert Document.objects.get(kind="ADJUSTMENT").movements.get().piece == window.piece


def test_stock_is_entered_only_for_stores_one_may(signed_in, window) -> None:
    line = {"variant": str(window.scarf.pk), "quantity": "1", "reason": "多"}
    body = sent(window, line, store=window.cast.road, post="1")
    assert signed_in("manager").post(url("adjust"), body).status_code == 422
    assert not Document.objects.filter(kind="ADJUSTMENT").exists()


# --- alerts, value, periods, settings --------------------------------------------------------------------------------
def test_the_board_shows_what_is_low_and_who_could_help_with_the_way_to_the_transfer(
    signed_in, window
) -> None:
    cast = window.cast
    set_safety_stock(
        place=window.shelf(cast.road),
        levels=[Level(window.scarf.pk, D(8), D(10))],
        actor=SYSTEM,
        now=cast.now,
    )
    for store in (cast.lake, cast.road):
        look_through_stock(store=store, actor=SYSTEM, now=cast.now)
    answer = signed_in("owner").get(url("alerts"))
    suggestion = answer.context["suggestions"][0]
    assert (suggestion["from"].store, suggestion["to"].store, suggestion["quantity"]) == (
        cast.lake,
        cast.road,
        "7",
    )
    assert len(suggestion["reasons"]) == 3
    # Expiry of the batch at the lake; the clerk of the lake sees nothing of the road.
    kinds = {row["object"].kind for row in answer.context["rows"]}
    assert kinds == {"LOW", "EXPIRING"}
    theirs = signed_in("clerk").get(url("alerts"))
    assert {row["object"].place.store for row in theirs.context["rows"]} == {cast.lake}


def test_today_names_what_runs_low_in_the_store(signed_in, window) -> None:
    cast = window.cast
    set_safety_stock(
        place=window.shelf(cast.lake), levels=[Level(window.scarf.pk, D(20))], actor=SYSTEM, now=cast.now
    )
    assert url("alerts") not in text_of(signed_in("clerk").get("/"))
    look_through_stock(store=cast.lake, actor=SYSTEM, now=cast.now)
    page = text_of(signed_in("clerk").get("/"))
    assert url("item", window.scarf.pk) in page
    assert url("item", window.scarf.pk) not in text_of(signed_in("neighbour").get("/"))


def test_the_value_equals_the_ledger_and_follows_the_day(signed_in, window) -> None:
    cast, client = window.cast, signed_in("owner")
    answer = client.get(f"{url('value')}?check=1")
    values = {row["entity"]: row["value"] for row in answer.context["by_entity"]}
    assert values == {cast.silk: "¥3,680.00", cast.ocean: "¥500.00"}
    assert [row["proof"].is_equal for row in answer.context["proofs"]] == [True, True]
    places = {row["place"].store: row["value"] for row in answer.context["by_place"]}
    assert places == {cast.lake: "¥3,380.00", cast.road: "¥300.00", cast.harbour: "¥500.00"}
    categories = {str(row["category"]): row["value"] for row in answer.context["by_category"]}
    assert categories == {"服饰": "¥2,000.00", "None": "¥2,180.00"}
    day = timezone.localdate(window.days_ago(9)).isoformat()
    before = client.get(f"{url('value')}?day={day}&entity={cast.silk.pk}")
    assert [row["value"] for row in before.context["by_entity"]] == ["¥1,500.00"]


def test_the_value_goes_out_variant_by_variant(signed_in, window) -> None:
    answer = signed_in("owner").get(f"{url('value-file')}?format=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = {tuple(row[:2]): row for row in csv.reader(text.splitlines())}
    assert rows["云裳", "WJ1"][-1] == "1500.00"
    assert rows["海蓝", "WJ1"][-1] == "500.00"
    assert signed_in("clerk").get(url("value-file")).status_code == 403


def test_a_period_is_locked_and_opened_again_with_a_reason(signed_in, window) -> None:
    cast, client = window.cast, signed_in("owner")
    lock = url("period-lock", cast.silk.pk)
    today = timezone.localdate(cast.now)
    assert client.post(lock, {"locked_through": timezone.localdate().isoformat()}).status_code == 422
    day = (today - timedelta(days=1)).isoformat()
    assert client.post(lock, {"locked_through": day}).status_code == 303
    assert PeriodLock.objects.get().locked_through.isoformat() == day
    line = {"variant": str(window.scarf.pk), "quantity": "1", "unit_cost": "5"}
    refused = client.post(url("receive"), sent(window, line, post="1") | {"business_date": day})
    assert refused.status_code == 422
    assert refused.context["form"].errors
    reopen = url("period-reopen", cast.silk.pk)
    assert client.post(reopen, {"reason": ""}).status_code == 422
    assert client.post(reopen, {"reason": "补录"}).status_code == 303
    assert not PeriodLock.objects.exists()


def test_rules_for_short_stock_are_set_by_shelf_and_by_category(signed_in, window) -> None:
    cast, client = window.cast, signed_in("owner")
    shelf = window.shelf(cast.lake)
    assert client.post(url("place-policy", shelf.pk), {"policy": "WARN"}).status_code == 303
    assert Place.objects.get(pk=shelf.pk).negative == "WARN"
    made = client.post(url("exception-new"), {"category": window.clothes.pk, "policy": "BLOCK"})
    assert made.status_code == 303
    page = client.get(url("settings"))
    row = page.context["exceptions"][0]
    assert (row["category"], row["row"].place) == ("服饰", None)
    regional = signed_in("region")
    own = regional.get(url("settings"))
    assert [each["may_remove"] for each in own.context["exceptions"]] == [False]
    assert regional.get(url("place-policy", window.shelf(cast.harbour).pk)).status_code == 404
    assert client.post(url("exception-removal", row["row"].pk)).status_code == 303
    assert client.get(url("settings")).context["exceptions"] == []


# --- the page of a product -------------------------------------------------------------------------------------------
def test_the_product_page_tells_what_lies_where(signed_in, window) -> None:
    owner, clerk = signed_in("owner"), signed_in("clerk")
    page = reverse("catalog:product", args=[window.scarf.product_id])
    told = text_of(owner.get(page))
    for word in ("西湖", "武林路", "前海", url("item", window.scarf.pk)):
        assert word in told
    theirs = text_of(clerk.get(page))
    assert "武林路" not in theirs.split('id="stock-title"')[1].split("</section>")[0]
    ring = text_of(owner.get(reverse("catalog:product", args=[window.ring.product_id])))
    assert "西湖 " in ring
    assert "在别的门店" not in ring
    assert signed_in("neighbour").get(page).status_code == 200
