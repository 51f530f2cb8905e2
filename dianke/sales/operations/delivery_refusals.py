"""Why a delivery is not planned, changed or done."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict, InvalidInput


class DeliveryWithoutCustomer(Conflict):
    code = "delivery_without_customer"
    message = _("Order %(number)s is nobody's by name. Name its customer first: a delivery goes to somebody.")


class NothingToPlan(InvalidInput):
    code = "delivery_nothing_to_plan"
    message = _("Choose what goes along: at least one line with more than zero.")
    default_field = "items"


class PlannedTooMuch(InvalidInput):
    code = "delivery_planned_too_much"
    message = _("Of “%(name)s” %(left)s can still be planned. Lower the quantity.")
    default_field = "items"


class DeliveryDayWrong(InvalidInput):
    code = "delivery_day_wrong"
    message = _("Choose a day from today on, at most half a year ahead.")
    default_field = "day"


class SlotFull(Conflict):
    code = "delivery_slot_full"
    message = _("The window “%(slot)s” on %(day)s is full. Choose another window or day.")
    default_field = "slot"


class SlotNotThatDay(InvalidInput):
    code = "delivery_slot_not_that_day"
    message = _("There is no window “%(slot)s” on %(day)s. Choose one that is offered for this day.")
    default_field = "slot"


class CrewUnsuitable(InvalidInput):
    code = "delivery_crew_unsuitable"
    message = _("This crew is of another store, or not in use. Choose one of the store of the order.")
    default_field = "crew"


class AddressMissing(InvalidInput):
    code = "delivery_address_missing"
    message = _("The crew needs street and house, and somebody to ask for. Fill them in.")
    default_field = "street"


class DeliveryNotOpen(Conflict):
    code = "delivery_not_open"
    message = _("This delivery is “%(state)s”: this is not possible any more. Load the page again.")


class DeliveryReasonMissing(InvalidInput):
    code = "delivery_reason_missing"
    message = _("Say why. The reason stays with the delivery.")
    default_field = "reason"
