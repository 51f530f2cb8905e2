"""What the forms of the room share: quantities as people type them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation


def quantity_of(text: str) -> Decimal | None:
    """What was typed as a quantity; None for an empty or impossible one."""
    try:
        found = Decimal(text.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < 10**12 else None
