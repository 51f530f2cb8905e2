"""Types the endpoints of every room share: ids, texts, bodies that change only what they name."""

from __future__ import annotations

from typing import Annotated, Any, Self, TypeVar

from django.db.models import Choices, Model, QuerySet
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic.fields import FieldInfo
from pydantic.functional_validators import ModelWrapValidatorHandler

from dianke.core.errors import InvalidInput
from dianke.core.refusals import MAX_ID

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound=type[Schema])

Id = Annotated[int, Field(ge=1, le=MAX_ID)]
#: One line of text: no control characters, blanks around it cut off.
_LINE = r"^[^\x00-\x1f\x7f]*$"


def line(max_length: int, *, min_length: int = 1) -> StringConstraints:
    """`Annotated[str, line(80)]`: a text in one line; `min_length=0` may be empty."""
    return StringConstraints(
        strip_whitespace=True, min_length=min_length, max_length=max_length, pattern=_LINE
    )


class Body(Schema):
    """Base of what is sent: a field that is not known is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def _run_root_validator(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """What is sent is plain data, examined once. Ninja's own way, which this replaces, examines it a second time
        through a reader of model attributes."""
        return handler(values)


class ReferenceUnknown(InvalidInput):
    """An id in a body names nothing the caller may see."""

    code = "reference_unknown"
    message = _("Nothing with the id %(id)s is there, or you may not see it.")


def partial(schema: S) -> S:
    """Class decorator of a body for PATCH: every field may be left out, and then stays as it is. Null is taken only
    where the field takes it. Read with `dict(exclude_unset=True)`."""
    fields: dict[str, FieldInfo] = schema.__pydantic_fields__
    for field in fields.values():
        field.default_factory = _nothing
    schema.model_rebuild(force=True)
    return schema


def _nothing() -> None:
    return None


def chosen(rows: QuerySet[M], pk: int, field: str) -> M:
    """The row a body names. Raises `ReferenceUnknown` for the field."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise ReferenceUnknown(id=pk, field=field)
    return found


def chosen_or_none(rows: QuerySet[M], pk: int | None, field: str) -> M | None:
    """The same where null is allowed."""
    return None if pk is None else chosen(rows, pk, field)


def inline(choices: type[Choices]) -> WithJsonSchema:
    """For `Annotated[Transfer.State, inline(Transfer.State)]`: the values stand where they are used. By name, the
    choices of one model would describe those of another that are called the same."""
    return WithJsonSchema({"type": "string", "enum": list(choices.values)})
