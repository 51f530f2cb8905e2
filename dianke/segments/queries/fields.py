"""The register of fields: rooms declare what may be asked about a customer."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dianke.core.actor import Actor
from dianke.segments.rules.fields import Field
from dianke.segments.rules.values import FieldUnknown

_fields: dict[str, Field] = {}
_changing: list[Callable[[], Iterable[Field]]] = []


def register_fields(*fields: Field) -> None:
    """Adds fields; the same code again replaces."""
    _fields.update({each.code: each for each in fields})


def register_changing(fields: Callable[[], Iterable[Field]]) -> None:
    """Adds fields that the merchant makes, such as custom fields; asked for each time."""
    if fields not in _changing:
        _changing.append(fields)


class Vocabulary:
    """All fields of one moment. What the merchant makes is read when first asked for, once."""

    def __init__(self) -> None:
        self._more: dict[str, Field] | None = None

    @property
    def more(self) -> dict[str, Field]:
        if self._more is None:
            self._more = {each.code: each for make in _changing for each in make()}
        return self._more

    def field(self, code: str, *, path: str = "") -> Field:
        """Raises `FieldUnknown`."""
        found = _fields.get(code) or self.more.get(code)
        if found is None:
            raise FieldUnknown(code=code[:60], field=path)
        return found

    def offered(self, actor: Actor) -> list[Field]:
        """Those the actor may ask about, in the order in which they were declared."""
        return [
            each
            for each in [*_fields.values(), *self.more.values()]
            if not each.permission or actor.can(each.permission)
        ]
