"""The units and tax classes a new database starts with.

Rates of value added tax in China since 1 April 2019 (announcement 39 of 2019 of the Ministry of Finance, the State
Taxation Administration and Customs): 13 % goods, 9 % farm products, books, transport, 6 % services; small-scale
taxpayers pay 3 % (1 % while the relief lasts).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.errors import Text


@dataclass(frozen=True, slots=True)
class PresetUnit:
    code: str
    name: Text
    kind: str = "COUNT"
    digits: int = 0


@dataclass(frozen=True, slots=True)
class PresetTax:
    code: str
    name: Text
    rate_bp: int
    from_date: date = date(2019, 4, 1)


UNITS = (
    PresetUnit("PIECE", pgettext_lazy("unit", "piece")),
    PresetUnit("ITEM", pgettext_lazy("unit", "item")),
    PresetUnit("BOX", pgettext_lazy("unit", "box")),
    PresetUnit("BOTTLE", pgettext_lazy("unit", "bottle")),
    PresetUnit("BAG", pgettext_lazy("unit", "bag")),
    PresetUnit("PAIR", pgettext_lazy("unit", "pair")),
    PresetUnit("SET", pgettext_lazy("unit", "set")),
    PresetUnit("SHEET", pgettext_lazy("unit", "sheet")),
    PresetUnit("TIME", pgettext_lazy("unit", "session")),
    PresetUnit("HOUR", pgettext_lazy("unit", "hour"), "TIME", 2),
    PresetUnit("GRAM", pgettext_lazy("unit", "gram"), "WEIGHT", 3),
    PresetUnit("JIN", pgettext_lazy("unit", "jin"), "WEIGHT", 3),
    PresetUnit("KILOGRAM", pgettext_lazy("unit", "kilogram"), "WEIGHT", 3),
    PresetUnit("METRE", pgettext_lazy("unit", "metre"), "LENGTH", 2),
    PresetUnit("SQUARE_METRE", pgettext_lazy("unit", "square metre"), "AREA", 2),
    PresetUnit("MILLILITRE", pgettext_lazy("unit", "millilitre"), "VOLUME", 1),
    PresetUnit("LITRE", pgettext_lazy("unit", "litre"), "VOLUME", 3),
)

TAX_CLASSES = (
    PresetTax("STANDARD", _("Goods 13 %"), 1300),
    PresetTax("REDUCED", _("Farm products and books 9 %"), 900),
    PresetTax("SERVICE", _("Services 6 %"), 600),
    PresetTax("SMALL", _("Small-scale taxpayer 3 %"), 300),
    PresetTax("EXEMPT", _("Free of tax"), 0),
)
