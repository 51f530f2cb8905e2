"""Deliveries and installations with their windows, crews, history and proof; old gold taken in part payment."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import dianke.core.encrypted_fields.kinds
import dianke.core.ids

GUARDS = """
CREATE TRIGGER sales_append_only BEFORE UPDATE OR DELETE ON sales_deliverychange
    FOR EACH ROW EXECUTE FUNCTION sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON sales_deliverychange
    FOR EACH STATEMENT EXECUTE FUNCTION sales_refuse_change();
CREATE TRIGGER sales_append_only BEFORE UPDATE OR DELETE ON sales_oldgold
    FOR EACH ROW EXECUTE FUNCTION sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON sales_oldgold
    FOR EACH STATEMENT EXECUTE FUNCTION sales_refuse_change();
-- What was delivered or called off stands; only what names the person may be blanked when they are erased.
CREATE TRIGGER sales_keeps BEFORE UPDATE ON sales_delivery FOR EACH ROW
    WHEN (OLD.state IN ('DELIVERED', 'CANCELLED')
          AND to_jsonb(OLD) - '{street_sealed,receiver_sealed,phone_sealed,note_sealed,taken_by_sealed,task_id}'::text[]
              IS DISTINCT FROM to_jsonb(NEW) - '{street_sealed,receiver_sealed,phone_sealed,note_sealed,taken_by_sealed,task_id}'::text[])
    EXECUTE FUNCTION sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON sales_delivery FOR EACH ROW EXECUTE FUNCTION sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON sales_delivery
    FOR EACH STATEMENT EXECUTE FUNCTION sales_refuse_change();
-- No more of a line is on its way than is still to be delivered.
CREATE FUNCTION sales_planned_within() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_delivery bigint := (to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'sales_delivery' THEN 'id' ELSE 'delivery_id' END);
BEGIN
    IF EXISTS (
        SELECT 1 FROM sales_deliveryline AS own
        JOIN sales_orderline AS line ON line.id = own.line_id
        JOIN sales_deliveryline AS planned ON planned.line_id = line.id
        JOIN sales_delivery AS trip ON trip.id = planned.delivery_id
        WHERE own.delivery_id = of_delivery AND trip.kind = 'DELIVERY'
          AND trip.state IN ('PLANNED', 'LOADED', 'UNDER_WAY')
        GROUP BY line.id, line.quantity, line.fulfilled_quantity
        HAVING sum(planned.quantity) + line.fulfilled_quantity > line.quantity
    ) THEN
        RAISE EXCEPTION 'more is on its way than is still to be delivered' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER sales_planned_within AFTER INSERT OR UPDATE ON sales_deliveryline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sales_planned_within();
CREATE CONSTRAINT TRIGGER sales_planned_within AFTER UPDATE OF state ON sales_delivery
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sales_planned_within();
"""
BACK = """
DROP TRIGGER sales_append_only ON sales_deliverychange;
DROP TRIGGER sales_no_truncate ON sales_deliverychange;
DROP TRIGGER sales_append_only ON sales_oldgold;
DROP TRIGGER sales_no_truncate ON sales_oldgold;
DROP TRIGGER sales_keeps ON sales_delivery;
DROP TRIGGER sales_stays ON sales_delivery;
DROP TRIGGER sales_no_truncate ON sales_delivery;
DROP FUNCTION sales_planned_within CASCADE;
"""


class Migration(migrations.Migration):
    reviewed = {
        "raw-sql": "triggers on the tables this migration makes, still empty",
    }

    dependencies = [
        ("catalog", "0004_names_begin"),
        ("core", "0001_initial"),
        ("customers", "0011_fill_six_digits"),
        ("sales", "0003_register_guards"),
        ("stores", "0005_demo_leaves"),
        ("work", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="tender",
            name="account",
            field=models.CharField(
                choices=[
                    ("cash", "Cash in the drawer"),
                    ("clearing", "Under way through a channel"),
                    ("bank", "Bank account"),
                    ("wallet", "Stored value of the customer"),
                    ("exchange", "Goods given back in exchange"),
                    ("receivable", "Owed by the customer"),
                    ("old_metal", "Old gold taken in"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="DeliveryCrew",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=30, verbose_name="name")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "members",
                    models.ManyToManyField(
                        related_name="delivery_crews", to=settings.AUTH_USER_MODEL, verbose_name="people"
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.store",
                        verbose_name="store",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery crew",
                "verbose_name_plural": "delivery crews",
                "ordering": ["store", "name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "uuid",
                    models.UUIDField(
                        default=dianke.core.ids.uuid7, editable=False, unique=True, verbose_name="id"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("DELIVERY", "Delivery"), ("INSTALLATION", "Installation")],
                        default="DELIVERY",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("LOADED", "Loaded"),
                            ("UNDER_WAY", "On the way"),
                            ("DELIVERED", "Done"),
                            ("FAILED", "Not delivered"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PLANNED",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No reason"),
                            ("NOBODY_THERE", "Nobody was there"),
                            ("NOT_REACHED", "Customer could not be reached"),
                            ("ADDRESS_WRONG", "Address is wrong"),
                            ("REFUSED", "Customer did not accept it"),
                            ("DAMAGED", "Goods are damaged"),
                            ("DOES_NOT_FIT", "Does not fit through or cannot be installed"),
                            ("NO_TIME", "There was no time left"),
                            ("OTHER", "Something else"),
                        ],
                        default="",
                        max_length=13,
                        verbose_name="why not",
                    ),
                ),
                ("province", models.CharField(blank=True, max_length=30, verbose_name="province")),
                ("city", models.CharField(blank=True, max_length=30, verbose_name="city")),
                ("district", models.CharField(blank=True, max_length=30, verbose_name="district")),
                (
                    "street",
                    dianke.core.encrypted_fields.kinds.EncryptedTextField(
                        blank=True, null=True, verbose_name="street and house"
                    ),
                ),
                (
                    "receiver",
                    dianke.core.encrypted_fields.kinds.EncryptedTextField(
                        blank=True, null=True, verbose_name="receiver"
                    ),
                ),
                (
                    "phone",
                    dianke.core.encrypted_fields.kinds.EncryptedTextField(
                        blank=True, null=True, verbose_name="receiver's phone"
                    ),
                ),
                (
                    "note",
                    dianke.core.encrypted_fields.kinds.EncryptedTextField(
                        blank=True, null=True, verbose_name="note for the crew"
                    ),
                ),
                (
                    "taken_by",
                    dianke.core.encrypted_fields.kinds.EncryptedTextField(
                        blank=True, null=True, verbose_name="taken by"
                    ),
                ),
                ("is_signed", models.BooleanField(default=False, verbose_name="signed")),
                ("made_at", models.DateTimeField(verbose_name="planned at")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.customer",
                        verbose_name="customer",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="done by",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.datakey",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="sales.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.store",
                        verbose_name="store",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="work.task",
                    ),
                ),
                (
                    "crew",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.deliverycrew",
                        verbose_name="crew",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery",
                "verbose_name_plural": "deliveries",
                "ordering": ["day", "slot__from_time", "id"],
            },
        ),
        migrations.CreateModel(
            name="DeliveryLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="quantity")),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="sales.delivery"
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="delivery_lines",
                        to="sales.orderline",
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a delivery",
                "ordering": ["delivery", "line__position", "id"],
            },
        ),
        migrations.CreateModel(
            name="DeliveryProof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=dianke.core.ids.uuid7, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("SIGNATURE", "Signature"), ("PHOTO", "Photo")],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("content_type", models.CharField(max_length=40)),
                ("size", models.PositiveIntegerField()),
                ("added_at", models.DateTimeField(verbose_name="taken at")),
                ("erased_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="sales.delivery",
                    ),
                ),
                (
                    "key",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.datakey",
                    ),
                ),
            ],
            options={
                "verbose_name": "proof of a delivery",
                "ordering": ["delivery", "id"],
            },
        ),
        migrations.CreateModel(
            name="DeliverySetting",
            fields=[
                (
                    "store",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="stores.store",
                    ),
                ),
                ("needs_signature", models.BooleanField(default=True, verbose_name="Ask for a signature")),
                ("needs_photo", models.BooleanField(default=False, verbose_name="Ask for a photo")),
                (
                    "tells_customers",
                    models.BooleanField(default=True, verbose_name="Tell customers how their order goes on"),
                ),
                (
                    "gold_lock_hours",
                    models.PositiveSmallIntegerField(
                        default=24, verbose_name="A price of the day is kept for (hours)"
                    ),
                ),
                (
                    "old_gold_loss_bp",
                    models.PositiveIntegerField(default=0, verbose_name="Loss in melting old gold"),
                ),
            ],
            options={
                "verbose_name": "rules of deliveries",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("gold_lock_hours__gte", 1),
                            ("gold_lock_hours__lte", 720),
                            ("old_gold_loss_bp__lte", 10000),
                        ),
                        name="sales_deliverysetting_range",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliverySlot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=20, verbose_name="name")),
                ("from_time", models.TimeField(verbose_name="from")),
                ("to_time", models.TimeField(verbose_name="to")),
                ("capacity", models.PositiveSmallIntegerField(verbose_name="deliveries at most")),
                ("weekdays", models.PositiveSmallIntegerField(default=127, verbose_name="days of the week")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.store",
                        verbose_name="store",
                    ),
                ),
            ],
            options={
                "verbose_name": "window for deliveries",
                "verbose_name_plural": "windows for deliveries",
                "ordering": ["store", "from_time", "id"],
            },
        ),
        migrations.CreateModel(
            name="DeliveryChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PLANNED", "Planned"),
                            ("LOADED", "Loaded"),
                            ("UNDER_WAY", "On the way"),
                            ("DELIVERED", "Done"),
                            ("FAILED", "Not delivered"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No reason"),
                            ("NOBODY_THERE", "Nobody was there"),
                            ("NOT_REACHED", "Customer could not be reached"),
                            ("ADDRESS_WRONG", "Address is wrong"),
                            ("REFUSED", "Customer did not accept it"),
                            ("DAMAGED", "Goods are damaged"),
                            ("DOES_NOT_FIT", "Does not fit through or cannot be installed"),
                            ("NO_TIME", "There was no time left"),
                            ("OTHER", "Something else"),
                        ],
                        default="",
                        max_length=13,
                        verbose_name="why",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("at", models.DateTimeField(verbose_name="when")),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="sales.delivery",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "crew",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.deliverycrew",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.deliveryslot",
                    ),
                ),
            ],
            options={
                "verbose_name": "step of a delivery",
                "ordering": ["delivery", "id"],
            },
        ),
        migrations.AddField(
            model_name="delivery",
            name="slot",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="sales.deliveryslot",
                verbose_name="window",
            ),
        ),
        migrations.CreateModel(
            name="OldGold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=dianke.core.ids.uuid7, editable=False, unique=True)),
                ("number", models.CharField(max_length=40, unique=True, verbose_name="number")),
                ("description", models.CharField(max_length=120, verbose_name="what it is")),
                ("metal", models.CharField(max_length=12, verbose_name="metal")),
                ("fineness", models.PositiveSmallIntegerField(verbose_name="tested fineness")),
                ("weight_mg", models.PositiveBigIntegerField(verbose_name="tested weight (mg)")),
                ("loss_bp", models.PositiveIntegerField(default=0, verbose_name="loss")),
                ("price_amount", models.BigIntegerField(verbose_name="price per gram")),
                ("price_fineness", models.PositiveSmallIntegerField(verbose_name="fineness of the price")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="why another price")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("taken_at", models.DateTimeField(verbose_name="taken in")),
                (
                    "day_price",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.dayprice",
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="old_gold",
                        to="sales.order",
                        verbose_name="order",
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="sales.payment",
                        verbose_name="payment",
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.store",
                        verbose_name="store",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "old gold",
                "verbose_name_plural": "old gold",
                "ordering": ["-taken_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="SlotDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("capacity", models.PositiveSmallIntegerField(verbose_name="deliveries at most")),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="sales.deliveryslot",
                    ),
                ),
            ],
            options={
                "verbose_name": "day of a window for deliveries",
            },
        ),
        migrations.AddConstraint(
            model_name="deliverycrew",
            constraint=models.UniqueConstraint(fields=("store", "name"), name="sales_deliverycrew_once"),
        ),
        migrations.AddConstraint(
            model_name="deliveryline",
            constraint=models.UniqueConstraint(fields=("delivery", "line"), name="sales_deliveryline_once"),
        ),
        migrations.AddConstraint(
            model_name="deliveryline",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="sales_deliveryline_quantity"
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveryproof",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "SIGNATURE")),
                fields=("delivery",),
                name="sales_deliveryproof_signed_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="deliveryslot",
            constraint=models.UniqueConstraint(fields=("store", "name"), name="sales_deliveryslot_once"),
        ),
        migrations.AddConstraint(
            model_name="deliveryslot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("to_time__gt", models.F("from_time")), ("weekdays__gte", 1), ("weekdays__lte", 127)
                ),
                name="sales_deliveryslot_forward",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["store", "-day", "-id"], name="sales_delivery_of_store"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["crew", "day"], name="sales_delivery_of_crew"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state__in", ["DELIVERED", "CANCELLED"]), _negated=True),
                fields=["day", "store"],
                name="sales_delivery_open",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["slot", "day"], name="sales_delivery_of_slot"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["DELIVERY", "INSTALLATION"]),
                    ("state__in", ["PLANNED", "LOADED", "UNDER_WAY", "DELIVERED", "FAILED", "CANCELLED"]),
                ),
                name="sales_delivery_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", False), ("state", "DELIVERED")),
                    models.Q(models.Q(("state", "DELIVERED"), _negated=True), ("done_at", None)),
                    _connector="OR",
                ),
                name="sales_delivery_done_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "FAILED"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="sales_delivery_failed_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="oldgold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("fineness__gt", 0),
                    ("fineness__lte", 1000),
                    ("price_amount__gt", 0),
                    ("weight_mg__gt", 0),
                    ("amount__gt", 0),
                    ("loss_bp__lte", 10000),
                ),
                name="sales_oldgold_amounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="oldgold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("day_price__isnull", False), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="sales_oldgold_by_hand_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="slotday",
            constraint=models.UniqueConstraint(fields=("slot", "day"), name="sales_slotday_once"),
        ),
        migrations.RunSQL(GUARDS, BACK),
    ]
