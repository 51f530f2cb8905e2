"""The rows of the list of all settings: where each stands, what it changes for whom, what tells who changed it.

A row here describes a page of any room; a test fails for a page under Settings without one.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Setting:
    """A page of settings. `effect` says what changes for whom; `words` are further words it is found by; `subjects`
    are whose events tell who changed it last, `room.model:*` for the rows of a table."""

    url_name: str
    label: Text
    effect: Text
    permission: str
    icon: str
    words: Text = ""
    subjects: tuple[str, ...] = ()
    is_dialog: bool = False


MERCHANT = "stores.merchant:1"

GROUPS: tuple[tuple[Text, tuple[Setting, ...]], ...] = (
    (
        pgettext_lazy("settings group", "Business"),
        (
            Setting(
                "stores:merchant-edit",
                _("Merchant, language, time zone"),
                _("Name on receipts and messages; the language new accounts begin with."),
                "stores.manage_merchant",
                icon="building-store",
                words=_("appearance default name"),
                subjects=(MERCHANT,),
                is_dialog=True,
            ),
            Setting(
                "stores:organisation",
                _("Legal entities, partners, regions"),
                _("Who receives money and employs people; who shares in it; how stores are grouped."),
                "stores.manage_merchant",
                icon="briefcase",
                words=_("company shares holdings"),
                subjects=("stores.legalentity:*", "stores.partner:*", "stores.region:*"),
            ),
            Setting(
                "modules",
                _("Modules"),
                _("What the whole team sees in the menus; off is put away, never deleted."),
                "config.manage_settings",
                icon="adjustments",
                words=_("switch off features"),
                subjects=("config.modules:all",),
            ),
            Setting(
                "presets",
                _("Trade presets"),
                _("Gives a store the modules, fields, levels and hours of its trade."),
                "config.manage_settings",
                icon="bolt",
                words=_("beauty jewelry furniture chain"),
            ),
        ),
    ),
    (
        pgettext_lazy("settings group", "Stores and people"),
        (
            Setting(
                "stores:stores",
                _("Stores, tills, places of stock"),
                _("Opening a store is a form; what stands here appears in every choice of a store."),
                "stores.manage_stores",
                icon="building-store",
            ),
            Setting(
                "stores:calendar",
                _("Opening hours and calendar"),
                _("When customers can come, and which days tasks and deadlines count."),
                "stores.manage_calendar",
                icon="calendar",
                words=_("holidays spring festival closed"),
                subjects=("stores.calendarday:*",),
            ),
            Setting(
                "stores:staff-list",
                _("Staff and postings"),
                _("Who works where in which role; what they see follows from it."),
                "stores.manage_staff",
                icon="users",
                words=_("hire transfer leave"),
            ),
        ),
    ),
    (
        pgettext_lazy("settings group", "Goods"),
        (
            Setting(
                "catalog:attributes",
                pgettext_lazy("of a product", "Attributes"),
                _("What variants differ by, such as colour and size; what was made twice becomes one."),
                "catalog.manage_products",
                icon="category",
                words=_("colour size values merge"),
                subjects=("catalog.attribute:*",),
            ),
            Setting(
                "catalog:measures",
                _("Units and tax classes"),
                _("What goods are counted in, and which tax stands in their prices from which day on."),
                "catalog.manage_products",
                icon="ruler",
                words=_("vat rate kilogram piece"),
                subjects=("catalog.unit:*", "catalog.taxclass:*"),
            ),
            Setting(
                "inventory:settings",
                _("Short stock"),
                _("Whether more may be sold than lies on the shelf: by shelf, and by category of goods."),
                "inventory.manage_settings",
                icon="stack",
                words=_("negative policy refuse allow"),
                subjects=("inventory.place:*", "inventory.negativepolicy:*"),
            ),
            Setting(
                "wallets:offers",
                _("Top-up offers"),
                _("What customers are given who pay ahead; what was topped up keeps what it was promised."),
                "wallets.manage_offers",
                icon="gift",
                words=_("stored value bonus"),
                subjects=("wallets.offer:*",),
            ),
            Setting(
                "wallets:kinds",
                _("Kinds of session cards"),
                _("Which sessions a card holds and what it costs; cards that were sold stay as they are."),
                "wallets.manage_offers",
                icon="ticket",
                words=_("courses packages"),
                subjects=("wallets.cardkind:*",),
            ),
            Setting(
                "wallets:terms",
                _("Rules of prepaid value"),
                _(
                    "Caps, cooling-off days, how refunds are worked out; from a day on, by province or company."
                ),
                "wallets.manage_offers",
                icon="gavel",
                words=_("law limit refund"),
                subjects=("wallets.term:*",),
            ),
        ),
    ),
    (
        pgettext_lazy("settings group", "Selling"),
        (
            Setting(
                "sales:tenders",
                _("Kinds of payment"),
                _("What the till offers and in which order; how refunds go when they cannot go back."),
                "sales.manage_settings",
                icon="cards",
                words=_("cash wechat alipay card tender"),
                subjects=("sales.tender:*",),
            ),
            Setting(
                "sales:stages",
                _("Stages of orders"),
                _("What an order goes through, what must hold before each stage, which task begins with it."),
                "sales.manage_settings",
                icon="list-check",
                words=_("measuring factory delivery gate flow"),
                subjects=("sales.stage:*",),
            ),
            Setting(
                "sales:delivery-settings",
                _("Windows and crews for deliveries"),
                _("When goods are brought, how many a day, by whom, and what a customer signs."),
                "sales.deliver_orders",
                icon="calendar-time",
                words=_("slot capacity crew signature photo"),
                subjects=("sales.deliveryslot:*", "sales.deliverycrew:*"),
            ),
            Setting(
                "sales:receipt-settings",
                _("Receipts and printers"),
                _("What stands on the paper of each store, and where its registers print."),
                "sales.manage_settings",
                icon="printer",
                words=_("paper header footer qr"),
            ),
            Setting(
                "sales:offline-limits",
                _("Limits of selling offline"),
                _(
                    "How much tills may sell while the server cannot be reached; what goes beyond is looked at later."
                ),
                "sales.manage_settings",
                icon="cloud-off",
                words=_("till without network"),
                subjects=("sales.offlinepolicy:*",),
            ),
        ),
    ),
    (
        pgettext_lazy("settings group", "Work"),
        (
            Setting(
                "work:recurring",
                _("Recurring tasks"),
                _("What has to be done again and again comes into people's lists by itself."),
                "work.manage_rules",
                icon="refresh",
                subjects=("work.recurringtask:*",),
            ),
            Setting(
                "work:rules",
                _("Assignment rules"),
                _("Who gets a task nobody has taken; the first rule that fits decides."),
                "work.manage_rules",
                icon="adjustments",
                subjects=("work.assignmentrule:*",),
            ),
            Setting(
                "work:policies",
                _("Approval policies"),
                _("Which changes wait for a second person; nobody approves their own."),
                "config.manage_settings",
                icon="shield-check",
                words=_("second person four eyes limits"),
                subjects=("work.approvalpolicy:*",),
            ),
            Setting(
                "work:fields",
                _("Custom fields"),
                _("Fields of your own in forms, lists, filters and the interface."),
                "work.manage_custom_fields",
                icon="list",
                subjects=("work.customfield:*",),
            ),
            Setting(
                "imports:runs",
                _("Imports"),
                _("Files of others come in here: checked first, and undone if need be."),
                "imports.view_runs",
                icon="file-import",
                words=_("excel csv move"),
            ),
            Setting(
                "work:notice-settings",
                _("My notices"),
                _("How you hear of each thing; it changes nothing for others."),
                "web.use_pages",
                icon="bell",
            ),
        ),
    ),
    (
        pgettext_lazy("settings group", "Customers"),
        (
            Setting(
                "messaging:channels",
                _("Channels, quiet hours and limits"),
                _("How customers are reached, at what hours, and how often at most."),
                "messaging.manage_channels",
                icon="send",
                words=_("sms email smtp dkim messages"),
                subjects=("messaging.channelsetting:*", "messaging.sendingrules:1"),
            ),
            Setting(
                "clienteling:settings",
                _("Contact lists"),
                _("How many customers each employee contacts a day, for which reasons, and in which words."),
                "clienteling.manage_queue",
                icon="phone",
                words=_("clienteling call follow up reasons"),
                subjects=("clienteling.queuerules:1", "clienteling.reasonrule:*"),
            ),
            Setting(
                "customers:entry-settings",
                _("Entering customers"),
                _("What the counter is asked for each field, and whose entries are looked through first."),
                "customers.manage_rules",
                icon="user-plus",
                words=_("required fields hints patterns review training"),
                subjects=("customers.settings:entry",),
            ),
            Setting(
                "customers:tag-settings",
                _("Customer tags"),
                _(
                    "The tags everybody chooses from; an archived one is offered no more and stays where it is."
                ),
                "customers.manage_rules",
                icon="tag",
                words=_("labels groups colours"),
                subjects=("customers.tag:*",),
            ),
            Setting(
                "customers:consent-texts",
                _("Consent texts"),
                _(
                    "What customers agree to; a new version is asked from now on, given consent keeps its text."
                ),
                "customers.manage_rules",
                icon="checkbox",
                words=_("privacy agreement versions marketing"),
                subjects=("customers.consenttext:*",),
            ),
            Setting(
                "customers:points",
                _("Registration codes"),
                _("Who scans one enters themselves; the code says which store and who brought them."),
                "customers.manage_registration",
                icon="qrcode",
                words=_("qr poster self-registration campaign"),
                subjects=("customers.settings:points",),
            ),
            Setting(
                "customers:care-rules",
                _("Care rules"),
                _("So many days before a birthday or anniversary the person in charge gets a task."),
                "customers.manage_rules",
                icon="gift",
                words=_("birthday anniversary reminder lunar"),
                subjects=("customers.carerule:*",),
            ),
            Setting(
                "customers:processing",
                _("Processing register"),
                _(
                    "Which personal data is used for what and how long it stays: the list authorities ask for."
                ),
                "customers.handle_requests",
                icon="clipboard-list",
                words=_("privacy law purposes retention"),
                subjects=("customers.processingactivity:*",),
            ),
        ),
    ),
    (
        pgettext_lazy("settings group", "Sign-in and permissions"),
        (
            Setting(
                "users",
                _("Accounts"),
                _("Who may sign in; disabling ends all of the person's sessions at once."),
                "access.view_users",
                icon="user-circle",
            ),
            Setting(
                "roles",
                _("Roles"),
                _("What each role may do; a change holds for everybody who has it, from the next click on."),
                "access.manage_roles",
                icon="key",
                subjects=("access.role:*",),
            ),
            Setting(
                "permission_review",
                _("Permission review"),
                _("Somebody looks through who may do what, twice a year."),
                "access.review_permissions",
                icon="shield-check",
                subjects=("access.permissionreview:*",),
            ),
            Setting(
                "sign_in_policy",
                _("Sign-in rules"),
                _("How long people stay signed in and when they must prove again who they are."),
                "config.manage_settings",
                icon="fingerprint",
                words=_("password second factor policy"),
                subjects=("access.signinpolicy:1",),
            ),
            Setting(
                "devices",
                _("Shared tills"),
                _("Browsers at which staff switch by PIN."),
                "access.manage_devices",
                icon="device-desktop",
            ),
            Setting(
                "sign_ins",
                _("Sign-in records"),
                _("Who came in when, from where, and who was refused."),
                "access.view_sign_ins",
                icon="login",
            ),
            Setting(
                "api_keys",
                _("API keys"),
                _("Lets other programs of the merchant in, no further than you say."),
                "access.manage_api_keys",
                icon="plug",
                subjects=("access.apikey:*",),
            ),
        ),
    ),
)
SYSTEM = (
    Setting(
        "events:log",
        _("Operation log"),
        _("Who did what, when, from where; nothing in it can be changed by anybody."),
        "events.view_log",
        icon="history",
        words=_("audit who did what"),
    ),
    Setting(
        "events:failed-reactions",
        _("Failed reactions"),
        _("What should have followed from a change and did not; try again or put it aside."),
        "events.manage_dead_letters",
        icon="alert-triangle",
    ),
    Setting(
        "api-docs",
        _("API reference"),
        _("How other programs read and write here."),
        "access.manage_api_keys",
        icon="code",
    ),
    Setting(
        "styleguide",
        _("Style guide"),
        _("Every part screens are made of, for who builds them; it changes nothing."),
        "web.view_styleguide",
        icon="palette",
        words=_("components colours design"),
    ),
)
REMOVE_DEMO = Setting(
    "demo_removal",
    _("Remove the demo"),
    _("The demo with its people, stores and tasks goes; your own business begins with the first start."),
    "config.manage_settings",
    icon="trash",
    words=_("delete demo begin anew"),
)
SYSTEM_GROUP = pgettext_lazy("settings group", "System")


def every_setting() -> list[Setting]:
    """All rows, whoever may see them."""
    return [setting for _label, settings in GROUPS for setting in settings] + [*SYSTEM, REMOVE_DEMO]
