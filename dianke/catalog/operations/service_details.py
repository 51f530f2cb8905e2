"""What a service takes: minutes, skills, and the goods it uses up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Consumable, Product, ServiceDetail, Variant
from dianke.catalog.operations.locking import lock_product, touch
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.work.models import Skill

MANAGE = "catalog.manage_products"
MOST_MINUTES = 1440


class NotAService(InvalidInput):
    code = "not_a_service"
    message = _("“%(name)s” is not a service. Only services have minutes, skills and consumables.")


class MinutesWrong(InvalidInput):
    code = "minutes_wrong"
    message = _("A service takes 1 to 1440 minutes; tidying up 0 to 1440.")
    default_field = "duration_minutes"


class ConsumableWrong(InvalidInput):
    code = "consumable_wrong"
    message = _("“%(name)s” cannot be used up: choose goods, not services or bundles.")
    default_field = "consumables"


class PartTwice(InvalidInput):
    code = "part_twice"
    message = _("“%(name)s” stands twice in the list. Add the quantities up in one line.")


class PartQuantityWrong(InvalidInput):
    code = "part_quantity_wrong"
    message = _("The quantity of “%(name)s” must be more than zero, with at most 4 decimals.")


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a variant, in its stock unit. `weight` is its share of a bundle's price."""

    variant: Variant
    quantity: Decimal
    weight: int = 1


def check_parts(parts: Sequence[Part], *, field: str) -> None:
    """Each variant once, every quantity above zero."""
    seen: set[int] = set()
    for part in parts:
        if part.variant.pk in seen:
            raise PartTwice(name=str(part.variant), field=field)
        seen.add(part.variant.pk)
        if part.quantity <= 0 or part.quantity != round(part.quantity, 4):
            raise PartQuantityWrong(name=str(part.variant), field=field)


def told(parts: Sequence[Part]) -> list[list[object]]:
    """The parts as the log keeps them."""
    return [[part.variant.pk, str(part.quantity.normalize()), part.weight] for part in parts]


def check_minutes(product: Product, duration_minutes: int, buffer_minutes: int = 0) -> None:
    """Raises `NotAService`, `MinutesWrong`."""
    if product.kind != Product.Kind.SERVICE:
        raise NotAService(name=product.name)
    if not 0 < duration_minutes <= MOST_MINUTES or not 0 <= buffer_minutes <= MOST_MINUTES:
        raise MinutesWrong()


@step
def write_minutes(*, product: Product, duration_minutes: int) -> None:
    """The minutes of a new service."""
    check_minutes(product, duration_minutes)
    ServiceDetail.objects.create(product=product, duration_minutes=duration_minutes)


@operation(MANAGE)
def describe_service(
    *,
    product: Product,
    duration_minutes: int,
    buffer_minutes: int = 0,
    skills: Sequence[Skill] = (),
    actor: Actor,
    now: datetime,
) -> ServiceDetail:
    """How long a service takes and who can do it: everybody with one of each of `skills`. Raises `NotAService`,
    `MinutesWrong`."""
    check_minutes(product, duration_minutes, buffer_minutes)
    values = {"duration_minutes": duration_minutes, "buffer_minutes": buffer_minutes}
    wanted = {skill.pk for skill in skills}
    held = ServiceDetail.objects.filter(product=product).first()
    is_same = held and all(getattr(held, name) == value for name, value in values.items())
    if held and is_same and set(held.skills.values_list("pk", flat=True)) == wanted:
        unchanged()
        return held
    touch(lock_product(product.pk), now)
    detail, _made = ServiceDetail.objects.update_or_create(product=product, defaults=values)
    detail.skills.set(skills)
    data = {"name": product.name, **values, "skills": sorted(wanted)}
    record("catalog.service_described", product, actor=actor, now=now, data=data)
    return detail


@operation(MANAGE)
def set_consumables(
    *, service: Variant, parts: Sequence[Part], actor: Actor, now: datetime
) -> list[Consumable]:
    """What one service uses up by the book, the whole list. Raises `NotAService`, `ConsumableWrong`, `PartTwice`,
    `PartQuantityWrong`."""
    if service.product.kind != Product.Kind.SERVICE:
        raise NotAService(name=service.product.name)
    check_parts(parts, field="consumables")
    for part in parts:
        if not part.variant.product.is_stocked:
            raise ConsumableWrong(name=str(part.variant))
    product = lock_product(service.product_id)
    before = [Part(row.variant, row.quantity) for row in service.consumables.select_related("variant")]
    plain = [Part(part.variant, part.quantity) for part in parts]
    if told(before) == told(plain):
        unchanged()
        return list(service.consumables.all())
    touch(product, now)
    service.consumables.all().delete()
    made = Consumable.objects.bulk_create(
        Consumable(service=service, variant=part.variant, quantity=part.quantity) for part in parts
    )
    changes = {"consumables": [told(before), told(plain)]}
    record(
        "catalog.consumables_set", service, also=[product], actor=actor, now=now, data={"changes": changes}
    )
    return made
