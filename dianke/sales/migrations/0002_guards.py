"""What keeps orders true whoever writes: what stands of money is never changed; and the functions that begin and write an
order in one statement each."""

# ruff: noqa: S608  only names of our own tables are put together

from __future__ import annotations

from collections.abc import Sequence

from django.db import migrations

REFUSE = """
CREATE FUNCTION sales_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: what was sold and paid stands', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Take it back by a return.';
END $$;
"""


def _keeps(table: str, changeable: Sequence[str], condition: str = "true") -> str:
    """Rows of the table change in these columns only, while the condition holds, and are never deleted."""
    free = " - ".join(["to_jsonb({row})", *(f"'{name}'" for name in changeable)])
    return f"""
CREATE TRIGGER sales_keeps BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN ({condition} AND {free.format(row="OLD")} IS DISTINCT FROM {free.format(row="NEW")})
    EXECUTE FUNCTION sales_refuse_change();
"""


def _stays(table: str) -> str:
    return f"""
CREATE TRIGGER sales_stays BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION sales_refuse_change();
"""


_ORDER_CHANGES = (
    "state",
    "stage_id",
    "due_date",
    "list_amount",
    "total_amount",
    "tax_amount",
    "earned_amount",
    "forfeited_amount",
    "paid_amount",
    "returned_amount",
    "deposit_kind",
    "deposit_amount",
    "coupon_ids",
    "used_points",
    "earned_points",
    "cart",
    "note",
    "revision",
    "approved_by_id",
    "approved_at",
    "closed_at",
    "closed_reason",
)
_LINE_CHANGES = (
    "fulfilled_quantity",
    "returned_quantity",
    "returned_amount",
    "returned_tax_amount",
    "cost",
    "earned_points",
)

GUARDS = (
    _keeps("sales_order", _ORDER_CHANGES)
    + """
-- What was sold and closed has its price for good.
CREATE TRIGGER sales_closed BEFORE UPDATE ON sales_order FOR EACH ROW
    WHEN (OLD.state = 'CLOSED' AND (OLD.total_amount, OLD.list_amount, OLD.tax_amount, OLD.state)
          IS DISTINCT FROM (NEW.total_amount, NEW.list_amount, NEW.tax_amount, NEW.state))
    EXECUTE FUNCTION sales_refuse_change();
"""
    + _stays("sales_order")
    + _keeps("sales_orderline", _LINE_CHANGES, "OLD.fulfilled_quantity > 0")
    + """
CREATE TRIGGER sales_stays BEFORE DELETE ON sales_orderline FOR EACH ROW WHEN (OLD.fulfilled_quantity > 0)
    EXECUTE FUNCTION sales_refuse_change();
"""
    + _keeps("sales_lineadjustment", ())
    + _keeps("sales_lineperson", ())
    + """
-- What explains the price of delivered goods goes only with the line, and that stays.
CREATE FUNCTION sales_of_delivered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT stores_demo_leaves() AND EXISTS (
        SELECT FROM sales_orderline AS l WHERE l.id = OLD.line_id AND l.fulfilled_quantity > 0) THEN
        RAISE EXCEPTION 'DELETE on % refused: the goods were delivered', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER sales_of_delivered BEFORE DELETE ON sales_lineadjustment
    FOR EACH ROW EXECUTE FUNCTION sales_of_delivered();
CREATE TRIGGER sales_of_delivered BEFORE DELETE ON sales_lineperson
    FOR EACH ROW EXECUTE FUNCTION sales_of_delivered();
-- The people of a line come in one statement, and their shares are the whole.
CREATE FUNCTION sales_whole_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM sales_lineperson AS p WHERE p.line_id IN (SELECT line_id FROM added)
               GROUP BY p.line_id HAVING sum(p.share_bp) <> 10000) THEN
        RAISE EXCEPTION 'the shares of a line are not the whole' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER sales_whole_shares AFTER INSERT ON sales_lineperson
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION sales_whole_shares();
"""
    + _keeps("sales_lineissue", ("returned_quantity",))
    + _stays("sales_lineissue")
    + _keeps("sales_payment", ("refunded_amount",), "OLD.state = 'TAKEN'")
    + """
CREATE TRIGGER sales_amount_stays BEFORE UPDATE ON sales_payment FOR EACH ROW
    WHEN ((OLD.uuid, OLD.order_id, OLD.tender_id, OLD.amount, OLD.position)
          IS DISTINCT FROM (NEW.uuid, NEW.order_id, NEW.tender_id, NEW.amount, NEW.position))
    EXECUTE FUNCTION sales_refuse_change();
"""
    + _stays("sales_payment")
    + _keeps("sales_refund", (), "OLD.state = 'DONE'")
    + """
CREATE TRIGGER sales_amount_stays BEFORE UPDATE ON sales_refund FOR EACH ROW
    WHEN ((OLD.uuid, OLD.order_id, OLD.payment_id, OLD.amount)
          IS DISTINCT FROM (NEW.uuid, NEW.order_id, NEW.payment_id, NEW.amount))
    EXECUTE FUNCTION sales_refuse_change();
"""
    + _stays("sales_refund")
    + _keeps("sales_salereturn", ())
    + _stays("sales_salereturn")
    + _keeps("sales_returnline", ())
    + _stays("sales_returnline")
    + _keeps("sales_orderchange", ())
    + _stays("sales_orderchange")
    + "ALTER TABLE sales_ordercounter SET (fillfactor = 60);\n"
)

BEGIN = """
-- Whoever sends the same sale a second time waits here until the first is through, and then finds it.
CREATE FUNCTION sales_begin(wanted uuid) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7306101, hashtext(wanted::text));
    RETURN (SELECT jsonb_build_object('id', o.id, 'digest', o.digest) FROM sales_order AS o WHERE o.uuid = wanted);
END $$;
"""


def _insert(table: str, source: str, columns: Sequence[str], given: dict[str, str], ending: str = "") -> str:
    """Rows of `batch -> source` into the table; `given` are columns worked out in SQL."""
    names = ", ".join([*given, *columns])
    values = ", ".join([*given.values(), *(f"r.{name}" for name in columns)])
    return (
        f"INSERT INTO {table} ({names}) SELECT {values}"
        f" FROM jsonb_populate_recordset(NULL::{table}, batch -> '{source}') AS r{ending}"
    )


ORDER_COLUMNS = [
    "uuid",
    "digest",
    "store_id",
    "legal_entity_id",
    "register_id",
    "shift_id",
    "device_id",
    "device_sequence",
    "channel",
    "customer_id",
    "state",
    "stage_id",
    "business_date",
    "occurred_at",
    "device_at",
    "recorded_at",
    "is_offline",
    "due_date",
    "currency",
    "list_amount",
    "total_amount",
    "tax_amount",
    "earned_amount",
    "forfeited_amount",
    "paid_amount",
    "returned_amount",
    "deposit_kind",
    "deposit_amount",
    "coupon_ids",
    "used_points",
    "earned_points",
    "cart",
    "note",
    "revision",
    "made_by_id",
    "approved_by_id",
    "approved_at",
    "closed_at",
    "closed_reason",
]
LINE_COLUMNS = [
    "position",
    "key",
    "kind",
    "variant_id",
    "piece_id",
    "name",
    "quantity",
    "list_price_amount",
    "list_amount",
    "paid_amount",
    "tax_rate_bp",
    "tax_amount",
    "is_gift",
    "earned_points",
    "cost",
    "fulfilled_quantity",
    "returned_quantity",
    "returned_amount",
    "returned_tax_amount",
    "data",
]
PAYMENT_COLUMNS = [
    "uuid",
    "position",
    "tender_id",
    "state",
    "amount",
    "tendered_amount",
    "change_amount",
    "refunded_amount",
    "reference",
    "register_id",
    "shift_id",
    "business_date",
    "taken_at",
    "user_id",
    "problem",
    "data",
]

_OF_LINE = "(line_ids ->> (r.line_id)::text)::bigint"

WRITE = f"""
-- Writes an order with everything that is part of it. Rows of lines are named by the position of their line (`line_id`).
-- The number is taken here, at the end of the sale: whoever sells in the same store waits for it until the commit.
CREATE FUNCTION sales_write(batch jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    head jsonb := batch -> 'order';
    made_id bigint;
    line_ids jsonb := '{{}}';
    payment_ids jsonb := '{{}}';
    given int;
    made_number text;
BEGIN
    INSERT INTO sales_ordercounter AS c (store_id, kind, day, last)
    VALUES ((head ->> 'store_id')::bigint, batch ->> 'kind', (head ->> 'business_date')::date, 1)
    ON CONFLICT (store_id, kind, day) DO UPDATE SET last = c.last + 1 RETURNING last INTO given;
    made_number := (batch ->> 'prefix') || lpad(given::text, greatest(4, length(given::text)), '0');
    INSERT INTO sales_order (number, {", ".join(ORDER_COLUMNS)})
    SELECT made_number, {", ".join(f"r.{name}" for name in ORDER_COLUMNS)}
    FROM jsonb_populate_record(NULL::sales_order, head) AS r RETURNING id INTO made_id;
    WITH made AS (
        {
    _insert("sales_orderline", "lines", LINE_COLUMNS, {"order_id": "made_id"}, " RETURNING id, position")
})
    SELECT coalesce(jsonb_object_agg(made.position, made.id), '{{}}') INTO line_ids FROM made;
    {
    _insert(
        "sales_lineadjustment",
        "adjustments",
        ["position", "stage", "source", "reason", "values", "amount"],
        {"line_id": _OF_LINE},
    )
};
    {_insert("sales_lineperson", "people", ["user_id", "share_bp"], {"line_id": _OF_LINE})};
    {
    _insert(
        "sales_lineissue",
        "issues",
        ["movement_id", "variant_id", "quantity", "value", "is_consumed", "returned_quantity"],
        {"line_id": _OF_LINE},
    )
};
    WITH made AS (
        {
    _insert("sales_payment", "payments", PAYMENT_COLUMNS, {"order_id": "made_id"}, " RETURNING id, position")
})
    SELECT coalesce(jsonb_object_agg(made.position, made.id), '{{}}') INTO payment_ids FROM made;
    {
    _insert(
        "sales_orderchange",
        "changes",
        ["kind", "before", "after", "data", "at", "user_id"],
        {"order_id": "made_id"},
    )
};
    {
    _insert(
        "sales_orderexception",
        "exceptions",
        ["store_id", "kind", "amount", "data", "at", "outcome"],
        {"order_id": "made_id"},
    )
};
    {_insert("sales_instalment", "instalments", ["position", "due_date", "amount"], {"order_id": "made_id"})};
    RETURN jsonb_build_object('id', made_id, 'number', made_number, 'lines', line_ids, 'payments', payment_ids);
END $$;
"""

BACK = """
DROP FUNCTION sales_begin, sales_write;
DROP FUNCTION sales_refuse_change, sales_of_delivered, sales_whole_shares CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial"), ("stores", "0005_demo_leaves")]
    reviewed = {"raw-sql": "triggers and functions on the tables 0001 has just made, still empty"}
    operations = [migrations.RunSQL(REFUSE + GUARDS + BEGIN + WRITE, BACK)]
