"""Lists of suppliers out of files: the fields and questions of the room `imports` for them."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.actor import Actor
from dianke.imports.importers import (
    Context,
    Importer,
    Kind,
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
from dianke.purchasing.operations.supplier_import import SupplierDraft, read, take_back, take_in
from dianke.stores.models import Merchant

_TARGETS = (
    Target(
        "code",
        pgettext_lazy("of a supplier", "Code"),
        ("供应商编码", "供应商编号", "编码", "supplier code", "vendor code"),
        kind=Kind.CODE,
        hint=_("Empty: a new one is given."),
        example="S0001",
    ),
    Target(
        "name",
        _("Registered name"),
        ("供应商名称", "供应商", "公司名称", "单位名称", "supplier", "supplier name", "vendor"),
        is_required=True,
        example="上海美源百货有限公司",
    ),
    Target("short_name", _("Short name"), ("简称", "供应商简称", "short name"), example="美源"),
    Target(
        "tax_number",
        _("Tax number"),
        ("税号", "统一社会信用代码", "信用代码", "纳税人识别号", "tax number"),
        kind=Kind.CODE,
    ),
    Target(
        "contact_name", pgettext_lazy("person", "Contact"), ("联系人", "业务员", "contact"), example="陈经理"
    ),
    Target(
        "contact_phone",
        _("Phone of the contact"),
        ("手机", "联系电话", "联系人电话", "mobile", "contact phone"),
        kind=Kind.PHONE,
    ),
    Target("telephone", _("Switchboard"), ("电话", "座机", "公司电话", "phone", "telephone"), kind=Kind.CODE),
    Target("order_email", _("Email for orders"), ("邮箱", "电子邮箱", "订货邮箱", "email", "e-mail")),
    Target("address", _("Address"), ("地址", "公司地址", "address")),
    Target("website", _("Website"), ("网址", "网站", "website")),
    Target("terms", _("Payment"), ("付款方式", "结算方式", "账期", "payment terms"), example="月结30天"),
    Target("lead_days", _("Days to deliver"), ("交期", "到货天数", "供货周期", "lead time"), example="7"),
    Target("minimum", _("Least order"), ("起订金额", "最低订货额", "minimum order"), example="500"),
    Target("deductible", _("Invoices give the tax back"), ("可抵扣", "专票", "deductible"), example="是"),
    Target("rating", _("Rating"), ("评级", "评分", "星级", "rating"), example="4"),
    Target("currency", _("Currency"), ("币种", "currency"), example="CNY"),
    Target("note", _("Note"), ("备注", "说明", "note", "remark")),
)


class SupplierImporter(Importer):
    """Each row is a supplier: a new one, or one that is known by its code, tax number or name."""

    code = "suppliers"
    label = _("Suppliers")
    permission = "purchasing.manage_suppliers"
    hint = _("Firms you buy from. Known ones are found by code, tax number or name; their contacts stay.")
    icon = "truck"
    batch_size = 500

    def targets(self, actor: Actor) -> Sequence[Target]:
        return _TARGETS

    def check(self, rows: Sequence[Row], context: Context) -> Sequence[RowCheck]:
        """What `apply` would make of each row."""
        return [RowCheck(_fate(draft), _problems(draft)) for draft in _read(rows, context)]

    def apply(self, rows: Sequence[Row], context: Context) -> Sequence[Outcome]:
        """Write one batch."""
        drafts = _read(rows, context)
        fates = [_fate(draft) for draft in drafts]
        found = take_in(drafts, run_id=context.run.pk, now=context.now)
        return [
            Outcome(fate, str(found.get(draft.number, "")), _problems(draft))
            for fate, draft in zip(fates, drafts, strict=True)
        ]

    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        """Take back the next suppliers of the run."""
        done = take_back(run_id=context.run.pk, after_id=int(cursor or 0), limit=limit)
        return UndoCount(
            done.removed, done.restored, done.kept, "" if done.next_id is None else str(done.next_id)
        )

    def result_url(self, run: ImportRun) -> str:
        return reverse("purchasing:suppliers")


def _read(rows: Sequence[Row], context: Context) -> list[SupplierDraft]:
    currency = Merchant.objects.values_list("currency", flat=True).first() or "CNY"
    return read(rows, [row.number for row in rows], currency=currency, actor=context.actor)


def _fate(draft: SupplierDraft) -> OutcomeKind:
    if draft.problem:
        return OutcomeKind.ERROR
    if draft.supplier is None:
        return OutcomeKind.CREATED
    return OutcomeKind.UPDATED if draft.changes else OutcomeKind.UNCHANGED


def _problems(draft: SupplierDraft) -> tuple[RowProblem, ...]:
    error = draft.problem
    return (RowProblem(error.code, str(error), error.field or ""),) if error else ()


def register_importer() -> None:
    """Called once, when the app is ready."""
    register(SupplierImporter())
