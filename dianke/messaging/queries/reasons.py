"""What a reason is called where people read it, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.messaging.rules.reach import Reason

REASONS: Mapping[str, str | Promise] = {
    Reason.CHANNEL_OFF: _("nothing carries this channel yet; set it up in the settings"),
    Reason.NO_WAY_OUT: _(
        "this shop's own address is not set, so nobody could unsubscribe; whoever runs Dianke sets DIANKE_ORIGINS"
    ),
    Reason.GONE: _("the customer was erased or removed"),
    Reason.ERASING: _("the customer asked to be erased"),
    Reason.IN_REVIEW: _("the entry is still to be looked through"),
    Reason.GUARDED: _("under fourteen: no offers"),
    Reason.NEVER_ASKED: _("never asked for consent; ask first"),
    Reason.SAID_NO: _("consent was refused or taken back"),
    Reason.NO_ADDRESS: _("no number or address for this channel"),
    Reason.FAILING: _("the last message there did not arrive; check the address"),
    Reason.SUPPRESSED: _("the address is on the list of those left alone"),
    Reason.OFTEN: _("written to often enough for now"),
    Reason.CARRIER_LIMIT: _("the carrier takes no more for this number today"),
    Reason.QUOTA: _("the messages of this month are used up"),
    Reason.QUIET: _("not at this hour"),
    Reason.NEVER_OPEN: _("quiet hours leave no hour in which it may go"),
    Reason.EXPIRED: _("its time passed before it could go"),
    "by_hand": _("called back by hand"),
    "source_stopped": _("what it belonged to was stopped"),
    "value_missing": _("a value for its text is missing"),
    "refused": _("the carrier refused it"),
    "not_friend": _("the customer is not, or no longer, a WeCom contact of the employee"),
    "not_confirmed": _("the employee did not send it in time; it was taken back"),
    "bad_address": _("nobody is at this address"),
    "bounced_hard": _("came back: nobody is at this address"),
    "bounced_soft": _("came back; after several the address counts as failing"),
    "unreachable": _("the carrier was not reached; it is tried again"),
    "no_answer": _("the carrier did not answer; it is asked before a second try"),
    "gave_up": _("tried several times in vain"),
}

#: What is missing for letters that need consent, and what to do.
LETTERS_NEED_ADDRESS = _(
    "Emails carry a link that ends them, which begins with this shop's own address. It is not set. Whoever runs Dianke"
    " sets DIANKE_ORIGINS, for example https://shop.example; or choose another channel."
)


def reason_text(code: str) -> str:
    """In words; the code itself when there are none."""
    return str(REASONS.get(code, code))
