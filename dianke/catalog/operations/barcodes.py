"""Barcodes of variants: read from goods, given by us, and the labels of scales."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Barcode, Product, Variant, WeighedPattern
from dianke.catalog.operations.locking import lock_product, touch
from dianke.catalog.operations.numbering import next_own_barcodes
from dianke.catalog.rules import barcodes as codes
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged

MANAGE = "catalog.manage_products"


class BarcodeTaken(Conflict):
    code = "barcode_taken"
    message = _("Barcode %(value)s already belongs to “%(name)s”. Remove it there first, or scan again.")
    default_field = "value"


class PackWrong(InvalidInput):
    code = "pack_quantity_wrong"
    message = _("The quantity in the pack is more than zero, with at most 4 decimals.")
    default_field = "pack_quantity"


class PatternWrong(InvalidInput):
    code = "pattern_wrong"
    message = _(
        "A label has two digits in front (21 to 29), ten for item and value together (3 at least each)."
    )
    default_field = "prefix"


@step
def check_free(code: codes.Code, *, field: str = "value") -> None:
    """Raises `BarcodeTaken`, and `BarcodeIsOfScale` for what would be read as a label of the scale."""
    held = Barcode.objects.filter(value=code.value).select_related("variant__product").first()
    if held is not None:
        raise BarcodeTaken(value=held.printed, name=str(held.variant), field=field)
    if code.kind == Barcode.Kind.OWN and not code.value.startswith(codes.OWN_PREFIX):
        prefix = code.value[:2]
        if WeighedPattern.objects.filter(prefix=prefix).exists():
            raise codes.BarcodeIsOfScale(prefix=prefix, field=field)


@operation(MANAGE)
def add_barcode(
    *,
    variant: Variant,
    value: str,
    kind: str = "",
    pack_quantity: Decimal = Decimal(1),
    actor: Actor,
    now: datetime,
) -> Barcode:
    """Teach a barcode: it stands for `pack_quantity` of the variant. The same again changes nothing.
    Raises `BarcodeTaken`, `PackWrong`, and what `rules.barcodes.parse` raises."""
    code = codes.parse(value, kind=kind)
    if pack_quantity <= 0 or pack_quantity != round(pack_quantity, 4):
        raise PackWrong()
    same = Barcode.objects.filter(value=code.value, variant=variant, pack_quantity=pack_quantity).first()
    if same is not None:
        unchanged()
        return same
    check_free(code)
    barcode = Barcode.objects.create(
        variant=variant, value=code.value, kind=code.kind, pack_quantity=pack_quantity
    )
    _tell("catalog.barcode_added", barcode, actor, now)
    return barcode


@operation(MANAGE)
def give_own_barcode(*, variant: Variant, actor: Actor, now: datetime) -> Barcode:
    """Give a variant a code of our own; one that has one keeps it."""
    variant = Variant.objects.select_for_update(of=("self",)).select_related("product").get(pk=variant.pk)
    held = variant.barcodes.filter(kind=Barcode.Kind.OWN, pack_quantity=1).order_by("pk").first()
    if held is not None:
        unchanged()
        return held
    barcode = Barcode.objects.create(
        variant=variant, value=next_own_barcodes(count=1)[0], kind=Barcode.Kind.OWN
    )
    _tell("catalog.barcode_added", barcode, actor, now)
    return barcode


@operation(MANAGE)
def give_own_barcodes(*, product: Product, actor: Actor, now: datetime) -> list[Barcode]:
    """Own codes for every variant in use of a product that has no barcode yet."""
    product = lock_product(product.pk)
    bare = list(product.variants.filter(is_active=True, barcodes=None).order_by("position", "pk"))
    if not bare:
        unchanged()
        return []
    made = Barcode.objects.bulk_create(
        Barcode(variant=variant, value=value, kind=Barcode.Kind.OWN)
        for variant, value in zip(bare, next_own_barcodes(count=len(bare)), strict=True)
    )
    touch(product, now)
    data = {
        "count": len(made),
        "values": {variant.code: code.value for variant, code in zip(bare, made, strict=True)},
    }
    record("catalog.barcodes_given", product, also=bare, actor=actor, now=now, data=data)
    return made


@operation(MANAGE)
def remove_barcode(*, barcode: Barcode, actor: Actor, now: datetime) -> None:
    """Forget a barcode; it is free again."""
    _tell("catalog.barcode_removed", barcode, actor, now)
    barcode.delete()


def _tell(kind: str, barcode: Barcode, actor: Actor, now: datetime) -> None:
    variant = barcode.variant
    data = {"value": barcode.printed, "pack_quantity": str(barcode.pack_quantity)}
    record(kind, variant, also=[variant.product], actor=actor, now=now, data=data)


@operation(MANAGE)
def set_weighed_pattern(
    *,
    prefix: str,
    holds: str = "WEIGHT",
    item_digits: int = 5,
    divisor: int = 1000,
    actor: Actor,
    now: datetime,
) -> WeighedPattern:
    """How labels with this prefix are read; an existing pattern is changed. Raises `PatternWrong`."""
    is_sound = (
        len(prefix) == 2
        and prefix.isascii()
        and prefix.isdecimal()
        and prefix[0] == "2"
        and prefix != codes.OWN_PREFIX
        and 3 <= item_digits <= 7
        and holds in WeighedPattern.Holds.values
        and divisor in (1, 10, 100, 1000, 10_000)
    )
    if not is_sound:
        raise PatternWrong()
    values = {
        "holds": holds,
        "item_digits": item_digits,
        "value_digits": 10 - item_digits,
        "divisor": divisor,
    }
    pattern = WeighedPattern.objects.select_for_update().filter(prefix=prefix).first()
    if pattern and all(getattr(pattern, name) == value for name, value in values.items()):
        unchanged()
        return pattern
    pattern, _made = WeighedPattern.objects.update_or_create(prefix=prefix, defaults=values)
    record("catalog.weighed_pattern_set", pattern, actor=actor, now=now, data={"prefix": prefix, **values})
    return pattern


@operation(MANAGE)
def remove_weighed_pattern(*, pattern: WeighedPattern, actor: Actor, now: datetime) -> None:
    """Labels with this prefix are not read any more."""
    record("catalog.weighed_pattern_removed", pattern, actor=actor, now=now, data={"prefix": pattern.prefix})
    pattern.delete()
