"""What is known of people that forbids goods: their details, and the sensitive ones of those who agreed to them being
kept. Only compared with what goods are to be avoided for; it reaches no page from here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from dianke.core.custom_fields import shown, specs_for
from dianke.customers.models import Customer, Purpose
from dianke.customers.queries.consents import consents_of
from dianke.customers.rules.consent import may

#: The field of a product that says whom it is not for (`config/presets`), words apart.
AVOID = "avoid_for"
PLAIN, SENSITIVE = "customers.customer", "customers.sensitive"


def details_of(head_ids: Collection[int]) -> dict[int, str]:
    """Everything written down of each profile in one text, read over everybody merged into it. Five statements."""
    answers = consents_of(head_ids)
    plain = {spec.key: spec for spec in specs_for(PLAIN)}
    sensitive = {spec.key: spec for spec in specs_for(SENSITIVE)}
    found: dict[int, list[str]] = defaultdict(list)
    rows = Customer.objects.clusters(head_ids).in_use().filter(key__destroyed_at=None).select_related("key")
    for customer in rows:
        head = customer.head_id
        kept = [(customer.custom, plain)]
        if may(answers[head], Purpose.SENSITIVE):
            kept.append((customer.sensitive or {}, sensitive))
        for values, specs in kept:
            for key, value in values.items():
                told = shown(specs[key], value) if key in specs else value
                found[head].append(str(told))
    return {head: "\n".join(texts) for head, texts in found.items()}
