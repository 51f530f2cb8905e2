"""What a batch of imported rows is compared with: who holds their keys, what those profiles say, what came before.
Each function is a fixed number of queries however many rows the batch has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import F
from django.db.models.functions import Coalesce

from dianke.access.models import User
from dianke.core.names import fold
from dianke.customers.models import ContactPoint, Customer, SourceRecord
from dianke.customers.queries.duplicates import IN_USE
from dianke.customers.queries.tags import tags_by_name as tags_by_name
from dianke.stores.models import Staff, Store


@dataclass(slots=True)
class Keeper:
    """A profile that holds some key: by kind, and the identity in it that does."""

    head_id: int
    kinds: set[str] = field(default_factory=set)
    identity_id: int = 0


#: (kind, hash of the value) → the profiles that hold it.
Holders = Mapping[tuple[str, bytes], Sequence[Keeper]]


def holders_by_key(hashes: Collection[bytes]) -> dict[tuple[str, bytes], list[tuple[int, int]]]:
    """Which profiles in use hold these hashed values: (kind, hash) → (head, identity). One query."""
    found: dict[tuple[str, bytes], list[tuple[int, int]]] = defaultdict(list)
    if not hashes:
        return found
    rows = (
        ContactPoint.objects.current()
        .filter(value_exact__among=hashes, is_shared=False, customer__state__in=IN_USE)
        .annotate(head=Coalesce(F("customer__merged_into_id"), F("customer_id")))
        .values_list("kind", "value_exact", "head", "customer_id")
    )
    for kind, value, head_id, identity_id in rows:
        found[kind, bytes(value)].append((head_id, identity_id))
    return found


def holders_by_number(numbers: Collection[str]) -> dict[str, tuple[int, int]]:
    """Which profile has which member number: number → (head, identity). One query."""
    if not numbers:
        return {}
    rows = Customer.objects.filter(member_number__among=numbers, state__in=IN_USE)
    return {
        number: (merged_into_id or pk, pk)
        for number, pk, merged_into_id in rows.values_list("member_number", "pk", "merged_into_id")
    }


def received_from(source: str, external_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Which profile came under which number of that system: number → (head, identity). One query."""
    if not external_ids:
        return {}
    rows = (
        SourceRecord.objects.filter(source=source, external_id__among=external_ids)
        .filter(customer__state__in=IN_USE)
        .annotate(head=Coalesce(F("customer__merged_into_id"), F("customer_id")))
        .order_by("received_at", "pk")
    )
    return {
        number: (head_id, identity_id)
        for number, head_id, identity_id in rows.values_list("external_id", "head", "customer_id")
    }


def rows_of_runs(run_ids: Collection[int], rows: Collection[int]) -> dict[int, tuple[bytes, int]]:
    """What earlier imports of the same file made of these rows: row → (fingerprint, identity). One query."""
    if not run_ids:
        return {}
    found = SourceRecord.objects.filter(run_id__in=list(run_ids), row__among=rows).order_by("run_id")
    return {
        row or 0: (bytes(fingerprint or b""), customer_id)
        for row, fingerprint, customer_id in found.values_list("row", "fingerprint", "customer_id")
    }


def contents_of(head_ids: Collection[int]) -> dict[int, set[bytes]]:
    """The fingerprints of every record of these profiles: head → fingerprints. Two queries."""
    if not head_ids:
        return {}
    found: dict[int, set[bytes]] = defaultdict(set)
    members = Customer.objects.clusters(head_ids).values_list("pk", "merged_into_id")
    head_of = {pk: merged_into_id or pk for pk, merged_into_id in members}
    rows = SourceRecord.objects.filter(customer_id__among=head_of, fingerprint__isnull=False)
    for customer_id, fingerprint in rows.values_list("customer_id", "fingerprint"):
        found[head_of[customer_id]].add(bytes(fingerprint or b""))
    return found


# --- words of a file that stand for rows of ours ----------------------------------------------------------------
def stores_by_word(stores: Iterable[Store]) -> dict[str, Store]:
    """Stores by code, name and short name, folded."""
    return {fold(word): store for store in stores for word in (store.name, store.short_name, store.code)}


def staff_by_word() -> dict[str, User]:
    """People by staff number, sign-in name and name, folded; a name two people share stands for nobody."""
    found: dict[str, User | None] = {}
    for staff in Staff.objects.select_related("user").filter(left_on=None):
        for word in {fold(staff.number), fold(staff.user.username), fold(staff.name)}:
            found[word] = None if word in found else staff.user
    return {word: user for word, user in found.items() if user is not None}
