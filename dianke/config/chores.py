"""What the smaller `dianke` commands do. Thin: each makes one call into a room and prints what came of it."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from dianke.config import prepare
from dianke.config.terminal import complain, say
from dianke.config.terminal import gettext as _
from dianke.core.errors import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    from dianke.access.models import User


class NoSuchUser(NotFound):
    code = "no_such_user"
    message = gettext_lazy("Nobody signs in as %(username)s. `dianke user list` shows all names.")


class NoMerchantYet(Conflict):
    code = "no_merchant_yet"
    message = gettext_lazy(
        "There is no merchant yet. Start Dianke (dianke run --no-demo), open its address and answer the "
        "questions of the first start: they also make the first administrator."
    )


class NoSuchRole(NotFound):
    code = "no_such_role"
    message = gettext_lazy("There is no role %(role)s. There are: %(roles)s.")


class PasswordsDiffer(InvalidInput):
    code = "passwords_differ"
    message = gettext_lazy("The two passwords differ. Try again.")


def migrate(_options: argparse.Namespace) -> int:
    prepare.migrate(verbose=True)
    return 0


def demo(options: argparse.Namespace) -> int:
    """Loads the demo merchant, one trade of it, or removes it with all its people."""
    prepare.migrate()
    merchant = prepare.demo_merchant()
    if options.remove and merchant is not None:
        merchant.remove()
        say(_("The demo merchant and its people are gone."))
    elif options.which == "online-retail":
        _load_online_retail(options.file)
    else:
        prepare.load_demo(options.trade)
    prepare.remember()
    return 0


def _load_online_retail(named: str) -> None:
    from django.utils import timezone

    from dianke.config.demo.online_retail import load_online_retail

    say(_("Loading nine months of a web shop; this takes some minutes …"))
    loaded = load_online_retail(named, clock=timezone.now, say=say)
    say(
        _(
            "%(rows)d rows in %(seconds)d s (%(speed)d rows/s): %(new)d new, %(same)d already there, %(errors)d with "
            "errors"
        )
        % {
            "rows": loaded.run.row_count,
            "seconds": loaded.seconds,
            "speed": loaded.speed,
            "new": loaded.run.created_count,
            "same": loaded.run.unchanged_count,
            "errors": loaded.run.error_count,
        }
    )


def shell(_options: argparse.Namespace) -> int:
    from django.core.management import call_command

    call_command("shell")
    return 0


def add_user(options: argparse.Namespace) -> int:
    """Hires a person for the whole merchant; the password is asked for, or read from standard input."""
    from django.utils import timezone

    from dianke.access.models import Role
    from dianke.core.actor import SYSTEM
    from dianke.core.business_dates import business_date
    from dianke.stores.models import LegalEntity, Merchant
    from dianke.stores.operations import hire_staff

    merchant, entity = (
        Merchant.objects.first(),
        LegalEntity.objects.filter(is_active=True).order_by("pk").first(),
    )
    if merchant is None or entity is None:
        raise NoMerchantYet
    role = Role.objects.filter(code__iexact=options.role).first()
    if role is None:
        codes = Role.objects.order_by("pk").values_list("code", flat=True)
        raise NoSuchRole(role=options.role, roles=", ".join(codes))
    now = timezone.now()
    hire_staff(
        username=options.username,
        name=options.name or options.username,
        number=(options.number or options.username)[:16],
        legal_entity=entity,
        hired_on=business_date(now, merchant.time_zone),
        password=_new_password(),
        role=role,
        actor=SYSTEM,
        now=now,
    )
    say(_("%s may sign in now.") % options.username)
    return 0


def list_users(_options: argparse.Namespace) -> int:
    from dianke.access.models import User

    for user in User.objects.order_by("username"):
        state = _("may sign in") if user.is_active else _("disabled")
        say(f"{user.username:<24} {user.name}  ({state})")
    return 0


def reset_password(options: argparse.Namespace) -> int:
    """For whoever has lost the password and cannot be sent a link: who may run this may read everything
    anyway.
    """
    from django.utils import timezone

    from dianke.access.operations import change_password
    from dianke.core.actor import SYSTEM

    user = _user(options.username)
    change_password(user=user, password=_new_password(), actor=SYSTEM, now=timezone.now())
    say(_("The new password of %s holds from now on; other sessions have ended.") % user.username)
    return 0


def disable_user(options: argparse.Namespace) -> int:
    from django.utils import timezone

    from dianke.access.operations import disable_account
    from dianke.core.actor import SYSTEM

    user = _user(options.username)
    disable_account(user=user, actor=SYSTEM, now=timezone.now())
    say(_("%s may not sign in any more; sessions have ended.") % user.username)
    return 0


def rotate_keys(_options: argparse.Namespace) -> int:
    """A new master key, then the keys of tables; 2 if something is left, which the next run goes on with."""
    from django.utils import timezone

    from dianke.core.key_rotation import rotate_keys, rotate_table_keys

    rotations = [rotate_keys(report=say, now=timezone.now())]
    rotations += rotate_table_keys(report=say, now=timezone.now())
    if all(rotation.is_complete for rotation in rotations):
        say(_("All data are under the new keys. Back up the key directory now, apart from the database."))
        return 0
    complain(_("Some data are still under an old key. Run this again; what is done is done."))
    return 2


def verify_ledger(_options: argparse.Namespace) -> int:
    from dianke.ledger.queries import verify

    problems = verify(report=say)
    return _tell(_("Ledger"), [f"{problem.subject}: {problem.text}" for problem in problems])


def verify_inventory(_options: argparse.Namespace) -> int:
    from dianke.inventory.queries import verify

    problems = verify(report=say)
    return _tell(_("Stock"), [f"{problem.subject}: {problem.text}" for problem in problems])


def verify_sales(_options: argparse.Namespace) -> int:
    from dianke.sales.queries import verify

    problems = verify(report=say)
    return _tell(_("Orders"), [f"{problem.subject}: {problem.text}" for problem in problems])


def refresh_insight(_options: argparse.Namespace) -> int:
    return _work_out(is_rebuilt=False)


def rebuild_insight(_options: argparse.Namespace) -> int:
    return _work_out(is_rebuilt=True)


def _work_out(*, is_rebuilt: bool) -> int:
    """Snapshot and values of everybody, here and now; a run under way in the worker is waited for by its lock."""
    from django.utils import timezone

    from dianke.core.actor import SYSTEM
    from dianke.insight.operations.runs import ask_refresh, carry_out

    now = timezone.now()
    run = ask_refresh(is_full=True, actor=SYSTEM, now=now)
    run = carry_out(run, actor=SYSTEM, now=now, is_rebuilt=is_rebuilt)
    say(
        _("%(rows)d rows, %(orders)d orders read anew, %(customers)d customers.")
        % {"rows": run.row_count, "orders": run.changed_order_count, "customers": run.customer_count}
    )
    return 0


def verify_insight(_options: argparse.Namespace) -> int:
    from django.utils import timezone

    from dianke.insight.operations import snapshots

    return _tell(_("Figures"), snapshots.verify(now=timezone.now()))


def verify_audit(_options: argparse.Namespace) -> int:
    from dianke.events.sealing import verify

    problems = verify(report=say)
    for warning in (problem for problem in problems if problem.is_warning):
        complain(f"! {warning}")
    return _tell(_("Log"), [problem for problem in problems if not problem.is_warning])


def _tell(subject: str, problems: Iterable[object]) -> int:
    """Prints what is wrong; 1 if anything is."""
    count = 0
    for problem in problems:
        complain(f"✗ {subject}: {problem}")
        count += 1
    if count:
        complain(_("%(subject)s: %(count)d problems found. Keep the data as they are and call for help.")
                 % {"subject": subject, "count": count})  # fmt: skip
        return 1
    say(_("%s: everything is right.") % subject)
    return 0


def _user(username: str) -> User:
    from dianke.access.models import User

    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        raise NoSuchUser(username=username)
    return user


def _new_password() -> str:
    """Asked for twice without showing it; from a pipe the first line, so that scripts can give one."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass(_("New password: "))
    if password != getpass.getpass(_("Once more: ")):
        raise PasswordsDiffer
    return password
