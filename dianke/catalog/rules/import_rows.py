"""What a row of a file says about goods: one variant of one product, in plain values.

Files of shops differ in what they leave out. What can be done without is dropped with a warning; only a row from which
nothing sound can be made is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext_lazy as _

from dianke.catalog.rules import barcodes as codes
from dianke.catalog.rules.categories import names_of_path
from dianke.catalog.rules.variants import label_of
from dianke.core import money
from dianke.core.errors import InvalidInput
from dianke.core.names import fold

MOST_AXES = 3
NO_ATTRIBUTE = frozenset({"title", "default title", "默认", "默认规格", "无", "-"})
_TAGS = re.compile(r"<[^>]{0,400}>")

KINDS = {
    fold(word): kind
    for kind, words in {
        "GOODS": ("goods", "普通商品", "实物商品", "实物", "商品", "标准商品"),
        "SERVICE": ("service", "服务", "服务项目", "项目", "虚拟商品"),
        "PIECE": ("piece", "单件", "一件一码", "珠宝"),
        "MADE_TO_ORDER": ("made to order", "定制", "定制商品"),
    }.items()
    for word in words
}
STATES = {
    fold(word): state
    for state, words in {
        "ACTIVE": ("active", "上架", "在售", "销售中", "出售中", "启用", "正常"),
        "DRAFT": ("draft", "草稿", "待上架"),
        "DISCONTINUED": ("discontinued", "停售", "停止采购", "停采"),
        "ARCHIVED": ("archived", "下架", "已下架", "仓库中", "停用"),
    }.items()
    for word in words
}


class GoodsNameMissing(InvalidInput):
    code = "import_goods_name_missing"
    message = _("The row names no goods that are here. Fill in the name, or a code that is here already.")
    default_field = "name"


class CellTooLong(InvalidInput):
    code = "import_cell_too_long"
    message = _("The text is longer than %(limit)s characters. Shorten it.")


class PriceNegative(InvalidInput):
    code = "import_price_negative"
    message = _("A price is never below zero. Correct it.")
    default_field = "price"


class NotUnderstood(InvalidInput):
    code = "import_cell_not_understood"
    message = _("This is not understood and is left out. It can be filled in afterwards.")


class MinutesNotUnderstood(InvalidInput):
    code = "import_minutes_not_understood"
    message = _("Minutes are a whole number from 1 to 1440. It can be filled in afterwards.")
    default_field = "minutes"


@dataclass(slots=True)
class Entry:
    """One row. None: the cell was empty or not mapped. `options` are (attribute, value)."""

    product_code: str = ""
    sku: str = ""
    name: str = ""
    aliases: str | None = None
    kind: str | None = None
    state: str | None = None
    category: tuple[str, ...] = ()
    brand: str = ""
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()
    barcode: codes.Code | None = None
    price_amount: int | None = None
    description: str | None = None
    shelf_life_days: int | None = None
    minutes: int | None = None
    warnings: list[InvalidInput] = field(default_factory=list)

    @property
    def label(self) -> str:
        return label_of(value for _name, value in self.options)[:120]

    @property
    def is_empty(self) -> bool:
        """A further picture of a product, as some shops export it: a code and nothing to sell."""
        said = (self.sku, self.name, self.barcode, self.options, self.price_amount)
        return not any(each not in ("", None, ()) for each in said)


def entry_of(row: Mapping[str, str], currency: str) -> Entry:
    """The entry of a row of target codes and texts. Raises `CellTooLong`, `PriceNegative`, and what `core.money.parse`
    raises for a price that is none."""
    entry = Entry(
        product_code=_short(row, "product_code", 40),
        sku=_short(row, "sku", 48),
        name=_short(row, "name", 120),
        aliases=_short(row, "aliases", 160) or None,
        brand=row.get("brand", "")[:60],
        unit=row.get("unit", ""),
        category=tuple(names_of_path(row.get("category", ""))),
        options=_options(row),
    )
    if text := row.get("description", ""):
        entry.description = " ".join(_TAGS.sub(" ", text).split())[:4000]
    entry.kind = _word(entry, "kind", KINDS, row)
    entry.state = _word(entry, "state", STATES, row)
    if text := row.get("price", ""):
        price = money.parse(text, currency, field="price")
        if price.amount < 0:
            raise PriceNegative()
        entry.price_amount = price.to_minor()
    if text := row.get("barcode", ""):
        try:
            entry.barcode = codes.parse(text, field="barcode")
        except InvalidInput as error:
            entry.warnings.append(error)
    entry.shelf_life_days = _whole(
        entry, "shelf_life_days", row, 36_500, NotUnderstood(field="shelf_life_days")
    )
    entry.minutes = _whole(entry, "minutes", row, 1440, MinutesNotUnderstood())
    return entry


def _short(row: Mapping[str, str], name: str, limit: int) -> str:
    text = " ".join(row.get(name, "").split())
    if len(text) > limit:
        raise CellTooLong(limit=limit, field=name)
    return text


def _word(entry: Entry, name: str, known: Mapping[str, str], row: Mapping[str, str]) -> str | None:
    text = row.get(name, "")
    found = known.get(fold(text)) if text else None
    if text and found is None:
        entry.warnings.append(NotUnderstood(field=name))
    return found


def _whole(entry: Entry, name: str, row: Mapping[str, str], most: int, error: InvalidInput) -> int | None:
    text = row.get(name, "")
    if not text:
        return None
    try:
        number = Decimal(re.sub(r"[^\d.]", "", text))
    except InvalidOperation:
        number = Decimal(0)
    if number != int(number) or not 0 < number <= most:
        entry.warnings.append(error)
        return None
    return int(number)


def _options(row: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Columns of colour and size, pairs of a name and a value, or one cell "颜色:红;尺码:L"."""
    found: dict[str, str] = {}
    for number in range(1, MOST_AXES + 1):
        value = " ".join(row.get(f"option{number}", "").split())[:40]
        name = " ".join(row.get(f"option{number}_name", "").split())[:20]
        if value and value.lower() not in NO_ATTRIBUTE:
            found[name if name and name.lower() not in NO_ATTRIBUTE else f"规格{number}"] = value
    for column, name in (("colour", "颜色"), ("size", "尺码")):
        if value := " ".join(row.get(column, "").split())[:40]:
            found.setdefault(name, value)
    if text := row.get("options", ""):
        for number, part in enumerate(re.split(r"[;；,，|]", text)[:MOST_AXES], 1):
            name, colon, value = (part.strip() for part in re.sub("：", ":", part).partition(":"))
            if not colon:
                name, value = f"规格{number}", name
            if value and value.lower() not in NO_ATTRIBUTE:
                found.setdefault((name or f"规格{number}")[:20], value[:40])
    return tuple(found.items())[:MOST_AXES]
