"""The terms that hold at a store, or for what a legal entity received."""

from __future__ import annotations

from datetime import date

from dianke.stores.models import Store
from dianke.wallets.models import Term
from dianke.wallets.rules.terms import Dated, Terms, terms_at


def dated_terms() -> list[Dated]:
    """Every row, as the rules read it. One statement; there are a few dozen."""
    columns = ("code", "value", "province", "legal_entity_id", "from_date", "to_date", "source")
    return [Dated(*row) for row in Term.objects.order_by("pk").values_list(*columns)]


def terms_for(store: Store, day: date, *, legal_entity_id: int | None = None) -> Terms:
    """Those of the store's province and legal entity (or the one named) on that day."""
    entity = store.legal_entity_id if legal_entity_id is None else legal_entity_id
    return terms_at(dated_terms(), day=day, province=store.province, legal_entity_id=entity)
