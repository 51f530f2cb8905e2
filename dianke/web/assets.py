"""Brings the front-end packages into static files: `python -m dianke.web.assets`.

Copies what the pages use from `node_modules` into `static/vendor/` (never committed) and builds one SVG sprite
from the icons the templates and modules name. Run it after installing packages and after using a new icon; it
writes only what changed, so it is safe and quick to repeat.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "dianke"
TARGET = Path(__file__).resolve().parent / "static" / "vendor"

#: Tabler stands in a cascade layer of its own, so that our layers win without specificity games.
TABLER_CSS = "@tabler/core/dist/css/tabler.min.css"
#: Line, bar and pie with tooltip and legend: all that `charts.py` builds, a third lighter than the full build.
#: Loaded only when a chart scrolls into view.
ECHARTS = "echarts/dist/echarts.common.min.js"
ICONS = "@tabler/icons/icons/outline"

#: Icons that are chosen at run time (statuses, toasts, data) and therefore not found by scanning.
ALWAYS = frozenset(
    [
        "adjustments",
        "alert-circle",
        "alert-triangle",
        "archive",
        "armchair",
        "arrow-back-up",
        "arrow-down",
        "arrow-down-right",
        "arrow-left",
        "arrow-right",
        "arrow-up",
        "arrow-up-right",
        "barcode",
        "bell",
        "bookmark",
        "bolt",
        "briefcase",
        "building-store",
        "cake",
        "calendar",
        "calendar-event",
        "cash",
        "chart-bar",
        "check",
        "checkbox",
        "checklist",
        "chevron-down",
        "chevron-left",
        "chevron-right",
        "chevron-up",
        "circle-check",
        "clock",
        "coin",
        "columns",
        "command",
        "copy",
        "credit-card",
        "database",
        "device-desktop",
        "device-mobile",
        "diamond",
        "discount",
        "dots",
        "dots-vertical",
        "download",
        "edit",
        "external-link",
        "eye",
        "eye-off",
        "file",
        "filter",
        "fingerprint",
        "flag",
        "gift",
        "grip-vertical",
        "headset",
        "heart",
        "help",
        "history",
        "home",
        "inbox",
        "info-circle",
        "key",
        "keyboard",
        "language",
        "list",
        "list-check",
        "lock",
        "lock-open",
        "login",
        "logout",
        "mail",
        "map-pin",
        "menu-2",
        "message",
        "minus",
        "moon",
        "package",
        "palette",
        "paperclip",
        "phone",
        "photo",
        "player-pause",
        "plug",
        "plus",
        "printer",
        "qrcode",
        "receipt",
        "refresh",
        "report",
        "scan",
        "scissors",
        "search",
        "selector",
        "send",
        "settings",
        "shield-check",
        "sort-ascending",
        "sort-descending",
        "speakerphone",
        "star",
        "sun",
        "tag",
        "tags",
        "target-arrow",
        "ticket",
        "tool",
        "trash",
        "trending-down",
        "trending-up",
        "truck",
        "upload",
        "user",
        "user-circle",
        "user-plus",
        "user-search",
        "users",
        "users-group",
        "wallet",
        "wifi-off",
        "x",
        "zoom-question",
    ]
)

USES = (
    re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']"""),
    re.compile(r"""\bicon\s*=\s*["']([a-z0-9-]+)["']"""),
    re.compile(r"""["']icon["']\s*:\s*["']([a-z0-9-]+)["']"""),
)


class AssetMissing(Exception):
    """A package or an icon that the pages need is not there; the text says which and what to do."""


def icons_used(package: Path = PACKAGE) -> dict[str, Path]:
    """Icon names the templates, modules and scripts of all rooms name, each with one file that does."""
    found: dict[str, Path] = {}
    for pattern in ("*/templates/**/*.html", "*/*.py", "*/static/**/*.js"):
        for path in package.glob(pattern):
            if "vendor" in path.parts:
                continue
            text = path.read_text(encoding="utf-8")
            for use in USES:
                for name in use.findall(text):
                    found.setdefault(name, path)
    return found


def sprite(names: set[str], source: Path, used_in: dict[str, Path] | None = None) -> str:
    """One SVG whose symbols are the outline icons `names`, in order, so that the file only changes with them."""
    symbols = []
    for name in sorted(names):
        path = source / f"{name}.svg"
        if not path.is_file():
            where = (used_in or {}).get(name)
            raise AssetMissing(f'There is no Tabler icon "{name}" (used in {where}). Choose another name.')
        inner = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
        if inner is None:
            raise AssetMissing(
                f'The file of icon "{name}" is not an SVG. Install the packages again (npm ci).'
            )
        body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z"[^>]*/>', "", inner.group(1))
        body = re.sub(r"\s+", " ", body).replace("> <", "><").strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def layered(css: str, layer: str) -> str:
    """The style sheet inside a cascade layer, without its charset rule and source map (neither may be nested)."""
    css = re.sub(r'^\ufeff?@charset "[^"]*";', "", css)
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    return f"@layer {layer}{{{css.strip()}}}\n"


def _write(path: Path, text: str) -> bool:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def build(modules: Path, target: Path = TARGET) -> list[Path]:
    """Writes the vendor files from `modules` (a node_modules folder) and returns those that changed."""

    def read(name: str) -> str:
        path = modules / name
        if not path.is_file():
            raise AssetMissing(f"{path} is missing. Install the front-end packages first: npm ci")
        return path.read_text(encoding="utf-8")

    used = icons_used()
    files = {
        "tabler.css": layered(read(TABLER_CSS), "tabler"),
        "echarts.js": re.sub(r"//# sourceMappingURL=.*", "", read(ECHARTS)),
        "icons.svg": sprite(ALWAYS | set(used), modules / ICONS, used),
        # Tabler's style sheet carries its MIT notice in its own first lines.
        "LICENSES.txt": "\n\n".join(
            f"== {name} ==\n{read(name)}"
            for name in ("@tabler/icons/LICENSE", "echarts/LICENSE", "echarts/NOTICE")
        ),
    }
    return [target / name for name, text in files.items() if _write(target / name, text)]


def main() -> int:
    """The command: prints what was written; 1 and the remedy when something is missing."""
    try:
        changed = build(ROOT / "node_modules")
    except AssetMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 1
    sys.stdout.write(
        "".join(f"wrote {path.relative_to(ROOT)}\n" for path in changed) or "assets are up to date\n"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
