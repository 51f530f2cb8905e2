"""A small importer for the tests: skills by name, with a phone and a date only to be spoilt by spreadsheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dianke.events.operations import step
from dianke.imports.importers import (
    Context,
    Importer,
    ImporterExtension,
    Kind,
    MatchRule,
    Option,
    Outcome,
    OutcomeKind,
    Profile,
    Row,
    RowCheck,
    RowProblem,
    Target,
    UndoCount,
)
from dianke.work.models import Skill

KINDS = {"": "SKILL", "技能": "SKILL", "语言": "LANGUAGE"}


@dataclass
class Made:
    """What one row did, for undoing it."""

    pk: int
    before: str | None
    after: str


class SkillImporter(Importer):
    """`made` is what each run did, by run and row; `broken_at` stops the run at that row, as a fault would."""

    code, label, permission = "skills", "技能", "work.manage_rules"
    profiles = (
        Profile(
            "oldshop", "老店通", {"项目": "name", "类": "kind", "备注1": None}, recognised_by=("项目", "类")
        ),
    )
    match_rules = (MatchRule("name", "名称", "名称相同就是同一个"), MatchRule("none", "不匹配"))
    options = (
        Option(
            "place",
            "门店",
            choices=lambda actor: [("1", "静安店"), ("2", "徐汇店")],
            is_required=True,
            default="1",
        ),
        Option("note", "来源"),
        Option("loud", "大声", is_flag=True),
    )
    batch_size = 3
    rejects: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.made: dict[int, dict[int, Made]] = {}
        self.broken_at = 0
        self.finished: list[int] = []
        self.seen: list[int] = []

    def targets(self, actor):
        return [
            Target("name", "名称", ("技能名称", "name", "skill"), is_required=True, example="水光"),
            Target("kind", "类别", ("类型", "kind"), hint="技能或语言"),
            Target("phone", "手机", ("手机号", "手机号码", "电话", "mobile"), kind=Kind.PHONE, group="联系"),
            Target("since", "日期", ("生日", "date"), kind=Kind.DATE),
        ]

    def _problems(self, row: Row) -> tuple[RowProblem, ...]:
        found = []
        if row.get("kind", "") not in KINDS:
            found.append(RowProblem("kind_unknown", "类别只能是技能或语言，请改正", "kind"))
        if (phone := row.get("phone", "")) and len(phone) < 11:
            found.append(RowProblem("phone_short", "手机号少了一位，请补全", "phone", is_warning=True))
        return tuple(found)

    def _forecast(
        self, rows: Sequence[Row]
    ) -> list[tuple[Row, OutcomeKind, tuple[RowProblem, ...], Skill | None]]:
        known = {skill.name: skill for skill in Skill.objects.filter(name__in=[row["name"] for row in rows])}
        found = []
        for row in rows:
            problems, skill = self._problems(row), known.get(row["name"])
            if any(not problem.is_warning for problem in problems):
                kind = OutcomeKind.ERROR
            elif skill is None:
                kind = OutcomeKind.CREATED
            else:
                same = "kind" not in row or skill.kind == KINDS[row["kind"]]
                kind = OutcomeKind.UNCHANGED if same else OutcomeKind.UPDATED
            found.append((row, kind, problems, skill))
        return found

    def check(self, rows: Sequence[Row], context: Context) -> list[RowCheck]:
        return [RowCheck(kind, problems) for _row, kind, problems, _skill in self._forecast(rows)]

    @step
    def apply(self, rows: Sequence[Row], context: Context) -> list[Outcome]:
        made = self.made.setdefault(context.run.pk, {})
        outcomes = []
        for row, kind, problems, skill in self._forecast(rows):
            self.seen.append(row.number)
            if row.number == self.broken_at:
                raise RuntimeError("a fault in the importer")
            after = KINDS.get(row.get("kind", ""), "")
            if kind is OutcomeKind.CREATED:
                skill = Skill.objects.create(name=row["name"], kind=after)
                made[row.number] = Made(skill.pk, None, after)
            elif kind is OutcomeKind.UPDATED and skill is not None:
                made[row.number] = Made(skill.pk, skill.kind, after)
                skill.kind = after
                skill.save()
            outcomes.append(Outcome(kind, str(skill.pk) if skill else "", problems))
        return outcomes

    @step
    def undo(self, context: Context, cursor: str, limit: int) -> UndoCount:
        made = self.made.get(context.run.pk, {})
        numbers = [number for number in sorted(made) if number > int(cursor or 0)][:2]
        removed = restored = kept = 0
        for number in numbers:
            what = made[number]
            skill = Skill.objects.filter(pk=what.pk).first()
            if skill is None or skill.kind != what.after:
                kept += 1
            elif what.before is None:
                skill.delete()
                removed += 1
            else:
                skill.kind = what.before
                skill.save()
                restored += 1
        left = [number for number in sorted(made) if numbers and number > numbers[-1]]
        return UndoCount(removed, restored, kept, str(numbers[-1]) if left else "")

    def after(self, context: Context) -> None:
        self.finished.append(context.run.pk)


class BalanceExtension(ImporterExtension):
    """Opening balances beside the skills."""

    code, importer, label, permission = "balances", "skills", "期初余额", "work.manage_rules"

    def __init__(self) -> None:
        self.balances: dict[str, int] = {}

    def targets(self, actor):
        return [Target("balance", "期初余额", ("余额",))]

    def check(self, rows, context):
        return [
            () if row["balance"].isdigit() else (RowProblem("no_amount", "余额不是数字", "balance"),)
            for row in rows
        ]

    def apply(self, rows, context):
        for row, outcome in rows:
            self.balances[outcome.subject_id] = int(row["balance"])

    def undo(self, context, cursor, limit):
        count = len(self.balances)
        self.balances.clear()
        return UndoCount(removed=count)
