"""The importer of goods: fields, questions and match rules of the room `imports`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from dianke.catalog.operations.import_undo import undo_rows
from dianke.catalog.operations.import_writing import take_in
from dianke.catalog.operations.importing import CUSTOM, Draft, Fate, Settings, decide, read
from dianke.catalog.rules.import_profiles import PROFILES
from dianke.core.actor import Actor
from dianke.core.custom_fields import FieldType, specs_for
from dianke.imports.importers import (
    Context,
    Importer,
    Kind,
    MatchRule,
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

MODEL = "catalog.product"
_GOODS, _VARIANT, _MORE = _("The product"), _("The variant"), _("More about it")
_FATES = {
    Fate.NEW: OutcomeKind.CREATED,
    Fate.CHANGED: OutcomeKind.UPDATED,
    Fate.SAME: OutcomeKind.UNCHANGED,
    Fate.SKIP: OutcomeKind.SKIPPED,
    Fate.ERROR: OutcomeKind.ERROR,
}


class ProductImporter(Importer):
    """Each row is a variant; rows with the same product code, or the same name and options, make one product."""

    code = "products"
    label = _("Goods")
    permission = "catalog.import_products"
    hint = _(
        "Products and services of another system or from a spreadsheet, with variants, barcodes and prices."
    )
    icon = "package"
    batch_size = 2_000
    profiles: ClassVar = PROFILES
    match_rules: ClassVar = (
        MatchRule(
            "name",
            _("Same code, barcode or name"),
            _("A row without any code belongs to the product of the same name."),
        ),
        MatchRule("code", _("Same code or barcode only"), _("Goods of the same name without code are new.")),
    )
    options: ClassVar = (
        Option(
            "update",
            _("Change goods that are here already"),
            _("Otherwise their rows are left out. Empty cells change nothing."),
            is_flag=True,
            default="1",
        ),
    )

    def targets(self, actor: Actor) -> Sequence[Target]:
        """The plain fields, then the custom ones of every trade."""
        custom = [
            Target(
                CUSTOM + spec.key,
                spec.label,
                group=_MORE,
                kind=Kind.DATE if spec.type == FieldType.DATE else Kind.TEXT,
            )
            for spec in specs_for(MODEL)
        ]
        return [*_TARGETS, *custom]

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[RowCheck]:
        """What `apply` would make of each row."""
        settings = _settings(context)
        drafts = read([(row.number, row) for row in rows], settings)
        decide(drafts, settings)
        return [RowCheck(_FATES[draft.fate], _problems(draft)) for draft in drafts]

    def apply(self, rows: Sequence[Row], context: Context) -> Sequence[Outcome]:
        """Write one batch."""
        settings = _settings(context)
        drafts = read([(row.number, row) for row in rows], settings)
        take_in(drafts, settings)
        return [
            Outcome(
                _FATES[draft.fate],
                str(draft.variant.pk) if draft.variant and draft.variant.pk else "",
                _problems(draft),
            )
            for draft in drafts
        ]

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back the next rows of the run."""
        done = undo_rows(run_id=context.run.pk, after_id=int(cursor or 0), limit=limit, now=context.now)
        return UndoCount(
            done.removed, done.restored, done.kept, "" if done.next_id is None else str(done.next_id)
        )

    def result_url(self, run: ImportRun) -> str:
        """The list of goods."""
        try:
            return reverse("catalog:products")
        except NoReverseMatch:
            return ""


def _settings(context: Context) -> Settings:
    return Settings(
        run_id=context.run.pk,
        now=context.now,
        currency=Merchant.objects.values_list("currency", flat=True).first() or "CNY",
        by_name=(context.match_rule or "name") == "name",
        may_update=context.options.get("update", "1") == "1",
        may_price=context.actor.can("catalog.manage_prices"),
        specs=specs_for(MODEL),
    )


def _problems(draft: Draft) -> tuple[RowProblem, ...]:
    return tuple(
        RowProblem(error.code, str(error), error.field or "name", is_warning=is_warning)
        for error, is_warning in draft.problems
    )


_TARGETS: tuple[Target, ...] = (
    Target(
        "name",
        _("Name"),
        (
            "商品名称",
            "品名",
            "产品名称",
            "名称",
            "商品",
            "货品名称",
            "项目名称",
            "title",
            "product name",
            "item name",
        ),
        group=_GOODS,
        example="羊毛开衫",
    ),
    Target(
        "product_code",
        _("Product code"),
        ("商品编码", "商品编号", "货号", "款号", "产品编码", "SPU编码", "handle", "item code", "style"),
        hint=_("Rows with the same code are variants of one product."),
        group=_GOODS,
        kind=Kind.CODE,
        example="KS2601",
    ),
    Target("aliases", _("Also called"), ("别名", "简称", "助记名", "alias"), group=_GOODS),
    Target("kind", _("Kind"), ("类型", "商品类型", "product type"), group=_GOODS, example="普通商品"),
    Target(
        "category",
        _("Category"),
        ("分类", "商品分类", "类目", "商品类目", "分组", "商品分组", "类别", "categories", "type"),
        hint=_("Levels separated by a slash: Jewelry/Rings. Missing ones are made."),
        group=_GOODS,
        example="女装/针织",
    ),
    Target("brand", _("Brand"), ("品牌", "商品品牌", "vendor", "manufacturer"), group=_GOODS),
    Target("unit", _("Unit"), ("单位", "计量单位", "销售单位", "uom"), group=_GOODS, example="件"),
    Target("state", _("State"), ("状态", "商品状态", "上架状态", "status"), group=_GOODS),
    Target("description", _("Description"), ("描述", "商品描述", "详情", "备注", "body"), group=_GOODS),
    Target(
        "sku",
        _("SKU"),
        ("SKU编码", "规格编码", "SKU编号", "SKU", "sku code", "variant sku", "stock keeping unit"),
        group=_VARIANT,
        kind=Kind.CODE,
        example="KS2601-R-L",
    ),
    Target(
        "barcode",
        _("Barcode"),
        ("条码", "条形码", "商品条码", "国际条码", "69码", "EAN", "UPC", "GTIN", "ean13"),
        group=_VARIANT,
        kind=Kind.CODE,
        example="6901234567892",
    ),
    Target(
        "price",
        _("Retail price"),
        (
            "售价",
            "零售价",
            "销售价",
            "价格",
            "单价",
            "标价",
            "吊牌价",
            "regular price",
            "unit price",
            "list price",
        ),
        group=_VARIANT,
        example="399.00",
    ),
    Target("colour", _("Colour"), ("颜色", "色号", "color"), group=_VARIANT, example="红"),
    Target("size", _("Size"), ("尺码", "尺寸", "号型"), group=_VARIANT, example="L"),
    Target(
        "options",
        _("Options in one cell"),
        ("规格", "商品规格", "规格属性", "规格值", "variant"),
        hint=_("Such as: colour:red;size:L"),
        group=_VARIANT,
    ),
    Target("option1_name", _("Name of option 1"), ("规格1名称", "规格名1", "option1 name"), group=_VARIANT),
    Target("option1", _("Option 1"), ("规格1", "规格值1", "option1 value"), group=_VARIANT),
    Target("option2_name", _("Name of option 2"), ("规格2名称", "规格名2", "option2 name"), group=_VARIANT),
    Target("option2", _("Option 2"), ("规格2", "规格值2", "option2 value"), group=_VARIANT),
    Target("option3_name", _("Name of option 3"), ("规格3名称", "规格名3", "option3 name"), group=_VARIANT),
    Target("option3", _("Option 3"), ("规格3", "规格值3", "option3 value"), group=_VARIANT),
    Target(
        "shelf_life_days",
        _("Keeps for days"),
        ("保质期", "保质期(天)", "保质天数", "shelf life"),
        group=_MORE,
    ),
    Target("minutes", _("Minutes of a service"), ("时长", "服务时长", "时长(分钟)", "duration"), group=_MORE),
)


def register_importer() -> None:
    """Called once, when the app is ready."""
    register(ProductImporter())
