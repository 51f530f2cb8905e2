"""The names a sentence needs, read once for all rules of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from dianke.catalog.models import Brand, Category, Product
from dianke.core.actor import SYSTEM, Actor
from dianke.sales.models import Order
from dianke.segments.queries.compiling import Rules
from dianke.segments.queries.counting import Why
from dianke.segments.queries.fields import Vocabulary
from dianke.segments.rules.fields import Field, Kind
from dianke.segments.rules.language import Leaf, Node, leaves
from dianke.segments.rules.values import FieldUnknown
from dianke.segments.rules.wording import leaf_text, own_text, sentence
from dianke.stores.models import Store

_TABLES: dict[str, tuple[Any, str]] = {
    "product": (Product, "name"),
    "category": (Category, "name"),
    "brand": (Brand, "name"),
    "store": (Store, "short_name"),
}


class Wording:
    """Sentences of rules. Choices are read when a rule first names them, names of goods in one query per table."""

    def __init__(self, actor: Actor = SYSTEM, vocabulary: Vocabulary | None = None) -> None:
        self.actor = actor
        self.vocabulary = vocabulary or Vocabulary()
        self._choices: dict[str, Mapping[str, Any]] = {}
        self._names: dict[tuple[str, Any], str] = {}

    def names(self, asked: Field) -> Mapping[str, Any]:
        """Value → its name. Names are the merchant's and no secret, so everybody reads the same sentence."""
        if asked.code not in self._choices:
            listed = asked.choices(SYSTEM) if asked.choices else ()
            self._choices[asked.code] = {str(value): label or _("not known") for value, label in listed}
        return self._choices[asked.code]

    def goods(self, kind: str, ids: Sequence[Any]) -> list[str]:
        """Names of products, categories, brands, stores, channels."""
        if kind == "channel":
            labels = dict(Order.Channel.choices)
            return [str(labels.get(code, code)) for code in ids]
        missing = [pk for pk in ids if (kind, pk) not in self._names]
        if missing:
            model, column = _TABLES[kind]
            found = model.objects.filter(pk__in=missing).values_list("pk", column)
            self._names |= {(kind, pk): name for pk, name in found}
        return [self._names.get((kind, pk), _("(gone)")) for pk in ids]

    def prepare(self, node: Node) -> None:
        """Reads the names of goods of a whole tree at once."""
        wanted: dict[str, list[int]] = {}
        for leaf in leaves(node):
            if isinstance(leaf.value, Mapping):
                wanted.setdefault(str(leaf.value.get("goods")), []).extend(leaf.value.get("ids", []))
                wanted.setdefault("store", []).extend(leaf.value.get("stores", []))
        for kind, ids in wanted.items():
            if kind in _TABLES:
                self.goods(kind, ids)

    def leaf(self, leaf: Leaf) -> str:
        """One rule in words."""
        try:
            asked = self.vocabulary.field(leaf.field)
        except FieldUnknown:
            return _("(a field that is gone)")
        return leaf_text(leaf, asked, self.names, self.goods)

    def sentence(self, node: Node) -> str:
        """A tree in words."""
        self.prepare(node)
        return sentence(node, self.leaf)

    def why(self, rules: Rules, found: Sequence[Why]) -> list[dict[str, Any]]:
        """Each rule of a tree with whether it holds and the person's own value; a value one may not see stays out."""
        rows = []
        for each in found:
            asked = rules.asked[each.path]
            may = not asked.field.permission or self.actor.can(asked.field.permission)
            own = self.own(asked.field, asked.leaf, each.own) if may else ""
            rows.append({"path": each.path, "text": self.leaf(asked.leaf), "holds": each.holds, "own": own})
        return rows

    def own(self, asked: Field, leaf: Leaf, own: Any) -> str:
        """A person's own value in words."""
        if asked.kind is Kind.YEARLY:
            from dianke.segments.providers.profile import date_text

            own = [date_text(text) for text in own or []]
        return own_text(asked, leaf, own, self.names)


TextOf = Callable[[Leaf], str]
