"""The language of segments: a tree of groups (all, any or none of what stands in them) with rules as leaves.

    {"all": [{"field": "profile.gender", "op": "in", "value": ["F"]},
             {"any": [{"field": "metrics.orders", "op": "gte", "value": 2},
                      {"field": "bought", "op": "bought", "value": {"days": 90, "goods": "category", "ids": [3]}}]}]}

What a leaf means stands with its field (`rules/fields.py`). All of nothing is true, any of nothing is false, none of
nothing is true. `LANGUAGE` grows when a tree of today would mean something else tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Union

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

LANGUAGE = 1
ALL, ANY, NONE = "all", "any", "none"
HOWS = (ALL, ANY, NONE)
MOST_DEPTH, MOST_LEAVES = 5, 40


class RuleUnreadable(InvalidInput):
    code = "segment_rule_unreadable"
    message = _(
        "This is no rule: a rule has a field, an operator and a value, a group is all, any or none of rules."
    )


class RulesTooDeep(InvalidInput):
    code = "segment_rules_too_deep"
    message = _(
        "Groups may stand in each other %(most)s deep. Make a segment of the inner part, or take a group out."
    )


class TooManyRules(InvalidInput):
    code = "segment_too_many_rules"
    message = _("There are more than %(most)s rules. Take some out, or make two segments.")


class LanguageUnknown(InvalidInput):
    code = "segment_language_unknown"
    message = _("These rules were written by a newer version. Update, or write them anew.")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A rule as it was written; `path` says where it stands ("0.2.1")."""

    field: str
    op: str
    value: Any
    path: str = "0"

    def as_json(self) -> dict[str, Any]:
        return {"field": self.field, "op": self.op, "value": self.value}


@dataclass(frozen=True, slots=True)
class Group:
    how: str
    children: tuple[Node, ...]
    path: str = "0"

    def as_json(self) -> dict[str, Any]:
        return {self.how: [child.as_json() for child in self.children]}


Node = Union[Leaf, Group]  # noqa: UP007  named before both exist


def read(data: Any, *, language: int = LANGUAGE) -> Group:
    """The tree of what was sent or kept. Raises the errors above with the path as field."""
    if language != LANGUAGE:
        raise LanguageUnknown
    node = _node(data, "0", 1)
    root = node if isinstance(node, Group) else Group(ALL, (_moved(node, "0.0"),))
    if sum(1 for _leaf in leaves(root)) > MOST_LEAVES:
        raise TooManyRules(most=MOST_LEAVES)
    return root


def _node(data: Any, path: str, depth: int) -> Node:
    if not isinstance(data, Mapping):
        raise RuleUnreadable(field=path)
    if set(data) == {"field", "op", "value"} or set(data) == {"field", "op"}:
        if not isinstance(data["field"], str) or not isinstance(data["op"], str):
            raise RuleUnreadable(field=path)
        return Leaf(data["field"], data["op"], data.get("value"), path)
    if len(data) != 1:
        raise RuleUnreadable(field=path)
    how, children = next(iter(data.items()))
    if how not in HOWS or not isinstance(children, list | tuple):
        raise RuleUnreadable(field=path)
    if depth > MOST_DEPTH:
        raise RulesTooDeep(most=MOST_DEPTH, field=path)
    return Group(
        how,
        tuple(_node(child, f"{path}.{number}", depth + 1) for number, child in enumerate(children)),
        path,
    )


def _moved(leaf: Leaf, path: str) -> Leaf:
    return Leaf(leaf.field, leaf.op, leaf.value, path)


def leaves(node: Node) -> Iterator[Leaf]:
    """Every rule of a tree, in order."""
    if isinstance(node, Leaf):
        yield node
    else:
        for child in node.children:
            yield from leaves(child)


def renumbered(group: Group, path: str = "0") -> Group:
    """The same tree with fresh paths, after something was moved."""
    children = []
    for number, child in enumerate(group.children):
        own = f"{path}.{number}"
        children.append(renumbered(child, own) if isinstance(child, Group) else _moved(child, own))
    return Group(group.how, tuple(children), path)
