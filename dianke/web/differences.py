"""How a difference between those who were written to and those who were kept back is said."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dianke.core.intervals import MIN_CONVERTED, MIN_PEOPLE, Difference, Withheld


def bought_words(found: Difference) -> str:
    """Of the shares who bought: with its sign and its interval, in points."""
    return _("%(value)s bought (%(low)s to %(high)s)") % {
        "value": signed(_("%(points)s points") % {"points": f"{found.value * 100:.1f}"}, found.value),
        "low": f"{found.low * 100:.1f}",
        "high": f"{found.high * 100:.1f}",
    }


def finding_words(text: str) -> str:
    """The sentence around what was found; `text` empty: nothing clear was."""
    if not text:
        return _("No clear difference from those kept back yet.")
    return _("Against those kept back: %(text)s") % {"text": text}


def signed(text: str, value: float) -> str:
    return f"+{text}" if value > 0 else text


def withheld_words(why: Withheld) -> str:
    if why is Withheld.NO_CONTROL:
        return _("Nobody was kept back, so what it brought cannot be told from what would have come anyway.")
    if why is Withheld.FEW_PEOPLE:
        text = _("Too few people for a comparison: %(count)s are needed in each group.")
        return text % {"count": MIN_PEOPLE}
    if why is Withheld.FEW_CONVERTED:
        text = _("Too few have bought for a comparison: %(count)s are needed.")
        return text % {"count": MIN_CONVERTED}
    return _("Nothing varies, so nothing can be compared.")
