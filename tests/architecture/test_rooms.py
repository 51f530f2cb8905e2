"""A room's listing is its table of contents: known names only, and no file that outgrew its purpose."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.architecture.source import must_be_clean, product_modules, rooms, shown

# Their modules are named after what they give (docs/architecture.md).
KITS = {"core", "web", "api", "config", "integrations", "imports", "matching"}

FILES = {
    "README.md",
    "__init__.py",
    "apps.py",
    "models.py",
    "rules.py",
    "operations.py",
    "queries.py",
    "views.py",
    "forms.py",
    "urls.py",
    "api.py",
    "tasks.py",
    "providers.py",
}
FOLDERS = {"tests", "migrations", "templates", "templatetags", "static", "locale", "data", "__pycache__"}
# A room may hold what no other has; each with its reason.
SPECIAL = {
    "access/clients.py": "what is known about the other end of a request",
    "access/confirmation.py": "proves again who one is, before sensitive acts",
    "access/demo_logins.py": "the people of a demo on the sign-in page",
    "access/devices.py": "the shared till a browser is",
    "access/enrolment.py": "sets up an authenticator app",
    "access/paging.py": "pages of lists, as the list kit stands above",
    "access/requests.py": "the type of a request with what the middleware puts on it",
    "access/signing_in.py": "the way from a name to a session",
    "access/fields.py": "the rules of masked fields and their registry",
    "access/guards.py": "the decorators every view carries",
    "access/limits.py": "how often something may be tried",
    "access/lockout.py": "what django-axes asks about a refused sign-in",
    "access/middleware.py": "puts the actor on the request",
    "access/passkeys.py": "challenges and answers of passkeys",
    "access/passwords.py": "the rules of passwords",
    "sales/tenders": "the port of payments and its adapters",
    "access/permissions.py": "the one table of roles and permissions",
    "access/sealing.py": "keeps second factors unreadable in the database",
    "events/changes.py": "the shape in which operations tell what changed",
    "events/commit_order.py": "reading that cannot miss a late commit",
    "events/dispatcher.py": "the loop that hands events to reactions",
    "events/listings.py": "lists on the page kit, which stands above the room",
    "events/starting.py": "what each start makes sure of",
    "events/partitions.py": "the months of the log",
    "events/reactions.py": "what a reaction is",
    "events/registry.py": "the words for kinds of events",
    "events/sealing.py": "the hash chain and its checkpoints",
    "events/testing.py": "delivery within a test of any room",
    "work/middleware.py": "offers to ask for approval where an operation needs a second person",
    "work/registry.py": "what other rooms register: kinds of tasks and notices, operations that can need approval",
    "stores/handover.py": "the port through which rooms say what a leaver holds",
}
VAGUE = {"utils", "helpers", "services", "managers", "common", "misc", "util", "helper", "lib", "stuff"}
MOST_LINES = 500


def misplaced(names: Iterable[str]) -> list[str]:
    """Names (`room/name`, a folder with a slash at its end) that a room may not hold."""
    wrong = []
    for name in names:
        room, entry = name.split("/", 1)
        folder = entry.endswith("/")
        stem = entry.rstrip("/").removesuffix(".py")
        if stem in VAGUE:
            wrong.append(name)
        elif room in KITS or name.rstrip("/") in SPECIAL or f"{room}/{stem}.py" in SPECIAL:
            continue
        elif folder:
            if stem not in FOLDERS and f"{stem}.py" not in FILES:
                wrong.append(name)
        elif entry not in FILES:
            wrong.append(name)
    return wrong


def entries(folders: Iterable[Path]) -> list[str]:
    return [
        f"{room.name}/{path.name}{'/' if path.is_dir() else ''}"
        for room in folders
        for path in sorted(room.iterdir())
    ]


def test_rooms_hold_only_the_known_files():
    must_be_clean("\n".join(misplaced(entries(rooms()))))


def test_unknown_and_vague_names_are_found():
    names = [
        "sales/models.py",
        "sales/rules/",
        "sales/locale/",
        "sales/pricing.py",
        "sales/stuff/",
        "core/money.py",
    ]
    assert misplaced([*names, "core/utils.py", "web/helpers/", "access/guards.py"]) == [
        "sales/pricing.py",
        "sales/stuff/",
        "core/utils.py",
        "web/helpers/",
    ]


def test_names_are_not_vague_at_any_depth():
    assert [shown(path) for path in product_modules(tests=True) if path.stem in VAGUE] == []


def too_long(sources: dict[str, str]) -> list[str]:
    return [name for name, text in sources.items() if text.count("\n") > MOST_LINES]


def test_no_module_outgrows_a_reader():
    assert too_long({shown(path): path.read_text(encoding="utf-8") for path in product_modules()}) == []


def test_a_long_module_is_found():
    assert too_long({"a.py": "x\n" * 500, "b.py": "x\n" * 501}) == ["b.py"]
