"""What must hold before wording is released; every finding says where it is, what is wrong and what to do."""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from babel.messages.catalog import Message

from dianke.config.messages.catalogue import (
    SIMPLIFIED,
    TRADITIONAL,
    Key,
    Room,
    dump,
    is_translated,
    key_of,
    load,
    merge,
    messages_of,
    to_traditional,
    wording_of,
)
from dianke.config.messages.extract import TEMPLATE_SUFFIXES, extract_room
from dianke.config.messages.traditional import Traditional

# Where Chinese may stand in the source, and why. Elsewhere it would reach people who chose another language.
CHINESE_ALLOWED = {
    "dianke/*/tests/*": "stories told in the customers' own words",
    "dianke/*/migrations/*": "frozen history",
    "dianke/*/data/*": "data files and the code that builds them",
    "dianke/config/demo/*": "the demo merchant, its people and its goods",
    "dianke/config/demo.py": "the demo merchant, its people and its goods",
    "dianke/config/presets/*": "trade presets are data",
    "dianke/core/phone.py": "full-width digits and the words for an extension",
    "dianke/core/name_readings.py": "surnames and characters with their readings",
    "dianke/core/lunar.py": "names of lunar months, days and festivals",
    "dianke/matching/addresses.py": "words of addresses and numbers in characters",
    "dianke/matching/naming.py": "titles, words of address, legal forms of firms",
    "dianke/matching/spelling.py": "a surname before a character, to have it read as part of a given name",
    "dianke/matching/surnames.py": "the common surnames",
    "dianke/customers/rules/addresses.py": "words of addresses and endings of names of places",
    "dianke/customers/rules/dates.py": "words of lunar and solar dates",
    "dianke/customers/rules/portal.py": "how a shop calls people whose name it does not know",
    "dianke/customers/rules/placeholders.py": "words that stand for no name, titles, words for a gender",
    "dianke/customers/rules/import_profiles.py": "headers of files of other systems",
    "dianke/customers/rules/import_rows.py": "yes, no and names of countries as people write them in files",
    "dianke/customers/rules/search.py": "the common surnames",
    "dianke/sales/providers/history_fields.py": "headers of columns as people write them",
    "dianke/sales/rules/history/rows.py": "the Chinese signs of a date and an amount",
    "dianke/customers/providers/import_targets.py": "headers of columns as people write them",
    "dianke/catalog/providers/importer.py": "headers of columns as people write them",
    "dianke/catalog/providers/price_importer.py": "headers of columns as people write them",
    "dianke/catalog/rules/import_profiles.py": "headers of files of other systems",
    "dianke/catalog/rules/import_rows.py": "kinds, states and options as people write them in files",
    "dianke/catalog/rules/piece_rows.py": "metals and ways of charging as jewellers write them in files",
    "dianke/catalog/providers/piece_importer.py": "headers by which columns are recognised",
    "dianke/purchasing/providers/importer.py": "headers of columns as people write them",
    "dianke/purchasing/providers/supplier_importer.py": "headers of columns as people write them",
    "dianke/purchasing/rules/supplier_rows.py": "terms of payment, yes and no as people write them in files",
    "dianke/config/operations/presets.py": "what the membership programme of a trade is called",
    "dianke/loyalty/providers/importer.py": "headers of columns as people write them",
    "dianke/loyalty/rules/opening.py": "units and dates as people write them in files",
    "dianke/sales/rules/receipts/columns.py": "how wide Chinese signs are on paper",
    "dianke/wallets/forms/settings.py": "signs people type between numbers",
    "dianke/wallets/providers/importer.py": "headers of columns as people write them",
    "dianke/inventory/providers/opening_importer.py": "headers of columns as people write them",
    "dianke/inventory/rules/opening_rows.py": "dates as people write them in files",
    "dianke/purchasing/rules/price_rows.py": "days and dates as people write them in files",
    "dianke/core/names.py": "ranges of Chinese characters",
    "dianke/core/money.py": "signs and words of amounts as people type them",
    "dianke/web/formats.py": "how each language writes dates and numbers",
    "dianke/web/styleguide.py": "sample texts that show how Chinese sits in the components",
    "dianke/web/templates/web/styleguide/*": "sample texts that show how Chinese sits in the components",
    "dianke/core/database/errors.py": "patterns for what a Chinese PostgreSQL says",
}
# Names that are the same in every language: the product and the languages' own names.
CHINESE_NAMES = ("店客", "简体中文", "繁體中文", "中文")

_IDEOGRAPH = re.compile(r"[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PERCENT = re.compile(r"%(?:\((?P<name>[^)]*)\))?[#0+-]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa%]")
_BRACE = re.compile(r"\{\{|\}\}|\{(?P<name>\w*)(?:[!:][^{}]*)?\}")
_TEMPLATE_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}", re.DOTALL)
_SCRIPT_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`\\])//[^\n]*", re.DOTALL)


def find_problems(rooms: Sequence[Room], traditional: Traditional) -> list[str]:
    """All findings over the given rooms, in the order of rooms; an empty list is a pass."""
    problems: list[str] = []
    wordings: dict[Key, tuple[str, str]] = {}
    for room in rooms:
        try:
            problems += _check_catalogues(room, traditional)
            current = load(room.catalogue_path(SIMPLIFIED))
        except (ValueError, SyntaxError) as error:
            problems.append(f"{room.name}: {error}")
            continue
        for message in messages_of(current):
            if is_translated(message):
                first, wording = wordings.setdefault(key_of(message), (room.name, wording_of(message)))
                if wording != wording_of(message):
                    problems.append(
                        f"{room.name}: {_shown(message)} is {wording_of(message)!r} here and {wording!r} in "
                        f"{first}; Django merges all rooms: agree on one, or tell them apart with pgettext"
                    )
        problems += find_chinese(room)
    return problems


def _check_catalogues(room: Room, traditional: Traditional) -> Iterator[str]:
    current = load(room.catalogue_path(SIMPLIFIED))
    expected = merge(extract_room(room.folder, room.root), current)
    for message in messages_of(current):
        if message.fuzzy:
            yield f"{room.name}: {_shown(message)} is marked fuzzy; check its wording and take the mark away"
    for _key, message in sorted(current.obsolete.items(), key=str):
        yield f"{room.name}: {_shown(message)} is obsolete; run bin/messages {room.name}"
    for message in messages_of(expected):
        context, singular = key_of(message)
        if _IDEOGRAPH.search(_without_names(singular + (context or ""))):
            yield f"{room.name}: the source string {_shown(message)} is Chinese; source strings are English"
        if not is_translated(message):
            yield f"{room.name}: {_shown(message)} has no wording in {SIMPLIFIED} ({message.locations[0][0]})"
        else:
            yield from (f"{room.name}: {problem}" for problem in placeholder_problems(message))
    for locale, catalogue in ((SIMPLIFIED, expected), (TRADITIONAL, to_traditional(expected, traditional))):
        target = room.catalogue_path(locale)
        there = target.read_bytes() if target.exists() else b""
        if there != (dump(catalogue) if len(catalogue) else b""):
            yield f"{room.name}: the {locale} catalogue is out of date; run bin/messages {room.name}"


def placeholder_problems(message: Message) -> Iterator[str]:
    """Placeholders that the wording lost, or that the source does not offer."""
    sources = message.id if isinstance(message.id, tuple | list) else (message.id,)
    offered = set().union(*(placeholders(source) for source in sources))
    # "One order" may leave the number out, the one Chinese form that serves every number may not.
    needed = placeholders(sources[-1])
    used = placeholders(wording_of(message))
    for lost in sorted(needed - used):
        yield f"{_shown(message)}: the wording lacks {lost}"
    for unknown in sorted(used - offered):
        yield f"{_shown(message)}: the wording has {unknown}, which the source does not give"


def placeholders(text: str) -> set[str]:
    """`%(name)s`, `{name}`, and the positional `%s` and `{}` numbered in order, so their count matters."""
    found: set[str] = set()
    positional = 0
    for match in _PERCENT.finditer(text):
        if match["name"] is not None:
            found.add(f"%({match['name']}){match[0][-1]}")
        elif not match[0].endswith("%"):
            positional += 1
            found.add(f"{match[0]} (number {positional})")
    for match in _BRACE.finditer(text):
        if match["name"]:
            found.add(f"{{{match['name']}}}")
        elif match["name"] == "":
            positional += 1
            found.add(f"{{}} (number {positional})")
    return found


def find_chinese(room: Room) -> Iterator[str]:
    """Chinese text in code, templates and scripts outside of the places that may hold it."""
    for path in sorted(room.folder.rglob("*")):
        shown = path.relative_to(room.root).as_posix()
        if not path.is_file() or any(fnmatch(shown, allowed) for allowed in CHINESE_ALLOWED):
            continue
        lines: Iterable[tuple[int, str]] = ()
        if path.suffix == ".py":
            lines = chinese_in_python(path.read_text(encoding="utf-8"))
        elif path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
            lines = chinese_in_template(path.read_text(encoding="utf-8"))
        elif path.suffix in {".js", ".mjs"} and "vendor" not in path.parts:
            lines = _chinese_lines(path.read_text(encoding="utf-8"), _SCRIPT_COMMENT)
        for line, text in lines:
            yield f"{shown}:{line}: Chinese text {text!r} in the source; write English through gettext"


def chinese_in_python(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of string literals that hold Chinese; docstrings and comments may."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)) or id(node) in docstrings:
            continue
        if _IDEOGRAPH.search(_without_names(node.value)):
            yield node.lineno, _shortened(node.value)


def chinese_in_template(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of a template's lines that hold Chinese outside of template comments."""
    return _chinese_lines(source, _TEMPLATE_COMMENT)


def _chinese_lines(source: str, comment: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    bare = comment.sub(lambda match: "\n" * match[0].count("\n"), source)
    for number, line in enumerate(bare.splitlines(), start=1):
        if _IDEOGRAPH.search(_without_names(line)):
            yield number, _shortened(line.strip())


def _without_names(text: str) -> str:
    for name in CHINESE_NAMES:
        text = text.replace(name, "")
    return text


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _shown(message: Message) -> str:
    return repr(_shortened(key_of(message)[1]))


def repository_root() -> Path:
    """The folder that holds `dianke/`."""
    return Path(__file__).resolve().parents[3]
