"""The command `bin/messages`: gather and merge (with room names or for all), `compile`, `check`."""

import argparse
import sys
from collections.abc import Sequence

from dianke.config.messages.catalogue import (
    Refreshed,
    compile_rooms,
    discover_rooms,
    key_of,
    refresh,
    wording_of,
)
from dianke.config.messages.check import find_problems, repository_root
from dianke.config.messages.traditional import Traditional


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/messages",
        description="Gathers source strings into the rooms' catalogues; makes zh_Hant from zh_Hans.",
        epilog="Without a word: all rooms. 'compile' writes the .mo files, 'check' fails on a gap.",
    )
    parser.add_argument("words", nargs="*", metavar="compile | check | ROOM", help="what to do, or where")
    words = parser.parse_args(arguments).words
    root = repository_root()
    all_rooms = discover_rooms(root)
    if words[:1] == ["compile"]:
        changed = compile_rooms(all_rooms)
        _say(f"{len(changed)} catalogues compiled")
        return 0
    traditional = Traditional.from_file()
    if words[:1] == ["check"]:
        chosen = [room for room in all_rooms if not words[1:] or room.name in words[1:]]
        problems = find_problems(chosen, traditional)
        for problem in problems:
            _say(problem)
        _say(f"{len(problems)} problems in {len(chosen)} rooms")
        return 1 if problems else 0
    unknown = set(words) - {room.name for room in all_rooms}
    if unknown:
        parser.error(f"no such room: {', '.join(sorted(unknown))}")
    chosen = [room for room in all_rooms if not words or room.name in words]
    for result in refresh(chosen, all_rooms, traditional):
        _report(result)
    compile_rooms(chosen)
    return 0


def _report(result: Refreshed) -> None:
    if not result.count and not result.dropped:
        return
    _say(f"{result.room.name}: {result.count} messages, {len(result.untranslated)} without a wording")
    for message in result.untranslated:
        _say(f"    {key_of(message)[1]!r}  ({message.locations[0][0]})")
    for message in result.dropped:
        _say(f"    dropped {key_of(message)[1]!r}, which was worded {wording_of(message)!r}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
