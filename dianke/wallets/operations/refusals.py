"""Named errors of prepaid value, each with what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.errors import Conflict, InvalidInput, NotAllowed


class AmountMissing(InvalidInput):
    code = "amount_not_positive"
    message = _("Enter an amount above zero.")
    default_field = "amount"


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    message = _("Say why, in a few words: it stays in the history.")
    default_field = "reason"


class OfferNotValid(Conflict):
    code = "offer_not_valid"
    message = _("The offer “%(offer)s” does not hold here: %(why)s Choose another, or top up without one.")
    default_field = "offer_id"


class CapReached(Conflict):
    """`source` names the term."""

    code = "cap_reached"
    message = _(
        "With this there would be %(after)s in it; at most %(cap)s is allowed. Take less. Rule: %(source)s"
    )
    default_field = "paid_amount"


class IdentityMissing(Conflict):
    code = "identity_missing"
    message = _(
        "From %(amount)s on a verified document is needed. Enter it on the customer's page first. Rule: %(source)s"
    )
    default_field = "paid_amount"


class CashRefused(Conflict):
    code = "cash_refused"
    message = _("From %(amount)s on no cash is taken. Let the customer transfer it. Rule: %(source)s")
    default_field = "payment_kind"


class ValidityTooShort(Conflict):
    code = "validity_too_short"
    message = _("Unnamed value has to stay valid for at least %(days)s days. Rule: %(source)s")
    default_field = "offer_id"


class ValueTooLow(Conflict):
    """`available` and `wanted` in fen are in `params` beside the shown amounts."""

    code = "stored_value_too_low"
    message = _(
        "Only %(available_shown)s can be used here, %(wanted_shown)s is wanted. Take less, or top up first."
    )
    default_field = "amount"


class Frozen(Conflict):
    code = "prepaid_frozen"
    message = _("%(number)s is frozen: %(reason)s Unfreeze it first.")


class NotFrozen(Conflict):
    code = "prepaid_not_frozen"
    message = _("%(number)s is not frozen. Nothing has to be done.")


class AlreadyFrozen(Conflict):
    code = "prepaid_already_frozen"
    message = _("%(number)s is frozen already: %(reason)s")


class NothingToRefund(Conflict):
    code = "nothing_to_refund"
    message = _("By the rule that holds, nothing comes back. The working shows why.")


class TopUpUsed(Conflict):
    code = "top_up_used"
    message = _("Something of it was used. Refund what is left instead.")


class SameCustomer(InvalidInput):
    code = "same_customer"
    message = _("It is this customer's already. Choose somebody else.")
    default_field = "customer_id"


class NothingToTransfer(Conflict):
    code = "nothing_to_transfer"
    message = _("There is nothing left to transfer.")


class OtherEntity(Conflict):
    code = "other_entity"
    message = _("%(entity)s received the money. This has to be done at one of its stores.")
    default_field = "store_id"


# --- session cards -------------------------------------------------------------------------------------------
class KindNotSold(Conflict):
    code = "card_kind_not_sold"
    message = _("“%(kind)s” is not sold here. Choose another kind of card.")
    default_field = "kind_id"


class KindEmpty(InvalidInput):
    code = "card_kind_empty"
    message = _("A card needs at least one service with sessions.")
    default_field = "items"


class NotAService(InvalidInput):
    code = "not_a_service"
    message = _("“%(product)s” is no service. Choose services only.")
    default_field = "items"


class SessionsTooFew(Conflict):
    code = "sessions_too_few"
    message = _(
        "Only %(left)s sessions of “%(service)s” are left on the card, %(wanted)s are wanted. Take fewer."
    )
    default_field = "count"


class CardUnknown(InvalidInput):
    code = "card_unknown"
    message = _("This card is not there, or it is not this customer's. Choose one of the customer's cards.")
    default_field = "card_id"


class CardExpired(Conflict):
    code = "card_expired"
    message = _("The card was valid through %(day)s. Extend it with a reason, then use it.")


class CardClosed(Conflict):
    code = "card_closed"
    message = _("Nothing can be done with this card any more: %(state)s.")


class CardUsed(Conflict):
    code = "card_used"
    message = _("Sessions of it were used. Refund what is left instead.")


class ConfirmationMissing(NotAllowed):
    code = "confirmation_missing"
    message = _(
        "The customer has to agree: scan or type the code on their phone (member card → session cards)."
    )
    default_field = "confirmation"


class ConfirmationWrong(Conflict):
    code = "confirmation_wrong"
    message = _("This code is not right, too old or used. Take the one the phone shows now.")
    default_field = "confirmation"


class UseUndone(Conflict):
    code = "use_undone"
    message = _("This use was taken back already.")


class NotLater(InvalidInput):
    code = "not_later"
    message = pgettext_lazy("validity", "Choose a day after %(day)s.")
    default_field = "to_date"


class NeverExpires(Conflict):
    code = "never_expires"
    message = _("This card does not expire. Nothing has to be extended.")


class CreditTooLarge(Conflict):
    code = "credit_too_large"
    message = _(
        "%(credit)s is left on the old card, more than the new one costs. Choose a dearer card or refund."
    )
    default_field = "kind_id"
