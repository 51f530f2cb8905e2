"""What of a deposit is lost when an order is cancelled. Earnest money (定金) is lost up to a fifth of the total, as the
Civil Code allows it (article 586); what was paid beyond it, and every prepayment (订金), comes back."""

from __future__ import annotations

EARNEST_LIMIT_BP = 2_000


def forfeited(*, kind: str, deposit: int, agreed: int, total: int, is_customers_fault: bool) -> int:
    """Minor units that stay here of the `deposit` held. `agreed` is what was agreed as earnest money."""
    if kind != "EARNEST" or not is_customers_fault:
        return 0
    legal = total * EARNEST_LIMIT_BP // 10_000
    return max(0, min(deposit, agreed or deposit, legal))
