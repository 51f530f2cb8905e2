"""Price lists of suppliers out of files: read, forecast, written in batches, taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Barcode, Variant
from dianke.core.actor import Actor
from dianke.core.errors import DiankeError, InvalidInput
from dianke.events.operations import step
from dianke.purchasing.models import Supplier, SupplierPrice
from dianke.purchasing.operations.prices import TERMS, check_terms
from dianke.purchasing.rules import price_rows

_DECIMALS = frozenset({"pack_quantity"})


class SupplierUnknown(InvalidInput):
    code = "price_row_supplier_unknown"
    message = _(
        "No supplier has this code or name. Add the supplier first, or choose one for the whole file."
    )
    default_field = "supplier"


class GoodsUnknown(InvalidInput):
    code = "price_row_goods_unknown"
    message = _(
        "No product has this SKU or barcode, and the supplier has no price with its own code. Correct it."
    )
    default_field = "sku"


class RowTwice(InvalidInput):
    code = "price_row_twice"
    message = _("The same goods, quantity and day stand in an earlier row. Delete one of them.")
    default_field = "sku"


@dataclass(slots=True)
class Draft:
    """A row on its way: what it names, what it says, what stands already, what is wrong with it."""

    number: int
    supplier: Supplier | None = None
    variant_id: int | None = None
    minimum_quantity: Decimal = Decimal(0)
    from_date: date | None = None
    terms: dict[str, Any] = field(default_factory=dict)
    standing: SupplierPrice | None = None
    following: SupplierPrice | None = None
    problem: DiankeError | None = None

    @property
    def key(self) -> tuple[int, int, Decimal]:
        supplier_id = self.supplier.pk if self.supplier else 0
        return supplier_id, self.variant_id or 0, self.minimum_quantity

    @property
    def is_same(self) -> bool:
        """What it says stands already."""
        standing = self.standing
        return standing is not None and all(
            getattr(standing, name) == value for name, value in self.terms.items()
        )

    @property
    def replaces(self) -> bool:
        """A price of the very same day is changed in its place."""
        return self.standing is not None and self.standing.from_date == self.from_date


def read(
    rows: Sequence[Mapping[str, str]],
    numbers: Sequence[int],
    *,
    supplier_id: int | None,
    from_date: date,
    actor: Actor,
) -> list[Draft]:
    """The rows as drafts, each held against what stands. Five queries for a batch."""
    suppliers = _suppliers(actor)
    chosen = suppliers.get(supplier_id) if supplier_id else None
    by_word = {word: each for each in suppliers.values() for word in _words(each)}
    drafts = []
    for row, number in zip(rows, numbers, strict=True):
        draft = Draft(number)
        try:
            word = row.get("supplier", "").casefold()
            draft.supplier = by_word.get(word) if word else chosen
            if draft.supplier is None:
                raise SupplierUnknown
            draft.from_date = price_rows.day_of(row["from"]) if row.get("from") else from_date
            draft.minimum_quantity = (
                price_rows.number_of(row["minimum"], field="minimum") if row.get("minimum") else Decimal(0)
            )
            draft.terms = _terms(row, draft.supplier.currency)
            check_terms({**draft.terms, "minimum_quantity": draft.minimum_quantity})
        except DiankeError as error:
            draft.problem = error
        drafts.append(draft)
    _find_goods(drafts, rows)
    _find_standing(drafts)
    _refuse_twins(drafts)
    return drafts


def _suppliers(actor: Actor) -> dict[int, Supplier]:
    return Supplier.objects.visible_to(actor).exclude(state=Supplier.State.ARCHIVED).in_bulk()


def _words(supplier: Supplier) -> set[str]:
    return {supplier.code.casefold(), supplier.name.casefold(), supplier.short_name.casefold()}


def _terms(row: Mapping[str, str], currency: str) -> dict[str, Any]:
    """Only what the row says: an empty cell leaves what stands."""
    terms: dict[str, Any] = {"price_amount": price_rows.price_of(row.get("price", ""), currency)}
    if row.get("pack"):
        terms["pack_quantity"] = price_rows.number_of(row["pack"], field="pack")
    if row.get("pack_name"):
        terms["pack_name"] = row["pack_name"][:12]
    if row.get("supplier_code"):
        terms["supplier_code"] = row["supplier_code"][:40]
    if row.get("tax"):
        terms["tax_rate_bp"] = price_rows.tax_rate_of(row["tax"])
    if row.get("lead_days"):
        terms["lead_days"] = price_rows.days_of(row["lead_days"])
    return terms


def _find_goods(drafts: Sequence[Draft], rows: Sequence[Mapping[str, str]]) -> None:
    """By SKU, by barcode, by the supplier's own code where it had a price before."""
    words = {row.get("sku", "") for row in rows} | {row.get("supplier_code", "") for row in rows}
    words.discard("")
    by_sku = dict(Variant.objects.filter(code__in=words).values_list("code", "pk"))
    by_barcode = dict(Barcode.objects.filter(value__in=words).values_list("value", "variant_id"))
    theirs = SupplierPrice.objects.filter(supplier_code__in=words, supplier__in=_ids(drafts))
    by_their_code = {
        (supplier_id, code): pk
        for supplier_id, code, pk in theirs.order_by("from_date").values_list(
            "supplier_id", "supplier_code", "variant_id"
        )
    }
    for draft, row in zip(drafts, rows, strict=True):
        if draft.problem or draft.supplier is None:
            continue
        sku, code = row.get("sku", ""), row.get("supplier_code", "")
        draft.variant_id = (
            by_sku.get(sku) or by_barcode.get(sku) or by_their_code.get((draft.supplier.pk, sku or code))
        )
        if draft.variant_id is None:
            draft.problem = GoodsUnknown()


def _ids(drafts: Iterable[Draft]) -> set[int]:
    return {draft.supplier.pk for draft in drafts if draft.supplier}


def _find_standing(drafts: Sequence[Draft]) -> None:
    good = [draft for draft in drafts if not draft.problem]
    rows: dict[tuple[int, int, Decimal], list[SupplierPrice]] = {}
    prices = SupplierPrice.objects.filter(
        supplier__in=_ids(good), variant__in={draft.variant_id for draft in good}
    )
    for price in prices.order_by("from_date"):
        rows.setdefault((price.supplier_id, price.variant_id, price.minimum_quantity), []).append(price)
    for draft in good:
        day = draft.from_date
        if day is None:
            continue
        theirs = rows.get(draft.key, [])
        current = [
            each for each in theirs if each.from_date <= day and (each.to_date is None or day < each.to_date)
        ]
        draft.standing = current[-1] if current else None
        draft.following = next((each for each in theirs if each.from_date > day), None)


def _refuse_twins(drafts: Sequence[Draft]) -> None:
    """Several days of the same goods belong into several files; the first row counts."""
    seen: set[tuple[int, int, Decimal]] = set()
    for draft in drafts:
        if draft.problem:
            continue
        if draft.key in seen:
            draft.problem = RowTwice()
        seen.add(draft.key)


@step
def take_in(drafts: Sequence[Draft], *, run_id: int, now: datetime) -> dict[int, int]:
    """Write the good drafts; row number → id of the price. Three statements for a batch."""
    good = [draft for draft in drafts if not draft.problem and not draft.is_same]
    # Prices of a supplier change one at a time, here and by hand.
    list(Supplier.objects.select_for_update(no_key=True).filter(pk__in=_ids(good)).order_by("pk"))
    ended, replaced, made = [], [], []
    for draft in good:
        standing = draft.standing
        if draft.variant_id is None or draft.from_date is None:
            continue
        if standing is not None and draft.replaces:
            before = {name: getattr(standing, name) for name in TERMS}
            standing.before = {
                "terms": {name: str(value) if name in _DECIMALS else value for name, value in before.items()},
                "run": standing.run_id,
            }
            for name, value in draft.terms.items():
                setattr(standing, name, value)
            standing.run_id, standing.is_touched = run_id, False
            replaced.append(standing)
            continue
        terms = {name: getattr(standing, name) for name in TERMS} if standing else {}
        to_date = draft.following.from_date if draft.following else None
        price = SupplierPrice(
            supplier=draft.supplier,
            variant_id=draft.variant_id,
            minimum_quantity=draft.minimum_quantity,
            from_date=draft.from_date,
            to_date=to_date,
            run_id=run_id,
            created_at=now,
            **{**terms, **draft.terms},
        )
        if standing is not None:
            price.to_date, standing.to_date = standing.to_date, draft.from_date
            price.before = {"ended": standing.pk}
            ended.append(standing)
        made.append((draft.number, price))
    SupplierPrice.objects.bulk_update(ended, ["to_date"])
    SupplierPrice.objects.bulk_update(replaced, [*TERMS, "before", "run", "is_touched"])
    SupplierPrice.objects.bulk_create([price for _number, price in made])
    found = {number: price.pk for number, price in made}
    return found | {
        draft.number: draft.standing.pk for draft in good if draft.replaces and draft.standing is not None
    }


@dataclass(frozen=True, slots=True)
class Undone:
    removed: int
    restored: int
    kept: int
    next_id: int | None


@step
def take_back(*, run_id: int, before_id: int | None, limit: int) -> Undone:
    """Take back up to `limit` prices of the run, the last first. What was changed, ended or followed by another price
    since stays and is counted."""
    found = SupplierPrice.objects.select_for_update(of=("self",)).filter(run=run_id)
    if before_id is not None:
        found = found.filter(pk__lt=before_id)
    rows = list(found.order_by("-pk")[:limit])
    removed = restored = kept = 0
    followed = _followed(rows)
    for price in rows:
        before = price.before or {}
        if price.is_touched or price.pk in followed:
            kept += 1
        elif "terms" in before:
            for name, value in before["terms"].items():
                setattr(price, name, Decimal(value) if name in _DECIMALS else value)
            price.run_id, price.before = before["run"], None
            price.save(update_fields=[*TERMS, "run", "before"])
            restored += 1
        else:
            to_date, ended = price.to_date, before.get("ended")
            price.delete()
            if ended is not None:
                SupplierPrice.objects.filter(pk=ended).update(to_date=to_date)
            removed += 1
    return Undone(removed, restored, kept, rows[-1].pk if len(rows) == limit else None)


def _followed(rows: Collection[SupplierPrice]) -> set[int]:
    """Those a later import or a person put another price after: taking them away would tear a hole."""
    wanted = [price.pk for price in rows]
    return set(
        SupplierPrice.objects.filter(
            ~Q(run__in={price.run_id for price in rows}), before__ended__in=wanted
        ).values_list("before__ended", flat=True)
    )
