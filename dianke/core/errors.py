"""Named errors of the product.

Whatever goes wrong by a rule of the shop, and not by a fault of the program, is a `DiankeError`: a stable
code for machines and a sentence for people that says what happened, why, and what to do now. Concrete
errors are declared beside the function that raises them, as subclasses of one of the five families below,
which fix the HTTP status.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class DiankeError(Exception):
    """Base of all named errors.

    A concrete error sets `code` (stable, never translated, e.g. "stock_too_low") and `message` (lazy
    translatable, with `%(name)s` places) on the class, and is raised with the values of those places:

        class StockTooLow(Conflict):
            code = "stock_too_low"
            message = _("Only %(left)s left, %(wanted)s wanted. Lower the quantity or receive goods first.")

        raise StockTooLow(left=3, wanted=5, field="quantity")

    `str(error)` is the sentence in the language active when it is asked for, so one error can be shown to
    a cashier in Chinese and written to a log in English. `field` names the form field it belongs to, if
    any.
    """

    code: ClassVar[str] = "error"
    message: ClassVar[Text] = _(
        "Something went wrong. Please try again; if it stays, tell your administrator."
    )
    status: ClassVar[int] = 500
    default_field: ClassVar[str | None] = None

    field: str | None
    params: dict[str, Any]

    def __init__(self, *, field: str | None = None, **params: Any) -> None:
        super().__init__()
        self.field = field if field is not None else self.default_field
        self.params = params

    def __str__(self) -> str:
        # Without params the text is taken as it is, so that a bare percent sign ("30%") needs no doubling.
        # The lazy text itself is asked to format, not its str(): only so does a lazy plural see its number.
        message: Any = self.message
        return str(message % self.params if self.params else message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, field={self.field!r}, params={self.params!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.field, self.params)


def _rebuild(kind: type[DiankeError], field: str | None, params: dict[str, Any]) -> DiankeError:
    return kind(field=field, **params)


class InvalidInput(DiankeError):
    """What was entered cannot be meant; the person corrects it and sends it again."""

    code: ClassVar[str] = "invalid_input"
    message: ClassVar[Text] = _("Something entered here is not right. Please check it and try again.")
    status: ClassVar[int] = 422


class NotAllowed(DiankeError):
    """The acting person may not do this here."""

    code: ClassVar[str] = "not_allowed"
    message: ClassVar[Text] = _("You are not allowed to do this. Ask the store manager for the permission.")
    status: ClassVar[int] = 403


class NotFound(DiankeError):
    """The thing does not exist, or not for this person: both look the same from outside."""

    code: ClassVar[str] = "not_found"
    message: ClassVar[Text] = _("This does not exist, or you may not see it. Go back and look for it again.")
    status: ClassVar[int] = 404


class Conflict(DiankeError):
    """It was possible a moment ago or will be after another step, but not in the present state."""

    code: ClassVar[str] = "conflict"
    message: ClassVar[Text] = _("This was changed meanwhile. Load it again and repeat what you did.")
    status: ClassVar[int] = 409


class TemporarilyUnavailable(DiankeError):
    """Nothing is wrong with the request; the same request may well work later."""

    code: ClassVar[str] = "temporarily_unavailable"
    message: ClassVar[Text] = _("This does not work right now. Please try again in a minute.")
    status: ClassVar[int] = 503
