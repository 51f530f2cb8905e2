"""Every write of the organisation."""

from dianke.stores.operations.calendar import clear_day, mark_day, may_mark_all, set_opening_hours
from dianke.stores.operations.granting import leads, leads_place_of
from dianke.stores.operations.leaving import end_due_employments, keep_staff, release_staff
from dianke.stores.operations.merchant import (
    add_legal_entity,
    add_partner,
    add_region,
    change_legal_entity,
    change_merchant,
    change_partner,
    change_region,
    end_holding,
    give_holding,
    set_up_merchant,
)
from dianke.stores.operations.people import change_staff, follow_account_name, hire_staff
from dianke.stores.operations.places import (
    add_register,
    add_stock_place,
    change_register,
    change_stock_place,
    change_store,
    close_store,
    open_store,
    reopen_store,
)
from dianke.stores.operations.postings import end_posting, post_staff, transfer_staff

__all__ = [
    "add_legal_entity",
    "add_partner",
    "add_region",
    "add_register",
    "add_stock_place",
    "change_legal_entity",
    "change_merchant",
    "change_partner",
    "change_region",
    "change_register",
    "change_staff",
    "change_stock_place",
    "change_store",
    "clear_day",
    "close_store",
    "end_due_employments",
    "end_holding",
    "end_posting",
    "follow_account_name",
    "give_holding",
    "hire_staff",
    "keep_staff",
    "leads",
    "leads_place_of",
    "mark_day",
    "may_mark_all",
    "open_store",
    "post_staff",
    "release_staff",
    "reopen_store",
    "set_opening_hours",
    "set_up_merchant",
    "transfer_staff",
]
