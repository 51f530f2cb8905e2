"""Gives every table that pages show more rows, for tests that ask whether what a page costs grows with them.

`Growth` stands on the loaded demo. `add(count)` adds that many of everything, through the operations: to the lists
(tasks, people, stores …) and to the records whose pages are opened (their comments, postings, tills …).
"""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.sessions.models import Session as StoredSession

from dianke.access.clients import Client
from dianke.access.models import Role, SignIn, User
from dianke.access.operations import (
    create_api_key,
    create_role,
    enrol_device,
    note_refused_sign_in,
    open_session,
    record_permission_review,
)
from dianke.access.queries import actor_for
from dianke.config.operations import apply_preset
from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.events.models import Delivery, Event
from dianke.stores import operations as stores
from dianke.stores.models import Holding, LegalEntity, Partner, Posting, Region, Staff, Store
from dianke.web.models import Export
from dianke.web.operations import save_view
from dianke.work import operations as work
from dianke.work.models import RecurringTask, Skill, Task
from tests.growth_of_clienteling import ContactLists
from tests.growth_of_customers import Customers
from tests.growth_of_deliveries import Deliveries
from tests.growth_of_goods import Goods
from tests.growth_of_insight import Insight
from tests.growth_of_journeys import Journeys
from tests.growth_of_loyalty import Members
from tests.growth_of_marketing import Campaigns
from tests.growth_of_messaging import Messages
from tests.growth_of_orders import Orders
from tests.growth_of_promotions import Promotions
from tests.growth_of_register_pages import RegisterPages
from tests.growth_of_registers import Registers
from tests.growth_of_segments import Segments
from tests.growth_of_wallets import Wallets

OWNER, MANAGER, CLERK = "linxiulan", "suwanqing", "tangxiaoyu"
DIGITS = "一二三四五六七八九十"


class Growth:
    """`store`, `staff`, `task` … are the records whose pages tests open; each addition gives them more of theirs."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = now.date()
        self.number = 0
        self.owner = User.objects.get(username=OWNER)
        self.actor = actor_for(self.owner, now=now)
        self.manager = actor_for(User.objects.get(username=MANAGER), now=now)
        self.staff = Staff.objects.get(user__username=CLERK)
        posting = Posting.objects.filter(staff=self.staff).select_related("store").latest("pk")
        assert posting.store is not None
        self.store: Store = posting.store
        self.entity = self.store.legal_entity
        self.partner: Partner = Holding.objects.latest("pk").partner
        self.task: Task = work.create_task(
            title="回访张女士", owner=self.owner, store=self.store, checklist=["备礼"], **self.who
        )
        self.by_system: dict[str, Any] = {"actor": SYSTEM, "now": now}
        self.customers = Customers(self.store, self.who)
        self.goods = Goods(self.store, self.who)
        self.promotions = Promotions(self.store, self.customers.subject, self.who)
        self.members = Members(self.customers.subject, self.who)
        self.wallets = Wallets(self.store, self.who)
        self.registers = Registers(self.store, self.who)
        self.register_pages = RegisterPages(self.store, self.customers.subject, self.who)
        self.orders = Orders(self.store, self.customers.subject, self.who)
        self.deliveries = Deliveries(self.store, self.customers.subject, self.owner, self.who)
        self.insight = Insight(self.store, self.customers.subject, self.who)
        self.messages = Messages(self.customers.subject, self.who)
        self.segments = Segments(self.customers.subject, self.who)
        self.campaigns = Campaigns(self.segments.segment, self.who)
        self.journeys = Journeys(self.who)
        self.lists = ContactLists(self.customers.subject, self.owner, self.who)

    @property
    def who(self) -> dict[str, Any]:
        return {"actor": self.actor, "now": self.now}

    def add(self, count: int) -> None:
        """`count` more of everything."""
        for _turn in range(count):
            self.number += 1
            self._organisation()
            self._people()
            self._tasks()
            self._settings()
            self._traces()
            self.customers.add(self.number, self.word, Staff.objects.latest("pk").user)
            self.goods.add(self.number, self.word)
            self.promotions.add(self.number, self.word)
            self.members.add(self.number)
            self.wallets.add(self.number, self.word)
            self.registers.add(self.number)
            self.register_pages.add(self.number, self.word, Customer.objects.latest("pk"))
            self.orders.add(self.number, self.word)
            self.deliveries.add(self.number, self.word)
            self.insight.add(self.number, self.word, Customer.objects.latest("pk"))
            self.messages.add(self.number, self.word, Customer.objects.latest("pk"))
            self.segments.add(self.number, self.word)
            self.campaigns.add(self.number, self.word, Customer.objects.latest("pk"))
            self.journeys.add(self.number, self.word, Customer.objects.latest("pk"))
            self.lists.add(self.number, Customer.objects.latest("pk"))
        self.insight.close(self.number)

    @property
    def word(self) -> str:
        """A name nothing else has."""
        return "".join(DIGITS[int(digit) - 1] for digit in str(self.number)) + "号"

    def _organisation(self) -> None:
        number, word = self.number, self.word
        entity: LegalEntity = stores.add_legal_entity(
            values={"name": f"杭州{word}有限公司", "short_name": word}, **self.who
        )
        region: Region = stores.add_region(name=f"{word}片区", parent=self.store.region, **self.who)
        values = {
            "code": f"XX{number:02}",
            "name": f"{word}店",
            "short_name": word,
            "trade": self.store.trade,
        }
        values |= {"legal_entity": entity, "region": region, "opened_on": self.today}
        another: Store = stores.open_store(values=values, **self.who)
        apply_preset(store=another, trade="BEAUTY", **self.who)
        stores.add_register(store=self.store, code=f"X{number:02}", name=f"{word}台", **self.who)
        stores.add_stock_place(store=self.store, name=f"{word}柜", kind="WAREHOUSE", **self.who)
        for store in (None, self.store):
            day = self.today + timedelta(days=number % 20)
            stores.mark_day(store=store, day=day, kind="CLOSED", name=f"{word}盘点", **self.who)
        person = stores.add_partner(name=f"合伙人{word}", **self.who)
        for partner, of in ((person, entity), (self.partner, entity)):
            stores.give_holding(
                partner=partner,
                legal_entity=of,
                share_basis_points=100,
                from_date=self.today,
                **self.who,
            )

    def _people(self) -> None:
        number, word = self.number, self.word
        clerk = Role.objects.get(code="CLERK")
        colleague: Staff = stores.hire_staff(
            username=f"person{number}",
            name=f"员工{word}",
            number=f"X{number:03}",
            legal_entity=self.entity,
            hired_on=self.today,
            phone=f"13900000{number:03}",
            role=clerk,
            store=self.store,
            **self.who,
        )
        role = create_role(
            name=f"{word}角色", scope="STORE", permissions=["work.view_tasks"], purpose="盘点", **self.who
        )
        for staff in (self.staff, colleague):
            stores.post_staff(
                staff=staff, role=role, store=Store.objects.latest("pk"), from_date=self.today, **self.who
            )
        skill: Skill = work.add_skill(name=f"技能{word}", **self.who)
        for staff in (self.staff, colleague):
            levels = {row.skill_id: row.level for row in staff.skills.all()} | {skill.pk: 2}
            work.set_staff_skills(staff=staff, levels=levels, **self.who)

    def _tasks(self) -> None:
        number, word = self.number, self.word
        someone = Staff.objects.latest("pk").user
        for days, owner in ((-2, self.owner), (0, self.owner), (3, someone), (1, None)):
            made = work.create_task(
                title=f"{word}事项 {days}",
                kind="followup",
                owner=owner,
                store=self.store,
                due_at=self.now + timedelta(days=days, minutes=number),
                checklist=["一", "二"],
                **self.who,
            )
        work.complete_task(task=made, **self.who)
        work.add_comment(task=self.task, text=f"第{word}条", mention_ids=[someone.pk], **self.who)
        work.add_checklist_item(task=self.task, text=f"第{word}步", **self.who)
        recurring: RecurringTask = work.create_recurring_task(
            values={
                "title": f"{word}巡店",
                "kind": "other",
                "frequency": "DAILY",
                "due_time": time(9, 30),
                "starts_on": self.today,
                "store": self.store,
            },
            **self.who,
        )
        work.make_occurrences(recurring=recurring, **self.by_system)
        work.create_rule(
            values={
                "name": f"{word}规则",
                "kind": "followup",
                "strategy": "ROUND_ROBIN",
                "store": self.store,
                "skill": Skill.objects.latest("pk"),
            },
            **self.who,
        )
        work.define_field(
            model="work.task",
            type="CHOICE" if number % 2 else "STAFF",
            values={
                "label": f"{word}项",
                "in_list": number <= 2,
                "in_filter": True,
                "options": [{"code": c, "label": c} for c in "甲乙"] if number % 2 else [],
            },
            **self.who,
        )
        for user in (self.owner, someone):
            work.notify(
                user_ids=[user.pk],
                kind="task_assigned",
                params={"who": "林", "title": word},
                reference=f"growth:{number}:{user.pk}",
                subject=f"work.task:{self.task.pk}",
                url=f"/tasks/{self.task.pk}/",
                **self.by_system,
            )

    def _settings(self) -> None:
        number = self.number
        export = {
            "list_code": "stores.staff",
            "query": f"q={number}",
            "format": "xlsx",
            "total_count": number,
        }
        for actor in (self.manager, self.actor):
            work.request_approval(
                operation="web.request_export",
                arguments=export,
                reason=f"核对 {number}",
                actor=actor,
                now=self.now,
            )
        work.set_policy(operation="web.request_export", store_id=Store.objects.latest("pk").pk, **self.who)
        save_view(list_code="work.tasks", name=f"视图{number}", query="q=x", is_shared=True, **self.who)
        save_view(list_code="stores.staff", name=f"视图{number}", query="q=x", **self.who)
        # By itself: the demo's policy lets nobody export without a second person.
        Export.objects.create(
            user=self.owner, list_code="stores.stores", format="csv", total_count=9, requested_at=self.now
        )

    def _traces(self) -> None:
        """Sessions, sign-ins, devices, keys, reviews and failures."""
        number, client = self.number, Client("203.0.113.9", "Mozilla/5.0")
        device = enrol_device(name=f"前台{number}", store_id=self.store.pk, client=client, **self.who).device
        for user in (self.owner, Staff.objects.latest("pk").user):
            key = secrets.token_hex(16)
            ends = self.now + timedelta(days=1)
            StoredSession.objects.create(session_key=key, session_data="", expire_date=ends)
            open_session(
                user=user,
                session_key=key,
                method=SignIn.Method.PASSWORD,
                client=client,
                device=device,
                ends_at=ends,
                **self.by_system,
            )
            note_refused_sign_in(
                user=user,
                tried_name=user.username,
                method=SignIn.Method.PASSWORD,
                result=SignIn.Result.WRONG,
                client=client,
                device=device,
                **self.by_system,
            )
            create_api_key(name=f"钥匙{number}", owner=user, scopes=["work.view_tasks"], **self.by_system)
        record_permission_review(
            comment=f"第 {number} 次",
            next_due_date=self.today + timedelta(days=180),
            today=self.today,
            snapshot={},
            **self.who,
        )
        event = Event.objects.latest("pk")
        Delivery.objects.create(
            reaction="work.tell_people",
            subject=event.subject,
            era=1,
            xid=number,
            event_id=event.pk,
            event_recorded_at=event.recorded_at,
            state=Delivery.State.DEAD,
            try_count=7,
            next_at=self.now,
            failed_at=self.now,
            error_code="mail_down",
            error="The mail server did not answer.",
        )
