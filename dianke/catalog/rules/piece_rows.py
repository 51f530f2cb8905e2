"""What a row of a file says about a single piece: its tag, weights in grams, metal, certificate and prices, in plain
values. Weights become milligrams, amounts minor units, finenesses permille (GB 11887: 18K is 750, 足金 at least 990).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core import money
from dianke.core.errors import InvalidInput


def _plain(text: str) -> str:
    """Half width, small letters, no blanks; signs stay: they part grams from milligrams."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


MG_PER_GRAM, MG_PER_CARAT = 1000, 200
MOST_MG = 10**9
KARATS = {8: 333, 9: 375, 10: 417, 14: 585, 18: 750, 21: 875, 22: 916, 24: 999}
#: The longest words first, so that 白金 is not read as 金.
METALS: tuple[tuple[str, str], ...] = (
    ("k白金", "GOLD"),
    ("白k金", "GOLD"),
    ("铂", "PLATINUM"),
    ("白金", "PLATINUM"),
    ("platinum", "PLATINUM"),
    ("pt", "PLATINUM"),
    ("钯", "PALLADIUM"),
    ("palladium", "PALLADIUM"),
    ("pd", "PALLADIUM"),
    ("银", "SILVER"),
    ("silver", "SILVER"),
    ("ag", "SILVER"),
    ("金", "GOLD"),
    ("gold", "GOLD"),
    ("au", "GOLD"),
)
NO_METAL = frozenset({"无", "none", "-", "翡翠", "玉石", "珍珠", "钻石", "裸石"})
MAKINGS = {
    _plain(word): kind
    for kind, words in {
        "PER_GRAM": ("按克", "克", "每克", "元/克", "克工费", "per gram", "gram"),
        "PER_PIECE": ("按件", "件", "每件", "元/件", "件工费", "per piece", "piece"),
        "RATE": ("比例", "按比例", "百分比", "%", "rate", "percent"),
    }.items()
    for word in words
}
PRICED = frozenset({"making", "making_amount", "stone_amount", "price_amount"})
WEIGHTS = ("gross_weight_mg", "net_weight_mg", "stone_weight_mg")
TEXTS = {"tag": 32, "certificate_number": 40, "certificate_issuer": 40, "size": 20, "note": 200}


class GoodsCodeMissing(InvalidInput):
    code = "import_piece_goods_missing"
    message = _("The row does not say what the piece is. Fill in the SKU or the code of the product.")
    default_field = "product_code"


class PieceCellTooLong(InvalidInput):
    code = "import_piece_cell_too_long"
    message = _("The text is longer than %(limit)s characters. Shorten it.")


class WeightNotUnderstood(InvalidInput):
    code = "import_piece_weight"
    message = _("This is no weight. Enter grams with at most three decimals, for instance 3.52.")


class MetalNotUnderstood(InvalidInput):
    code = "import_piece_metal"
    message = _("This metal is not known. Write gold, platinum, silver, palladium, or leave it empty.")
    default_field = "metal"


class FinenessNotUnderstood(InvalidInput):
    code = "import_piece_fineness"
    message = _("The fineness is missing or wrong. Write permille or karat, for instance 999 or 18K.")
    default_field = "fineness"


class MakingNotUnderstood(InvalidInput):
    code = "import_piece_making"
    message = _("The making charge is counted per gram, per piece or as a share. Write one of these.")
    default_field = "making"


class AmountNegative(InvalidInput):
    code = "import_piece_amount_negative"
    message = _("An amount is never below zero. Correct it.")


@dataclass(slots=True)
class PieceEntry:
    """One row. `values` holds the fields of the piece that the row says something about; an empty cell says nothing."""

    product_code: str = ""
    tag: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def piece_entry_of(row: Mapping[str, str], currency: str) -> PieceEntry:
    """The entry of a row of target codes and texts. Raises the errors above and what `core.money.parse` raises."""
    values: dict[str, Any] = {}
    for name, limit in TEXTS.items():
        text = " ".join(row.get(name, "").split())
        if len(text) > limit:
            raise PieceCellTooLong(limit=limit, field=name)
        if text:
            values[name] = text.upper().replace(" ", "") if name in ("tag", "certificate_number") else text
    for name, column in zip(WEIGHTS, ("gross_weight", "net_weight", "stone_weight"), strict=True):
        if text := row.get(column, ""):
            values[name] = weight_mg(text, field=column)
    if values.get("net_weight_mg") and "gross_weight_mg" not in values:
        # Nothing is set but the metal: the piece weighs what its metal and its stones weigh.
        values["gross_weight_mg"] = values["net_weight_mg"] + values.get("stone_weight_mg", 0)
    values |= _metal(row.get("metal", ""), row.get("fineness", ""))
    values |= _making(row, currency)
    for name, column in (("stone_amount", "stone_price"), ("price_amount", "price")):
        if text := row.get(column, ""):
            values[name] = _minor(text, currency, column)
    return PieceEntry("".join(row.get("product_code", "").split()), values.pop("tag", ""), values)


def weight_mg(text: str, *, field: str) -> int:
    """Grams ("3.52", "3.52g", "0.5ct") in milligrams. Raises `WeightNotUnderstood`."""
    plain = _plain(text)
    unit = MG_PER_GRAM
    for ending, factor in (
        ("ct", MG_PER_CARAT),
        ("克拉", MG_PER_CARAT),
        ("克", MG_PER_GRAM),
        ("g", MG_PER_GRAM),
    ):
        if plain.endswith(ending):
            plain, unit = plain.removesuffix(ending), factor
            break
    try:
        exact = Decimal(plain) * unit
    except InvalidOperation:
        raise WeightNotUnderstood(field=field) from None
    if not exact.is_finite() or not 0 <= exact <= MOST_MG or exact != exact.to_integral_value():
        raise WeightNotUnderstood(field=field)
    return int(exact)


def _metal(metal_text: str, fineness_text: str) -> dict[str, Any]:
    """Metal and fineness of "足金999", "18K金", "Pt950"; of two cells or of one."""
    both = f"{_plain(metal_text)} {_plain(fineness_text)}"
    if not both.strip():
        return {}
    name = _plain(metal_text)
    if name in NO_METAL:
        return {"metal": "NONE", "fineness": 0}
    metal = next((kind for word, kind in METALS if word in both), "")
    karat = re.search(r"(?<!\d)(\d{1,2})\s*k", both)
    if not metal and karat:
        metal = "GOLD"
    if not metal:
        raise MetalNotUnderstood(field="metal" if metal_text else "fineness")
    permille = re.search(r"(?<!\d)(\d{3,4})(?!\d)", both)
    fineness = 0
    if karat:
        fineness = KARATS.get(int(karat[1]), 0)
    elif permille:
        fineness = int(permille[1])
    elif "千足" in both or "万足" in both:
        fineness = 999
    if not 0 < fineness <= 1000:
        raise FinenessNotUnderstood()
    return {"metal": metal, "fineness": fineness}


def _making(row: Mapping[str, str], currency: str) -> dict[str, Any]:
    kind_text, text = _plain(row.get("making", "")), row.get("making_charge", "")
    kind = MAKINGS.get(kind_text, "") if kind_text else ""
    if kind_text and not kind:
        raise MakingNotUnderstood()
    found: dict[str, Any] = {"making": kind} if kind else {}
    if not text:
        return found
    if kind == "RATE" or text.strip().endswith(("%", "％")):
        try:
            share = Decimal(_plain(text).rstrip("%")) * 100
        except InvalidOperation:
            raise MakingNotUnderstood(field="making_charge") from None
        if not share.is_finite() or share < 0 or share > 100_000 or share != share.to_integral_value():
            raise MakingNotUnderstood(field="making_charge")
        return {"making": "RATE", "making_amount": int(share)}
    return found | {"making_amount": _minor(text, currency, "making_charge")}


def _minor(text: str, currency: str, field: str) -> int:
    amount = money.parse(text, currency, field=field)
    if amount.amount < 0:
        raise AmountNegative(field=field)
    return amount.to_minor()
