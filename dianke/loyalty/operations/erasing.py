"""What goes when customers are erased: words people wrote about them, and the code that names them to friends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from dianke.events.operations import step
from dianke.loyalty.models import LevelGrant, Redemption, ReferralCode


@step
def blank_words(customer_ids: Collection[int], now: datetime) -> int:
    """How many rows were blanked. Postings and changes of level stay as books without a name."""
    grants = LevelGrant.objects.filter(customer__in=customer_ids).exclude(reason="").update(reason="")
    notes = Redemption.objects.filter(customer__in=customer_ids).exclude(note="").update(note="")
    codes, _kinds = ReferralCode.objects.filter(customer__in=customer_ids).delete()
    return grants + notes + codes
