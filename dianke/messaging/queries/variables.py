"""What templates can be filled in with: of each, what it is called, an example, and where it comes from for many
customers at once. Rooms add theirs with `register_variable`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from dianke.core.actor import SYSTEM
from dianke.core.money import Money
from dianke.core.name_readings import COMPOUND_SURNAMES
from dianke.customers.models import Customer
from dianke.insight.queries.proposals import proposals_for_many
from dianke.loyalty.queries.context import POINTS_CODE, customer_of, holder_of
from dianke.messaging.rules.words import VARIABLE, VariableUnknown, nearest
from dianke.stores.models import Merchant, Store
from dianke.wallets.models import Wallet
from dianke.wallets.queries.lots import open_lots
from dianke.web.formats import money
from dianke.work.queries.people import names_of

#: Head → everybody in the profile, and the instant, to head → what is written. Missing heads get "".
Fill = Callable[[Mapping[int, Collection[int]], datetime], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Variable:
    """`fill` is None for what only the sender knows: it comes with the message."""

    code: str
    label: str | Promise
    example: str | Promise
    fill: Fill | None = None


_variables: dict[str, Variable] = {}


def register_variable(variable: Variable) -> None:
    """Adds one; the same code again replaces it."""
    _variables[variable.code] = variable


def variables() -> list[Variable]:
    return list(_variables.values())


def known_codes() -> frozenset[str]:
    return frozenset(_variables)


def told(words: str, own: Mapping[str, str | Promise] | None = None) -> str:
    """Words as people read them: what a variable is called, not its code. `own` are those only the caller knows."""
    labels = _labels(own)
    return VARIABLE.sub(lambda found: _("[[%(label)s]]") % {"label": labels.get(found[1], found[1])}, words)


def untold(words: str, own: Mapping[str, str | Promise] | None = None) -> str:
    """The way back from `told`. Raises `VariableUnknown`, with what the nearest one is called."""
    codes = {label: code for code, label in _labels(own).items()}
    before, after = (_("[[%(label)s]]") % {"label": "\n"}).split("\n")

    def code_of(found: re.Match[str]) -> str:
        label = found[1].strip()
        if label not in codes:
            raise VariableUnknown(name=label, nearest=nearest(label, codes))
        return f"{{{{ {codes[label]} }}}}"

    return re.sub(f"{re.escape(before)}([^\n]*?){re.escape(after)}", code_of, words)


def places() -> list[str]:
    """Every variable as people read it, in the order of `variables`."""
    return [told(f"{{{{ {code} }}}}") for code in _variables]


def _labels(own: Mapping[str, str | Promise] | None) -> dict[str, str]:
    labels = {code: variable.label for code, variable in _variables.items()} | dict(own or {})
    return {code: str(label) for code, label in labels.items()}


def exampled(words: str) -> str:
    """Words as one customer would read them, with an example for each variable."""
    examples = {code: str(variable.example) for code, variable in _variables.items()}
    return VARIABLE.sub(lambda found: examples.get(found[1], found[0]), words)


def given_codes() -> frozenset[str]:
    """Those that come with the message."""
    return frozenset(code for code, variable in _variables.items() if variable.fill is None)


def filled(
    codes: Collection[str], members: Mapping[int, Collection[int]], *, now: datetime
) -> dict[int, dict[str, str]]:
    """Head → values of these variables; only what is asked for is read."""
    found: dict[int, dict[str, str]] = {head: {} for head in members}
    for code in codes:
        variable = _variables[code]
        if variable.fill is None:
            continue
        values = variable.fill(members, now)
        for head in members:
            found[head][code] = values.get(head, "")
    return found


# --- what the house knows --------------------------------------------------------------------------------------------
def salutation(name: str, gender: str, kind: str = "PERSON") -> str:
    """How somebody is addressed: the surname with Mr or Ms where both are known, else the name."""
    if kind != "PERSON" or not name or len(name) > 4 or gender not in ("F", "M"):
        return name or _("customer")
    surname = name[:2] if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else name[:1]
    if gender == "F":
        return pgettext("salutation", "Ms %(surname)s") % {"surname": surname}
    return pgettext("salutation", "Mr %(surname)s") % {"surname": surname}


def _of_heads(members: Mapping[int, Collection[int]], *fields: str) -> list[tuple[Any, ...]]:
    return list(Customer.objects.filter(pk__among=members).values_list("pk", *fields))


def _names(members: Mapping[int, Collection[int]], now: datetime) -> Mapping[int, str]:
    return {pk: name or _("customer") for pk, name in _of_heads(members, "name")}


def _salutations(members: Mapping[int, Collection[int]], now: datetime) -> Mapping[int, str]:
    return {
        pk: salutation(name, gender, kind)
        for pk, name, gender, kind in _of_heads(members, "name", "gender", "kind")
    }


def _plain(field: str) -> Fill:
    def fill(members: Mapping[int, Collection[int]], now: datetime) -> Mapping[int, str]:
        return {pk: str(value or "") for pk, value in _of_heads(members, field)}

    return fill


def _shop(members: Mapping[int, Collection[int]], now: datetime) -> Mapping[int, str]:
    name = shop_name()
    return dict.fromkeys(members, name)


def shop_name() -> str:
    """What the merchant is called in messages."""
    merchant = Merchant.objects.first()
    return (merchant.short_name or merchant.name) if merchant else ""


def _employees(members: Mapping[int, Collection[int]], now: datetime) -> Mapping[int, str]:
    owners = dict(
        Customer.objects.filter(pk__among=members, owner__isnull=False).values_list("pk", "owner_id")
    )
    names = names_of(owners.values())
    return {pk: names.get(owner, "") for pk, owner in owners.items()}


def _balances(members: Mapping[int, Collection[int]], now: datetime) -> Mapping[int, str]:
    head_of = {pk: head for head, cluster in members.items() for pk in cluster}
    wallets = {wallet.pk: wallet for wallet in Wallet.objects.filter(customer__among=head_of)}
    sums: dict[int, int] = {}
    for lot in open_lots(list(wallets.values())):
        if not lot.is_over(now):
            head = head_of[wallets[lot.wallet_id].customer_id]
            sums[head] = sums.get(head, 0) + lot.left
    return {head: money(Money.from_minor(sums.get(head, 0), "CNY")) for head in members}


def _points(members: Mapping[int, Collection[int]], now: datetime) -> Mapping[int, str]:
    head_of = {pk: head for head, cluster in members.items() for pk in cluster}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.holder, sum(l.remaining)::bigint"
            " FROM ledger_account AS a JOIN ledger_lot AS l ON l.account_id = a.id"
            " WHERE a.code = %s AND a.holder = ANY(%s) AND (l.expires_at IS NULL OR l.expires_at > %s)"
            " GROUP BY a.holder",
            [POINTS_CODE, [holder_of(pk) for pk in head_of], now],
        )
        sums: dict[int, int] = {}
        for holder, points in cursor.fetchall():
            head = head_of[customer_of(holder)]
            sums[head] = sums.get(head, 0) + points
    return {head: str(max(sums.get(head, 0), 0)) for head in members}


def _recommended(members: Mapping[int, Collection[int]], now: datetime) -> Mapping[int, str]:
    """The best proposal for each who agreed to personal recommendations, of what is in their store; for the others, and
    where nothing fits, words that do for everybody."""
    stores: dict[int | None, list[int]] = {}
    for pk, store_id in _of_heads(members, "store_id"):
        stores.setdefault(store_id, []).append(pk)
    by_id = Store.objects.in_bulk([pk for pk in stores if pk])
    usual = _("favourites of our shop")
    found = dict.fromkeys(members, usual)
    for store_id, heads in stores.items():
        store = by_id.get(store_id or 0)
        proposed = proposals_for_many(heads, store=store, sight=SYSTEM, at=now, is_agreed=True)
        found |= {head: rows[0].name for head, rows in proposed.items() if rows}
    return found


for _variable in (
    Variable("name", gettext_lazy("Name"), gettext_lazy("Wang Xiaoming"), _names),
    Variable("salutation", gettext_lazy("Salutation"), gettext_lazy("Ms Wang"), _salutations),
    Variable("member_number", gettext_lazy("Member number"), "M1024", _plain("member_number")),
    Variable("shop", gettext_lazy("Name of the shop"), gettext_lazy("Dianke"), _shop),
    Variable("store", gettext_lazy("Home store"), gettext_lazy("Lake store"), _plain("store__short_name")),
    Variable("store_phone", gettext_lazy("Telephone of the store"), "0571-8888", _plain("store__telephone")),
    Variable(
        "employee",
        pgettext_lazy("of a customer", "Who looks after them"),
        gettext_lazy("Xiao Li"),
        _employees,
    ),
    Variable("points", gettext_lazy("Points"), "1280", _points),
    Variable("balance", gettext_lazy("Stored value"), "¥520.00", _balances),
    Variable("coupon", gettext_lazy("Coupon"), gettext_lazy("20 off 100")),
    Variable("coupon_code", gettext_lazy("Code of the coupon"), "8KQ2-7MXP-4RTD"),
    Variable("date", gettext_lazy("Date"), "12-01"),
    Variable("time", gettext_lazy("Time"), "14:30"),
    Variable("product", gettext_lazy("Product"), gettext_lazy("Jade bracelet")),
    Variable("recommended", gettext_lazy("What they may want"), gettext_lazy("Pearl earrings"), _recommended),
    Variable("order", gettext_lazy("Order number"), "A20261121-8"),
    Variable("link", gettext_lazy("Link"), "https://example.com/m/"),
):
    register_variable(_variable)
