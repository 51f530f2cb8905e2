"""The builder as a plain form: a tree of fields named by where they stand ("f-0.2.1"), read whole at every post.

Nothing is kept between posts: the page holds the draft. What was typed stays as it was typed until it is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from dianke.catalog.models import Product
from dianke.segments.queries.fields import Vocabulary
from dianke.segments.rules.fields import Field, Kind
from dianke.segments.rules.language import ALL, HOWS, MOST_DEPTH, MOST_LEAVES
from dianke.segments.rules.values import FieldUnknown

FIRST = "profile.gender"
#: Short names of what stands in a rule: value, second value, goods, ids, codes, measure, least, when, days, from, to.
PARTS = ("v", "w", "g", "i", "p", "m", "l", "k", "d", "a", "b", "s", "c")
MANY = frozenset("visc")


@dataclass
class Draft:
    """A group (`how` set) or a rule as it was typed."""

    how: str = ""
    children: list[Draft] = made(default_factory=list)
    field: str = FIRST
    op: str = ""
    raw: dict[str, list[str]] = made(default_factory=dict)

    def one(self, part: str) -> str:
        """The first value of a part."""
        return next(iter(self.raw.get(part, [])), "")

    def leaves(self) -> Iterable[Draft]:
        if not self.how:
            yield self
        for child in self.children:
            yield from child.leaves()


def from_post(data: QueryDict, vocabulary: Vocabulary) -> Draft:
    """The draft of a posted page; an empty group where there is none."""
    found = _read(data, "0", vocabulary, 1, [0])
    return found if found is not None and found.how else Draft(ALL)


def _read(data: QueryDict, path: str, vocabulary: Vocabulary, depth: int, seen: list[int]) -> Draft | None:
    kind = data.get(f"n-{path}", "")
    if kind in HOWS and depth <= MOST_DEPTH:
        children = []
        for number in range(MOST_LEAVES + 20):
            child = _read(data, f"{path}.{number}", vocabulary, depth + 1, seen)
            if child is None:
                break
            children.append(child)
        return Draft(kind, children)
    if kind != "leaf" or seen[0] > MOST_LEAVES:
        return None
    seen[0] += 1
    draft = Draft(field=data.get(f"f-{path}", FIRST)[:80], op=data.get(f"o-{path}", "")[:20])
    if data.get(f"was-{path}", draft.field) == draft.field:  # another field begins empty
        draft.raw = {part: data.getlist(f"{part}-{path}")[:300] for part in PARTS if f"{part}-{path}" in data}
    else:
        draft.op = ""
    try:
        known = vocabulary.field(draft.field)
    except FieldUnknown:
        return draft
    if draft.op not in known.operators:
        draft.op = known.operators[0]
    return draft


# --- from and to the language ----------------------------------------------------------------------------------------
def as_tree(draft: Draft, vocabulary: Vocabulary) -> dict[str, Any]:
    """The draft in the language of segments; amounts in minor units. What is not right yet is left to the checks."""
    if draft.how:
        return {draft.how: [as_tree(child, vocabulary) for child in draft.children]}
    try:
        known = vocabulary.field(draft.field)
    except FieldUnknown:
        return {"field": draft.field, "op": draft.op, "value": None}
    return {"field": draft.field, "op": draft.op, "value": _value(draft, known)}


def _value(draft: Draft, known: Field) -> Any:
    if known.kind is Kind.BOUGHT:
        return _bought(draft)
    if known.kind is Kind.CHOICE:
        return draft.raw.get("v", [])
    scale = _minor if known.kind is Kind.AMOUNT else str
    if draft.op == "between":
        return [scale(draft.one("v").strip()), scale(draft.one("w").strip())]
    return scale(draft.one("v").strip())


def _minor(text: str) -> Any:
    """Yuan as typed in minor units; what is no amount stays for the check to refuse."""
    try:
        return int(Decimal(text.replace(",", "")).scaleb(2).to_integral_exact()) if text else ""
    except (InvalidOperation, ValueError):
        return text


def _bought(draft: Draft) -> dict[str, Any]:
    goods, measure = draft.one("g") or "any", draft.one("m") or "times"
    value: dict[str, Any] = {"goods": goods, "measure": measure}
    if goods == "product":
        codes = [code for code in draft.one("p").replace("，", ",").replace(",", " ").split() if code]
        found = dict(Product.objects.filter(code__in=codes).values_list("code", "pk"))
        value["ids"] = [found.get(code, "?") for code in codes]
    elif goods != "any":
        value["ids"] = draft.raw.get("i", [])
    least = draft.one("l").strip()
    value["least"] = _minor(least) if measure == "amount" else least
    when = draft.one("k") or "days"
    if when == "days":
        value["days"] = draft.one("d").strip() or "90"
    elif when == "between":
        value |= {"from": draft.one("a"), "to": draft.one("b")}
    value |= {"stores": draft.raw.get("s", []), "channels": draft.raw.get("c", [])}
    return value


def from_tree(tree: Mapping[str, Any], vocabulary: Vocabulary) -> Draft:
    """A kept tree as the builder shows it."""
    if "field" not in tree:
        how = next(iter(tree), ALL)
        return Draft(how, [from_tree(child, vocabulary) for child in tree.get(how, [])])
    draft = Draft(field=tree["field"], op=tree["op"])
    value = tree.get("value")
    try:
        known = vocabulary.field(draft.field)
    except FieldUnknown:
        return draft
    if known.kind is Kind.BOUGHT:
        draft.raw = _raw_bought(value or {})
    elif known.kind is Kind.CHOICE:
        draft.raw = {"v": [str(each) for each in value or []]}
    elif value is not None:
        ends = value if isinstance(value, list) else [value]
        shown = [
            _yuan(each) if known.kind is Kind.AMOUNT and draft.op != "none" else str(each) for each in ends
        ]
        draft.raw = dict(zip("vw", ([text] for text in shown), strict=False))
    return draft


def _yuan(minor: Any) -> str:
    found = Decimal(str(minor)) / 100
    return str(found.quantize(Decimal(1)) if found == found.to_integral_value() else found)


def _raw_bought(value: Mapping[str, Any]) -> dict[str, list[str]]:
    least = value.get("least", 1)
    raw = {
        "g": [value.get("goods", "any")],
        "m": [value.get("measure", "times")],
        "l": [_yuan(least) if value.get("measure") == "amount" else str(least)],
        "k": ["days" if "days" in value else "between" if value.get("from") or value.get("to") else "ever"],
        "d": [str(value.get("days", ""))],
        "a": [value.get("from", "")],
        "b": [value.get("to", "")],
        "s": [str(pk) for pk in value.get("stores", [])],
        "c": list(value.get("channels", [])),
    }
    if value.get("goods") == "product":
        codes = Product.objects.filter(pk__in=value["ids"]).order_by("code").values_list("code", flat=True)
        raw["p"] = [" ".join(codes)]
    else:
        raw["i"] = [str(pk) for pk in value.get("ids", [])]
    return raw


# --- acts ------------------------------------------------------------------------------------------------------------
def act_on(root: Draft, act: str) -> None:
    """One press of a button: "rule-0", "group-0.1", "del-0.2", "up-0.2", "down-0.2". What cannot be done is left."""
    name, _dash, path = act.partition("-")
    numbers = [int(part) for part in path.split(".") if part.isdecimal()]
    if not numbers:
        return
    if name in ("rule", "group"):
        group = _at(root, numbers[1:])
        if group is not None and group.how:
            if name == "rule":
                group.children.append(Draft())
            elif len(numbers) < MOST_DEPTH:
                group.children.append(Draft("any", [Draft()]))
        return
    parent, number = _at(root, numbers[1:-1]), numbers[-1]
    if parent is None or len(numbers) < 2 or not 0 <= number < len(parent.children):
        return
    if name == "del":
        del parent.children[number]
    elif name == "up":
        _move(root, parent, numbers, -1)
    elif name == "down":
        _move(root, parent, numbers, 1)


def _at(root: Draft, numbers: list[int]) -> Draft | None:
    node = root
    for number in numbers:
        if number >= len(node.children):
            return None
        node = node.children[number]
    return node


def _move(root: Draft, parent: Draft, numbers: list[int], by: int) -> None:
    """Past the neighbour: into it where it is a group, and out of a group over its edge."""
    number = numbers[-1]
    moved = parent.children.pop(number)
    target = number + by
    if target < 0 or target > len(parent.children):
        outer = _at(root, numbers[1:-2]) if len(numbers) > 2 else None
        if outer is None:
            parent.children.insert(number, moved)
        else:
            outer.children.insert(numbers[-2] + (by > 0), moved)
        return
    neighbour = parent.children[target if by < 0 else number] if parent.children else None
    if neighbour is not None and neighbour.how and not moved.how:
        neighbour.children.insert(len(neighbour.children) if by < 0 else 0, moved)
        return
    parent.children.insert(target, moved)
