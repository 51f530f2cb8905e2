"""The wording of the product in three languages, kept without GNU gettext.

Source strings are English and stand in the code; every room keeps one Simplified Chinese catalogue that
people write, and one Traditional catalogue that is made from it. `bin/messages` gathers and merges,
`bin/messages compile` makes the binary files Django reads, `bin/messages check` is what keeps a missing or
wrong wording out of a release.
"""

from dianke.config.messages.catalogue import Room, compile_rooms, discover_rooms, refresh
from dianke.config.messages.check import find_problems
from dianke.config.messages.extract import Found, extract_python, extract_room, extract_template
from dianke.config.messages.traditional import Traditional

__all__ = [
    "Found",
    "Room",
    "Traditional",
    "compile_rooms",
    "discover_rooms",
    "extract_python",
    "extract_room",
    "extract_template",
    "find_problems",
    "refresh",
]
