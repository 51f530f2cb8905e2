"""Rules as sentences, and a person's own value as words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from dianke.segments.rules.fields import Field, Kind
from dianke.segments.rules.language import ALL, ANY, Leaf, Node

#: How operators are offered in the builder.
OPERATOR_LABELS: dict[str, Any] = {
    "in": pgettext_lazy("rule", "is one of"),
    "not_in": pgettext_lazy("rule", "is none of"),
    "gte": pgettext_lazy("rule", "at least"),
    "lte": pgettext_lazy("rule", "at most"),
    "between": pgettext_lazy("rule", "between"),
    "last": pgettext_lazy("rule", "in the last days"),
    "earlier": pgettext_lazy("rule", "more days ago than"),
    "next": pgettext_lazy("rule", "in the coming days"),
    "none": pgettext_lazy("rule", "there is none"),
    "yes": pgettext_lazy("rule", "yes"),
    "no": pgettext_lazy("rule", "no"),
    "is": pgettext_lazy("rule", "is exactly"),
    "contains": pgettext_lazy("rule", "contains"),
    "bought": pgettext_lazy("rule", "bought"),
    "not_bought": pgettext_lazy("rule", "did not buy"),
}
HOW_LABELS: dict[str, Any] = {
    "all": pgettext_lazy("rules", "all of these hold"),
    "any": pgettext_lazy("rules", "at least one of these holds"),
    "none": pgettext_lazy("rules", "none of these holds"),
}
MEASURE_LABELS: dict[str, Any] = {
    "times": pgettext_lazy("count", "times"),
    "quantity": pgettext_lazy("purchases", "pieces"),
    "amount": pgettext_lazy("purchases", "yuan"),
}
GOODS_LABELS: dict[str, Any] = {
    "any": pgettext_lazy("purchases", "anything"),
    "product": pgettext_lazy("purchases", "of these products"),
    "category": pgettext_lazy("purchases", "of these categories"),
    "brand": pgettext_lazy("purchases", "of these brands"),
}

#: Field → names of its values: {"3": "金卡"}.
Names = Callable[[Field], Mapping[str, Any]]
#: Kind of thing → names of its rows, for purchases: "product", "category", "brand", "store", "channel".
GoodsNames = Callable[[str, Sequence[Any]], list[str]]


def number(value: Any) -> str:
    """Without needless zeros, in groups of three."""
    found = Decimal(str(value))
    return f"{found.normalize():,f}" if found != found.to_integral_value() else f"{found:,.0f}"


def yuan(minor: Any) -> str:
    whole = Decimal(str(minor)) / 100
    return f"¥{whole:,.2f}" if whole != whole.to_integral_value() else f"¥{whole:,.0f}"


def _amount(asked: Field, value: Any) -> str:
    if asked.kind is Kind.AMOUNT:
        return yuan(value)
    unit = str(asked.unit)
    return f"{number(value)} {unit}" if unit and len(unit) <= 4 else number(value)


def listed(texts: Sequence[Any]) -> str:
    """A, B or C."""
    return pgettext("one of several", ", ").join(str(text) for text in texts)


def _named(asked: Field, known: Mapping[str, Any], value: str) -> str:
    """A choice by its name; one that is gone still says its code, if that means anything."""
    return str(known.get(value) or (_("(gone)") if asked.is_id else value))


def leaf_text(leaf: Leaf, asked: Field, names: Names, goods: GoodsNames) -> str:
    """One rule: 「最近消费在最近 90 天内」."""
    if asked.kind is Kind.BOUGHT:
        return bought_text(leaf.op, leaf.value, goods)
    op, value, label = leaf.op, leaf.value, str(asked.label)
    if op in ("in", "not_in"):
        known = names(asked)
        chosen = listed([_named(asked, known, each) for each in value])
        pattern = (
            pgettext("rule", "%(field)s: %(values)s")
            if op == "in"
            else pgettext("rule", "%(field)s: not %(values)s")
        )
        return pattern % {"field": label, "values": chosen}
    if op == "between":
        ends = value if asked.kind in (Kind.DATE, Kind.COMING) else [_amount(asked, each) for each in value]
        return pgettext("rule", "%(field)s between %(first)s and %(last)s") % {
            "field": label,
            "first": ends[0],
            "last": ends[1],
        }
    if op == "none":
        return pgettext("rule", "%(field)s: none") % {"field": label}
    patterns: dict[str, Any] = {
        "gte": pgettext("rule", "%(field)s at least %(value)s"),
        "lte": pgettext("rule", "%(field)s at most %(value)s"),
        "last": pgettext("rule", "%(field)s in the last %(value)s days"),
        "earlier": pgettext("rule", "%(field)s more than %(value)s days ago"),
        "next": pgettext("rule", "%(field)s in the next %(value)s days"),
        "yes": pgettext("rule", "%(field)s: yes"),
        "no": pgettext("rule", "%(field)s: no"),
        "is": pgettext("rule", "%(field)s is “%(value)s”"),
        "contains": pgettext("rule", "%(field)s contains “%(value)s”"),
    }
    shown = _amount(asked, value) if op in ("gte", "lte") else value
    return str(patterns[op] % {"field": label, "value": shown})


def bought_text(op: str, value: Mapping[str, Any], goods: GoodsNames) -> str:
    """ "最近 90 天在西湖店买过「绿茶」至少 2 次"."""
    parts = {"when": _when(value), "where": "", "goods": "", "least": ""}
    if value.get("stores"):
        parts["where"] = pgettext("purchases", " at %(stores)s") % {
            "stores": listed(goods("store", value["stores"]))
        }
    if value.get("channels"):
        named = listed(goods("channel", value["channels"]))
        parts["where"] += pgettext("purchases", " by %(channels)s") % {"channels": named}
    if value["goods"] != "any":
        parts["goods"] = pgettext("purchases", " “%(goods)s”") % {
            "goods": listed(goods(value["goods"], value["ids"]))
        }
    least = value["least"]
    if value["measure"] != "times" or Decimal(str(least)) > 1:
        patterns: dict[str, Any] = {
            "times": pgettext("purchases", " at least %(least)s times"),
            "quantity": pgettext("purchases", " at least %(least)s pieces"),
            "amount": pgettext("purchases", " for at least %(least)s"),
        }
        shown = yuan(least) if value["measure"] == "amount" else number(least)
        parts["least"] = patterns[value["measure"]] % {"least": shown}
    pattern = (
        pgettext("purchases", "%(when)s%(where)s bought%(goods)s%(least)s")
        if op == "bought"
        else pgettext("purchases", "%(when)s%(where)s did not buy%(goods)s%(least)s")
    )
    return pattern % parts


def _when(value: Mapping[str, Any]) -> str:
    if "days" in value:
        return pgettext("purchases", "in the last %(days)s days") % {"days": value["days"]}
    first, last = value.get("from"), value.get("to")
    if first and last:
        return pgettext("purchases", "from %(first)s to %(last)s") % {"first": first, "last": last}
    if first:
        return pgettext("purchases", "since %(first)s") % {"first": first}
    if last:
        return pgettext("purchases", "until %(last)s") % {"last": last}
    return pgettext("purchases", "ever")


def sentence(node: Node, text_of: Callable[[Leaf], str], *, is_inner: bool = False) -> str:
    """A tree in one sentence; groups within groups stand in brackets."""
    if isinstance(node, Leaf):
        return text_of(node)
    texts = [sentence(child, text_of, is_inner=True) for child in node.children]
    if not texts:
        return pgettext("rules", "nobody") if node.how == ANY else pgettext("rules", "everybody")
    words = {ALL: pgettext("rules", ", and "), ANY: pgettext("rules", ", or ")}
    if node.how in words:
        whole = words[node.how].join(texts)
        return pgettext("rules", "(%(inner)s)") % {"inner": whole} if is_inner and len(texts) > 1 else whole
    return pgettext("rules", "none of these: %(inner)s") % {"inner": "; ".join(texts)}


def own_text(asked: Field, leaf: Leaf, own: Any, names: Names) -> str:
    """What the person has, as read from the database."""
    values = own if isinstance(own, list) else [own]
    values = [value for value in values if value is not None]
    if asked.kind is Kind.BOUGHT:
        return _own_bought(leaf.value, values[0] if values else 0)
    if not values or values == [""]:
        return pgettext("value of a person", "none")
    if asked.kind is Kind.YES_NO:
        return _("Yes") if values[0] else _("No")
    if asked.kind is Kind.CHOICE:
        known = names(asked)
        return listed(list(dict.fromkeys(_named(asked, known, str(value)) for value in values)))
    if asked.kind in (Kind.NUMBER, Kind.AMOUNT):
        return _amount(
            asked, Decimal(values[0]).quantize(Decimal("0.1")) if asked.kind is Kind.NUMBER else values[0]
        )
    texts = [value.isoformat() if isinstance(value, date) else str(value) for value in values]
    return listed(list(dict.fromkeys(texts)))


def _own_bought(value: Mapping[str, Any], own: Any) -> str:
    if value["measure"] == "amount":
        return yuan(own)
    unit = MEASURE_LABELS[value["measure"]]
    return f"{number(own)} {unit}"
