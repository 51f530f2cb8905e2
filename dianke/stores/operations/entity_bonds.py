"""What binds a store to its legal entity: a room that keeps books in its name says whether it has begun to.

A store that was opened under the wrong entity is simply moved; one in whose name something stands in the books is not,
because what stands there would change its owner.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict, Text
from dianke.stores.models import LegalEntity, Store


class StoreBoundToEntity(Conflict):
    code = "store_bound_to_entity"
    message = _("“%(store)s” stays with “%(entity)s”. %(reason)s")
    default_field = "legal_entity"


#: Of a store: why it stays with its legal entity and what to do instead; None when it may move.
Bond = Callable[[Store], Text | None]
_bonds: list[Bond] = []


def register(bond: Bond) -> None:
    """Called from the `ready()` of the room that keeps the books."""
    _bonds.append(bond)


def check_may_move(store: Store, to: LegalEntity) -> None:
    """Raises `StoreBoundToEntity` when the store would leave an entity it is bound to."""
    if to.pk == store.legal_entity_id:
        return
    for bond in _bonds:
        if (reason := bond(store)) is not None:
            raise StoreBoundToEntity(
                store=store.short_name, entity=store.legal_entity.short_name, reason=reason
            )
