"""The proofs of ledger, stock, sales and wallets in one: for a test, and as a process of its own on any database
(`python -m tests.reliability.proofs`)."""

from __future__ import annotations

import sys


def findings() -> list[str]:
    """What the proofs of ledger, stock, sales, wallets find wrong."""
    from dianke.inventory.queries import verify as of_stock
    from dianke.ledger.queries import verify as of_ledger
    from dianke.sales.queries import verify as of_sales
    from dianke.wallets.queries import verify as of_wallets

    return [str(finding) for proof in (of_ledger, of_stock, of_sales, of_wallets) for finding in proof()]


if __name__ == "__main__":
    import django

    django.setup()
    found = findings()
    sys.stdout.write("\n".join(found))
    sys.exit(bool(found))
