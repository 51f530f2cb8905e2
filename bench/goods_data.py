"""A merchant with as many products as asked for in fifty stores of five companies: made set-based, the same every time.

The catalogue is here; what moved in a year, and what followed from it, is made by `bench/goods_history.py`. Names come
from forty qualities and fifty kinds of goods, so that "羊绒" and "wj" find as many as they do in a real shop.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

STORES, ENTITIES = 50, 5
PATTERNS = (
    "羊绒 真丝 纯棉 亚麻 牛皮 羊皮 实木 胡桃木 榉木 黄铜 足金 铂金 银 珍珠 翡翠 和田玉 水晶 琥珀 陶瓷 骨瓷 "
    "玻璃 不锈钢 竹纤维 羽绒 灯芯绒 牛仔 蕾丝 天鹅绒 防水 透气 保湿 舒缓 美白 抗皱 修护 儿童 男士 女士 经典 限量"
)
KINDS = (
    "围巾 手套 帽子 毛衣 衬衫 连衣裙 半身裙 长裤 风衣 大衣 皮鞋 凉鞋 靴子 腰带 钱包 手提包 双肩包 行李箱 戒指 项链 "
    "手镯 耳环 吊坠 胸针 手表 沙发 茶几 餐桌 餐椅 书柜 衣柜 床架 床垫 台灯 吊灯 地毯 窗帘 抱枕 面霜 精华液 "
    "面膜 洗发水 护发素 沐浴露 身体乳 香水 口红 粉底液 眼霜 防晒霜"
)


def prepare_house(now: datetime, *, stores: int = STORES, entities: int = ENTITIES) -> None:
    """The merchant, its companies and stores with their places, an owner, and the clerks and the manager of the first
    store, who sign in as owner, lin, zhao and manager."""
    from dianke.access.models import Role
    from dianke.core.actor import SYSTEM
    from dianke.inventory.operations import open_places
    from dianke.stores import operations

    who: dict[str, Any] = {"actor": SYSTEM, "now": now}
    operations.set_up_merchant(
        name="基准百货", trade="RETAIL", currency="CNY", language="zh-hans", time_zone="Asia/Shanghai", **who
    )
    companies = [
        operations.add_legal_entity(
            values={"name": f"基准第{number}百货有限公司", "short_name": f"百货{number}"}, **who
        )
        for number in range(1, entities + 1)
    ]
    opened = []
    for number in range(stores):
        values = {
            "code": f"B{number + 1:03}",
            "name": f"第{number + 1}店",
            "short_name": f"{number + 1}店",
            "trade": "RETAIL",
            "legal_entity": companies[number % entities],
            "opened_on": date(2020, 1, 1),
        }
        opened.append(operations.open_store(values=values, **who))
        open_places(store=opened[-1], **who)
    for username, role, store in (
        ("owner", "OWNER", None),
        ("lin", "CLERK", opened[0]),
        ("zhao", "CLERK", opened[0]),
        ("manager", "STORE_MANAGER", opened[0]),
    ):
        operations.hire_staff(
            username=username,
            name=username,
            number=username[:3],
            legal_entity=companies[0],
            hired_on=date(2020, 1, 1),
            phone="",
            role=Role.objects.get(code=role),
            store=store,
            **who,
        )


def insert(cursor: Any, table: str, source: str, columns: Mapping[str, str], **values: Any) -> int:
    """INSERT … SELECT: `columns` as SQL expressions over `source`; a column that is not named gets what the model gives
    a new row. Returns how many rows."""
    from django.apps import apps
    from psycopg.types.json import Jsonb

    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    rest: dict[str, Any] = {
        str(field.column): field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in columns
        and not field.null
        and not field.primary_key
        and not field.has_db_default()
    }
    named = ", ".join([*columns, *rest])
    given = ", ".join([*columns.values(), *(f"%(default_{name})s" for name in rest)])
    defaults = {
        f"default_{name}": Jsonb(value) if isinstance(value, dict) else value for name, value in rest.items()
    }
    cursor.execute(f"INSERT INTO {table} ({named}) SELECT {given} FROM {source}", values | defaults)
    return int(cursor.rowcount)


def fill_catalogue(count: int, now: datetime) -> None:
    """`count` products with one variant, a barcode and a price each, in fifty categories; three price lists that may
    apply and two hundred contracts that do not. Ids are 1…count."""
    from django.db import connection

    from dianke.catalog.models import Category, PriceList, Unit
    from dianke.core.search_words import vector_text, words_of

    unit = Unit.objects.get(name="件")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Category.objects.bulk_create(
            [
                Category(pk=number, name=name, search_words=words_of([name]))
                for number, name in enumerate(KINDS.split(), 1)
            ]
        )
        # So few that a quality is common also among few goods: a search finds more than it looks at.
        patterns = PATTERNS.split() if count >= 30_000 else PATTERNS.split()[:10]
        names = [
            (number * len(patterns) + other, f"{pattern}{kind}", number + 1)
            for number, kind in enumerate(KINDS.split())
            for other, pattern in enumerate(patterns)
        ]
        cursor.execute(
            "CREATE TEMP TABLE bench_name (n int PRIMARY KEY, name text, category int, words text)"
        )
        with cursor.copy("COPY bench_name FROM STDIN") as copy:
            for n, name, category in names:
                copy.write_row((n, name, category, vector_text(words_of([name]))))
        source = f"generate_series(1, %(count)s) AS i JOIN bench_name AS b ON b.n = (i * 7) %% {len(names)}"
        same = {"count": count, "unit": unit.pk, "now": now}
        words = "(b.words || ' ''p' || lpad(i::text, 7, '0') || '''')::tsvector"
        code = "'P' || lpad(i::text, 7, '0')"
        insert(
            cursor,
            "catalog_product",
            source,
            {
                "id": "i",
                "uuid": "gen_random_uuid()",
                "code": code,
                "name": "b.name || ' ' || i",
                "category_id": "b.category",
                "unit_id": "%(unit)s",
                "search_words": words,
                "created_at": "%(now)s::timestamptz - make_interval(secs => (%(count)s - i))",
                "changed_at": "%(now)s::timestamptz - make_interval(secs => (%(count)s - i))",
            },
            **same,
        )
        insert(
            cursor,
            "catalog_variant",
            source,
            {
                "id": "i",
                "product_id": "i",
                "code": code,
                "price_amount": "990 + i %% 90000",
                "search_words": words,
            },
            **same,
        )
        # The last digit of EAN-13: odd places count once, even ones three times.
        cursor.execute(
            """
            INSERT INTO catalog_barcode (variant_id, value, kind, pack_quantity)
            SELECT c.i, c.body || (10 - (
                SELECT sum(substr(c.body, n, 1)::int * CASE WHEN n %% 2 = 0 THEN 3 ELSE 1 END)
                FROM generate_series(1, 12) AS n) %% 10) %% 10, 'EAN13', 1
            FROM (SELECT i, '690' || lpad(i::text, 9, '0') AS body FROM generate_series(1, %s) AS i) AS c
            """,
            [count],
        )
        for list_id, name, tiers, contract in (
            (1, "会员价", ["GOLD"], ""),
            (2, "夏季价", [], ""),
            (3, "全国价", [], ""),
            *((10 + n, f"合同{n}", [], f"customers.customer:{n}") for n in range(200)),
        ):
            PriceList.objects.create(
                pk=list_id,
                code=f"L{list_id}",
                name=name,
                currency="CNY",
                tiers=tiers,
                contract_customer=contract,
                state=PriceList.State.ACTIVE,
            )
        for list_id, every in ((1, 2), (2, 5), (3, 3)):
            insert(
                cursor,
                "catalog_pricelistitem",
                "generate_series(1, %(count)s) AS i WHERE i %% %(every)s = 0",
                {"price_list_id": str(list_id), "variant_id": "i", "price_amount": "900 + i %% 80000"},
                count=count,
                every=every,
            )
        cursor.execute("SET session_replication_role = DEFAULT")
        for table in ("catalog_product", "catalog_variant", "catalog_category", "catalog_pricelist"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
