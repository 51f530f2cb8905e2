"""Every write of the organisation."""

from dianke.stores.operations.calendar import clear_day, mark_day, set_opening_hours
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
from dianke.stores.operations.staff import (
    change_staff,
    end_posting,
    hire_staff,
    post_staff,
    release_staff,
    transfer_staff,
)

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
    "end_holding",
    "end_posting",
    "give_holding",
    "hire_staff",
    "mark_day",
    "open_store",
    "post_staff",
    "release_staff",
    "reopen_store",
    "set_opening_hours",
    "set_up_merchant",
    "transfer_staff",
]
