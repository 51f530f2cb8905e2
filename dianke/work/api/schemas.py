"""What the endpoints of this room take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from dianke.api.schemas import Body, Id, line, partial
from dianke.work.models import Approval, Task


def _of_our_time(value: datetime) -> datetime:
    if not 2000 <= value.year <= 2199:
        raise PydanticCustomError("datetime_range", "not between the years 2000 and 2199")
    return value


Instant = Annotated[
    AwareDatetime, AfterValidator(_of_our_time), Field(examples=["2026-11-21T18:00:00+08:00"])
]
Title = Annotated[str, line(120), Field(examples=["Call Ms Wang back"])]
Text = Annotated[str, Field(max_length=4000)]
Kind = Annotated[str, line(40), Field(examples=["followup"])]
Priority = Annotated[int, Field(ge=1, le=4, description="1 low, 2 normal, 3 high, 4 urgent")]
Custom = Annotated[
    dict[str, Any], Field(description="Custom fields by key; /custom-fields tells which", max_length=60)
]


# --- tasks -----------------------------------------------------------------------------------------------------------
class ChecklistItemOut(Schema):
    id: int
    text: str
    done_at: datetime | None


class TaskOut(Schema):
    """`subject` is what the task is about ("stores.store:12"); `owner_id` null waits to be taken."""

    id: int
    title: str
    note: str
    kind: str
    owner_id: int | None
    store_id: int | None
    skill_id: int | None
    subject: str
    due_at: datetime | None
    priority: int
    created_at: datetime
    created_by_id: int | None
    completed_at: datetime | None
    completed_by_id: int | None
    cancelled_at: datetime | None
    custom: dict[str, Any]


class TaskDetailOut(TaskOut):
    checklist: list[ChecklistItemOut]

    @staticmethod
    def resolve_checklist(task: Task) -> list[Any]:
        return list(task.checklist.all())


class TaskIn(Body):
    """Without `owner_id` the task waits to be taken, or with `auto_assign` the rules choose."""

    title: Title
    note: Text = ""
    kind: Kind = "other"
    owner_id: Id | None = None
    auto_assign: bool = False
    store_id: Id | None = None
    skill_id: Id | None = None
    due_at: Instant | None = None
    priority: Priority = 2
    checklist: list[Annotated[str, line(120)]] = Field([], max_length=50)
    custom: Custom = {}


@partial
class TaskPatch(Body):
    title: Title
    note: Text
    kind: Kind
    due_at: Instant | None
    priority: Priority
    custom: Custom


class TaskFilter(Schema):
    state: Literal["open", "done", "cancelled", "all"] = "open"
    owner: str | None = Field(
        None, pattern=r"^(me|nobody|[1-9][0-9]{0,17})$", description='"me", "nobody" or an id'
    )
    store_id: Id | None = None
    kind: str | None = Field(None, max_length=40)
    due_before: Instant | None = None


class OwnerIn(Body):
    owner_id: Id | None = Field(description="Null puts it where whoever has time takes it")
    by_rules: bool = Field(False, description="Let the rules choose; owner_id is null then")


class CommentIn(Body):
    text: Text = Field(examples=["@Li Xiaowen please call back"])
    mention_ids: list[Id] = Field([], max_length=50)


class CommentOut(Schema):
    id: int
    author_id: int
    text: str
    mentioned: list[int]
    created_at: datetime


# --- approvals -------------------------------------------------------------------------------------------------------
class LineOut(Schema):
    label: str
    before: str
    after: str


class ApprovalOut(Schema):
    """`sha256` covers operation and arguments; who decides sends back the one that was read."""

    id: int
    operation: str
    summary: str
    lines: list[LineOut]
    reason: str
    sha256: str
    subject: str
    store_id: int | None
    amount: str | None
    requested_by_id: int
    requested_at: datetime
    expires_at: datetime
    outcome: str
    closed_at: datetime | None
    closed_by_id: int | None
    decision_note: str
    result_url: str

    @staticmethod
    def resolve_amount(approval: Approval) -> str | None:
        return None if approval.amount is None else str(approval.amount)


class ApprovalFilter(Schema):
    view: Literal["all", "waiting", "mine"] = Field("all", description="waiting: for the caller to decide")


class ApprovalIn(Body):
    operation: Annotated[str, line(80), Field(examples=["stores.close_store"])]
    arguments: dict[str, Any] = Field(examples=[{"store": 1, "closed_on": "2026-12-31"}], max_length=40)
    reason: Annotated[str, Field(max_length=2000)]


class DecisionIn(Body):
    is_approved: bool
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    note: Annotated[str, Field(max_length=2000)] = ""


# --- notices ---------------------------------------------------------------------------------------------------------
class NoticeOut(Schema):
    id: int
    kind: str
    text: str
    subject: str
    url: str
    created_at: datetime
    read_at: datetime | None


class NoticeFilter(Schema):
    is_unread: bool = False


class ReadIn(Body):
    ids: list[Id] | None = Field(description="Null: all", max_length=500)


class ReadOut(Schema):
    count: int


# --- custom fields ---------------------------------------------------------------------------------------------------
class OptionOut(Schema):
    code: str
    label: str
    is_archived: bool = False


class CustomFieldOut(Schema):
    id: int
    model: str
    key: str
    label: str
    type: str
    trade: str
    section: str
    help: str
    unit: str
    options: list[OptionOut]
    is_required: bool
    in_list: bool
    in_filter: bool
    in_search: bool
    position: int


class FieldFilter(Schema):
    model: str | None = Field(None, max_length=60, examples=["work.task"])
