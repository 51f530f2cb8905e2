"""The permission table: every permission of every room, and which preset role holds it. Default deny.

A new capability adds its rows here (and nowhere else). Custom roles pick from the same rows. Codes are
`room.verb_noun`; `is_sensitive` marks what the permission review lists first and what re-authentication
guards.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class RoleCode(enum.StrEnum):
    """The preset roles; custom roles have codes of their own."""

    ADMINISTRATOR = "ADMINISTRATOR"
    OWNER = "OWNER"
    PARTNER = "PARTNER"
    REGIONAL_MANAGER = "REGIONAL_MANAGER"
    STORE_MANAGER = "STORE_MANAGER"
    CLERK = "CLERK"
    SERVICE_AGENT = "SERVICE_AGENT"
    MARKETER = "MARKETER"
    ACCOUNTANT = "ACCOUNTANT"
    AUDITOR = "AUDITOR"


ADMINISTRATOR = RoleCode.ADMINISTRATOR
OWNER = RoleCode.OWNER
PARTNER = RoleCode.PARTNER
REGIONAL_MANAGER = RoleCode.REGIONAL_MANAGER
STORE_MANAGER = RoleCode.STORE_MANAGER
CLERK = RoleCode.CLERK
SERVICE_AGENT = RoleCode.SERVICE_AGENT
MARKETER = RoleCode.MARKETER
ACCOUNTANT = RoleCode.ACCOUNTANT
AUDITOR = RoleCode.AUDITOR

EVERYONE = frozenset(RoleCode)
HEADS = frozenset({ADMINISTRATOR, OWNER})
MANAGERS = HEADS | {REGIONAL_MANAGER, STORE_MANAGER}
SERVING = MANAGERS | {PARTNER, CLERK, SERVICE_AGENT}


@dataclass(frozen=True, slots=True)
class Permission:
    code: str
    label: _StrPromise
    roles: frozenset[RoleCode]
    is_sensitive: bool = False

    @property
    def room(self) -> str:
        return self.code.split(".", 1)[0]


def _row(code: str, label: _StrPromise, roles: frozenset[RoleCode], *, sensitive: bool = False) -> Permission:
    return Permission(code, label, roles, sensitive)


PERMISSIONS: tuple[Permission, ...] = (
    # access
    _row("access.view_users", _("See staff accounts"), MANAGERS | {AUDITOR}),
    _row("access.manage_users", _("Create, change and disable staff accounts"), HEADS, sensitive=True),
    _row("access.manage_roles", _("Change roles and grant them"), HEADS, sensitive=True),
    _row("access.review_permissions", _("Review who may do what"), HEADS | {AUDITOR}),
    _row("access.manage_api_keys", _("Create and revoke API keys"), HEADS, sensitive=True),
    _row("access.manage_devices", _("Enrol and remove shared tills"), MANAGERS),
    _row("access.unlock_users", _("Unlock accounts and till PINs"), MANAGERS),
    _row("access.view_sign_ins", _("See sign-in records"), HEADS | {AUDITOR}),
    # events
    _row("events.view_log", _("See the operation log"), HEADS | {AUDITOR}),
    _row("events.manage_dead_letters", _("Retry or dismiss failed reactions"), HEADS),
    # ledger
    _row("ledger.view_accounts", _("See ledger accounts and postings"), HEADS | {ACCOUNTANT, AUDITOR}),
    _row("ledger.adjust_balances", _("Correct balances by hand"), HEADS | {ACCOUNTANT}, sensitive=True),
    _row("ledger.close_periods", _("Close and reopen the books"), HEADS | {ACCOUNTANT}, sensitive=True),
    # stores
    _row("stores.view_organisation", _("See stores, regions and staff"), EVERYONE),
    _row(
        "stores.view_merchant",
        _("See merchant, legal entities, partners and their shares"),
        HEADS | {PARTNER, ACCOUNTANT, AUDITOR},
    ),
    _row("stores.manage_merchant", _("Change merchant, legal entities and partners"), HEADS, sensitive=True),
    _row(
        "stores.manage_stores",
        _("Open and change stores, registers and stock places"),
        HEADS | {REGIONAL_MANAGER},
    ),
    _row("stores.manage_calendar", _("Change opening hours and the business calendar"), MANAGERS),
    _row("stores.manage_staff", _("Hire, post and release staff"), MANAGERS, sensitive=True),
    _row("stores.view_staff_contacts", _("See staff phone numbers (masked)"), MANAGERS | {ACCOUNTANT}),
    _row("stores.reveal_staff_contacts", _("Reveal staff phone numbers (logged)"), MANAGERS, sensitive=True),
    # work
    _row("work.view_tasks", _("See tasks"), EVERYONE),
    _row("work.manage_own_tasks", _("Create and finish own tasks"), EVERYONE - {AUDITOR}),
    _row("work.assign_tasks", _("Assign tasks to others"), MANAGERS | {SERVICE_AGENT, MARKETER}),
    _row("work.manage_rules", _("Change assignment rules and recurring tasks"), MANAGERS),
    _row("work.request_approvals", _("Ask for approval"), EVERYONE - {AUDITOR}),
    _row("work.decide_approvals", _("Approve or refuse requests"), MANAGERS | {ACCOUNTANT}, sensitive=True),
    _row("work.manage_custom_fields", _("Define custom fields"), HEADS),
    # imports
    _row("imports.view_runs", _("See imports and what they brought in"), MANAGERS | {MARKETER, AUDITOR}),
    _row("imports.run_imports", _("Import files and undo imports"), MANAGERS | {MARKETER}, sensitive=True),
    # customers
    _row("customers.view_customers", _("See customers"), EVERYONE),
    _row(
        "customers.view_partners_customers",
        _("See the customers other partners keep"),
        EVERYONE - {PARTNER},
    ),
    _row("customers.add_customers", _("Enter new customers"), SERVING | {MARKETER}),
    _row("customers.change_customers", _("Change customers"), SERVING | {MARKETER}),
    _row("customers.view_contacts", _("See phone numbers and addresses (masked)"), EVERYONE - {AUDITOR}),
    _row(
        "customers.reveal_contacts", _("Reveal phone numbers and addresses (logged)"), SERVING, sensitive=True
    ),
    _row("customers.view_sensitive", _("See sensitive details of customers"), SERVING, sensitive=True),
    _row("customers.tag_customers", _("Tag customers"), SERVING | {MARKETER}),
    _row("customers.assign_customers", _("Give customers to colleagues and stores"), MANAGERS),
    _row(
        "customers.share_with_partners",
        _("Share customers a partner keeps with other partners"),
        MANAGERS | {PARTNER},
    ),
    _row("customers.review_entries", _("Look through new entries"), MANAGERS),
    _row("customers.review_matches", _("Decide on possible duplicates"), MANAGERS | {SERVICE_AGENT}),
    _row("customers.merge_customers", _("Merge and separate customers"), MANAGERS, sensitive=True),
    _row("customers.import_customers", _("Import customers"), MANAGERS | {MARKETER}, sensitive=True),
    _row("customers.remove_customers", _("Remove customers"), MANAGERS, sensitive=True),
    _row(
        "customers.handle_requests",
        _("Handle requests of customers about their data"),
        MANAGERS,
        sensitive=True,
    ),
    _row("customers.erase_customers", _("Erase the data of customers for good"), HEADS, sensitive=True),
    _row("customers.manage_registration", _("Make registration codes and posters"), MANAGERS | {MARKETER}),
    _row(
        "customers.manage_rules",
        _("Change tags, entry rules, consent texts and care rules"),
        HEADS,
    ),
    # catalog
    _row(
        "catalog.view_products",
        _("See products, prices and pieces"),
        SERVING | {MARKETER, ACCOUNTANT, AUDITOR},
    ),
    _row(
        "catalog.manage_products", _("Create and change products, variants, pieces and categories"), MANAGERS
    ),
    _row("catalog.import_products", _("Import products"), MANAGERS, sensitive=True),
    _row("catalog.export_products", _("Export products"), MANAGERS),
    _row("catalog.manage_prices", _("Change price lists and base prices"), HEADS | {REGIONAL_MANAGER}),
    _row(
        "catalog.set_day_price",
        _("Set the price of the day of gold and other metals"),
        HEADS | {REGIONAL_MANAGER, STORE_MANAGER},
    ),
    _row(
        "catalog.view_costs",
        _("See cost prices"),
        HEADS | {PARTNER, ACCOUNTANT, AUDITOR},
        sensitive=True,
    ),
    _row("catalog.print_labels", _("Print labels and tags"), SERVING),
    # inventory
    _row("inventory.view_stock", _("See stock and what moved it"), SERVING | {ACCOUNTANT, AUDITOR}),
    _row("inventory.receive_goods", _("Receive goods"), MANAGERS | {CLERK}),
    _row("inventory.transfer_goods", _("Send goods to other stores and receive them"), MANAGERS | {CLERK}),
    _row("inventory.count_stock", _("Count stock"), MANAGERS | {CLERK}),
    _row("inventory.approve_counts", _("Approve stocktakes"), MANAGERS),
    _row(
        "inventory.adjust_stock", _("Adjust and scrap stock, enter opening stock"), MANAGERS, sensitive=True
    ),
    _row("inventory.manage_custody", _("Take in and give back customers' goods"), SERVING),
    _row("inventory.manage_settings", _("Change places and rules of the stock"), HEADS | {REGIONAL_MANAGER}),
    _row(
        "inventory.lock_periods",
        _("Lock and reopen the stock books"),
        HEADS | {ACCOUNTANT},
        sensitive=True,
    ),
    # purchasing
    _row(
        "purchasing.view_orders",
        _("See suppliers, purchase plans and orders"),
        MANAGERS | {PARTNER, CLERK, ACCOUNTANT, AUDITOR},
    ),
    _row(
        "purchasing.manage_suppliers",
        _("Create and change suppliers and their prices"),
        HEADS | {REGIONAL_MANAGER},
    ),
    _row("purchasing.make_orders", _("Plan purchases and order from suppliers"), MANAGERS),
    _row(
        "purchasing.approve_orders",
        _("Approve purchase orders"),
        HEADS | {REGIONAL_MANAGER, STORE_MANAGER},
        sensitive=True,
    ),
    _row(
        "purchasing.receive_orders", _("Receive deliveries and return goods to suppliers"), MANAGERS | {CLERK}
    ),
    _row(
        "purchasing.record_invoices",
        _("Enter and release invoices of suppliers"),
        HEADS | {ACCOUNTANT},
        sensitive=True,
    ),
    # promotions
    _row(
        "promotions.view_promotions",
        _("See promotions and coupons"),
        SERVING | {MARKETER, ACCOUNTANT, AUDITOR},
    ),
    _row(
        "promotions.manage_promotions",
        _("Make, start and end promotions and kinds of coupons"),
        HEADS | {REGIONAL_MANAGER, MARKETER},
        sensitive=True,
    ),
    _row("promotions.issue_coupons", _("Give coupons to customers"), MANAGERS | {MARKETER}, sensitive=True),
    # loyalty
    _row(
        "loyalty.view_members",
        _("See levels and points of customers"),
        SERVING | {MARKETER, ACCOUNTANT, AUDITOR},
    ),
    _row(
        "loyalty.manage_programme",
        _("Change levels, points rules and gifts"),
        HEADS | {MARKETER},
        sensitive=True,
    ),
    _row("loyalty.redeem_points", _("Redeem points for customers"), SERVING),
    _row("loyalty.adjust_points", _("Correct points by hand"), MANAGERS, sensitive=True),
    _row("loyalty.grant_levels", _("Give levels by hand"), MANAGERS, sensitive=True),
    # wallets
    _row(
        "wallets.view_wallets",
        _("See stored value and session cards of customers"),
        SERVING | {ACCOUNTANT, AUDITOR},
    ),
    _row("wallets.top_up", _("Top up stored value and sell session cards"), SERVING),
    _row("wallets.use_sessions", _("Use sessions of a card for a customer"), SERVING),
    _row(
        "wallets.refund_wallets",
        _("Refund stored value and session cards"),
        MANAGERS | {ACCOUNTANT},
        sensitive=True,
    ),
    _row("wallets.freeze_wallets", _("Freeze, extend and report the loss of prepaid value"), MANAGERS),
    _row(
        "wallets.transfer_wallets", _("Transfer prepaid value to another customer"), MANAGERS, sensitive=True
    ),
    _row(
        "wallets.manage_offers",
        _("Change top-up offers, session cards and refund rules"),
        HEADS,
        sensitive=True,
    ),
    # sales
    _row("sales.view_orders", _("See orders and payments"), SERVING | {MARKETER, ACCOUNTANT, AUDITOR}),
    _row(
        "sales.view_reports",
        _("See reports of sales; clerks their own"),
        SERVING | {MARKETER, ACCOUNTANT, AUDITOR},
    ),
    _row("sales.sell", _("Sell, take orders and payments"), SERVING),
    _row("sales.change_prices", _("Change prices and give discounts by hand"), MANAGERS, sensitive=True),
    _row("sales.approve_orders", _("Approve orders"), MANAGERS, sensitive=True),
    _row("sales.refund_orders", _("Take goods back and refund"), MANAGERS, sensitive=True),
    _row("sales.deliver_orders", _("Plan and record deliveries and installations"), SERVING),
    _row("sales.run_register", _("Open and close the shift of a register"), SERVING),
    _row("sales.close_days", _("Close the day of a store and examine exceptions"), MANAGERS | {ACCOUNTANT}),
    _row("sales.reconcile_payments", _("Reconcile payments"), HEADS | {ACCOUNTANT}, sensitive=True),
    _row(
        "sales.manage_settings",
        _("Change kinds of payment, stages of orders, receipts and limits of tills"),
        HEADS | {REGIONAL_MANAGER},
        sensitive=True,
    ),
    # marketing
    _row(
        "marketing.view_campaigns", _("See campaigns and what they came to"), MANAGERS | {MARKETER, AUDITOR}
    ),
    _row("marketing.manage_campaigns", _("Make, pause and stop campaigns"), MANAGERS | {MARKETER}),
    _row("marketing.approve_campaigns", _("Approve campaigns"), MANAGERS, sensitive=True),
    # journeys
    _row(
        "journeys.view_journeys",
        _("See journeys and care, and who is in them"),
        MANAGERS | {MARKETER, AUDITOR},
    ),
    _row("journeys.manage_journeys", _("Make, pause and stop journeys"), MANAGERS | {MARKETER}),
    _row("journeys.publish_journeys", _("Publish journeys and turn care on"), MANAGERS | {MARKETER}),
    # insight
    _row("insight.view_customer_value", _("See what customers are worth"), MANAGERS | {MARKETER}),
    _row(
        "insight.view_figures",
        _("Ask for figures by any dimension"),
        MANAGERS | {MARKETER, ACCOUNTANT, AUDITOR},
    ),
    _row("insight.refresh_snapshots", _("Bring figures and values up to date"), MANAGERS | {MARKETER}),
    _row("insight.view_proposals", _("See what to propose to customers"), SERVING | {MARKETER}),
    _row("insight.manage_proposals", _("Say what is never proposed to customers"), MANAGERS | {MARKETER}),
    # messaging
    _row("messaging.view_messages", _("See messages to customers"), SERVING | {MARKETER, AUDITOR}),
    _row("messaging.send_messages", _("Send messages to customers"), SERVING | {MARKETER}),
    _row(
        "messaging.manage_templates",
        _("Word templates of messages"),
        HEADS | {REGIONAL_MANAGER, MARKETER},
    ),
    _row(
        "messaging.manage_suppressions",
        _("Say which addresses are left alone"),
        MANAGERS | {MARKETER},
        sensitive=True,
    ),
    _row(
        "messaging.manage_channels",
        _("Set up channels and the limits of sending"),
        HEADS,
        sensitive=True,
    ),
    # segments
    _row("segments.view_segments", _("See segments shared with them"), SERVING | {MARKETER}),
    _row("segments.manage_segments", _("Make and change segments"), MANAGERS | {MARKETER}),
    # clienteling
    _row(
        "clienteling.work_queue",
        _("Have a list of customers to contact each day, and note what came of it"),
        frozenset({OWNER, PARTNER, STORE_MANAGER, CLERK, SERVICE_AGENT}),
    ),
    _row(
        "clienteling.manage_queue",
        _("Decide how many customers a day are contacted, why, and in which words"),
        HEADS | {REGIONAL_MANAGER, MARKETER},
    ),
    # web
    _row("web.use_pages", _("Sign in and use the pages"), EVERYONE),
    _row(
        "web.export_lists",
        _("Export lists to files"),
        MANAGERS | {MARKETER, ACCOUNTANT, AUDITOR},
        sensitive=True,
    ),
    _row("web.view_styleguide", _("See the style guide"), HEADS),
    # settings
    _row("config.manage_settings", _("Change settings and modules"), HEADS, sensitive=True),
    _row("config.view_system", _("See system state"), HEADS),
)

#: What the first part of a code is called in the permission table on screen.
ROOM_LABELS: dict[str, _StrPromise] = {
    "access": _("Accounts and sign-in"),
    "events": _("Operation log"),
    "ledger": _("Ledger"),
    "stores": _("Stores and staff"),
    "work": _("Tasks and approvals"),
    "imports": _("Imports"),
    "customers": _("Customers"),
    "catalog": _("Goods"),
    "inventory": _("Stock"),
    "purchasing": _("Purchasing"),
    "promotions": _("Promotions and coupons"),
    "loyalty": _("Levels and points"),
    "wallets": _("Stored value and session cards"),
    "sales": _("Sales"),
    "marketing": _("Campaigns"),
    "insight": _("Insight"),
    "messaging": _("Messages to customers"),
    "segments": _("Segments"),
    "web": _("Pages"),
    "config": _("Settings"),
}

BY_CODE: dict[str, Permission] = {permission.code: permission for permission in PERMISSIONS}


def permissions_of(role: RoleCode | str) -> frozenset[str]:
    """Codes a preset role holds."""
    return frozenset(p.code for p in PERMISSIONS if role in p.roles)


class ScopeCode(enum.StrEnum):
    """How far a role's permissions reach: own rows, the rows of the posting's stores, everything."""

    OWN = "OWN"
    STORE = "STORE"
    ALL = "ALL"


@dataclass(frozen=True, slots=True)
class PresetRole:
    code: RoleCode
    label: _StrPromise
    scope: ScopeCode
    purpose: _StrPromise
    requires_second_factor: bool = False  # what a new database starts with; the merchant may change it


PRESET_ROLES: tuple[PresetRole, ...] = (
    PresetRole(
        ADMINISTRATOR,
        _("Administrator"),
        ScopeCode.ALL,
        _("Runs the system: accounts, roles, settings"),
        True,
    ),
    PresetRole(OWNER, _("Owner"), ScopeCode.ALL, _("Owns the merchant and sees everything"), True),
    PresetRole(PARTNER, _("Partner"), ScopeCode.STORE, _("Shares a store; sees its own part"), True),
    PresetRole(REGIONAL_MANAGER, _("Regional manager"), ScopeCode.STORE, _("Leads the stores of a region")),
    PresetRole(STORE_MANAGER, _("Store manager"), ScopeCode.STORE, _("Leads one store and its people")),
    PresetRole(CLERK, _("Clerk"), ScopeCode.OWN, _("Serves customers and sells")),
    PresetRole(SERVICE_AGENT, _("Service agent"), ScopeCode.STORE, _("Answers enquiries and complaints")),
    PresetRole(MARKETER, _("Marketer"), ScopeCode.ALL, _("Plans campaigns and care")),
    PresetRole(ACCOUNTANT, _("Accountant"), ScopeCode.ALL, _("Keeps the books and settles"), True),
    PresetRole(AUDITOR, _("Auditor"), ScopeCode.ALL, _("Reads and checks; changes nothing")),
)
PRESETS_BY_CODE: dict[str, PresetRole] = {preset.code.value: preset for preset in PRESET_ROLES}

#: What a program never does, whoever it acts for: make itself keys, roles, accounts, tills, or open locks.
NEVER_FOR_KEYS = frozenset(
    {
        "access.manage_users",
        "access.manage_roles",
        "access.manage_api_keys",
        "access.manage_devices",
        "access.unlock_users",
        "work.decide_approvals",
    }
)


def grantable_to_keys(code: str) -> bool:
    """Whether an API key may hold the permission."""
    return code in BY_CODE and code not in NEVER_FOR_KEYS
