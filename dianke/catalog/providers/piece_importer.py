"""The importer of single pieces: its fields and questions for the room `imports`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.operations.importing import Fate
from dianke.catalog.operations.piece_import import (
    PieceDraft,
    PieceSettings,
    decide_pieces,
    read_pieces,
    take_in_pieces,
    undo_pieces,
)
from dianke.core.actor import Actor
from dianke.imports.importers import (
    Context,
    Importer,
    Kind,
    Option,
    Outcome,
    OutcomeKind,
    Row,
    RowCheck,
    RowProblem,
    Target,
    UndoCount,
    register,
)
from dianke.imports.models import ImportRun
from dianke.stores.models import Merchant

_PIECE, _METAL, _PRICE = _("The piece"), _("Metal and weights"), _("Prices")
_FATES = {
    Fate.NEW: OutcomeKind.CREATED,
    Fate.CHANGED: OutcomeKind.UPDATED,
    Fate.SAME: OutcomeKind.UNCHANGED,
    Fate.SKIP: OutcomeKind.SKIPPED,
    Fate.ERROR: OutcomeKind.ERROR,
}


class PieceImporter(Importer):
    """Each row is one piece; a tag that is here already is the same piece."""

    code = "pieces"
    label = _("Single pieces")
    permission = "catalog.import_products"
    hint = _("Rings, bracelets, stones: a tag each, with weights, purity, certificate and making charge.")
    icon = "diamond"
    batch_size = 2_000
    options: ClassVar = (
        Option(
            "update",
            _("Change pieces that are here already"),
            _("Otherwise their rows are left out. Empty cells change nothing."),
            is_flag=True,
            default="1",
        ),
    )

    def targets(self, actor: Actor) -> Sequence[Target]:
        """The fields of a piece."""
        return _TARGETS

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[RowCheck]:
        """What `apply` would make of each row."""
        settings = _settings(context)
        drafts = read_pieces([(row.number, row) for row in rows], settings)
        decide_pieces(drafts, settings)
        return [RowCheck(_FATES[draft.fate], _problems(draft)) for draft in drafts]

    def apply(self, rows: Sequence[Row], context: Context) -> Sequence[Outcome]:
        """Write one batch."""
        settings = _settings(context)
        drafts = read_pieces([(row.number, row) for row in rows], settings)
        take_in_pieces(drafts, settings)
        return [
            Outcome(
                _FATES[draft.fate],
                str(draft.piece.pk) if draft.piece and draft.piece.pk else "",
                _problems(draft),
            )
            for draft in drafts
        ]

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back the next rows of the run."""
        done = undo_pieces(run_id=context.run.pk, after_id=int(cursor or 0), limit=limit)
        return UndoCount(
            done.removed, done.restored, done.kept, "" if done.next_id is None else str(done.next_id)
        )

    def result_url(self, run: ImportRun) -> str:
        """The goods that are sold by the piece."""
        return f"{reverse('catalog:products')}?kind=PIECE"


def _settings(context: Context) -> PieceSettings:
    return PieceSettings(
        run_id=context.run.pk,
        now=context.now,
        currency=Merchant.objects.values_list("currency", flat=True).first() or "CNY",
        may_update=context.options.get("update", "1") == "1",
        may_price=context.actor.can("catalog.manage_prices"),
    )


def _problems(draft: PieceDraft) -> tuple[RowProblem, ...]:
    return tuple(
        RowProblem(error.code, str(error), _COLUMNS.get(error.field or "", error.field or "tag"), is_warning)
        for error, is_warning in draft.problems
    )


#: Errors of the piece's own checks name its fields; the file has columns.
_COLUMNS = {
    "net_weight_mg": "net_weight",
    "gross_weight_mg": "gross_weight",
    "stone_weight_mg": "stone_weight",
    "making_amount": "making_charge",
    "stone_amount": "stone_price",
    "price_amount": "price",
}
_TARGETS: tuple[Target, ...] = (
    Target(
        "product_code",
        _("SKU or product code"),
        ("货号", "款号", "商品编码", "商品编号", "sku", "规格编码", "产品编码", "模号", "style", "item code"),
        hint=_("Which goods it is a piece of; they are here already."),
        group=_PIECE,
        kind=Kind.CODE,
        example="RING01",
    ),
    Target(
        "tag",
        pgettext_lazy("of a piece", "Tag"),
        ("签号", "条码号", "条码", "标签号", "吊牌号", "件号", "饰品编号", "货品条码", "tag no", "barcode"),
        hint=_("Without one it gets the next number."),
        group=_PIECE,
        kind=Kind.CODE,
        example="T100001",
    ),
    Target("size", _("Size"), ("手寸", "圈口", "尺寸", "规格", "ring size"), group=_PIECE, example="12"),
    Target(
        "certificate_number",
        _("Certificate number"),
        ("证书号", "证书编号", "鉴定证书号", "证书", "certificate no", "cert"),
        group=_PIECE,
        kind=Kind.CODE,
        example="NGTC20260001",
    ),
    Target(
        "certificate_issuer",
        _("Issuer of the certificate"),
        ("证书机构", "鉴定机构", "检测机构", "issuer", "lab"),
        group=_PIECE,
        example="NGTC",
    ),
    Target("note", _("Note"), ("备注", "说明", "remark"), group=_PIECE),
    Target(
        "metal",
        _("Metal"),
        ("材质", "金属", "金料", "成色材质", "贵金属", "material"),
        hint=_("Also with the fineness in one cell: 18K gold, Pt950."),
        group=_METAL,
        example="黄金",
    ),
    Target(
        "fineness",
        _("Fineness"),
        ("成色", "纯度", "含金量", "purity"),
        hint=_("Permille or karat: 999, 18K."),
        group=_METAL,
        example="999",
    ),
    Target(
        "gross_weight",
        _("Gross weight (g)"),
        ("毛重", "总重", "毛重g", "毛重克", "件重", "gross weight", "total weight"),
        group=_METAL,
        example="3.60",
    ),
    Target(
        "net_weight",
        _("Net weight (g)"),
        ("净重", "金重", "净金重", "净重g", "净重克", "金重克", "net weight", "gold weight"),
        group=_METAL,
        example="3.52",
    ),
    Target(
        "stone_weight",
        _("Weight of stones (g)"),
        ("石重", "主石重", "石重克", "石重ct", "stone weight"),
        hint=_("Grams, or carats written as 0.5ct."),
        group=_METAL,
        example="0.08",
    ),
    Target(
        "making",
        _("Making charge by"),
        ("工费方式", "工费类型", "计费方式", "making type"),
        hint=_("Per gram, per piece, or a share of the metal."),
        group=_PRICE,
        example="按克",
    ),
    Target(
        "making_charge",
        _("Making charge"),
        ("工费", "手工费", "加工费", "克工费", "件工费", "making charge", "labour"),
        group=_PRICE,
        example="20",
    ),
    Target(
        "stone_price",
        _("Price of stones"),
        ("石价", "石金额", "配石价", "stone price"),
        group=_PRICE,
        example="300",
    ),
    Target(
        "price",
        _("Fixed price"),
        ("一口价", "标价", "售价", "零售价", "吊牌价", "fixed price", "retail price"),
        hint=_("Empty: by weight at the price of the day."),
        group=_PRICE,
        example="1980",
    ),
)


def register_piece_importer() -> None:
    """Called once, when the app is ready."""
    register(PieceImporter())
