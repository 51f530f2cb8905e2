"""The work of the demo: presets and what they plan, skills, rules, tasks in every state, talk, approvals, notices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dianke.config.demo.data import work as read_work
from dianke.config.demo.family import Family
from dianke.config.operations import apply_preset
from dianke.core.actor import SYSTEM, Actor
from dianke.events.models import Event
from dianke.events.reactions import all_reactions
from dianke.stores.models import Trade
from dianke.web.listing import listing_by_code
from dianke.web.operations import save_view
from dianke.work.models import Approval, Notification, RecurringTask, Skill, Task
from dianke.work.operations import (
    add_comment,
    add_skill,
    cancel_task,
    complete_task,
    create_rule,
    create_task,
    make_occurrences,
    mark_read,
    request_approval,
    set_policy,
    set_staff_skills,
    tick_checklist_item,
)
from dianke.work.operations.approvals import decide

NOTICED_DAYS = 10
READ_AFTER = timedelta(hours=30)


class Jobs:
    """Builds the work of a family that stands already. `tasks` are those of the data, by title."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.data: dict[str, Any] = read_work()
        self.tasks: dict[str, Task] = {}
        self.skills: dict[str, Skill] = {}

    def teach(self) -> None:
        """Presets of the stores, skills of the people, rules of assignment."""
        family, now = self.family, self.family.at(-2, "08:00")
        for store in family.stores.values():
            apply_preset(store=store, trade=Trade(store.trade).value, actor=family.owner, now=now)
            store.refresh_from_db()
        for name in self.data["skills"]:
            self.skills[name] = add_skill(name=name, actor=family.owner, now=now)
        for name in self.data["languages"]:
            self.skills[name] = add_skill(name=name, kind=Skill.Kind.LANGUAGE, actor=family.owner, now=now)
        for row in family.data["people"]:
            if row.get("skills") and family.has(row["username"]):
                levels = {self.skills[name].pk: level for name, level in row["skills"].items()}
                set_staff_skills(
                    staff=family.staff[row["username"]], levels=levels, actor=family.owner, now=now
                )
        for row in self.data["rules"]:
            if family.has(None, row.get("store")):
                values = {
                    "name": row["name"],
                    "kind": row.get("kind", ""),
                    "strategy": row["strategy"],
                    "store": family.stores.get(row.get("store", "")),
                    "skill": self.skills.get(row.get("skill", "")),
                }
                create_rule(values=values, actor=family.owner, now=now)

    def hand_out(self) -> None:
        """The tasks of the data with what became of them, and today's of the recurring ones."""
        for row in self.data["tasks"]:
            if self.family.has(row.get("owner"), row.get("store")) and self.family.has(row["by"]):
                self._task(row)
        for recurring in RecurringTask.objects.select_related("store").order_by("pk"):
            for task in make_occurrences(recurring=recurring, actor=SYSTEM, now=self.family.now):
                self._finish_old(task)

    def talk(self) -> None:
        """Comments, requests for approval, saved views, and the notices that follow from all of it."""
        for row in self.data["tasks"]:
            task = self.tasks.get(row["title"])
            for who, days, hour, text in row.get("comments", []) if task else []:
                if self.family.has(who):
                    actor, now = self.family.actor(who), self.family.at(days, hour)
                    add_comment(task=self.tasks[row["title"]], text=text, actor=actor, now=now)
        self._approvals()
        self._views()
        self._notices()

    # --- pieces --------------------------------------------------------------------------------------------------
    def _task(self, row: dict[str, Any]) -> None:
        family = self.family
        owner, store = row.get("owner"), family.stores.get(row.get("store", ""))
        maker = self._maker(row["by"], owner, store.pk if store else None)
        days, hour = row["due"]
        task = create_task(
            title=row["title"],
            note=row.get("note", ""),
            kind=row["kind"],
            owner=family.user(owner) if owner else None,
            store=store,
            due_at=family.due(days, hour),
            priority=row.get("priority", 2),
            checklist=row.get("checklist", []),
            custom=row.get("custom", {}) if store else {},
            actor=maker,
            now=family.at(row["made"], "09:40"),
        )
        self.tasks[row["title"]] = task
        doer = family.actor(owner) if owner and "left" not in self._person(owner) else maker
        for item in list(task.checklist.all())[: row.get("ticked", 0)]:
            now = family.at(min(0, row["made"] + 1), "11:30")
            tick_checklist_item(task=task, item_id=item.pk, is_done=True, actor=doer, now=now)
        if "done" in row:
            complete_task(task=task, actor=doer, now=family.at(row["done"], "16:20"))
        if "cancelled" in row:
            cancel_task(task=task, actor=maker, now=family.at(row["cancelled"], "17:00"))

    def _person(self, username: str) -> dict[str, Any]:
        found: dict[str, Any] = next(row for row in self.family.data["people"] if row["username"] == username)
        return found

    def _maker(self, by: str, owner: str | None, store_id: int | None) -> Actor:
        """Who wrote a task down; the founder for those who may not give work to others."""
        actor = self.family.actor(by)
        reached = actor.stores_for("work.assign_tasks")
        leads = actor.can("work.assign_tasks", store_id=store_id) and (
            store_id is not None or reached is None
        )
        works_here = actor.can("work.manage_own_tasks") and actor.can("work.view_tasks", store_id=store_id)
        return actor if works_here and (leads or owner in (None, by)) else self.family.owner

    def _finish_old(self, task: Task) -> None:
        """Yesterday's round was done, today's waits."""
        if task.due_at is not None and task.due_at < self.family.now - timedelta(hours=6):
            complete_task(task=task, actor=SYSTEM, now=task.due_at)

    def _approvals(self) -> None:
        """Two policies; requests waiting, one approved, one refused."""
        family = self.family
        owner, now = family.owner, family.at(-20)
        set_policy(operation="web.request_export", actor=owner, now=now)
        set_policy(operation="stores.close_store", actor=owner, now=now)
        export = {
            "list_code": "stores.staff",
            "query": "",
            "format": "xlsx",
            "total_count": len(family.staff),
        }
        self._ask(
            "yezihan", "web.request_export", export, "会员答谢要核对各店负责人名单，用完即删。", -1, "16:40"
        )
        refused = self._ask(
            "yezihan",
            "web.request_export",
            export | {"query": "q=店长"},
            "想先看看各店的人员电话。",
            -6,
            "10:05",
        )
        self._decide(refused, "linxiulan", False, "电话不需要导出，系统里点开即可查看。", -6, "12:30")
        if "linzhiyuan" in family.staff and "SZ02" in family.stores and "machao" in family.staff:
            posting = family.staff["machao"].postings.get()
            moving = {
                "posting": posting.pk,
                "store": family.stores["SZ02"].pk,
                "from_date": str(family.day(10)),
                "role": None,
            }
            self._ask(
                "linzhiyuan",
                "stores.transfer_staff",
                moving,
                "谢婷离职后新区店人手不够，调一位过去。",
                -1,
                "20:15",
            )
        if "KA01" in family.stores:
            closing = {"store": family.stores["KA01"].pk, "closed_on": str(family.day(60))}
            self._ask(
                "linzhiyuan",
                "stores.close_store",
                closing,
                "想并入园区店，省一层租金，先请您定。",
                0,
                "08:50",
            )
        approved = self._ask(
            "suwanqing" if "suwanqing" in family.staff else "linzhiyuan",
            "web.request_export",
            export | {"query": "q=湖滨"},
            "月会要逐条过，打印一份。",
            -9,
            "09:20",
        )
        self._decide(approved, "linxiulan", True, "", -9, "09:45")

    def _ask(
        self, who: str, operation: str, arguments: dict[str, Any], reason: str, days: int, hour: str
    ) -> Approval:
        return request_approval(
            operation=operation,
            arguments=arguments,
            reason=reason,
            actor=self.family.actor(who),
            now=self.family.at(days, hour),
        )

    def _decide(
        self, approval: Approval, who: str, is_approved: bool, note: str, days: int, hour: str
    ) -> None:
        decide(
            approval=approval,
            is_approved=is_approved,
            sha256=approval.sha256,
            note=note,
            actor=self.family.actor(who),
            now=self.family.at(days, hour),
        )

    def _views(self) -> None:
        for row in self.data["views"]:
            if self.family.has(row["user"]) and listing_by_code(row["list"]) is not None:
                save_view(
                    list_code=row["list"],
                    name=row["name"],
                    query=row["query"],
                    is_shared=row.get("shared", False),
                    actor=self.family.actor(row["user"]),
                    now=self.family.at(-8),
                )

    def _notices(self) -> None:
        """The notices people would have had by now: the room's own reactions, at the time of each event. When the
        dispatcher comes to these events it finds them told."""
        since = self.family.now - timedelta(days=NOTICED_DAYS)
        events = Event.objects.filter(recorded_at__gte=since, kind__startswith="work.").order_by(
            "recorded_at", "pk"
        )
        for event in list(events):
            for reaction in all_reactions():
                if reaction.wants(event):
                    reaction.react(event, now=event.recorded_at)
        for username in self.family.staff:
            self._read(username, before=self.family.now - READ_AFTER)

    def _read(self, username: str, *, before: datetime) -> None:
        user = self.family.user(username)
        old = list(Notification.objects.filter(user=user, created_at__lt=before).values_list("pk", flat=True))
        if old and self._person(username).get("left") is None:
            mark_read(notice_ids=old, actor=self.family.actor(username), now=before)
