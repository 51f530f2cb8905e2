"""`bin/bench [GROUP…] [--quick] [--keep]`: runs the benchmarks of the named groups and prints their figures.

A figure is a line `figure <group>.<name> <value> <unit>`; the table above them is for people. `bin/bench customers`
runs a group, `bin/bench customers.search` one benchmark of it; docs/benchmarks.md keeps the last run of each.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import re
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil

from bench.figures import Figure

#: Group → modules with `run(quick) -> list[Figure]`, in the order they run, and what the group measures.
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "house": (
        "ledger against TPC-B, events dispatched, warm start, idle memory",
        ("bench.house_system", "bench.house_events", "bench.house_ledger"),
    ),
    "goods": (
        "movements against TPC-B, stocktake, on hand and valuation at 300,000 products in 50 stores, growth",
        ("bench.goods_posting", "bench.goods_reading"),
    ),
    "sale": (
        "pricing in Python and the browser; a sale over HTTP beside TPC-B, a written floor, peers; the till; growth",
        (
            "bench.sale_pricing",
            "bench.sale_posting",
            "bench.sale_peers",
            "bench.sale_till",
            "bench.sale_growth",
        ),
    ),
    "customers": (
        "matching beside Splink, import, search and profile at a million customers",
        ("bench.customers_search", "bench.customers_import", "bench.customers_matching"),
    ),
    "circle": (
        "analyses beside DuckDB, value of customers, recommendations, messages to a mail server, segments",
        (
            "bench.circle_olap",
            "bench.circle_value",
            "bench.circle_recommend",
            "bench.circle_messages",
            "bench.circle_segments",
        ),
    ),
}
HEAD = """# Benchmarks

The last run of each benchmark, as its command printed it. Ratios compare two things of the same run and hold on other
machines; absolute times do not.
"""
PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def main() -> int:
    """Returns 0 when every benchmark of the groups ran."""
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help="which groups; none lists them")
    parser.add_argument("--quick", action="store_true", help="smaller data and shorter runs, for development")
    parser.add_argument("--keep", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    unknown = [name for name in options.groups if not benchmarks(name)]
    if unknown:
        parser.error(f"no such group: {', '.join(unknown)}; there are {', '.join(GROUPS)}")
    if not options.groups:
        for name, (purpose, _modules) in GROUPS.items():
            sys.stdout.write(f"{name:<12}{purpose}\n            {', '.join(benchmarks(name))}\n")
        return 0
    kept: dict[str, list[Figure]] = {}
    started = time.monotonic()
    for name, module in (found for group in options.groups for found in benchmarks(group).items()):
        sys.stderr.write(f"… {module}\n")
        kept[name] = importlib.import_module(module).run(options.quick)
    figures = [figure for found in kept.values() for figure in found]
    seconds = time.monotonic() - started
    width = max((len(figure.name) for figure in figures), default=0)
    sys.stdout.write(f"\n{machine()}\n{seconds:.0f} s in all{', quick' if options.quick else ''}\n\n")
    for figure in figures:
        sys.stdout.write(f"{figure.name:<{width}}  {shown(figure.value, figure.unit):>12} {figure.unit}\n")
    sys.stdout.write("\n")
    for figure in figures:
        sys.stdout.write(
            f"figure {figure.name} {shown(figure.value, figure.unit)} {figure.unit}".rstrip() + "\n"
        )
    if options.keep:
        keep(kept, quick=options.quick)
    return 0


def benchmarks(asked: str) -> dict[str, str]:
    """The benchmarks of a group, or the one named: {"customers.search": "bench.customers_search"}; none for others."""
    group, _dot, one = asked.partition(".")
    modules = GROUPS.get(group, ("", ()))[1]
    named = {module.removeprefix("bench.").replace("_", ".", 1): module for module in modules}
    return {name: module for name, module in named.items() if not one or name == asked}


def shown(value: float, unit: str = "?") -> str:
    """Three significant places where the figure is small, whole numbers where it is large; shares to four places."""
    if not unit and abs(value) <= 1:
        return f"{value:.4f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def machine() -> str:
    """What the figures were measured on."""
    memory = psutil.virtual_memory().total / 2**30
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} × {cpu}, {memory:.0f} GB, {system}"


def keep(runs: Mapping[str, Sequence[Figure]], *, quick: bool) -> None:
    """Write the figures of these benchmarks into the page; what it has of others stays."""
    parts = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE) if PAGE.exists() else []
    sections = {part.splitlines()[0]: part for part in parts[1:]}
    for name, figures in runs.items():
        rows = "\n".join(f"| {f.name} | {shown(f.value, f.unit)} | {f.unit} |" for f in figures)
        command = f"bin/bench {name}{' --quick' if quick else ''}"
        sections[name] = (
            f"{name}\n\n`{command}`, {datetime.now(UTC):%Y-%m-%d}, on {machine()}.\n\n"
            f"| figure | value | unit |\n| --- | ---: | --- |\n{rows}\n\n"
        )
    order = [name for group in GROUPS for name in benchmarks(group)]
    text = "".join(f"## {sections[name]}" for name in order if name in sections)
    PAGE.write_text(f"{HEAD}\n{text.rstrip()}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
