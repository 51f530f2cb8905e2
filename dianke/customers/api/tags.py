"""Tags over the API: the merchant's list of words, making and changing them, and merging one into another."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import datetime
from typing import Annotated, Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Schema, Status

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Body, Id, chosen, line, partial
from dianke.customers.models import Tag, TagMerge
from dianke.customers.operations import tags
from dianke.customers.operations.tag_merges import MANAGE, SameTag, merge_tags, unmerge_tags
from dianke.customers.queries.tags import preview_of_tags

router = Router(tags=["customer tags"])
Colour = Literal["gray", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink"]


class TagOut(Schema):
    id: int
    name: str
    colour: str
    is_archived: bool = Field(description="Offered no more")
    merged_into_id: int | None = Field(description="The tag its word stands for now")

    @staticmethod
    def resolve_is_archived(tag: Tag) -> bool:
        return tag.archived_at is not None


class TagIn(Body):
    name: Annotated[str, line(24)]
    colour: Colour = "gray"


@partial
class TagPatch(Body):
    name: Annotated[str, line(24)]
    colour: Colour


class IntoIn(Body):
    into_id: Id = Field(description="The tag that is kept")


class TagPreviewOut(Schema):
    joined: int = Field(description="Profiles that have the tag")
    kept: int = Field(description="Profiles that have the one that is kept")
    both: int
    after: int = Field(description="Profiles that have the kept one afterwards")
    rules: int = Field(description="Care rules that ask for the tag")


class TagMergeOut(Schema):
    id: int
    kept_id: int
    joined_id: int
    moved_count: int
    both_count: int
    at: datetime
    undone_at: datetime | None

    @staticmethod
    def resolve_moved_count(merge: TagMerge) -> int:
        return len(merge.moved)

    @staticmethod
    def resolve_both_count(merge: TagMerge) -> int:
        return len(merge.both)


def _tag(pk: int) -> Tag:
    found: Tag = get_object_or_404(Tag, pk=pk)
    return found


@router.get("/customer-tags", response=CursorPage[TagOut])
@requires("customers.view_customers")
def list_tags(request: Request, page: Query[CursorQuery]) -> Any:
    """Every tag by name, archived and merged ones included."""
    return cursor_page(Tag.objects.all(), page, order=["name", "id"])


@router.post("/customer-tags", response={201: TagOut})
@requires(MANAGE)
def make_tag(request: Request, payload: TagIn) -> Any:
    """A new word; an archived one of that name comes back."""
    made = tags.make_tag(name=payload.name, colour=payload.colour, actor=request.actor, now=request.now)
    return Status(201, made)


@router.patch("/customer-tags/{int:pk}", response=TagOut)
@requires(MANAGE)
def change_tag(request: Request, pk: int, payload: TagPatch) -> Any:
    """Another name or colour, everywhere at once."""
    tag, given = _tag(pk), payload.dict(exclude_unset=True)
    return tags.rename_tag(
        tag=tag,
        name=given.get("name", tag.name),
        colour=given.get("colour", ""),
        actor=request.actor,
        now=request.now,
    )


@router.post("/customer-tags/{int:pk}/archive", response=TagOut)
@requires(MANAGE)
def archive_tag(request: Request, pk: int) -> Any:
    """Offer it no more; customers keep it."""
    return tags.archive_tag(tag=_tag(pk), actor=request.actor, now=request.now)


@router.post("/customer-tags/{int:pk}/merge-preview", response=TagPreviewOut)
@requires(MANAGE)
def preview_tag_merge(request: Request, pk: int, payload: IntoIn) -> Any:
    """Whom making this tag part of another would concern. Writes nothing."""
    tag, kept = _tag(pk), chosen(Tag.objects.all(), payload.into_id, "into_id")
    if tag.pk == kept.pk:
        raise SameTag(field="into_id")
    preview = preview_of_tags(tag, kept)
    return {
        "joined": preview.joined,
        "kept": preview.kept,
        "both": preview.both,
        "after": preview.after,
        "rules": preview.rules,
    }


@router.post("/customer-tags/{int:pk}/merge", response={201: TagMergeOut})
@requires(MANAGE)
def merge_tag(request: Request, pk: int, payload: IntoIn) -> Any:
    """Make this tag part of another; its word goes on leading there."""
    kept = chosen(Tag.objects.all(), payload.into_id, "into_id")
    return Status(201, merge_tags(joined=_tag(pk), kept=kept, actor=request.actor, now=request.now))


@router.post("/customer-tags/merges/{int:merge_id}/undo", response=TagOut)
@requires(MANAGE)
def undo_tag_merge(request: Request, merge_id: int) -> Any:
    """Make two tags of one again; what was changed since stays."""
    merge = get_object_or_404(TagMerge, pk=merge_id)
    return unmerge_tags(merge=merge, actor=request.actor, now=request.now)
