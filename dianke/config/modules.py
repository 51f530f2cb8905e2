"""The parts of the product a merchant may switch on or off, for all stores or for one.

What everybody needs (customers, tasks, stores, accounts) is no module. A switch of a store stands above the
merchant's, the merchant's above the default. Rooms below ask through `settings.DIANKE_MODULES`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.prepared import prepared


@dataclass(frozen=True, slots=True)
class Module:
    """A part that can be switched. `app` is the room it lives in, `addresses` what disappears with it; `effect` says
    what changes for whom when it is off."""

    code: str
    label: str | Promise
    purpose: str | Promise
    effect: str | Promise
    icon: str
    app: str
    is_on_by_default: bool = False
    addresses: tuple[str, ...] = ()

    def has(self, path: str) -> bool:
        """Whether an address is one of the module's: whatever begins so, or exactly what stands before a "$"."""
        return any(
            path == address[:-1] if address.endswith("$") else path.startswith(address)
            for address in self.addresses
        )

    @property
    def is_installed(self) -> bool:
        """Whether the room is part of this version."""
        return apps.is_installed(f"dianke.{self.app}")


def _table(*modules: Module) -> dict[str, Module]:
    return {module.code: module for module in modules}


MODULES: dict[str, Module] = _table(
    Module(
        "till",
        pgettext_lazy("module", "Till and orders"),
        _("Sell at the counter, take payments, print receipts."),
        _("Clerks no longer see the till; past orders stay readable."),
        "cash-register",
        "sales",
        # Not all below: the pages of shared tills, where people take over by PIN, are there without sales too.
        addresses=("/till/$", "/till/sw.js$"),
    ),
    Module(
        "inventory",
        pgettext_lazy("module", "Inventory"),
        _("Stock per store, counts, transfers, warnings."),
        _("Sales no longer move stock, and low stock is not reported."),
        "package",
        "inventory",
    ),
    Module(
        "purchasing",
        pgettext_lazy("module", "Purchasing"),
        _("Orders to suppliers, receipts and prices."),
        _("Nobody can order from suppliers here; stock is received by hand."),
        "truck",
        "purchasing",
    ),
    Module(
        "loyalty",
        pgettext_lazy("module", "Member levels and points"),
        _("Levels by spend, points earned and used."),
        _("Customers earn and use no points; their balances wait unchanged."),
        "star",
        "loyalty",
    ),
    Module(
        "wallets",
        pgettext_lazy("module", "Stored value and session cards"),
        _("Prepaid balances and cards of treatments, kept per legal entity."),
        _("No new top-ups; balances that customers hold can still be used and refunded."),
        "wallet",
        "wallets",
    ),
    Module(
        "promotions",
        pgettext_lazy("module", "Promotions and coupons"),
        _("Price actions, coupons and gifts."),
        _("Prices are list prices; issued coupons wait."),
        "discount",
        "promotions",
    ),
    Module(
        "bookings",
        pgettext_lazy("module", "Bookings"),
        _("Appointments with staff, rooms and equipment, never twice."),
        _("The day board disappears; appointments made stay readable."),
        "calendar-event",
        "bookings",
    ),
    Module(
        "service",
        pgettext_lazy("module", "Service and repairs"),
        _("Enquiries, complaints, cleaning, repair and installation jobs."),
        _("No new jobs; open ones stay in the list of tasks until closed."),
        "tool",
        "service",
    ),
    Module(
        "pipeline",
        pgettext_lazy("module", "Opportunities and quotes"),
        _("Leads, stages, quotes and contract prices."),
        _("The board disappears; follow-ups already planned stay tasks."),
        "target-arrow",
        "pipeline",
    ),
    Module(
        "marketing",
        pgettext_lazy("module", "Campaigns and care"),
        _("Segments, campaigns, birthdays and festivals."),
        _("Nothing is sent to customers by itself any more."),
        "speakerphone",
        "marketing",
    ),
    Module(
        "performance",
        pgettext_lazy("module", "Attendance and commission"),
        _("Shifts, targets and commission that staff can check."),
        _("No new commission is counted; what was earned stays."),
        "chart-bar",
        "staff",
    ),
    Module(
        "profit_sharing",
        pgettext_lazy("module", "Profit sharing"),
        _("What each partner earned, with every figure's rows."),
        _("No new runs; locked runs stay readable for the partners."),
        "users-group",
        "finance",
    ),
    Module(
        "insight",
        pgettext_lazy("module", "Insight"),
        _("Dashboards, customer value, forecasts."),
        _("The dashboards disappear; no figures are lost."),
        "trending-up",
        "insight",
        is_on_by_default=True,
    ),
    Module(
        "api",
        pgettext_lazy("module", "Interface for other programs"),
        _("Other systems of the merchant read and write with API keys."),
        _("Calls of other programs are refused at once; keys stay and work again when it is switched on."),
        "plug",
        "api",
        is_on_by_default=True,
        addresses=("/api/v1/",),
    ),
)


def modules_on(store_id: int | None = None) -> frozenset[str]:
    """Codes of the modules that are on at a store, or (None) at any. One query."""
    states = {module.code: module.is_on_by_default for module in MODULES.values()}
    of_stores = []
    with prepared() as cursor:
        cursor.execute("SELECT module, store_id, is_on FROM config_moduleswitch")
        switches = cursor.fetchall()
    for code, store, is_on in switches:
        if store is None:
            states[code] = is_on
        elif store_id in (None, store):
            of_stores.append((code, is_on))
    for code, is_on in of_stores:
        # At one store its own switch decides; for the merchant it is enough that some store works with it.
        states[code] = is_on if store_id is not None else states.get(code, False) or is_on
    return frozenset(code for code, is_on in states.items() if is_on and code in MODULES)


def module_is_on(code: str, store_id: int | None = None) -> bool:
    """Whether a module is on at a store, or (None) at any. Raises `KeyError` for a code that is none."""
    return MODULES[code].code in modules_on(store_id)
