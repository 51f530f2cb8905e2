"""The ten people of the demo one can look around as."""

from __future__ import annotations

from typing import Any

from dianke.access.demo_logins import DemoLogin
from dianke.access.models import User
from dianke.config.demo.data import family

#: Known to everybody, which is why a demo is served to its own computer only.
PASSWORD = "dianke-demo"  # noqa: S105


def demo_people_exist() -> bool:
    """Whether anybody of a demo can sign in here."""
    return User.objects.filter(is_demo=True).exists()


def demo_logins() -> list[DemoLogin]:
    """The ten by role, in the order of the data; none without a demo. One query."""
    from dianke.stores.models import Posting

    cast: list[str] = [person["username"] for person in family()["people"] if person.get("login")]
    found: dict[str, Any] = {
        posting.staff.user.username: posting
        for posting in Posting.objects.filter(
            staff__user__is_demo=True, staff__user__is_active=True, staff__user__username__in=cast
        ).select_related("staff__user", "role", "store", "region")
    }
    return [
        DemoLogin(
            role=found[username].role.label,
            name=found[username].staff.name,
            username=username,
            password=PASSWORD,
            store=str(found[username].store or found[username].region or ""),
        )
        for username in cast
        if username in found
    ]


def logins() -> list[tuple[str, str, str]]:
    """Role and name, sign-in name, password: what `dianke run` prints."""
    return [(f"{login.role} {login.name}", login.username, login.password) for login in demo_logins()]
