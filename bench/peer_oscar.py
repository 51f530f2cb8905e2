"""django-oscar as a peer of `bench/sale_peers.py`: run by the Python of the peers' own environment, on the database
that `OSCAR_HOST` and `OSCAR_DATABASE` name.

A sale is a basket of a signed-in customer with three lines of a thousand products, an offer (2 off when the basket is
worth 20), the order with its lines and discounts, stock allocated, the payment's source and event: its own services,
called within the process without HTTP, which is to its advantage. It has no points, no accounts, no cost of goods.
"""

# mypy: ignore-errors

from __future__ import annotations

import os
import random
import sys
import time
from decimal import Decimal

PRODUCTS, CUSTOMERS, LINES = 1000, 2000, 3


def set_up() -> None:
    import django
    from django.conf import settings
    from oscar import defaults

    shop = "analytics checkout address shipping catalogue communication partner basket payment offer order customer"
    boards = (
        "reports users orders catalogue offers partners pages ranges reviews vouchers communications shipping"
    )
    parts = [
        f"{name}.apps.{name.title()}Config" for name in f"{shop} search voucher wishlists dashboard".split()
    ]
    parts += [f"dashboard.{name}.apps.{name.title()}DashboardConfig" for name in boards.split()]
    parts += ["catalogue.reviews.apps.CatalogueReviewsConfig"]
    settings.configure(
        **{
            **{name: getattr(defaults, name) for name in dir(defaults) if name.startswith("OSCAR")},
            "SECRET_KEY": "bench",
            "DEBUG": False,
            "USE_TZ": True,
            "SITE_ID": 1,
            "ROOT_URLCONF": "peer_oscar",
            "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
            "DATABASES": {
                "default": {
                    "ENGINE": "django.db.backends.postgresql",
                    "NAME": os.environ["OSCAR_DATABASE"],
                    "USER": "postgres",
                    "HOST": os.environ["OSCAR_HOST"],
                    "PORT": os.environ.get("OSCAR_PORT", "5432"),
                    "CONN_MAX_AGE": None,
                }
            },
            "HAYSTACK_CONNECTIONS": {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}},
            "INSTALLED_APPS": [
                *(
                    f"django.contrib.{name}"
                    for name in ("admin", "auth", "contenttypes", "sessions", "messages")
                ),
                *(f"django.contrib.{name}" for name in ("sites", "flatpages", "staticfiles")),
                "oscar.config.Shop",
                *(f"oscar.apps.{name}" for name in parts),
                *("widget_tweaks", "haystack", "treebeard", "django_tables2"),
            ],
            "TEMPLATES": [
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "APP_DIRS": True,
                    "OPTIONS": {
                        "context_processors": [
                            "django.contrib.messages.context_processors.messages",
                            "django.template.context_processors.request",
                            "django.contrib.auth.context_processors.auth",
                        ]
                    },
                }
            ],
        }
    )
    django.setup()


urlpatterns: list[object] = []


def prepare() -> None:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from oscar.core.loading import get_model

    call_command("migrate", verbosity=0)
    kind = get_model("catalogue", "ProductClass").objects.create(
        name="goods", requires_shipping=False, track_stock=True
    )
    partner = get_model("partner", "Partner").objects.create(name="shop")
    Product, Record = get_model("catalogue", "Product"), get_model("partner", "StockRecord")
    products = Product.objects.bulk_create(
        [
            Product(product_class=kind, title=f"P{n:04}", slug=f"p{n:04}", upc=f"P{n:04}")
            for n in range(PRODUCTS)
        ]
    )
    Record.objects.bulk_create(
        [
            Record(
                product=product,
                partner=partner,
                partner_sku=product.upc,
                price=Decimal("9.90") + Decimal(n) / 100,
                price_currency="GBP",
                num_in_stock=1_000_000,
                num_allocated=0,
            )
            for n, product in enumerate(products)
        ]
    )
    User.objects.bulk_create([User(username=f"u{n}", email=f"u{n}@example.org") for n in range(CUSTOMERS)])
    everything = get_model("offer", "Range").objects.create(name="all", includes_all_products=True)
    get_model("offer", "ConditionalOffer").objects.create(
        name="2 off 20",
        condition=get_model("offer", "Condition").objects.create(range=everything, type="Value", value=20),
        benefit=get_model("offer", "Benefit").objects.create(range=everything, type="Absolute", value=2),
        max_basket_applications=1,
    )
    get_model("payment", "SourceType").objects.create(name="cash")
    get_model("order", "PaymentEventType").objects.create(name="paid")


def sell(seconds: float, number: int) -> None:
    """Prints how many sales were made, their statements each, and how many had to be tried again."""
    from django.contrib.auth.models import User
    from django.db import OperationalError, connection, transaction
    from oscar.core.loading import get_model

    chance = random.Random(number)
    goods = list(get_model("catalogue", "Product").objects.values_list("pk", flat=True))
    people = list(User.objects.values_list("pk", flat=True))
    statements = [0]

    def counted(execute, sql, params, many, context):
        statements[0] += 1
        return execute(sql, params, many, context)

    print("ready", flush=True)
    sys.stdin.readline()
    sold = again = 0
    end = time.monotonic() + seconds
    with connection.execute_wrapper(counted):
        while time.monotonic() < end:
            try:
                with transaction.atomic():
                    _sell_once(
                        chance.choice(people),
                        chance.sample(goods, LINES),
                        f"{number}-{sold}-{time.time_ns()}",
                    )
                sold += 1
            except OperationalError:  # two baskets locked the same goods the other way round
                again += 1
    print(sold, round(statements[0] / max(1, sold)), again)


def _sell_once(customer: int, chosen: list[int], name: str) -> None:
    from django.contrib.auth.models import User
    from oscar.core.loading import get_class, get_model

    user = User.objects.get(pk=customer)
    basket = get_model("basket", "Basket").objects.create(owner=user)
    basket.strategy = get_class("partner.strategy", "Selector")().strategy(user=user)
    for product in get_model("catalogue", "Product").objects.filter(pk__in=chosen):
        basket.add_product(product, 1)
    basket.reset_offer_applications()
    get_class("offer.applicator", "Applicator")().apply(basket, user)
    method = get_class("shipping.methods", "NoShippingRequired")()
    charge = method.calculate(basket)
    total = get_class("checkout.calculators", "OrderTotalCalculator")().calculate(basket, charge)
    order = get_class("order.utils", "OrderCreator")().place_order(
        basket, total, method, charge, user=user, order_number=name, status="Paid"
    )
    basket.submit()
    kind = get_model("payment", "SourceType").objects.get(name="cash")
    source = get_model("payment", "Source").objects.create(
        source_type=kind,
        currency=total.currency,
        amount_allocated=total.incl_tax or total.excl_tax,
        order=order,
    )
    paid = get_model("order", "PaymentEventType").objects.get(name="paid")
    get_class("order.processing", "EventHandler")().create_payment_event(
        order, paid, source.amount_allocated, order.lines.all(), [1] * len(chosen)
    )


if __name__ == "__main__":
    set_up()
    match sys.argv[1:]:
        case ["prepare"]:
            prepare()
        case ["sell", seconds, number]:
            sell(float(seconds), int(number))
