"""A merchant with as many customers as asked for, written by COPY: believable names and phones, the same for a seed.

Names follow the share of China's commonest surnames and a falling use of characters in given names, so that "王" and
"wang" find as many as they do in a real shop and "wxm" as few. Everything personal is sealed as the door seals it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

STORES = 40
CHUNK = 10_000

# Share of the population in per mille, rounded (figures of the Ministry of Public Security, 2020).
SURNAMES = (
    "王72 李71 张66 刘53 陈46 杨31 黄22 赵21 吴20 周19 徐15 孙14 马13 朱12 胡12 郭11 何11 高11 林11 罗9 郑9 "
    "梁8 谢8 宋7 唐7 许6 韩6 冯6 邓6 曹6 彭6 曾6 肖6 田5 董5 袁5 潘5 于5 蒋5 蔡5 余5 杜5 叶5 程5 苏5 魏4 吕4 "
    "丁4 任4 沈4 姚4 卢4 姜4 崔4 钟4 谭4 陆4 汪4 范4 金3 石3 廖3 贾3 夏3 韦3 付3 方3 白3 邹3 孟3 熊3 秦3 邱3 "
    "江3 尹3 薛3 闫3 段3 雷2 侯2 龙2 史2 陶2 黎2 贺2 顾2 毛2 郝2 龚2 邵2 万2 钱2 严2 覃2 武2 戴2 莫2 孔2 向2 "
    "汤2 欧阳1 司马1 上官1 诸葛1 尉迟1 单1 查1"
)
GIVEN = (
    "英华文玉秀明丽红国建海晓志军平伟芳娟敏静强磊洋艳勇杰涛超兰桂霞梅春玲辉丹佳嘉子雨欣怡浩宇轩梓涵思琪雪婷慧颖"
    "俊峰鹏飞龙波斌刚健鑫博文昊天一诺诗琳萱悦然可心紫彤若曦语桐沐辰奕泽楷瑞祥庆福贵德义仁礼智信永长江河山川云"
    "月星光阳晨曙东南西北中正大小金银珍珠宝翠碧清澄波澜毅凡立新民爱菊莲荷萍莉莎薇蓉茜菲黛凤凰鸾娜妮媛嫣婉婕娇"
)
FIRMS = ("杭州西湖", "上海静安", "深圳前海", "广州天河", "成都锦江", "苏州工业园", "宁波海曙", "佛山南海")
TRADES = (
    "家具有限公司",
    "珠宝有限公司",
    "科技有限公司",
    "酒店管理有限公司",
    "装饰工程有限公司",
    "贸易有限公司",
)
PREFIXES = (
    135,
    136,
    137,
    138,
    139,
    150,
    151,
    152,
    157,
    158,
    159,
    182,
    183,
    187,
    188,
    130,
    131,
    186,
    133,
    189,
    199,
    177,
)
TAGS = ("VIP", "老客户", "爱翡翠", "实木控", "敏感肌", "常带朋友来", "只要新款", "线上来的")
LEVELS = ("", "", "", "银卡", "金卡", "钻石")


def cumulated(text: str) -> tuple[list[str], list[float]]:
    names, weights, total = [], [], 0.0
    for entry in text.split():
        name = entry.rstrip("0123456789")
        total += float(entry[len(name) :])
        names.append(name)
        weights.append(total)
    return names, weights


def person_name(chance: random.Random, surnames: tuple[list[str], list[float]], given: list[float]) -> str:
    surname = chance.choices(surnames[0], cum_weights=surnames[1])[0]
    return surname + "".join(chance.choices(GIVEN, cum_weights=given, k=2 if chance.random() < 0.78 else 1))


def prepare_merchant(now: datetime) -> dict[str, Any]:
    """A merchant with `STORES` stores, an owner and a clerk who sign in. Returns their users and the stores."""
    from dianke.access.models import Role
    from dianke.core.actor import SYSTEM
    from dianke.stores import operations

    who: dict[str, Any] = {"actor": SYSTEM, "now": now}
    operations.set_up_merchant(
        name="基准美业", trade="BEAUTY", currency="CNY", language="zh-hans", time_zone="Asia/Shanghai", **who
    )
    entity = operations.add_legal_entity(values={"name": "基准美业有限公司", "short_name": "基准"}, **who)
    stores = [
        operations.open_store(
            values={
                "code": f"B{number:03}",
                "name": f"第{number}店",
                "short_name": f"{number}店",
                "trade": "BEAUTY",
                "legal_entity": entity,
                "opened_on": date(2020, 1, 1),
            },
            **who,
        )
        for number in range(1, STORES + 1)
    ]
    people = {}
    for code, role, place in (
        ("owner", "OWNER", None),
        ("clerk", "CLERK", stores[0]),
        ("manager", "STORE_MANAGER", stores[0]),
    ):
        staff = operations.hire_staff(
            username=code,
            name=code,
            number=code[:3],
            legal_entity=entity,
            hired_on=date(2020, 1, 1),
            phone="",
            role=Role.objects.get(code=role),
            store=place,
            **who,
        )
        people[code] = staff.user
    return {"stores": stores, **people}


def fill(count: int, *, seed: int = 1, now: datetime | None = None) -> None:
    """Write `count` customers with a source record, a phone, and for many a birthday, tags and consents."""
    from django.db import connection

    from dianke.access.models import User
    from dianke.customers.models import Tag
    from dianke.stores.models import Store

    now = now or datetime.now(UTC)
    chance = random.Random(seed)
    stores = list(Store.objects.order_by("pk").values_list("pk", flat=True)[:STORES])
    clerk = User.objects.get(username="clerk").pk
    Tag.objects.bulk_create([Tag(name=name) for name in TAGS], ignore_conflicts=True)
    tags = list(Tag.objects.filter(name__in=TAGS).order_by("pk").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM customers_customer")
        first = cursor.fetchone()[0] + 1
        # As an import would: the constraints hold by construction, and a million checks say nothing here.
        cursor.execute("SET session_replication_role = replica")
        for start in range(0, count, CHUNK):
            size = min(CHUNK, count - start)
            _write_chunk(cursor, _Chunk(chance, first + start, size, stores, clerk, tags, now))
        for table in ("customer", "sourcerecord", "contactpoint", "importantdate", "consent", "tagging"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('customers_{table}', 'id'),"
                f" (SELECT max(id) FROM customers_{table}))"
            )
        cursor.execute("SET session_replication_role = DEFAULT")
        # Vacuum too: imports of this size get it from autovacuum within a minute, and GIN its pending list merged.
        cursor.execute("VACUUM ANALYZE")


class _Chunk:
    """The rows of some customers, in the order of their ids."""

    def __init__(
        self,
        chance: random.Random,
        first: int,
        size: int,
        stores: Sequence[int],
        clerk: int,
        tags: Sequence[int],
        now: datetime,
    ) -> None:
        from dianke.core.data_keys import new_data_keys
        from dianke.core.ids import uuid7
        from dianke.customers.models import KEY_KIND

        surnames = cumulated(SURNAMES)
        given: list[float] = []
        for rank in range(len(GIVEN)):
            given.append((given[-1] if given else 0) + 1 / (rank + 12))
        self.ids = range(first, first + size)
        self.uuids = [uuid7() for _id in self.ids]
        self.keys = new_data_keys(KEY_KIND, self.uuids)
        self.names = [
            person_name(chance, surnames, given)
            if chance.random() > 0.02
            else f"{chance.choice(FIRMS)}{chance.choice(GIVEN)}{chance.choice(GIVEN)}{chance.choice(TRADES)}"
            for _id in self.ids
        ]
        self.phones = [f"+86{chance.choice(PREFIXES)}{_tail(chance)}" for _id in self.ids]
        self.seen = [now - timedelta(days=min(chance.expovariate(1 / 300), 1500)) for _id in self.ids]
        self.stores = chance.choices(stores, k=size)
        self.chance, self.clerk, self.tags, self.now = chance, clerk, tags, now


def _tail(chance: random.Random) -> str:
    """Eight digits; one number in fifty ends in the tails people pay for."""
    if chance.random() < 0.02:
        return f"{chance.randrange(10_000):04}{chance.choice(('8888', '6666', '9999', '0000', '1688'))}"
    return f"{chance.randrange(10**8):08}"


@lru_cache(maxsize=200_000)
def _words(name: str) -> str:
    from dianke.core.search_words import words_of

    return words_of([name])


def _write_chunk(cursor: Any, chunk: _Chunk) -> None:
    from dianke.core.encrypted_fields import encrypt_many, index_many
    from dianke.core.ids import uuid7
    from dianke.core.search_words import vector_text
    from dianke.customers.models import ContactPoint, SourceRecord
    from dianke.customers.rules.numbers import member_number_of

    chance, ids, keys = chunk.chance, chunk.ids, chunk.keys
    _copy(
        cursor,
        "core_datakey",
        "id subject_kind subject_id wrapped master_key_id created_at",
        ((k.id, k.subject_kind, k.subject_id, k.wrapped, k.master_key_id, chunk.now) for k in keys),
    )
    numbers = [member_number_of(pk) for pk in ids]
    _copy(
        cursor,
        "customers_customer",
        "id uuid key_id kind state member_number name aliases search_words gender occupation credit_code level "
        "is_key_account store_id owner_id channel campaign created_at last_seen_at survivors custom",
        (
            (
                pk,
                chunk.uuids[n],
                keys[n].id,
                "COMPANY" if chunk.names[n].endswith("公司") else "PERSON",
                "ACTIVE",
                numbers[n],
                chunk.names[n],
                "",
                vector_text(f"{_words(chunk.names[n])} {numbers[n]}"),
                chance.choice(("F", "F", "M", "")),
                "",
                "",
                chance.choice(LEVELS),
                False,
                chunk.stores[n],
                chunk.clerk if chance.random() < 0.002 else None,
                chance.choice(("COUNTER", "COUNTER", "QR", "IMPORT", "WECHAT")),
                "",
                chunk.seen[n] - timedelta(days=chance.random() * 700),
                chunk.seen[n],
                json.dumps({"name": {"record": pk, "rule": "only"}}),
                "{}",
            )
            for n, pk in enumerate(ids)
        ),
    )
    record_uuids, point_uuids = [uuid7() for _id in ids], [uuid7() for _id in ids]
    payload, value = SourceRecord._meta.get_field("payload"), ContactPoint._meta.get_field("value")
    payloads = encrypt_many(
        payload,
        record_uuids,
        [
            {"raw": {"name": name}, "fields": {"name": name, "phones": [phone]}}
            for name, phone in zip(chunk.names, chunk.phones, strict=True)
        ],
        keys,
    )
    _copy(
        cursor,
        "customers_sourcerecord",
        "id uuid key_id customer_id channel source campaign external_id received_at payload_sealed review store_id",
        (
            (
                pk,
                record_uuids[n],
                keys[n].id,
                pk,
                "IMPORT",
                "bench",
                "",
                str(pk),
                chunk.seen[n],
                payloads[n],
                "ACCEPTED",
                chunk.stores[n],
            )
            for n, pk in enumerate(ids)
        ),
    )
    sealed = encrypt_many(value, point_uuids, chunk.phones, keys)
    exact = index_many(ContactPoint._meta.get_field("value_exact"), chunk.phones)
    last4 = index_many(ContactPoint._meta.get_field("value_last4"), chunk.phones)
    last6 = index_many(ContactPoint._meta.get_field("value_last6"), chunk.phones)
    _copy(
        cursor,
        "customers_contactpoint",
        "id uuid key_id customer_id record_id kind use value_sealed value_exact value_last4 value_last6 "
        "extension is_preferred is_shared created_at",
        (
            (
                pk,
                point_uuids[n],
                keys[n].id,
                pk,
                pk,
                "PHONE",
                "MOBILE",
                sealed[n],
                exact[n],
                last4[n],
                last6[n],
                "",
                True,
                False,
                chunk.seen[n],
            )
            for n, pk in enumerate(ids)
        ),
    )
    _copy(
        cursor,
        "customers_importantdate",
        "customer_id record_id kind label calendar year month day is_leap text",
        ((pk, pk, "BIRTHDAY", "", *_birthday(chance)) for pk in ids if chance.random() < 0.6),
    )
    _copy(
        cursor,
        "customers_consent",
        "customer_id purpose channel is_given at how",
        (
            (pk, "MARKETING", "SMS", chance.random() < 0.8, chunk.seen[n], "COUNTER")
            for n, pk in enumerate(ids)
            if chance.random() < 0.5
        ),
    )
    _copy(
        cursor,
        "customers_tagging",
        "customer_id tag_id since",
        ((pk, chance.choice(chunk.tags), chunk.now) for pk in ids if chance.random() < 0.3),
    )


def _birthday(chance: random.Random) -> tuple[str, int, int, int, bool, str]:
    calendar = "LUNAR" if chance.random() < 0.3 else "SOLAR"
    return calendar, chance.randrange(1950, 2008), chance.randrange(1, 13), chance.randrange(1, 29), False, ""


def _copy(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows by COPY; columns that are not named get what the model gives a new row."""
    from django.apps import apps

    names = columns.split()
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    rest: dict[str, Any] = {
        str(field.column): field.get_default()
        for field in model._meta.concrete_fields
        if field.column not in names
        and not field.null
        and not field.primary_key
        and not field.has_db_default()
    }
    usual = tuple(rest.values())
    with cursor.copy(f"COPY {table} ({', '.join([*names, *rest])}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((*row, *usual))
