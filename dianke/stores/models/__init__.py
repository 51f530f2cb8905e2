"""The organisation: one merchant, its legal entities and partners, regions, stores with their registers and
places of stock, opening hours and the business calendar, staff and their postings.

Stores are central: every later row belongs to one of them, and what a person may see follows from where the
person is posted. Periods are half-open `[from_date, to_date)`; an open end is None.
"""

from dianke.stores.models.hours import CalendarDay, OpeningHours
from dianke.stores.models.organisation import Holding, LegalEntity, Merchant, Partner, Region, Trade
from dianke.stores.models.people import Posting, Staff
from dianke.stores.models.places import Register, StockPlace, Store

__all__ = [
    "CalendarDay",
    "Holding",
    "LegalEntity",
    "Merchant",
    "OpeningHours",
    "Partner",
    "Posting",
    "Region",
    "Register",
    "Staff",
    "StockPlace",
    "Store",
    "Trade",
]
