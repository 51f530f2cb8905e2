"""How long text messages will be, before they are written: what a budget has to set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dianke.customers.models import Customer
from dianke.messaging.models import Channel, Template
from dianke.messaging.queries.wording import Wanted, worded


@dataclass(frozen=True, slots=True)
class Said:
    """A text for one customer; `given` is what only the campaign knows."""

    customer_id: int
    template: Template
    given: Mapping[str, str]


def parts_of(texts: Sequence[Said], *, purpose: str, now: datetime) -> dict[int, int]:
    """Customer → parts of their text message as it would read now. One statement and those of the variables used."""
    if not texts:
        return {}
    members: dict[int, list[int]] = {each.customer_id: [each.customer_id] for each in texts}
    joined = Customer.objects.filter(merged_into__in=list(members))
    for pk, head in joined.values_list("pk", "merged_into_id"):
        members[head].append(pk)
    wanted = [
        Wanted(
            each.customer_id,
            each.customer_id,
            Channel.SMS.value,
            purpose,
            each.template.subject,
            each.template.body,
            each.template.signature,
            each.given,
        )
        for each in texts
    ]
    words, _missing = worded(wanted, members, now=now)
    return {pk: said.length.parts for pk, said in words.items()}
