"""Files become single pieces through the whole room of imports: entered, corrected, refused by row, taken back."""

from __future__ import annotations

from datetime import datetime

import pytest

from dianke.catalog.models import Piece
from dianke.catalog.operations import photos, piece_import
from dianke.catalog.operations.import_undo import Undone
from dianke.catalog.operations.pictures import Picture
from dianke.catalog.operations.piece_import import PieceDraft, PieceSettings, read_pieces, take_in_pieces
from dianke.catalog.operations.pieces import add_piece, change_piece
from dianke.catalog.rules import piece_rows
from dianke.catalog.rules.piece_rows import piece_entry_of
from dianke.catalog.tests.goods import make_attribute, make_product, only_variant
from dianke.core.actor import SYSTEM, Actor
from dianke.events.operations import operation, record
from dianke.imports.importers import Context, Row, importer_by_code
from dianke.imports.models import ImportRun
from dianke.imports.operations import upload_file


# --- what a row says -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("metal", "fineness", "said"),
    [
        ("黄金", "999", ("GOLD", 999)),
        ("足金999", "", ("GOLD", 999)),
        ("千足金", "", ("GOLD", 999)),
        ("18K金", "", ("GOLD", 750)),
        ("K白金", "18K", ("GOLD", 750)),
        ("", "22k", ("GOLD", 916)),
        ("Au750", "", ("GOLD", 750)),
        ("铂金", "950", ("PLATINUM", 950)),
        ("Pt950", "", ("PLATINUM", 950)),
        ("白金", "990", ("PLATINUM", 990)),
        ("S925银", "", ("SILVER", 925)),
        ("钯金", "950", ("PALLADIUM", 950)),
        ("Au750", "750", ("GOLD", 750)),
        ("翡翠", "", ("NONE", 0)),
    ],
)
def test_metals_are_read_as_shops_write_them(metal, fineness, said):
    values = piece_entry_of({"product_code": "R", "metal": metal, "fineness": fineness}, "CNY").values
    assert (values["metal"], values["fineness"]) == said


@pytest.mark.parametrize(
    ("row", "error", "field"),
    [
        ({"metal": "足金"}, piece_rows.FinenessNotUnderstood, "fineness"),
        ({"metal": "黄金", "fineness": "1500"}, piece_rows.FinenessNotUnderstood, "fineness"),
        ({"metal": "塑料"}, piece_rows.MetalNotUnderstood, "metal"),
        ({"net_weight": "三克"}, piece_rows.WeightNotUnderstood, "net_weight"),
        ({"net_weight": "3.52345"}, piece_rows.WeightNotUnderstood, "net_weight"),
        ({"gross_weight": "-1"}, piece_rows.WeightNotUnderstood, "gross_weight"),
        ({"gross_weight": "NaN"}, piece_rows.WeightNotUnderstood, "gross_weight"),
        ({"making": "随便"}, piece_rows.MakingNotUnderstood, "making"),
        ({"making": "比例", "making_charge": "八折"}, piece_rows.MakingNotUnderstood, "making_charge"),
        ({"price": "-5"}, piece_rows.AmountNegative, "price"),
        ({"tag": "T" * 33}, piece_rows.PieceCellTooLong, "tag"),
    ],
)
def test_what_is_wrong_is_said_with_its_column(row, error, field):
    with pytest.raises(error) as told:
        piece_entry_of(row, "CNY")
    assert told.value.field == field


def test_weights_charges_and_codes_in_plain_values():
    row = {
        "product_code": " RING 01", "tag": "t 900", "net_weight": "3.52g", "stone_weight": "0.5ct",
        "making": "按克", "making_charge": "20", "stone_price": "300.5", "certificate_number": "ng 1",
    }  # fmt: skip
    entry = piece_entry_of(row, "CNY")
    assert (entry.product_code, entry.tag) == ("RING01", "T900")
    assert entry.values == {
        "certificate_number": "NG1", "net_weight_mg": 3_520, "stone_weight_mg": 100, "gross_weight_mg": 3_620,
        "making": "PER_GRAM", "making_amount": 2_000, "stone_amount": 30_050,
    }  # fmt: skip
    for rate in ({"making_charge": "12.5%"}, {"making": "％", "making_charge": "12.5"}):
        assert piece_entry_of(rate, "CNY").values == {"making": "RATE", "making_amount": 1_250}


# --- batches ---------------------------------------------------------------------------------------------------------
@operation(None)
def written(*, drafts: list[PieceDraft], settings: PieceSettings, actor: Actor, now: datetime) -> None:
    """As the room `imports` does it: one operation for a batch, one event."""
    take_in_pieces(drafts, settings)
    record("imports.rows_applied", "", actor=actor, now=now)


@operation(None)
def undone(*, run: ImportRun, actor: Actor, now: datetime) -> Undone:
    found = piece_import.undo_pieces(run_id=run.pk, after_id=0, limit=100)
    record("imports.rows_undone", "", actor=actor, now=now)
    return found


@pytest.fixture
def run(cast, now):
    """`run()`: a file on its way."""

    def make(text: str = "货号,签号\nR,1\n") -> ImportRun:
        text = f"{text}#{ImportRun.objects.count()},\n"
        return upload_file(
            importer="pieces",
            file_name="货品.csv",
            chunks=[text.encode()],
            actor=cast.actor("owner"),
            now=now,
        )

    return make


def bring(rows, run, now, **more) -> list[PieceDraft]:
    settings = PieceSettings(run_id=run.pk, now=now, **more)
    drafts = read_pieces(list(enumerate(rows, start=2)), settings)
    written(drafts=drafts, settings=settings, actor=SYSTEM, now=now)
    return drafts


def fates(drafts) -> list[str]:
    return [draft.fate.value for draft in drafts]


def problems(drafts) -> list[str]:
    return [error.code for draft in drafts for error, _is_warning in draft.problems]


RING = {
    "product_code": "RING",
    "metal": "足金999",
    "net_weight": "3.5",
    "making": "按克",
    "making_charge": "20",
}


@pytest.fixture
def ring(cast, now):
    return make_product(now, "素圈戒指", code="RING", kind="PIECE")


def test_a_delivery_is_entered_with_and_without_tags(ring, run, now):
    rows = [RING | {"tag": "A1", "certificate_number": "C1"}, RING, {"product_code": ""}]
    drafts = bring(rows, run(), now)
    assert fates(drafts) == ["NEW", "NEW", "SKIP"]
    first, second = Piece.objects.order_by("pk")
    assert (first.tag, first.metal, first.fineness, first.net_weight_mg) == ("A1", "GOLD", 999, 3_500)
    assert (first.making, first.making_amount, first.gross_weight_mg) == ("PER_GRAM", 2_000, 3_500)
    assert second.tag.startswith("T")
    assert Piece.objects.filter(search_words__found_by="A1").get() == first


def test_every_row_says_what_is_wrong_with_it_and_the_others_are_entered(ring, run, now):
    colour, (red, blue) = make_attribute(now, "颜色", "红", "蓝")
    make_product(now, "吊坠", code="PEND", kind="PIECE", axes=[(colour, [red, blue])])
    make_product(now, "面霜", code="CREAM")
    add_piece(
        variant=only_variant(ring), values={"tag": "OLD", "certificate_number": "C0"}, actor=SYSTEM, now=now
    )
    drafts = bring(
        [
            RING | {"product_code": "NONE"},
            RING | {"product_code": "CREAM"},
            RING | {"product_code": "PEND"},
            RING | {"product_code": "", "tag": "NEW1"},
            RING | {"tag": "B1"},
            RING | {"tag": "B1"},
            RING | {"certificate_number": "c0"},
            RING | {"gross_weight": "1"},
            RING | {"tag": "OLD", "product_code": "PEND-红"},
            RING | {"product_code": "PEND-红", "tag": "P1"},
            RING | {"metal": "足金"},
        ],
        run(),
        now,
    )
    codes = problems(drafts)
    assert codes[:3] == [
        "import_piece_goods_unknown",
        "import_piece_goods_kind",
        "import_piece_goods_ambiguous",
    ]
    assert codes[3:7] == [
        "import_piece_goods_missing", "import_piece_tag_twice", "import_piece_certificate_taken", "net_above_gross",
    ]  # fmt: skip
    assert codes[7] in ("import_piece_of_other", "import_piece_goods_unknown")
    assert "import_piece_fineness" in codes
    assert Piece.objects.filter(tag="B1").count() == 1
    assert Piece.objects.get(tag="OLD").certificate_number == "C0"


def test_a_tag_that_is_here_is_corrected_and_prices_take_their_own_permission(ring, run, now):
    bring([RING | {"tag": "A1"}], run(), now)
    again = bring([RING | {"tag": "A1"}], run(), now)
    assert fates(again) == ["SAME"]
    rows = [{"tag": "a1", "size": "12", "making_charge": "30"}]
    careful = bring(rows, run(), now, may_price=False)
    assert (fates(careful), problems(careful)) == (["CHANGED"], ["import_price_stays"])
    piece = Piece.objects.get()
    assert (piece.size, piece.making_amount) == ("12", 2_000)
    assert fates(bring(rows, run(), now, may_update=False)) == ["SKIP"]
    assert fates(bring(rows, run(), now)) == ["CHANGED"]
    piece.refresh_from_db()
    assert piece.making_amount == 3_000


def test_an_import_is_taken_back_except_for_what_was_used_since(ring, run, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    before = run()
    bring([RING | {"tag": "KEEP"}], before, now)
    batch = run()
    bring(
        [RING | {"tag": tag} for tag in ("A1", "A2", "A3")] + [{"tag": "KEEP", "size": "15", "note": "新"}],
        batch,
        now,
    )
    change_piece(piece=Piece.objects.get(tag="A2"), values={"size": "9"}, actor=SYSTEM, now=now)
    change_piece(piece=Piece.objects.get(tag="A2"), values={"net_weight_mg": 3_000}, actor=SYSTEM, now=now)
    photos.add_photos(
        of=Piece.objects.select_related("variant").get(tag="A3"),
        pictures=[Picture("image/jpeg", b"x", b"y")],
        actor=SYSTEM,
        now=now,
    )
    change_piece(piece=Piece.objects.get(tag="KEEP"), values={"note": "手改"}, actor=SYSTEM, now=now)
    done = undone(run=batch, actor=SYSTEM, now=now)
    assert (done.removed, done.restored, done.kept) == (1, 1, 2)
    assert set(Piece.objects.values_list("tag", flat=True)) == {"KEEP", "A2", "A3"}
    kept = Piece.objects.get(tag="KEEP")
    assert (kept.size, kept.note) == ("", "手改")


def test_the_dry_run_says_what_would_happen_and_writes_nothing(ring, run, cast, now):
    importer, batch = importer_by_code("pieces"), run()
    context = Context(cast.actor("owner"), now, batch, {"update": "1"})
    rows = []
    for number, cells in enumerate([RING | {"tag": "A1"}, {"tag": "A1", "product_code": "X"}], start=2):
        row = Row(cells)
        row.number = number
        rows.append(row)
    first, second = importer.check(rows, context)
    assert (first.forecast.value, first.problems) == ("CREATED", ())
    assert second.forecast.value == "ERROR"
    assert second.problems[0].target == "tag"
    assert not Piece.objects.exists()


def test_columns_of_a_jewelers_file_are_recognised(ring, cast, now):
    head = "货号,条码号,材质,成色,金重,总重,石重,手寸,证书号,证书机构,工费方式,工费,一口价"
    made = upload_file(
        importer="pieces",
        file_name="入库.csv",
        chunks=[f"{head}\nRING,A1,黄金,999,3.5,3.6,0.1,12,NG1,NGTC,按克,20,\n".encode()],
        actor=cast.actor("owner"),
        now=now,
    )
    assert list(made.columns().values()) == [
        "product_code", "tag", "metal", "fineness", "net_weight", "gross_weight", "stone_weight", "size",
        "certificate_number", "certificate_issuer", "making", "making_charge", "price",
    ]  # fmt: skip
