"""The catalogues on disk: one `django.po` per room and language, written so that a diff shows only wording.

No dates, no line numbers, no tool names; messages stand in the order of their first file and then of the
alphabet, so that moving a function within its file changes nothing here. What no longer occurs in the source
is dropped.
"""

import io
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from dianke.config.messages.extract import Found, extract_room
from dianke.config.messages.traditional import Traditional

SIMPLIFIED = "zh_Hans"
TRADITIONAL = "zh_Hant"
LOCALES = (SIMPLIFIED, TRADITIONAL)

_HEADER = (
    'msgid ""\n'
    'msgstr ""\n'
    '"Language: {locale}\\n"\n'
    '"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n'
    '"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
)

_WELL_FORMED = re.compile(r'(#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?"(?:[^"\\]|\\.)*")?')

Key = tuple[str | None, str]


@dataclass(frozen=True)
class Room:
    """A package under `dianke/`; `root` is the repository, to which the paths in catalogues are relative."""

    name: str
    folder: Path
    root: Path

    def catalogue_path(self, locale: str) -> Path:
        return self.folder / "locale" / locale / "LC_MESSAGES" / "django.po"


@dataclass(frozen=True)
class Refreshed:
    """What `refresh` did to one room: how many messages it has, which were dropped, which want a wording."""

    room: Room
    count: int
    dropped: tuple[Message, ...]
    untranslated: tuple[Message, ...]


def discover_rooms(root: Path) -> list[Room]:
    """Every package directly under `dianke/`, by name."""
    folders = sorted(path.parent for path in (root / "dianke").glob("*/__init__.py"))
    return [Room(folder.name, folder, root) for folder in folders]


def refresh(rooms: Sequence[Room], all_rooms: Sequence[Room], traditional: Traditional) -> list[Refreshed]:
    """Merges the source strings of `rooms` into their catalogues; writes both languages where they changed.

    A message that is new here but already worded in another room takes that wording: Django merges all
    catalogues into one, so a message can have only one.
    """
    elsewhere: dict[Key, str] = {}
    for room in all_rooms:
        for message in messages_of(load(room.catalogue_path(SIMPLIFIED))):
            if is_translated(message):
                elsewhere.setdefault(key_of(message), wording_of(message))
    return [_refresh_room(room, elsewhere, traditional) for room in rooms]


def _refresh_room(room: Room, elsewhere: dict[Key, str], traditional: Traditional) -> Refreshed:
    old = load(room.catalogue_path(SIMPLIFIED))
    found = extract_room(room.folder, room.root)
    simplified = merge(found, old, elsewhere)
    for locale, catalogue in (
        (SIMPLIFIED, simplified),
        (TRADITIONAL, to_traditional(simplified, traditional)),
    ):
        path = room.catalogue_path(locale)
        if len(catalogue):
            write_if_changed(path, dump(catalogue))
        else:
            path.unlink(missing_ok=True)
    kept = {key_of(message) for message in messages_of(simplified)}
    return Refreshed(
        room,
        count=len(simplified),
        dropped=tuple(m for m in messages_of(old) if key_of(m) not in kept and is_translated(m)),
        untranslated=tuple(m for m in messages_of(simplified) if not is_translated(m)),
    )


def merge(found: Iterable[Found], old: Catalog, elsewhere: dict[Key, str] | None = None) -> Catalog:
    """A fresh Simplified catalogue of what was found, with the wording the old one already had."""
    uses: dict[Key, list[Found]] = {}
    for use in found:
        uses.setdefault(use.key, []).append(use)
    wording = dict(elsewhere or {})
    remarks: dict[Key, list[str]] = {}
    for message in messages_of(old):
        remarks[key_of(message)] = message.user_comments
        if is_translated(message):
            wording[key_of(message)] = wording_of(message)
    merged = _empty(SIMPLIFIED)
    for key in sorted(uses, key=lambda key: (uses[key][0].path, key[1], key[0] or "")):
        context, singular = key
        plural = next((use.plural for use in uses[key] if use.plural), None)
        text = wording.get(key, "")
        merged.add(
            (singular, plural) if plural else singular,
            (text,) if plural else text,
            locations=[(path, 0) for path in sorted({use.path for use in uses[key]})],
            auto_comments=list(dict.fromkeys(note for use in uses[key] for note in use.comments)),
            user_comments=remarks.get(key, []),
            context=context,
        )
    return merged


def to_traditional(simplified: Catalog, traditional: Traditional) -> Catalog:
    """The Traditional catalogue that belongs to a Simplified one, message by message."""
    made = _empty(TRADITIONAL)
    for message in messages_of(simplified):
        text = traditional.convert(wording_of(message))
        made.add(
            message.id,
            (text,) if message.pluralizable else text,
            locations=message.locations,
            auto_comments=message.auto_comments,
            context=message.context,
        )
    return made


def compile_rooms(rooms: Iterable[Room]) -> list[Path]:
    """Writes the `.mo` beside every `.po` whose content asks for it; returns those that changed."""
    changed = []
    for room in rooms:
        for locale in LOCALES:
            source = room.catalogue_path(locale)
            target = source.with_suffix(".mo")
            if not source.exists():
                target.unlink(missing_ok=True)
                continue
            buffer = io.BytesIO()
            write_mo(buffer, load(source))
            if write_if_changed(target, buffer.getvalue()):
                changed.append(target)
    return changed


def load(path: Path) -> Catalog:
    """Reads a catalogue; one that does not exist is empty. Raises ValueError naming a malformed file."""
    if not path.exists():
        return _empty(path.parent.parent.name)
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), start=1):
        # Babel takes a missing quotation mark for the last letter and drops that instead of complaining.
        if not _WELL_FORMED.fullmatch(line.strip()):
            raise ValueError(f"{path}:{number} cannot be read: the text wants double quotes")
    try:
        return read_po(io.StringIO(text), locale=path.parent.parent.name, charset="utf-8", abort_invalid=True)
    except PoFileError as error:
        raise ValueError(f"{path} cannot be read: {error}") from error


def dump(catalogue: Catalog) -> bytes:
    """The bytes of a `.po` file, the same for the same messages on every machine."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, omit_header=True, ignore_obsolete=True, include_lineno=False)
    body = buffer.getvalue().decode("utf-8").strip("\n")
    header = _HEADER.format(locale=catalogue.locale_identifier)
    return (header + body + "\n").encode("utf-8")


def write_if_changed(path: Path, content: bytes) -> bool:
    """Replaces a file in one step, so that nobody reads half of it; False when nothing differs."""
    if path.exists() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)
    return True


def messages_of(catalogue: Catalog) -> list[Message]:
    """The messages without the header."""
    return [message for message in catalogue if message.id]


def key_of(message: Message) -> Key:
    singular = message.id[0] if message.pluralizable else message.id
    return message.context, str(singular)


def wording_of(message: Message) -> str:
    """The translation; Chinese has one form for every number."""
    string = message.string
    return str(string[0] if isinstance(string, tuple | list) and string else string or "")


def is_translated(message: Message) -> bool:
    return bool(re.search(r"\S", wording_of(message))) and not message.fuzzy


def _empty(locale: str) -> Catalog:
    return Catalog(locale=locale, charset="utf-8", fuzzy=False)
