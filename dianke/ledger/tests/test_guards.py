"""The database refuses what the ledger forbids, whoever writes; and the proof finds what got in past it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from dianke.ledger import operations as ledger
from dianke.ledger import queries
from dianke.ledger.models import Account, AccountBalance, BalanceSnapshot, Closing, Lot, Posting, Transaction
from dianke.ledger.tests.books import TODAY, Books

pytestmark = pytest.mark.django_db


@pytest.fixture
def posted(books: Books, now: datetime) -> ledger.Posted:
    """A wallet with 100.00, a lot of 50 points with 20 spent."""
    books.grant("points", 50, now + timedelta(days=10))
    books.redeem("gift", 20)
    top_up = books.post("top-up", (books.cash, 100_00), (books.principal, 100_00))
    with connection.cursor() as cursor:  # as if committed: nothing waits to be checked
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return top_up


def execute(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(*statements: str) -> str:
    """The SQLSTATE with which the database refuses the statements."""
    with pytest.raises(DatabaseError) as error:
        execute(*statements)
    return error.value.__cause__.sqlstate


def new(reference: str, *, day: str = str(TODAY), reverses: str = "NULL") -> str:
    return (
        "INSERT INTO ledger_transaction (reference, digest, kind, business_date, recorded_at, operation, memo,"
        f" reverses_id) VALUES ('{reference}', '', 'x', '{day}', now(), '', '{{}}', {reverses})"
    )


def lines(reference: str, *amounts: tuple[Account, int], unit: str | None = None) -> str:
    values = ", ".join(
        f"((SELECT id FROM ledger_transaction WHERE reference = '{reference}'), {a.pk}, '{unit or a.unit}', {amount})"
        for a, amount in amounts
    )
    return f"INSERT INTO ledger_posting (transaction_id, account_id, unit, amount) VALUES {values}"


APPEND_ONLY = "23001"  # restrict_violation
CHECK = "23514"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transaction SET memo = '{\"x\": 1}'",
        "DELETE FROM ledger_transaction",
        "TRUNCATE ledger_transaction CASCADE",
        "UPDATE ledger_posting SET amount = amount * 2",
        "DELETE FROM ledger_posting",
        "TRUNCATE ledger_posting",
        "UPDATE ledger_lotchange SET quantity = 1",
        "DELETE FROM ledger_lotchange",
        "TRUNCATE ledger_lotchange",
        "UPDATE ledger_lot SET expires_at = now()",
        "UPDATE ledger_lot SET quantity = 1000",
        "DELETE FROM ledger_lot",
        "TRUNCATE ledger_lot CASCADE",
        "UPDATE ledger_account SET unit = 'USD'",
        "UPDATE ledger_account SET side = -side",
        "UPDATE ledger_account SET floor = NULL WHERE floor IS NOT NULL",
        "UPDATE ledger_account SET floor = 0 WHERE floor IS NULL",
        "DELETE FROM ledger_account",
        "TRUNCATE ledger_account CASCADE",
        "DELETE FROM ledger_accountbalance",
    ],
)
def test_what_is_posted_is_never_changed(posted: ledger.Posted, statement: str):
    assert refused(statement) == APPEND_ONLY


def test_a_transaction_that_does_not_balance_is_refused_at_commit(books: Books, posted: ledger.Posted):
    assert refused(new("x"), lines("x", (books.cash, 10), (books.revenue, 9))) == "DKL04"
    assert refused(new("x"), lines("x", (books.cash, 10), (books.points, 10))) == "DKL04"
    execute(new("x"), lines("x", (books.cash, 10), (books.revenue, 10)))


def test_books_of_two_legal_entities_balance_each_by_itself(
    books: Books, now: datetime, posted: ledger.Posted
):
    other = Books(now, entity=7)
    assert refused(new("x"), lines("x", (books.cash, 10), (other.revenue, 10))) == "DKL04"


def test_a_transaction_without_postings_is_refused_at_commit(posted: ledger.Posted):
    assert refused(new("x")) == "DKL04"


def test_a_posting_in_another_unit_than_its_account_is_refused(books: Books, posted: ledger.Posted):
    assert refused(new("x"), lines("x", (books.cash, 10), (books.revenue, 10), unit="USD")) == "DKL03"


def test_a_posting_on_an_account_that_does_not_exist_is_refused(books: Books, posted: ledger.Posted):
    ghost = Account(pk=10**9, unit="CNY")
    assert refused(new("x"), lines("x", (books.cash, 10), (ghost, 10))) == "DKL03"


def test_nothing_is_added_to_a_transaction_that_stands(books: Books, posted: ledger.Posted):
    assert refused(lines("top-up", (books.bonus, 5), (books.bonus_expense, 5))) == "DKL03"


def test_postings_of_a_transaction_come_in_one_statement_so_that_none_escapes_the_check(
    books: Books, posted: ledger.Posted
):
    assert (
        refused(
            new("x"),
            lines("x", (books.cash, 10), (books.revenue, 10)),
            "SET CONSTRAINTS ALL IMMEDIATE",
            lines("x", (books.bonus, 5)),
        )
        == "DKL03"
    )
    assert refused(new("x"), "SET CONSTRAINTS ALL IMMEDIATE", lines("x", (books.cash, 10))) == "DKL04"


def test_lots_of_a_transaction_that_stands_do_not_change(books: Books, posted: ledger.Posted):
    lot = Lot.objects.get()
    statement = "INSERT INTO ledger_lotchange (transaction_id, lot_id, quantity) VALUES (%s, %s, -5)"
    assert refused(statement % (posted.transaction_id, lot.pk)) == "DKL03"


def test_points_posted_without_their_lots_are_refused(books: Books, posted: ledger.Posted):
    assert refused(new("x"), lines("x", (books.points, 5), (books.issued, 5))) == "DKL04"


def test_more_than_a_lot_holds_cannot_leave_it(books: Books, posted: ledger.Posted):
    lot = Lot.objects.get()
    change = (
        "INSERT INTO ledger_lotchange (transaction_id, lot_id, quantity)"
        f" SELECT id, {lot.pk}, -31 FROM ledger_transaction WHERE reference = 'x'"
    )
    assert refused(new("x"), change) == CHECK


def test_a_balance_below_its_floor_is_refused_by_posting_and_by_constraint(
    books: Books, posted: ledger.Posted
):
    entry = lines("x", (books.principal, -100_01), (books.revenue, 100_01))
    assert refused(new("x"), entry) == "DKL01"
    assert (
        refused(f"UPDATE ledger_accountbalance SET balance = -1 WHERE account_id = {books.principal.pk}")
        == CHECK
    )


def test_a_reference_is_taken_once_and_an_original_reversed_once(books: Books, posted: ledger.Posted):
    unique = "23505"
    assert refused(new("top-up")) == unique
    books.reverse(posted.transaction_id, "undo")
    assert refused(new("undo 2", reverses=str(posted.transaction_id))) == unique


def test_the_database_refuses_to_reverse_a_reversal(books: Books, posted: ledger.Posted):
    undone = books.reverse(posted.transaction_id, "undo").posted
    assert refused(new("undo undo", reverses=str(undone.transaction_id))) == "DKL06"


def test_numbers_of_transactions_come_from_the_database_alone(posted: ledger.Posted):
    statement = new("x").replace("(reference", "(id, reference").replace("('x'", "(999999, 'x'")
    assert refused(statement) == "428C9"  # generated_always


def test_a_crash_between_postings_and_commit_leaves_nothing(books: Books, posted: ledger.Posted):
    class Crash(Exception):
        pass

    def half(**usual):
        entries = [ledger.Entry(books.cash, 5_00), ledger.Entry(books.principal, 5_00)]
        ledger.post(kind="x", reference="half", entries=entries, **usual)
        books.assert_balances(cash=105_00, principal=105_00)
        raise Crash

    with pytest.raises(Crash), transaction.atomic():
        books.do(half)
    books.assert_balances(cash=100_00, principal=100_00)
    assert not Transaction.objects.filter(reference="half").exists()
    assert not books.post("half", (books.cash, 5_00), (books.principal, 5_00)).is_repeat


def break_in(*statements: str) -> None:
    """As someone who may switch triggers and constraints off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.ledger_unsound
@pytest.mark.parametrize(
    ("statement", "checks"),
    [
        (
            "UPDATE ledger_posting SET amount = amount + 1 WHERE account_id = {cash}",
            {"balanced", "trial", "snapshot"},
        ),
        ("DELETE FROM ledger_posting WHERE transaction_id = {t}", {"complete", "balance", "snapshot"}),
        ("UPDATE ledger_posting SET unit = 'USD' WHERE account_id = {cash}", {"unit", "balanced", "trial"}),
        (
            "UPDATE ledger_accountbalance SET balance = balance + 1 WHERE account_id = {principal}",
            {"balance"},
        ),
        ("UPDATE ledger_account SET floor = -5 WHERE id = {principal}", {"floor"}),
        ("UPDATE ledger_balancesnapshot SET balance = balance + 1 WHERE account_id = {cash}", {"snapshot"}),
        ("UPDATE ledger_lot SET remaining = remaining - 1", {"lot"}),
        (
            "UPDATE ledger_lotchange SET quantity = quantity + 1 WHERE quantity < 0",
            {"lot", "lots of postings"},
        ),
        ("UPDATE ledger_transaction SET business_date = '2026-10-31' WHERE id = {t}", {"closed"}),
        ("UPDATE ledger_transaction SET reverses_id = {gift} WHERE id = {t}", {"reversal"}),
        ("ALTER TABLE ledger_posting DISABLE TRIGGER ledger_append_only", {"guards"}),
        ("DROP INDEX ledger_transaction_reversed_once", {"guards"}),
    ],
)
def test_the_proof_finds(
    books: Books, now: datetime, posted: ledger.Posted, statement: str, checks: set[str]
):
    books.do(lambda **usual: ledger.fold_balances(actor=usual["actor"], now=now))
    Closing.objects.create(
        closed_before="2026-11-01", last_transaction_id=posted.transaction_id - 1, closed_at=now
    )
    assert queries.verify() == []
    gift = Transaction.objects.get(reference="gift").pk
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    break_in(
        statement.format(cash=books.cash.pk, principal=books.principal.pk, t=posted.transaction_id, gift=gift)
    )
    lines: list[str] = []
    findings = queries.verify(lines.append)
    assert {finding.check for finding in findings} == checks
    assert sum(line.startswith("✗") for line in lines) == len(checks)


def test_accounts_open_once_and_a_guarded_one_has_its_row(books: Books):
    assert books.open("cash") == books.open("cash") == books.cash
    assert books.open("cash", store_id=2) != books.cash
    assert AccountBalance.objects.get(account=books.principal).balance == 0
    assert not AccountBalance.objects.filter(account=books.cash).exists()
    with pytest.raises(ledger.UnknownAccountCode):
        books.open("piggy_bank")


def test_many_accounts_open_in_three_statements_and_are_found_in_one(books: Books, django_assert_num_queries):
    specs = [ledger.AccountSpec("customer_points", "POINTS", f"customers.account:{n}", floor=0, has_lots=True)
             for n in range(200)]  # fmt: skip

    def open_all(statements, **_):
        with django_assert_num_queries(statements):
            return ledger.open_accounts(specs=specs)

    opened = books.do(open_all, statements=3)
    assert [a.holder for a in opened] == [spec.holder for spec in specs]
    assert books.do(open_all, statements=1) == opened


def test_a_credit_limit_is_a_floor_below_zero(books: Books):
    credit = books.open("wallet_principal", holder="customers.account:9", floor=0)
    books.do(lambda **_: ledger.change_floor(account=credit, floor=-50_00))
    books.post("on credit", (credit, -30_00), (books.revenue, 30_00))
    assert queries.balance(credit) == -30_00
    with pytest.raises(ledger.FloorAboveBalance):
        books.do(lambda **_: ledger.change_floor(account=credit, floor=-20_00))
    with pytest.raises(ledger.BalanceTooLow):
        books.post("too much", (credit, -20_01), (books.revenue, 20_01))


def test_what_cannot_be_meant_is_refused_by_name(books: Books, now: datetime):
    with pytest.raises(ledger.Unbalanced, match=r"0\.01 CNY"):
        books.post("x", (books.cash, 10), (books.revenue, 9))
    with pytest.raises(ledger.NothingPosted):
        books.post("x", (books.cash, 10), (books.cash, -10))
    with pytest.raises(ledger.MixedLots):
        books.post("x", (books.points, 10), (books.points, -5), (books.issued, 5))
    assert not Posting.objects.exists()
    assert not BalanceSnapshot.objects.exists()
