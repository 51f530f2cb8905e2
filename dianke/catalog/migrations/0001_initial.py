"""The tables of the catalogue and what keeps them sound whoever writes."""

from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import dianke.core.ids
import dianke.core.search_words

GUARDS = """
-- The parent is the last of the path, and no category is above itself.
ALTER TABLE catalog_category
  ADD CONSTRAINT catalog_category_path_ends_at_parent
    CHECK (parent_id IS NOT DISTINCT FROM path[cardinality(path)]),
  ADD CONSTRAINT catalog_category_not_above_itself CHECK (NOT id = ANY(path));

-- A variant's value is one of the attribute it stands for.
ALTER TABLE catalog_variantvalue
  ADD CONSTRAINT catalog_variantvalue_of_attribute FOREIGN KEY (value_id, attribute_id)
    REFERENCES catalog_attributevalue (id, attribute_id) DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION catalog_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the kind of product % never changes', OLD.id
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_product_kind_stays';
END $$;
CREATE TRIGGER catalog_product_kind_stays BEFORE UPDATE OF kind ON catalog_product FOR EACH ROW
  WHEN (OLD.kind IS DISTINCT FROM NEW.kind) EXECUTE FUNCTION catalog_refuse();

-- Every product has a variant; at the end of the transaction, so that the two are written one after the other.
CREATE FUNCTION catalog_check_variants() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM catalog_product WHERE id = NEW.id)
     AND NOT EXISTS (SELECT FROM catalog_variant WHERE product_id = NEW.id) THEN
    RAISE EXCEPTION 'product % has no variant', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_product_has_variant';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER catalog_product_has_variant AFTER INSERT ON catalog_product
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog_check_variants();

-- What the kind of a product allows: pieces of pieces only, parts of bundles only, never a bundle in a bundle.
CREATE FUNCTION catalog_kind_of(variant bigint) RETURNS text LANGUAGE sql STABLE AS
  'SELECT p.kind FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id WHERE v.id = variant';

CREATE FUNCTION catalog_check_piece() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF catalog_kind_of(NEW.variant_id) <> 'PIECE' THEN
    RAISE EXCEPTION 'variant % is not sold by the piece', NEW.variant_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_piece_of_pieces';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_piece_of_pieces BEFORE INSERT OR UPDATE OF variant_id ON catalog_piece
  FOR EACH ROW EXECUTE FUNCTION catalog_check_piece();

CREATE FUNCTION catalog_check_bundle_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF catalog_kind_of(NEW.bundle_id) <> 'BUNDLE' OR catalog_kind_of(NEW.variant_id) = 'BUNDLE' THEN
    RAISE EXCEPTION 'a bundle holds other goods and no bundle'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_bundleitem_no_bundle_inside';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_bundleitem_no_bundle_inside BEFORE INSERT OR UPDATE OF bundle_id, variant_id
  ON catalog_bundleitem FOR EACH ROW EXECUTE FUNCTION catalog_check_bundle_item();

CREATE FUNCTION catalog_check_consumable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF catalog_kind_of(NEW.service_id) <> 'SERVICE' OR catalog_kind_of(NEW.variant_id) IN ('SERVICE', 'BUNDLE') THEN
    RAISE EXCEPTION 'a service uses up goods'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_consumable_of_goods';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_consumable_of_goods BEFORE INSERT OR UPDATE OF service_id, variant_id
  ON catalog_consumable FOR EACH ROW EXECUTE FUNCTION catalog_check_consumable();

-- A rule stands between options of one product.
CREATE FUNCTION catalog_check_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(DISTINCT g.product_id) FROM catalog_configurationchoice c
      JOIN catalog_configurationgroup g ON g.id = c.group_id WHERE c.id IN (NEW.choice_id, NEW.other_id)) <> 1 THEN
    RAISE EXCEPTION 'a rule stands between options of one product'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_configurationrule_one_product';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER catalog_configurationrule_one_product BEFORE INSERT OR UPDATE
  ON catalog_configurationrule FOR EACH ROW EXECUTE FUNCTION catalog_check_rule();

-- The first variants that answer a query of words: always by the index, never by reading the table until enough came.
CREATE FUNCTION catalog_variants_found(wanted tsquery, states text[], most integer) RETURNS SETOF bigint
  LANGUAGE sql STABLE SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS
$$ SELECT v.id FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
   WHERE v.search_words @@ wanted AND v.is_active AND p.state = ANY(states) LIMIT most $$;

-- Numbers given by the product itself; gaps are allowed.
CREATE SEQUENCE catalog_product_number AS bigint START 10001;
CREATE SEQUENCE catalog_own_barcode AS bigint START 1 MAXVALUE 9999999999;
CREATE SEQUENCE catalog_piece_tag AS bigint START 100001;
"""

REMOVE = """
DROP FUNCTION catalog_variants_found(tsquery, text[], integer);
DROP SEQUENCE catalog_piece_tag;
DROP SEQUENCE catalog_own_barcode;
DROP SEQUENCE catalog_product_number;
DROP TRIGGER catalog_configurationrule_one_product ON catalog_configurationrule;
DROP FUNCTION catalog_check_rule();
DROP TRIGGER catalog_consumable_of_goods ON catalog_consumable;
DROP FUNCTION catalog_check_consumable();
DROP TRIGGER catalog_bundleitem_no_bundle_inside ON catalog_bundleitem;
DROP FUNCTION catalog_check_bundle_item();
DROP TRIGGER catalog_piece_of_pieces ON catalog_piece;
DROP FUNCTION catalog_check_piece();
DROP FUNCTION catalog_kind_of(bigint);
DROP TRIGGER catalog_product_has_variant ON catalog_product;
DROP FUNCTION catalog_check_variants();
DROP TRIGGER catalog_product_kind_stays ON catalog_product;
DROP FUNCTION catalog_refuse();
ALTER TABLE catalog_variantvalue DROP CONSTRAINT catalog_variantvalue_of_attribute;
ALTER TABLE catalog_category DROP CONSTRAINT catalog_category_path_ends_at_parent,
  DROP CONSTRAINT catalog_category_not_above_itself;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("imports", "0001_initial"),
        ("work", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=20, unique=True, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "attribute",
                "verbose_name_plural": "attributes",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="ConfigurationGroup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("min_choices", models.PositiveSmallIntegerField(default=1, verbose_name="at least")),
                (
                    "max_choices",
                    models.PositiveSmallIntegerField(
                        blank=True, default=1, null=True, verbose_name="at most"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "group of options",
                "verbose_name_plural": "groups of options",
                "ordering": ["product", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "search_words",
                    dianke.core.search_words.SearchWordsField(default="", editable=False, null=True),
                ),
                ("custom", models.JSONField(blank=True, default=dict, verbose_name="custom fields")),
                ("uuid", models.UUIDField(default=dianke.core.ids.uuid7, editable=False, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("GOODS", "Goods"),
                            ("PIECE", "Single pieces"),
                            ("SERVICE", "Service"),
                            ("BUNDLE", "Bundle"),
                            ("MADE_TO_ORDER", "Made to order"),
                        ],
                        default="GOODS",
                        max_length=13,
                        verbose_name="kind",
                    ),
                ),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="product code")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("aliases", models.CharField(blank=True, max_length=160, verbose_name="also called")),
                (
                    "tracking",
                    models.CharField(
                        choices=[
                            ("NONE", "Quantity only"),
                            ("BATCH", "Batch and expiry"),
                            ("PIECE", "Single piece"),
                        ],
                        default="NONE",
                        max_length=5,
                        verbose_name="stock told apart by",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("ACTIVE", "On offer"),
                            ("DISCONTINUED", "No more buying"),
                            ("ARCHIVED", "Put away"),
                        ],
                        default="ACTIVE",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                (
                    "trade",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("BEAUTY", "Beauty salon"),
                            ("JEWELRY", "Jewelry store"),
                            ("FURNITURE", "Furniture store"),
                            ("CHAIN", "Chain store"),
                            ("KEY_ACCOUNT", "Key accounts"),
                            ("GENERAL", "General store"),
                        ],
                        max_length=16,
                        verbose_name="trade",
                    ),
                ),
                ("description", models.TextField(blank=True, max_length=4000, verbose_name="description")),
                (
                    "shelf_life_days",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="keeps for days"),
                ),
                ("lead_days", models.PositiveSmallIntegerField(default=0, verbose_name="days to make")),
                ("created_at", models.DateTimeField(verbose_name="since")),
                ("changed_at", models.DateTimeField(verbose_name="last changed")),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="TaxClass",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=12, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=40, unique=True, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "tax class",
                "verbose_name_plural": "tax classes",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="AttributeValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "attribute",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="values",
                        to="catalog.attribute",
                    ),
                ),
            ],
            options={
                "verbose_name": "value of an attribute",
                "verbose_name_plural": "values of attributes",
                "ordering": ["attribute", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Brand",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "search_words",
                    dianke.core.search_words.SearchWordsField(default="", editable=False, null=True),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                ("aliases", models.CharField(blank=True, max_length=160, verbose_name="also called")),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "brand",
                "verbose_name_plural": "brands",
                "ordering": ["name", "id"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["search_words"], name="catalog_brand_words"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "search_words",
                    dianke.core.search_words.SearchWordsField(default="", editable=False, null=True),
                ),
                ("name", models.CharField(max_length=40, verbose_name="name")),
                ("position", models.PositiveIntegerField(default=0)),
                (
                    "path",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        blank=True,
                        default=list,
                        editable=False,
                        size=None,
                    ),
                ),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="catalog.category",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="catalog.category",
                        verbose_name="inside",
                    ),
                ),
            ],
            options={
                "verbose_name": "product category",
                "verbose_name_plural": "product categories",
                "ordering": ["path", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="ConfigurationChoice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("price_delta_amount", models.BigIntegerField(default=0, verbose_name="costs more")),
                (
                    "extra_lead_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="takes longer (days)"),
                ),
                (
                    "quantity",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=18,
                        null=True,
                        verbose_name="quantity used up",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True, verbose_name="offered")),
                (
                    "group",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="choices",
                        to="catalog.configurationgroup",
                    ),
                ),
            ],
            options={
                "verbose_name": "option",
                "verbose_name_plural": "options",
                "ordering": ["group", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="ConfigurationRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("REQUIRES", "needs"), ("EXCLUDES", "excludes")],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "choice",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules",
                        to="catalog.configurationchoice",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rules_of_others",
                        to="catalog.configurationchoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "rule between options",
                "verbose_name_plural": "rules between options",
                "ordering": ["choice", "id"],
            },
        ),
        migrations.CreateModel(
            name="ServiceDetail",
            fields=[
                (
                    "product",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="service",
                        serialize=False,
                        to="catalog.product",
                    ),
                ),
                ("duration_minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                (
                    "buffer_minutes",
                    models.PositiveSmallIntegerField(default=0, verbose_name="minutes to tidy up"),
                ),
            ],
            options={
                "verbose_name": "details of a service",
            },
        ),
        migrations.AddField(
            model_name="product",
            name="brand",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="catalog.brand",
                verbose_name="brand",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="category",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="products",
                to="catalog.category",
                verbose_name="category",
            ),
        ),
        migrations.AddField(
            model_name="configurationgroup",
            name="product",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="groups",
                to="catalog.product",
            ),
        ),
        migrations.CreateModel(
            name="ProductAttribute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "attribute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.attribute"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="axes",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "axis of variants",
                "ordering": ["position", "id"],
            },
        ),
        migrations.AddField(
            model_name="product",
            name="tax_class",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.taxclass",
                verbose_name="tax class",
            ),
        ),
        migrations.CreateModel(
            name="TaxRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rate_bp", models.PositiveIntegerField(verbose_name="rate in basis points")),
                ("from_date", models.DateField(verbose_name="from")),
                (
                    "tax_class",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rates",
                        to="catalog.taxclass",
                        verbose_name="tax class",
                    ),
                ),
            ],
            options={
                "verbose_name": "tax rate",
                "verbose_name_plural": "tax rates",
                "ordering": ["tax_class", "-from_date"],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=12, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=12, unique=True, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("COUNT", "Count"),
                            ("WEIGHT", "Weight"),
                            ("LENGTH", "Length"),
                            ("AREA", "Area"),
                            ("VOLUME", "Volume"),
                            ("TIME", "Time"),
                        ],
                        default="COUNT",
                        max_length=6,
                        verbose_name="kind",
                    ),
                ),
                ("digits", models.PositiveSmallIntegerField(default=0, verbose_name="decimals")),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "unit",
                "verbose_name_plural": "units",
                "ordering": ["position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["COUNT", "WEIGHT", "LENGTH", "AREA", "VOLUME", "TIME"])
                        ),
                        name="catalog_unit_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digits__lte", 4)), name="catalog_unit_digits"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="product",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.unit",
                verbose_name="unit",
            ),
        ),
        migrations.CreateModel(
            name="Variant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "search_words",
                    dianke.core.search_words.SearchWordsField(default="", editable=False, null=True),
                ),
                ("code", models.CharField(max_length=48, unique=True, verbose_name="SKU")),
                ("label", models.CharField(blank=True, max_length=120, verbose_name="variant")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("price_amount", models.BigIntegerField(blank=True, null=True, verbose_name="retail price")),
                (
                    "scale_code",
                    models.CharField(blank=True, max_length=8, verbose_name="number on the scale"),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="variants",
                        to="catalog.product",
                    ),
                ),
            ],
            options={
                "verbose_name": "variant",
                "verbose_name_plural": "variants",
                "ordering": ["product", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Piece",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "search_words",
                    dianke.core.search_words.SearchWordsField(default="", editable=False, null=True),
                ),
                ("uuid", models.UUIDField(default=dianke.core.ids.uuid7, editable=False, unique=True)),
                ("tag", models.CharField(max_length=32, unique=True, verbose_name="tag")),
                (
                    "gross_weight_mg",
                    models.PositiveBigIntegerField(default=0, verbose_name="gross weight (mg)"),
                ),
                ("net_weight_mg", models.PositiveBigIntegerField(default=0, verbose_name="net weight (mg)")),
                (
                    "stone_weight_mg",
                    models.PositiveBigIntegerField(default=0, verbose_name="weight of stones (mg)"),
                ),
                (
                    "metal",
                    models.CharField(
                        choices=[
                            ("GOLD", "Gold"),
                            ("PLATINUM", "Platinum"),
                            ("SILVER", "Silver"),
                            ("PALLADIUM", "Palladium"),
                            ("NONE", "No precious metal"),
                        ],
                        default="NONE",
                        max_length=9,
                        verbose_name="metal",
                    ),
                ),
                ("fineness", models.PositiveSmallIntegerField(default=0, verbose_name="fineness (‰)")),
                (
                    "certificate_number",
                    models.CharField(blank=True, max_length=40, verbose_name="certificate number"),
                ),
                (
                    "certificate_issuer",
                    models.CharField(blank=True, max_length=40, verbose_name="issuer of the certificate"),
                ),
                ("size", models.CharField(blank=True, max_length=20, verbose_name="size")),
                (
                    "making",
                    models.CharField(
                        choices=[
                            ("PER_GRAM", "Per gram"),
                            ("PER_PIECE", "Per piece"),
                            ("RATE", "Share of the metal"),
                        ],
                        default="PER_PIECE",
                        max_length=9,
                        verbose_name="making charge by",
                    ),
                ),
                ("making_amount", models.PositiveBigIntegerField(default=0, verbose_name="making charge")),
                ("stone_amount", models.PositiveBigIntegerField(default=0, verbose_name="price of stones")),
                (
                    "price_amount",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="fixed price"),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("created_at", models.DateTimeField(verbose_name="since")),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pieces",
                        to="catalog.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "piece",
                "verbose_name_plural": "pieces",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=dianke.core.ids.uuid7, editable=False, unique=True)),
                ("content_type", models.CharField(max_length=20)),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("added_at", models.DateTimeField(verbose_name="added")),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "piece",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="catalog.piece",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="catalog.product",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "photo",
                "verbose_name_plural": "photos",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Consumable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="quantity")),
                (
                    "service",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consumables",
                        to="catalog.variant",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consumed_by",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "consumable",
                "verbose_name_plural": "consumables",
                "ordering": ["service", "id"],
            },
        ),
        migrations.AddField(
            model_name="configurationchoice",
            name="variant",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.variant",
                verbose_name="uses up",
            ),
        ),
        migrations.CreateModel(
            name="BundleItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=4, max_digits=18, verbose_name="quantity")),
                ("weight", models.PositiveIntegerField(default=1, verbose_name="share of the price")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "bundle",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bundle_items",
                        to="catalog.variant",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="in_bundles",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of a bundle",
                "verbose_name_plural": "parts of a bundle",
                "ordering": ["bundle", "position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Barcode",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.CharField(max_length=48, unique=True, verbose_name="barcode")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("EAN13", "EAN-13"),
                            ("EAN8", "EAN-8"),
                            ("UPC", "UPC-A"),
                            ("ITF14", "ITF-14"),
                            ("OWN", "Own code"),
                            ("SUPPLIER", "Supplier's code"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                (
                    "pack_quantity",
                    models.DecimalField(
                        decimal_places=4,
                        default=Decimal("1"),
                        max_digits=18,
                        verbose_name="quantity in the pack",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="barcodes",
                        to="catalog.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "barcode",
                "verbose_name_plural": "barcodes",
                "ordering": ["variant", "id"],
            },
        ),
        migrations.CreateModel(
            name="VariantValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "attribute",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.attribute",
                    ),
                ),
                (
                    "value",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="variant_values",
                        to="catalog.attributevalue",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variant_values",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "value of a variant",
            },
        ),
        migrations.AddField(
            model_name="variant",
            name="values",
            field=models.ManyToManyField(
                related_name="variants", through="catalog.VariantValue", to="catalog.attributevalue"
            ),
        ),
        migrations.CreateModel(
            name="WeighedPattern",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("prefix", models.CharField(max_length=2, unique=True, verbose_name="prefix")),
                (
                    "item_digits",
                    models.PositiveSmallIntegerField(default=5, verbose_name="digits of the item"),
                ),
                (
                    "value_digits",
                    models.PositiveSmallIntegerField(default=5, verbose_name="digits of the value"),
                ),
                (
                    "holds",
                    models.CharField(
                        choices=[("WEIGHT", "Weight"), ("PRICE", "Price")],
                        default="WEIGHT",
                        max_length=6,
                        verbose_name="holds",
                    ),
                ),
                ("divisor", models.PositiveIntegerField(default=1000, verbose_name="divided by")),
            ],
            options={
                "verbose_name": "pattern of scale labels",
                "verbose_name_plural": "patterns of scale labels",
                "ordering": ["prefix"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("prefix__regex", "^2[1-9]$")),
                        name="catalog_weighedpattern_prefix",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "item_digits",
                                django.db.models.expressions.CombinedExpression(
                                    models.Value(10), "-", models.F("value_digits")
                                ),
                            ),
                            ("item_digits__gte", 3),
                            ("value_digits__gte", 3),
                        ),
                        name="catalog_weighedpattern_thirteen_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("divisor__in", [1, 10, 100, 1000, 10000])),
                        name="catalog_weighedpattern_divisor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("holds__in", ["WEIGHT", "PRICE"])),
                        name="catalog_weighedpattern_holds",
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="attributevalue",
            constraint=models.UniqueConstraint(
                fields=("attribute", "name"), name="catalog_attributevalue_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="attributevalue",
            constraint=models.UniqueConstraint(
                fields=("id", "attribute"), name="catalog_attributevalue_pair"
            ),
        ),
        migrations.AddIndex(
            model_name="category",
            index=django.contrib.postgres.indexes.GinIndex(fields=["path"], name="catalog_category_path"),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.UniqueConstraint(
                condition=models.Q(("merged_into", None)),
                fields=("parent", "name"),
                name="catalog_category_name_once",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(("path__len__lt", 5)), name="catalog_category_five_levels"
            ),
        ),
        migrations.AddConstraint(
            model_name="category",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None),
                    models.Q(("merged_into", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="catalog_category_not_into_self",
            ),
        ),
        migrations.AddConstraint(
            model_name="configurationrule",
            constraint=models.UniqueConstraint(
                fields=("choice", "other"), name="catalog_configurationrule_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="configurationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("choice", models.F("other")), _negated=True),
                name="catalog_configurationrule_not_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="configurationrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["REQUIRES", "EXCLUDES"])),
                name="catalog_configurationrule_kind",
            ),
        ),
        migrations.AddField(
            model_name="servicedetail",
            name="skills",
            field=models.ManyToManyField(related_name="+", to="work.skill", verbose_name="skills needed"),
        ),
        migrations.AddConstraint(
            model_name="configurationgroup",
            constraint=models.UniqueConstraint(
                fields=("product", "name"), name="catalog_configurationgroup_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="configurationgroup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("max_choices", None),
                    models.Q(("max_choices__gt", 0), ("max_choices__gte", models.F("min_choices"))),
                    _connector="OR",
                ),
                name="catalog_configurationgroup_choices",
            ),
        ),
        migrations.AddConstraint(
            model_name="productattribute",
            constraint=models.UniqueConstraint(
                fields=("product", "attribute"), name="catalog_productattribute_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="taxrate",
            constraint=models.UniqueConstraint(
                fields=("tax_class", "from_date"), name="catalog_taxrate_once_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="taxrate",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate_bp__lte", 10000)), name="catalog_taxrate_up_to_whole"
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_words"], name="catalog_product_words"
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["custom"], name="catalog_product_custom", opclasses=["jsonb_path_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["-created_at", "-id"], name="catalog_product_newest"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["-changed_at", "-id"], name="catalog_product_by_change"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["name", "id"], name="catalog_product_by_name"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["category", "-created_at", "-id"], name="catalog_product_of_category"),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("brand__isnull", False)),
                fields=["brand", "-created_at", "-id"],
                name="catalog_product_of_brand",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(fields=["kind", "-created_at", "-id"], name="catalog_product_of_kind"),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["GOODS", "PIECE", "SERVICE", "BUNDLE", "MADE_TO_ORDER"])),
                name="catalog_product_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("tracking__in", ["NONE", "BATCH", "PIECE"])),
                name="catalog_product_tracking",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["DRAFT", "ACTIVE", "DISCONTINUED", "ARCHIVED"])),
                name="catalog_product_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "PIECE"), _negated=True), ("tracking", "PIECE"), _connector="OR"
                ),
                name="catalog_product_pieces_are_tracked",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["SERVICE", "BUNDLE"]), _negated=True),
                    ("tracking", "NONE"),
                    _connector="OR",
                ),
                name="catalog_product_only_goods_are_tracked",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("shelf_life_days", None), ("shelf_life_days__gt", 0), _connector="OR"),
                name="catalog_product_keeps",
            ),
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", ""), _negated=True), name="catalog_product_has_code"
            ),
        ),
        migrations.AddIndex(
            model_name="piece",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_words"], name="catalog_piece_words"
            ),
        ),
        migrations.AddIndex(
            model_name="piece",
            index=models.Index(fields=["-created_at", "-id"], name="catalog_piece_newest"),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.CheckConstraint(
                condition=models.Q(("tag", ""), _negated=True), name="catalog_piece_has_tag"
            ),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.CheckConstraint(
                condition=models.Q(("net_weight_mg__lte", models.F("gross_weight_mg"))),
                name="catalog_piece_net_within_gross",
            ),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.CheckConstraint(
                condition=models.Q(("stone_weight_mg__lte", models.F("gross_weight_mg"))),
                name="catalog_piece_stones_within_gross",
            ),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fineness", 0), ("metal", "NONE")),
                    models.Q(
                        ("fineness__gt", 0),
                        ("fineness__lte", 1000),
                        ("metal__in", ["GOLD", "PLATINUM", "SILVER", "PALLADIUM"]),
                    ),
                    _connector="OR",
                ),
                name="catalog_piece_metal_and_fineness",
            ),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.CheckConstraint(
                condition=models.Q(("making__in", ["PER_GRAM", "PER_PIECE", "RATE"])),
                name="catalog_piece_making",
            ),
        ),
        migrations.AddConstraint(
            model_name="piece",
            constraint=models.UniqueConstraint(
                condition=models.Q(("certificate_number", ""), _negated=True),
                fields=("certificate_number",),
                name="catalog_piece_certificate_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("content_type__in", ["image/jpeg", "image/png", "image/webp"])),
                name="catalog_photo_is_picture",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("variant", None), ("piece", None), _connector="OR"),
                name="catalog_photo_of_variant_or_piece",
            ),
        ),
        migrations.AddConstraint(
            model_name="consumable",
            constraint=models.UniqueConstraint(fields=("service", "variant"), name="catalog_consumable_once"),
        ),
        migrations.AddConstraint(
            model_name="consumable",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="catalog_consumable_quantity"
            ),
        ),
        migrations.AddConstraint(
            model_name="consumable",
            constraint=models.CheckConstraint(
                condition=models.Q(("service", models.F("variant")), _negated=True),
                name="catalog_consumable_not_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="configurationchoice",
            constraint=models.UniqueConstraint(
                fields=("group", "name"), name="catalog_configurationchoice_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="configurationchoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quantity", None), ("variant", None)),
                    models.Q(("quantity__gt", 0), ("variant__isnull", False)),
                    _connector="OR",
                ),
                name="catalog_configurationchoice_uses",
            ),
        ),
        migrations.AddConstraint(
            model_name="bundleitem",
            constraint=models.UniqueConstraint(fields=("bundle", "variant"), name="catalog_bundleitem_once"),
        ),
        migrations.AddConstraint(
            model_name="bundleitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)), name="catalog_bundleitem_quantity"
            ),
        ),
        migrations.AddConstraint(
            model_name="bundleitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("bundle", models.F("variant")), _negated=True),
                name="catalog_bundleitem_not_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="barcode",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "EAN13"), ("value__regex", "^[1-9][0-9]{12}$")),
                    models.Q(("kind", "UPC"), ("value__regex", "^0[0-9]{12}$")),
                    models.Q(("kind", "EAN8"), ("value__regex", "^[0-9]{8}$")),
                    models.Q(("kind", "ITF14"), ("value__regex", "^[0-9]{14}$")),
                    models.Q(("kind", "OWN"), ("value__regex", "^2[0-9]{12}$")),
                    models.Q(("kind", "SUPPLIER"), ("value__regex", "^[!-~]+$")),
                    _connector="OR",
                ),
                name="catalog_barcode_shape",
            ),
        ),
        migrations.AddConstraint(
            model_name="barcode",
            constraint=models.CheckConstraint(
                condition=models.Q(("pack_quantity__gt", 0)), name="catalog_barcode_pack"
            ),
        ),
        migrations.AddConstraint(
            model_name="variantvalue",
            constraint=models.UniqueConstraint(
                fields=("variant", "attribute"), name="catalog_variantvalue_once"
            ),
        ),
        migrations.AddIndex(
            model_name="variant",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_words"], name="catalog_variant_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(
                fields=("product", "label"), name="catalog_variant_label_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("scale_code", ""), _negated=True),
                fields=("scale_code",),
                name="catalog_variant_scale_code_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_amount", None), ("price_amount__gte", 0), _connector="OR"),
                name="catalog_variant_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(("scale_code__regex", "^[0-9]*$")),
                name="catalog_variant_scale_code_digits",
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(("code", ""), _negated=True), name="catalog_variant_has_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="servicedetail",
            constraint=models.CheckConstraint(
                condition=models.Q(("duration_minutes__gt", 0), ("duration_minutes__lte", 1440)),
                name="catalog_servicedetail_duration",
            ),
        ),
        migrations.AddConstraint(
            model_name="servicedetail",
            constraint=models.CheckConstraint(
                condition=models.Q(("buffer_minutes__lte", 1440)), name="catalog_servicedetail_buffer"
            ),
        ),
        migrations.CreateModel(
            name="ImportedRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("row", models.IntegerField()),
                ("makes_product", models.BooleanField(default=False)),
                ("makes_variant", models.BooleanField(default=False)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                (
                    "barcodes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=48), default=list, size=None
                    ),
                ),
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imported_rows",
                        to="catalog.variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "imported row",
                "constraints": [
                    models.UniqueConstraint(fields=("run", "row"), name="catalog_importedrow_once")
                ],
            },
        ),
        migrations.RunSQL(GUARDS, REMOVE),
    ]
