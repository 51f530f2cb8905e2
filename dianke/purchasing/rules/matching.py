"""The three-way match: what was ordered at which price, what came and was kept, what the supplier asks for.

An invoice that agrees within the tolerance can be paid; one that differs says where, so that somebody calls
the supplier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dianke.core.money import Money
from dianke.purchasing.rules.amounts import line_total
from dianke.purchasing.rules.reasons import Reason, percent_text


class Match(StrEnum):
    AGREES = "AGREES"
    DIFFERS = "DIFFERS"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What a line may differ before somebody has to look: an amount, in minor units, and a share in basis points; the
    smaller of both counts."""

    amount: int = 100
    basis_points: int = 100


@dataclass(frozen=True, slots=True)
class Ordered:
    """The line of the order an invoice line belongs to. `kept` came and was not given back; `invoiced` of it is on
    invoices already."""

    pack_quantity: Decimal
    price: Money
    tax_rate_bp: int
    kept: Decimal
    invoiced: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Invoiced:
    """What an invoice asks for: `total` tax included, for `quantity` stock units."""

    quantity: Decimal
    total: Money
    tax_rate_bp: int


def match_line(ordered: Ordered | None, line: Invoiced, tolerance: Tolerance) -> tuple[Match, list[Reason]]:
    """Compare one line. What stands on no order always differs."""
    if ordered is None:
        return Match.DIFFERS, [Reason("invoice_not_ordered")]
    reasons = []
    left = ordered.kept - ordered.invoiced
    if line.quantity > left:
        reasons.append(
            Reason(
                "invoice_more_than_received", {"invoiced": line.quantity, "received": max(left, Decimal(0))}
            )
        )
    should = line_total(quantity=line.quantity, pack_quantity=ordered.pack_quantity, price=ordered.price)
    if should.currency != line.total.currency or not _is_within(should, line.total, tolerance):
        reasons.append(Reason("invoice_price_differs", {"invoiced": line.total, "ordered": should}))
    if line.tax_rate_bp != ordered.tax_rate_bp:
        reasons.append(
            Reason(
                "invoice_tax_differs",
                {"invoiced": percent_text(line.tax_rate_bp), "ordered": percent_text(ordered.tax_rate_bp)},
            )
        )
    return (Match.DIFFERS if reasons else Match.AGREES), reasons


def match_total(lines: Sequence[Money], total: Money) -> Reason | None:
    """Whether the lines add up to what the invoice says; None when they do."""
    added = Money.sum(lines, total.currency)
    return None if added == total else Reason("invoice_total_differs", {"lines": added, "total": total})


def _is_within(should: Money, asked: Money, tolerance: Tolerance) -> bool:
    """Asking less is no reason to hold an invoice back."""
    more = (asked - should).to_minor()
    return more <= min(tolerance.amount, should.to_minor() * tolerance.basis_points // 10_000)
