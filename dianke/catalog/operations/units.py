"""Units and tax classes beyond the preset ones; rates that change on a day."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import TaxClass, TaxRate, Unit
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, unchanged

MANAGE = "catalog.manage_products"
TAXES = "catalog.manage_prices"


class UnitTaken(Conflict):
    code = "unit_taken"
    message = _("There is a unit “%(name)s” already. Use it.")
    default_field = "name"


class UnitDigitsWrong(InvalidInput):
    code = "unit_digits_wrong"
    message = _("A unit has a name and 0 to 4 decimals.")
    default_field = "digits"


class TaxClassTaken(Conflict):
    code = "tax_class_taken"
    message = _("There is a tax class “%(name)s” already. Set its rate instead.")
    default_field = "name"


class TaxRateWrong(InvalidInput):
    code = "tax_rate_wrong"
    message = _("A tax rate is between 0 and 100 percent.")
    default_field = "rate_bp"


@operation(MANAGE)
def add_unit(
    *, code: str, name: str, kind: str = "COUNT", digits: int = 0, actor: Actor, now: datetime
) -> Unit:
    """A further unit. Raises `UnitTaken`, `UnitDigitsWrong`."""
    code, name = code.strip().upper(), " ".join(name.split())
    if not code or not name or not 0 <= digits <= 4 or kind not in Unit.Kind.values:
        raise UnitDigitsWrong()
    if Unit.objects.filter(name=name).exists() or Unit.objects.filter(code=code).exists():
        raise UnitTaken(name=name)
    unit = Unit.objects.create(code=code, name=name, kind=kind, digits=digits, position=Unit.objects.count())
    record("catalog.unit_added", unit, actor=actor, now=now, data={"name": name})
    return unit


@operation(TAXES)
def add_tax_class(
    *, code: str, name: str, rate_bp: int, from_date: date, actor: Actor, now: datetime
) -> TaxClass:
    """A further class with its first rate in basis points. Raises `TaxClassTaken`, `TaxRateWrong`."""
    code, name = code.strip().upper(), " ".join(name.split())
    if not code or not name or not 0 <= rate_bp <= 10_000:
        raise TaxRateWrong()
    if TaxClass.objects.filter(name=name).exists() or TaxClass.objects.filter(code=code).exists():
        raise TaxClassTaken(name=name)
    tax_class = TaxClass.objects.create(code=code, name=name, position=TaxClass.objects.count())
    TaxRate.objects.create(tax_class=tax_class, rate_bp=rate_bp, from_date=from_date)
    data = {"name": name, "rate_bp": rate_bp, "from_date": str(from_date)}
    record("catalog.tax_class_added", tax_class, actor=actor, now=now, data=data)
    return tax_class


@operation(TAXES)
def set_tax_rate(
    *, tax_class: TaxClass, rate_bp: int, from_date: date, actor: Actor, now: datetime
) -> TaxRate:
    """The rate of a class from a day on; the same day again corrects it. Raises `TaxRateWrong`."""
    if not 0 <= rate_bp <= 10_000:
        raise TaxRateWrong()
    TaxClass.objects.select_for_update().get(pk=tax_class.pk)
    held = TaxRate.objects.filter(tax_class=tax_class, from_date=from_date).first()
    if held is not None and held.rate_bp == rate_bp:
        unchanged()
        return held
    rate, _made = TaxRate.objects.update_or_create(
        tax_class=tax_class, from_date=from_date, defaults={"rate_bp": rate_bp}
    )
    data = {"name": tax_class.name, "rate_bp": rate_bp, "from_date": str(from_date)}
    record("catalog.tax_rate_set", tax_class, actor=actor, now=now, data=data)
    return rate
