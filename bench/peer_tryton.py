"""Tryton's point of sale as a peer of `bench/sale_peers.py`: run by the Python of the peers' own environment, on the
database `TRYTOND_DATABASE_URI` and `DB_NAME` name.

A sale is three lines of a thousand products (variants of one template) with prices that contain tax, a payment in
cash, the number, and the posting that moves stock and writes the account move: one transaction through Tryton's own
models. It has no member, promotion, points or event, and no HTTP: calls within the process, to its advantage.
"""

# mypy: ignore-errors

from __future__ import annotations

import os
import random
import sys
import time
from decimal import Decimal

PRODUCTS, LINES = 1000, 3


def prepare() -> None:
    """Company, chart, fiscal year, tax, products, a point of sale and cash, by Tryton's own test tools and models."""
    from proteus import Model
    from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, create_tax, get_accounts
    from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences
    from trytond.modules.company.tests.tools import create_company
    from trytond.pool import Pool
    from trytond.tests.tools import activate_modules
    from trytond.transaction import Transaction

    activate_modules("sale_point", create_company, create_chart)
    set_fiscalyear_invoice_sequences(create_fiscalyear()).click("create_period")
    accounts = get_accounts()
    tax = create_tax(Decimal(".13"))
    tax.save()
    category = Model.get("product.category")(name="goods")
    category.accounting, category.account_revenue = True, accounts["revenue"]
    category.customer_taxes.append(tax)
    category.save()
    (unit,) = Model.get("product.uom").find([("name", "=", "Unit")])
    template = Model.get("product.template")(name="P", default_uom=unit, type="goods", salable=True)
    template.account_category, template.gross_price = category, Decimal("9.90")
    template.save()
    with Transaction().start(os.environ["DB_NAME"], 1) as transaction:
        more = [{"template": template.id, "code": f"P{number:04}"} for number in range(PRODUCTS - 1)]
        Pool().get("product.product").create(more)
        transaction.commit()
    location, sequence = Model.get("stock.location"), Model.get("ir.sequence.strict")
    point = Model.get("sale.point")(name="till")
    (point.journal,) = Model.get("account.journal").find([("type", "=", "revenue")], limit=1)
    point.sequence = sequence(name="till", company=point.company)
    (point.sequence.sequence_type,) = Model.get("ir.sequence.type").find([("name", "=", "POS")], limit=1)
    point.sequence.save()
    (point.storage_location,) = location.find([("code", "=", "STO")])
    (point.customer_location,) = location.find([("code", "=", "CUS")])
    point.save()
    cash = Model.get("sale.point.payment.method")(name="cash", cash=True)
    cash.account = accounts["cash"]
    cash.save()


def sell(seconds: float, number: int) -> None:
    """Prints how many sales were posted, their statements each, and how many had to be tried again."""
    import psycopg
    from trytond import backend
    from trytond.pool import Pool
    from trytond.transaction import Transaction, TransactionError

    name, chance = os.environ["DB_NAME"], random.Random(number)
    statements = [0]
    for cursor in (psycopg.Cursor, psycopg.ClientCursor):
        _count(cursor, statements)
    Pool.start()
    pool = Pool(name)
    pool.init()
    with Transaction().start(name, 1, readonly=True):
        company = pool.get("company.company").search([])[0].id
        with Transaction().set_context(company=company):
            point = pool.get("sale.point").search([])[0].id
            method = pool.get("sale.point.payment.method").search([])[0].id
            goods = [each.id for each in pool.get("product.product").search([])]
    print("ready", flush=True)
    sys.stdin.readline()
    sold = again = 0
    end = time.monotonic() + seconds
    statements[0] = 0
    while time.monotonic() < end:
        chosen, extras = chance.sample(goods, LINES), {}
        while (
            True
        ):  # as its server does: begun again when a table has to be locked first or somebody was faster
            try:
                with Transaction().start(name, 1, context={"company": company}, **extras) as transaction:
                    _sell_once(pool, point, method, chosen)
                    transaction.commit()
                break
            except TransactionError as error:
                error.fix(extras)
            except backend.DatabaseOperationalError:
                pass
            again += 1
        sold += 1
    print(sold, round(statements[0] / max(1, sold)), again)


def _sell_once(pool, point: int, method: int, chosen: list[int]) -> None:
    Sale, Payment = pool.get("sale.point.sale"), pool.get("sale.point.payment")
    sale = Sale(point=point, **Sale.default_get(["company", "date", "state"], with_rec_name=False))
    lines = []
    for product in chosen:
        line = pool.get("sale.point.sale.line")(sale=sale, product=product, quantity=1)
        line.on_change_product()
        line.sale = None
        lines.append(line)
    sale.lines = lines
    sale.save()
    Payment.create([{"sale": sale.id, "method": method, "amount": sale.total}])
    sale = Sale(sale.id)
    Sale.process([sale])
    Sale.post([Sale(sale.id)])


def _count(cursor, statements: list[int]) -> None:
    execute = cursor.execute

    def counted(self, *args, **kwargs):
        statements[0] += 1
        return execute(self, *args, **kwargs)

    cursor.execute = counted


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare"]:
            prepare()
        case ["sell", seconds, number]:
            sell(float(seconds), int(number))
