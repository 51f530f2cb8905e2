"""What stories put into the served product at its shell, because it would take too many taps: code for `Site.run`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

_START = """
from datetime import timedelta
from django.utils import timezone
from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.stores.models import LegalEntity, Region, Staff, Store
now = timezone.now()
owner = User.objects.get(username="linxiulan")
actor = actor_for(owner, now=now)
"""


def open_store(code: str, name: str) -> str:
    """A general store of the region 苏沪, without people."""
    return f"""{_START}
from dianke.stores.operations import open_store
open_store(values=dict(name="栖林家居·{name}", short_name="{name}", code="{code}", trade="GENERAL",
    legal_entity=LegalEntity.objects.get(short_name="栖林家居"), region=Region.objects.get(name="苏沪"),
    opened_on=now.date(), time_zone="Asia/Shanghai", closing_hour=0), actor=actor, now=now)
"""


@contextmanager
def without_approval(site: Site, operation: str) -> Iterator[None]:
    """Meanwhile the operation needs no second person."""
    policy = (
        "from dianke.work.models import ApprovalPolicy\n"
        f"ApprovalPolicy.objects.filter(operation={operation!r}).update(is_active=%s)"
    )
    site.run(policy % False)
    try:
        yield
    finally:
        site.run(policy % True)


def many_tasks(username: str, store: str, title: str, count: int) -> str:
    """Tasks of one person, one an hour."""
    return f"""{_START}
from dianke.work.operations import create_task
user = User.objects.get(username="{username}")
store = Store.objects.get(code="{store}")
for number in range({count}):
    create_task(title=f"{title} {{number:02}}", kind="followup", owner=user, store=store,
        due_at=now + timedelta(hours=number + 1), actor=actor, now=now)
"""


def older_proof(username: str) -> str:
    """The person's newest session proved long ago who they are."""
    return f"""
from importlib import import_module
from django.conf import settings
from dianke.access.models import Session
store = import_module(settings.SESSION_ENGINE).SessionStore
row = Session.objects.filter(user__username={username!r}).latest("pk")
session = store(row.session_key)
session["authenticated_at"] -= 7200
session.save()
"""


def long_names() -> str:
    """Records with the longest names people have; prints the addresses of their pages."""
    return f"""{_START}
from django.urls import reverse
from dianke.access.models import Role
from dianke.stores.operations import add_legal_entity, hire_staff, open_store
from dianke.work.operations import add_comment, create_task
company = "新疆维吾尔自治区伊犁哈萨克自治州霍尔果斯经济开发区丝路金玉珠宝文化传播有限公司"[:40]
person = "阿卜杜热西提·买买提艾力·吐尔逊江"
entity = LegalEntity.objects.filter(name=company).first() or add_legal_entity(
    values=dict(name=company, short_name=company[:20], kind="COMPANY", credit_code="", currency="CNY"), actor=actor, now=now)
store = Store.objects.filter(code="XJ01").first() or open_store(values=dict(name=(company + company)[:60],
    short_name=company[:20], code="XJ01", trade="JEWELRY", legal_entity=entity, region=None, opened_on=now.date(),
    time_zone="Asia/Shanghai", closing_hour=0, province="新疆维吾尔自治区", city="伊犁哈萨克自治州",
    district="霍尔果斯经济开发区", street="合作中心中哈国际边境贸易大街与亚欧大道交汇处向东三百米金玉大厦十二层一二〇八至一二一六号"),
    actor=actor, now=now)
staff = Staff.objects.filter(number="XJ-LONG-NUMBER-1").first() or hire_staff(name=person, number="XJ-LONG-NUMBER-1",
    title="高级客户经理兼珠宝首饰鉴定与定制服务顾问", phone="", legal_entity=entity, username="abdurashit.memetali.tursunjan.the.second.of.his.name", hired_on=now.date(),
    role=Role.objects.get(code="CLERK"), store=store, actor=actor, now=now)
task = create_task(title="给" + person + "回电话，确认" + company + "的和田玉籽料手镯圈口、镶嵌方式、证书抬头与取货时间，顺便问问婚礼日期有没有改动"[:40],
    note="AVeryLongWordWithoutAnySpaceThatSomebodyPastedFromASystemThatKnowsNoSpaces" * 2, kind="followup", owner=owner, store=store,
    checklist=["核对证书编号 GTC-2026-XINJIANG-HETIAN-000000000000000001", company], due_at=now, actor=actor, now=now)
add_comment(task=task, text="https://example.com/" + "a" * 120, mention_ids=[], actor=actor, now=now)
for name, pk in (("stores:store", store.pk), ("stores:staff", staff.pk), ("work:task", task.pk), ("user", staff.user_id)):
    print(reverse(name, args=[pk]))
"""


def enter_customer(
    name: str, phone: str, store: str, *, partner: str = "", birthday: str = "", consents: str = ""
) -> str:
    """A customer entered at the counter of the store, kept by the partner of this sign-in name, with a birthday as people
    write it and consent to each of the purposes named (`"MARKETING CARE"`); prints the number of the page."""
    return f"""{_START}
from dianke.customers.models import Channel
from dianke.customers.operations.entry import enter_customer
from dianke.customers.rules.entry import ConsentEntry, DateEntry, Entry, PhoneEntry
from dianke.stores.models import Partner
entered = enter_customer(
    entry=Entry(name="{name}", phones=(PhoneEntry(text="{phone}"),),
        birthday=DateEntry.parse("{birthday}") if "{birthday}" else None,
        consents=tuple(ConsentEntry(purpose, "ANY", True, None) for purpose in "{consents}".split())),
    channel=Channel.COUNTER, store=Store.objects.get(code="{store}"),
    partner=Partner.objects.filter(user__username="{partner}").first(), as_new=True, actor=actor, now=now)
print(entered.customer.pk)
"""


def set_gold(fineness: int, sell: int, buy: int) -> str:
    """The merchant's board has gold of this fineness at so many fen a gram."""
    return f"""{_START}
from dianke.catalog.operations.day_prices import Quote, set_board
set_board(quotes=[Quote("GOLD", {fineness}, {sell}, {buy})], actor=actor, now=now)
"""


def enter_product(name: str, *, tag: str, fineness: int, net_mg: int) -> str:
    """A product of single pieces with one piece of gold; prints the number of the piece's page."""
    return f"""{_START}
from dianke.catalog.operations.pieces import add_piece
from dianke.catalog.operations.products import create_product
product = create_product(values=dict(name="{name}", kind="PIECE"), actor=actor, now=now)
piece = add_piece(variant=product.variants.select_related("product").get(), values=dict(tag="{tag}", metal="GOLD",
    fineness={fineness}, net_weight_mg={net_mg}, gross_weight_mg={net_mg}), actor=actor, now=now)
print(piece.pk)
"""
