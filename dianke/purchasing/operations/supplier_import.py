"""Suppliers out of files: read, forecast, written in batches, taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import DiankeError, InvalidInput
from dianke.events.operations import step
from dianke.purchasing.models import ImportedSupplier, Supplier
from dianke.purchasing.operations.suppliers import PRIVATE, cleaned_values
from dianke.purchasing.rules import supplier_rows


class NameMissing(InvalidInput):
    code = "supplier_row_name_missing"
    message = _("The name is missing. A new supplier needs one.")
    default_field = "name"


class RowTwice(InvalidInput):
    code = "supplier_row_twice"
    message = _("The same supplier stands in an earlier row. Delete one of them.")
    default_field = "name"


class SupplierHidden(InvalidInput):
    code = "supplier_row_out_of_reach"
    message = _(
        "A supplier of this code or tax number belongs to companies out of your reach. Ask the head office."
    )
    default_field = "code"


@dataclass(slots=True)
class SupplierDraft:
    """A row on its way: which supplier it means (None: a new one), what it changes, what is wrong with it."""

    number: int
    supplier: Supplier | None = None
    values: dict[str, Any] = field(default_factory=dict)
    problem: DiankeError | None = None

    @property
    def changes(self) -> dict[str, Any]:
        """Fields of a known supplier that would say something else. Its contact stays as it is."""
        if self.supplier is None:
            return self.values
        return {
            name: value
            for name, value in self.values.items()
            if name not in PRIVATE and getattr(self.supplier, name) != value
        }


def read(
    rows: Sequence[Mapping[str, str]], numbers: Sequence[int], *, currency: str, actor: Actor
) -> list[SupplierDraft]:
    """The rows as drafts, each held against what stands: found by code, by tax number, by the registered name."""
    everybody = list(Supplier.objects.all())
    reached = set(Supplier.objects.visible_to(actor).values_list("pk", flat=True))
    by_code = {each.code.casefold(): each for each in everybody}
    by_tax = {each.tax_number: each for each in everybody if each.tax_number}
    by_name = {each.name.casefold(): each for each in everybody}
    drafts, seen = [], set()
    for row, number in zip(rows, numbers, strict=True):
        draft = SupplierDraft(number)
        try:
            values = supplier_rows.read(row, currency)
            draft.supplier = (
                by_code.get(values.get("code", "").casefold())
                or by_tax.get(values.get("tax_number", ""))
                or by_name.get(values.get("name", "").casefold())
            )
            if draft.supplier is None and not values.get("name"):
                raise NameMissing
            if draft.supplier is not None and draft.supplier.pk not in reached:
                raise SupplierHidden
            key = draft.supplier.pk if draft.supplier else values["name"].casefold()
            if key in seen:
                raise RowTwice
            seen.add(key)
            if draft.supplier is not None:
                values.pop("code", None)
            draft.values = cleaned_values(values, draft.supplier or Supplier())
        except DiankeError as error:
            draft.problem = error
        drafts.append(draft)
    return drafts


@step
def take_in(drafts: Sequence[SupplierDraft], *, run_id: int, now: datetime) -> dict[int, int]:
    """Write the good drafts; row number → id of the supplier. Suppliers come in hundreds: one by one, sealed."""
    found: dict[int, int] = {}
    taken = set(Supplier.objects.values_list("code", flat=True))
    noted = []
    for draft in drafts:
        if draft.problem:
            continue
        supplier, changes = draft.supplier, draft.changes
        is_new = supplier is None
        before: dict[str, Any] = {}
        if supplier is None:
            code = changes.get("code") or _free_code(taken)
            taken.add(code)
            short = (changes.get("short_name") or changes["name"])[:20]
            supplier = Supplier(created_at=now, **{**changes, "code": code, "short_name": short})
            supplier.save()
        elif changes:
            before = {name: getattr(supplier, name) for name in changes}
            for name, value in changes.items():
                setattr(supplier, name, value)
            supplier.save()
        found[draft.number] = supplier.pk
        if is_new or changes:
            after = {name: getattr(supplier, name) for name in changes if name not in PRIVATE}
            noted.append(
                ImportedSupplier(
                    run_id=run_id,
                    row=draft.number,
                    supplier=supplier,
                    is_new=is_new,
                    before=before,
                    after=after,
                )
            )
    ImportedSupplier.objects.bulk_create(noted)
    return found


def _free_code(taken: Collection[str]) -> str:
    """ "S0001" and on: what nobody has yet."""
    number = len(taken) + 1
    while f"S{number:04}" in taken:
        number += 1
    return f"S{number:04}"


@dataclass(frozen=True, slots=True)
class Undone:
    removed: int
    restored: int
    kept: int
    next_id: int | None


@step
def take_back(*, run_id: int, after_id: int, limit: int) -> Undone:
    """Take back up to `limit` rows of the run. New suppliers nobody has used go; what the run changed and still says so
    is put back; the rest stays and is counted."""
    rows = list(
        ImportedSupplier.objects.filter(run=run_id, pk__gt=after_id)
        .select_related("supplier")
        .order_by("pk")[:limit]
    )
    removed = restored = kept = 0
    for row in rows:
        supplier = row.supplier
        same = {name for name, value in row.after.items() if getattr(supplier, name) == value}
        if row.is_new:
            if len(same) == len(row.after) and not _is_held(supplier, run_id):
                supplier.delete()
                removed += 1
            else:
                kept += 1
            continue
        back = {name: value for name, value in row.before.items() if name in same}
        for name, value in back.items():
            setattr(supplier, name, value)
        if back:
            supplier.save()
            restored += 1
        else:
            kept += 1
    return Undone(removed, restored, kept, rows[-1].pk if len(rows) == limit else None)


def _is_held(supplier: Supplier, run_id: int) -> bool:
    """Something else refers to it: prices, orders, wishes, a later import."""
    for relation in Supplier._meta.related_objects:
        other = relation.related_model
        if isinstance(other, str) or relation.many_to_many:
            continue
        rows = other._base_manager.filter(**{relation.field.name: supplier.pk})
        if other is ImportedSupplier:
            rows = rows.exclude(run=run_id)
        if rows.exists():
            return True
    return False
