"""The database refuses what stock forbids, whoever writes; and the proof finds what got in past it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from dianke.core.actor import SYSTEM
from dianke.inventory import operations as stock
from dianke.inventory import queries
from dianke.inventory.models import Balance, Document, PeriodLock
from dianke.inventory.tests.shop import TODAY, D, Shop

pytestmark = pytest.mark.django_db

APPEND_ONLY = "23001"  # restrict_violation
CHECK = "23514"


@pytest.fixture
def posted(shop: Shop, now) -> stock.Posted:
    """Ten scarves of which three are sold and one is kept, a batch, and a ring; October is folded."""
    shop.receive(shop.scarf, 10, 20, business_date=date(2026, 10, 20))
    shop.receive(shop.cream, 4, 9, batch_code="B1", expires_on=date(2027, 1, 1))
    ring = shop.piece("R1")
    shop.receive(shop.ring, 1, 5000, piece_id=ring.pk)
    wanted = [stock.Wanted("order:1", shop.scarf.pk, shop.shelf(), D(1))]
    shop.do(stock.reserve, wanted=wanted, expires_at=None)
    sale = shop.sell(shop.scarf, 3)
    shop.give_back(sale, 1)
    stock.fold_closings(legal_entity=shop.lake.legal_entity, actor=SYSTEM, now=now)
    with connection.cursor() as cursor:  # as if committed: nothing waits to be checked
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return sale


def execute(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def refused(*statements: str) -> str:
    """The SQLSTATE with which the database refuses the statements."""
    with pytest.raises(DatabaseError) as error:
        execute(*statements)
    return error.value.__cause__.sqlstate


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE inventory_document SET note = 'x'",
        "UPDATE inventory_document SET number = 'x' WHERE number IS NOT NULL",
        "DELETE FROM inventory_document",
        "TRUNCATE inventory_document CASCADE",
        "UPDATE inventory_movement SET quantity = quantity + 1",
        "DELETE FROM inventory_movement",
        "TRUNCATE inventory_movement CASCADE",
        "UPDATE inventory_costentry SET value_change = 0",
        "DELETE FROM inventory_costentry",
        "TRUNCATE inventory_costentry",
    ],
)
def test_what_moved_stock_is_never_changed(posted: stock.Posted, statement: str):
    assert refused(statement) == APPEND_ONLY


def movement(document: int, shop: Shop, of: int, to: int, quantity: str = "1", piece: str = "NULL") -> str:
    return (
        "INSERT INTO inventory_movement (document_id, line, variant_id, piece_id, from_place_id, to_place_id,"
        f" quantity, occurred_at, business_date, reason) VALUES ({document}, 99, {shop.scarf.pk}, {piece}, {of},"
        f" {to}, {quantity}, now(), '{TODAY}', '')"
    )


def document(reference: str, shop: Shop, reverses: str = "NULL", day: date = TODAY) -> str:
    return (
        "INSERT INTO inventory_document (uuid, kind, reference, digest, store_id, legal_entity_id, business_date,"
        f" occurred_at, recorded_at, operation, note, reverses_id) VALUES (gen_random_uuid(), 'SALE', '{reference}',"
        f" '', {shop.lake.pk}, {shop.lake.legal_entity_id}, '{day}', now(), now(), '', '', {reverses})"
    )


def test_nothing_is_added_to_a_document_that_stands(shop: Shop, posted: stock.Posted):
    statement = movement(posted.document_id, shop, shop.outside("SUPPLIER").pk, shop.shelf().pk)
    assert refused(statement) == "DKI03"
    assert refused(statement.replace(f"({posted.document_id},", "(999999999,")) == "DKI03"


def test_whoever_writes_movements_moves_the_balances(shop: Shop, posted: stock.Posted):
    here = transaction.savepoint()
    execute(document("by hand", shop))
    pk = Document.objects.get(reference="by hand").pk
    execute(movement(pk, shop, shop.outside("SUPPLIER").pk, shop.warehouse.pk, "4"))
    shop.assert_on_hand(shop.scarf, 4, shop.warehouse)
    transaction.savepoint_rollback(here)  # the costs are missing: it may not stay


def test_a_balance_below_zero_is_refused_by_constraint(shop: Shop, posted: stock.Posted):
    assert refused(f"UPDATE inventory_balance SET quantity = -1 WHERE variant_id = {shop.scarf.pk}") == CHECK
    assert refused("UPDATE inventory_balance SET reserved = -1") == CHECK


def test_a_reference_is_taken_once_and_an_original_reversed_once(shop: Shop, posted: stock.Posted):
    first = Document.objects.get(pk=posted.document_id)
    assert refused(document(first.reference, shop)) == "23505"
    other = shop.receive(shop.scarf, 1, 1)
    undone = shop.reverse(other)
    assert refused(document("again", shop, str(other.document_id))) == "23505"
    assert refused(document("undo undo", shop, str(undone.document_id))) == "DKI03"


def test_the_database_refuses_documents_in_a_locked_period(shop: Shop, now, posted: stock.Posted):
    stock.lock_period(
        legal_entity=shop.lake.legal_entity, locked_through=TODAY - timedelta(days=1), actor=SYSTEM, now=now
    )
    assert refused(document("late", shop, day=TODAY - timedelta(days=1))) == "DKI02"


def break_in(*statements: str) -> None:
    """As someone who may switch triggers and constraints off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.stock_unsound
@pytest.mark.parametrize(
    ("statement", "checks"),
    [
        ("UPDATE inventory_movement SET variant_id = 10^9 WHERE id = {m}", {"complete", "balance"}),
        ("UPDATE inventory_balance SET quantity = quantity + 1 WHERE id = {b}", {"balance", "valued"}),
        ("UPDATE inventory_balance SET reserved = reserved + 1 WHERE id = {b}", {"reserved"}),
        ("UPDATE inventory_pieceat SET place_id = {road}", {"holder"}),
        ("UPDATE inventory_costentry SET value_change = value_change + 1 WHERE id = {e}", {"value"}),
        ("UPDATE inventory_coststate SET value = value + 1 WHERE variant_id = {scarf}", {"value"}),
        (
            "UPDATE inventory_coststate SET quantity = quantity + 1 WHERE variant_id = {scarf}",
            {"value", "valued"},
        ),
        ("UPDATE inventory_coststate SET value = -1 WHERE variant_id = {scarf}", {"value", "worthless"}),
        (
            "UPDATE inventory_document SET reverses_id = {d} WHERE id <> {d} AND kind = 'SALE_RETURN'",
            {"reversal"},
        ),
        ("UPDATE inventory_movement SET origin_id = {m} WHERE quantity > 3", {"given back"}),
        ("UPDATE inventory_document SET business_date = '2026-01-01' WHERE id = {d}", {"locked"}),
        ("UPDATE inventory_stockclosing SET quantity = quantity + 1", {"closing"}),
        ("UPDATE inventory_costclosing SET value = value + 1", {"closing"}),
        ("UPDATE inventory_documentcounter SET last = last + 1", {"numbers"}),
        ("ALTER TABLE inventory_movement DISABLE TRIGGER inventory_append_only", {"guards"}),
        ("ALTER TABLE inventory_balance DROP CONSTRAINT inventory_balance_not_negative", {"guards"}),
    ],
)
def test_the_proof_finds(shop: Shop, now, posted: stock.Posted, statement: str, checks: set[str]):
    assert queries.verify() == []
    PeriodLock.objects.create(
        legal_entity=shop.lake.legal_entity,
        locked_through=date(2026, 9, 30),
        last_document_id=0,
        locked_at=now,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM inventory_costentry")
        (entry,) = cursor.fetchone()
    break_in(
        statement.format(
            m=posted.movement_ids[0], b=Balance.objects.get(variant=shop.scarf).pk, d=posted.document_id, e=entry,
            road=shop.shelf(shop.road).pk, scarf=shop.scarf.pk,
        )
    )  # fmt: skip
    lines: list[str] = []
    findings = queries.verify(lines.append)
    assert {finding.check for finding in findings} == checks
    assert sum(line.startswith("✗") for line in lines) == len(checks)
