"""What the groups of customers mean, in words: who is in one, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

#: By group (`models.ValueGroup`), the best first.
MEANINGS: dict[str, tuple[_StrPromise, _StrPromise]] = {
    "CHAMPION": (
        _("Bought lately, often and much."),
        _("Keep them close: invite them first, ask them to bring friends."),
    ),
    "LOYAL": (
        _("Buys often and much, and was here not long ago."),
        _("Thank them; offer what goes with what they have."),
    ),
    "PROMISING": (
        _("Was here lately and has bought more than once, for little so far."),
        _("Show them more of the shop; a second category makes them stay."),
    ),
    "NEW": (
        _("Bought for the first time, lately."),
        _("The second visit decides: thank them and give a reason."),
    ),
    "ATTENTION": (
        _("An ordinary customer who has not been here for a while."),
        _("Get in touch before it becomes a habit to stay away."),
    ),
    "SLIPPING": (
        _("Bought little, and comes less and less."),
        _("A small reminder is enough; do not spend much on it."),
    ),
    "AT_RISK": (
        _("Used to buy often and much, and has stayed away."),
        _("Call in person and ask what was wrong."),
    ),
    "CANT_LOSE": (
        _("Was one of the best, and has been away longest."),
        _("Win back first: a personal call by whom they know."),
    ),
    "DORMANT": (
        _("Bought little, long ago."),
        _("Write now and then; leave them alone if they do not answer."),
    ),
    "LOST": (_("Bought once or twice for little, very long ago."), _("Spend nothing on them.")),
}
