"""Price lists, the board of the day and what keeps it as it was set."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

GUARDS = """
CREATE FUNCTION catalog_refuse_price_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% on % refused: prices of the day are kept as they were set', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', HINT = 'Add a correction with its reason.';
END $$;
CREATE TRIGGER catalog_day_price_stays BEFORE UPDATE OR DELETE ON catalog_dayprice
  FOR EACH ROW EXECUTE FUNCTION catalog_refuse_price_change();
CREATE TRIGGER catalog_day_price_not_emptied BEFORE TRUNCATE ON catalog_dayprice
  FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_price_change();

-- A correction is of the same metal, scope and beginning as what it corrects.
CREATE FUNCTION catalog_check_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM catalog_dayprice AS wrong WHERE wrong.id = NEW.corrects_id
                 AND (wrong.metal, wrong.fineness, wrong.scope, wrong.currency, wrong.from_at)
                   = (NEW.metal, NEW.fineness, NEW.scope, NEW.currency, NEW.from_at)) THEN
    RAISE EXCEPTION 'price % corrects one of something else', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'day_price_corrects_its_own';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_day_price_corrects_its_own BEFORE INSERT ON catalog_dayprice
  FOR EACH ROW WHEN (NEW.corrects_id IS NOT NULL) EXECUTE FUNCTION catalog_check_correction();

-- A promise may be released, once; nothing else of it changes.
CREATE TRIGGER catalog_lock_stays BEFORE UPDATE ON catalog_daypricelock FOR EACH ROW
  WHEN (OLD.released_at IS NOT NULL
        OR (OLD.reference, OLD.store_id, OLD.day_price_id, OLD.metal, OLD.fineness, OLD.currency, OLD.sell_amount,
            OLD.locked_at, OLD.until)
          IS DISTINCT FROM (NEW.reference, NEW.store_id, NEW.day_price_id, NEW.metal, NEW.fineness, NEW.currency,
            NEW.sell_amount, NEW.locked_at, NEW.until))
  EXECUTE FUNCTION catalog_refuse_price_change();
CREATE TRIGGER catalog_lock_not_deleted BEFORE DELETE ON catalog_daypricelock
  FOR EACH ROW EXECUTE FUNCTION catalog_refuse_price_change();
"""

REMOVE = """
DROP TRIGGER catalog_lock_not_deleted ON catalog_daypricelock;
DROP TRIGGER catalog_lock_stays ON catalog_daypricelock;
DROP TRIGGER catalog_day_price_corrects_its_own ON catalog_dayprice;
DROP TRIGGER catalog_day_price_not_emptied ON catalog_dayprice;
DROP TRIGGER catalog_day_price_stays ON catalog_dayprice;
DROP FUNCTION catalog_check_correction();
DROP FUNCTION catalog_refuse_price_change();
"""


class Migration(migrations.Migration):
    reviewed = {"raw-sql": "triggers on the tables this migration makes, still empty"}

    dependencies = [
        ("catalog", "0001_initial"),
        ("imports", "0001_initial"),
        ("stores", "0005_demo_leaves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DayPrice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("metal", models.CharField(max_length=12, verbose_name="metal")),
                ("fineness", models.PositiveSmallIntegerField(verbose_name="fineness")),
                ("scope", models.CharField(blank=True, editable=False, max_length=32)),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("sell_amount", models.BigIntegerField(null=True, verbose_name="price per gram")),
                (
                    "buy_back_amount",
                    models.BigIntegerField(null=True, verbose_name="buy-back price per gram"),
                ),
                ("from_at", models.DateTimeField(verbose_name="from")),
                ("set_at", models.DateTimeField(verbose_name="set")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrected_by",
                        to="catalog.dayprice",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "store",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.store",
                        verbose_name="store",
                    ),
                ),
            ],
            options={
                "verbose_name": "price of the day",
                "verbose_name_plural": "prices of the day",
            },
        ),
        migrations.CreateModel(
            name="DayPriceLock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reference", models.CharField(max_length=120, unique=True, verbose_name="reference")),
                ("metal", models.CharField(max_length=12, verbose_name="metal")),
                ("fineness", models.PositiveSmallIntegerField(verbose_name="fineness")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("sell_amount", models.BigIntegerField(verbose_name="price per gram")),
                ("locked_at", models.DateTimeField(verbose_name="locked")),
                ("until", models.DateTimeField(verbose_name="until")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released")),
                (
                    "day_price",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.dayprice",
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
                "verbose_name": "locked price",
                "verbose_name_plural": "locked prices",
            },
        ),
        migrations.CreateModel(
            name="PriceList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=24, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "tiers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="member tiers",
                    ),
                ),
                (
                    "channels",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=24),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="channels",
                    ),
                ),
                (
                    "contract_customer",
                    models.CharField(blank=True, max_length=120, verbose_name="customer of the contract"),
                ),
                ("from_at", models.DateTimeField(blank=True, null=True, verbose_name="from")),
                ("to_at", models.DateTimeField(blank=True, null=True, verbose_name="to")),
                ("priority", models.SmallIntegerField(default=0, verbose_name="priority")),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Being prepared"), ("ACTIVE", "In use"), ("ARCHIVED", "Archived")],
                        default="DRAFT",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "stores",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="stores.store", verbose_name="stores"
                    ),
                ),
            ],
            options={
                "verbose_name": "price list",
                "verbose_name_plural": "price lists",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="PriceImport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField()),
                ("min_quantity", models.DecimalField(decimal_places=4, max_digits=18)),
                ("before_amount", models.BigIntegerField(null=True)),
                ("before_percent_bp", models.IntegerField(null=True)),
                ("after_amount", models.BigIntegerField()),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="imports.importrun",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.variant"
                    ),
                ),
                (
                    "price_list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.pricelist",
                    ),
                ),
            ],
            options={
                "verbose_name": "imported price",
                "verbose_name_plural": "imported prices",
            },
        ),
        migrations.CreateModel(
            name="PriceListItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "min_quantity",
                    models.DecimalField(
                        decimal_places=4, default=0, max_digits=18, verbose_name="from quantity"
                    ),
                ),
                ("price_amount", models.BigIntegerField(blank=True, null=True, verbose_name="price")),
                (
                    "percent_bp",
                    models.IntegerField(blank=True, null=True, verbose_name="share of the base price"),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.category",
                    ),
                ),
                (
                    "price_list",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="catalog.pricelist",
                        verbose_name="price list",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "price",
                "verbose_name_plural": "prices",
            },
        ),
        migrations.AddIndex(
            model_name="dayprice",
            index=models.Index(
                models.F("metal"),
                models.F("fineness"),
                models.F("scope"),
                models.OrderBy(models.F("from_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="day_price_board",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("region", None), ("scope", ""), ("store", None)),
                    models.Q(("region", None), ("scope__startswith", "store:"), ("store__isnull", False)),
                    models.Q(("region__isnull", False), ("scope__startswith", "region:"), ("store", None)),
                    _connector="OR",
                ),
                name="day_price_scope",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sell_amount__gt", 0), ("sell_amount__isnull", False)),
                    models.Q(
                        ("buy_back_amount", None),
                        ("sell_amount", None),
                        models.Q(("scope", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="day_price_positive",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("buy_back_amount", None),
                    models.Q(("buy_back_amount__gte", 0), ("buy_back_amount__lte", models.F("sell_amount"))),
                    _connector="OR",
                ),
                name="day_price_buy_back_below_sell",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayprice",
            constraint=models.CheckConstraint(
                condition=models.Q(("fineness__gt", 0), ("fineness__lte", 1000)),
                name="day_price_fineness_in_permille",
            ),
        ),
        migrations.AddConstraint(
            model_name="dayprice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("corrects", None), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="day_price_correction_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="daypricelock",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__gt", models.F("locked_at"))), name="day_price_lock_forward"
            ),
        ),
        migrations.AddConstraint(
            model_name="daypricelock",
            constraint=models.CheckConstraint(
                condition=models.Q(("sell_amount__gt", 0)), name="day_price_lock_positive"
            ),
        ),
        migrations.AddIndex(
            model_name="pricelist",
            index=models.Index(
                condition=models.Q(("state", "ACTIVE")),
                fields=["currency", "contract_customer"],
                name="price_lists_that_may_apply",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricelist",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("from_at", None), ("to_at", None), ("to_at__gt", models.F("from_at")), _connector="OR"
                ),
                name="price_list_period_forward",
            ),
        ),
        migrations.AddConstraint(
            model_name="priceimport",
            constraint=models.UniqueConstraint(fields=("run", "row"), name="price_import_once_per_row"),
        ),
        migrations.AddIndex(
            model_name="pricelistitem",
            index=models.Index(fields=["price_list", "id"], name="price_items_of_list"),
        ),
        migrations.AddConstraint(
            model_name="pricelistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("category", None), ("product", None), ("variant__isnull", False)),
                    models.Q(("category", None), ("product__isnull", False), ("variant", None)),
                    models.Q(("category__isnull", False), ("product", None), ("variant", None)),
                    _connector="OR",
                ),
                name="price_item_names_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricelistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("percent_bp", None), ("price_amount__gte", 0), ("price_amount__isnull", False)),
                    models.Q(
                        ("percent_bp__gte", 0),
                        ("percent_bp__isnull", False),
                        ("percent_bp__lte", 100000),
                        ("price_amount", None),
                    ),
                    _connector="OR",
                ),
                name="price_item_amount_or_share",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricelistitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("min_quantity__gte", 0)), name="price_item_quantity_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="pricelistitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("variant__isnull", False)),
                fields=("variant", "price_list", "min_quantity"),
                name="price_item_of_variant",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricelistitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("product__isnull", False)),
                fields=("product", "price_list", "min_quantity"),
                name="price_item_of_product",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricelistitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("category__isnull", False)),
                fields=("category", "price_list", "min_quantity"),
                name="price_item_of_category",
            ),
        ),
        migrations.RunSQL(GUARDS, REMOVE),
    ]
