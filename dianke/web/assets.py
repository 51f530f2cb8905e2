"""Brings the front-end packages into static files: `python -m dianke.web.assets`.

Copies what the pages use from `node_modules` into `static/vendor/` (never committed) and builds one SVG sprite
from the icons the templates and modules name. Run it after installing packages and after using a new icon; it
writes only what changed, so it is safe and quick to repeat.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "dianke"
TARGET = Path(__file__).resolve().parent / "static" / "vendor"

#: Tabler stands in a cascade layer of its own, so that our layers win without specificity games.
TABLER_CSS = "@tabler/core/dist/css/tabler.min.css"
#: Line, bar and pie with tooltip and legend: all that `charts.py` builds, a third lighter than the full build.
#: Loaded only when a chart scrolls into view.
ECHARTS = "echarts/dist/echarts.common.min.js"
#: Reads codes from the camera's picture where the browser cannot. Loaded only when the camera opens.
ZXING = {
    "zxing.js": "zxing-wasm/dist/iife/reader/index.js",
    "zxing.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
}
#: What the till is built with: elements of lit, Dexie over IndexedDB. Modules that import each other by the names of
#: packages, which browsers do not know: they lie side by side in one folder and name each other by file.
TILL = {
    "till/dexie.js": "dexie/dist/modern/dexie.min.mjs",
    "till/lit.js": "lit/index.js",
    "till/lit-element.js": "lit-element/lit-element.js",
    "till/reactive-element.js": "@lit/reactive-element/reactive-element.js",
    "till/css-tag.js": "@lit/reactive-element/css-tag.js",
    "till/lit-html.js": "lit-html/lit-html.js",
    "till/is-server.js": "lit-html/is-server.js",
    "till/directive.js": "lit-html/directive.js",
    "till/directive-helpers.js": "lit-html/directive-helpers.js",
    "till/repeat.js": "lit-html/directives/repeat.js",
    "till/live.js": "lit-html/directives/live.js",
    "till/class-map.js": "lit-html/directives/class-map.js",
    "till/ref.js": "lit-html/directives/ref.js",
    "till/async-directive.js": "lit-html/async-directive.js",
}
IMPORTED = re.compile(r"""(\bfrom\s*|\bimport\s*)(["'])([@.a-z][\w@./-]*)\2""")
ICONS = "@tabler/icons/icons/outline"

#: Where an icon is named for certain; a name here that does not exist is a mistake.
NAMED = (
    re.compile(r"""\{%\s*(?:icon|empty)\s+["']([a-z0-9-]+)["']"""),
    re.compile(r"""\bicon(?:_name)?\s*=\s*["']([a-z0-9-]+)["']"""),
    re.compile(r"""["']icon["']\s*:\s*["']([a-z0-9-]+)["']"""),
)
#: Any other word in quotes is an icon if there is one of that name: statuses and timeline entries choose theirs
#: far from the word "icon". A few words too many weigh less than one icon missing.
QUOTED = re.compile(r"""["']([a-z][a-z0-9-]*)["']""")


class AssetMissing(Exception):
    """A package or an icon that the pages need is not there; the text says which and what to do."""


def _sources(package: Path) -> Iterator[tuple[Path, str]]:
    for pattern in ("*/templates/**/*.html", "**/*.py", "*/static/**/*.js"):
        for path in sorted(package.glob(pattern)):
            if not {"vendor", "tests", "migrations"} & set(path.parts):
                yield path, path.read_text(encoding="utf-8")


def icons_named(package: Path = PACKAGE) -> dict[str, Path]:
    """Icons that templates, modules and scripts of all rooms name for certain, each with one file that does."""
    found: dict[str, Path] = {}
    for path, text in _sources(package):
        for named in NAMED:
            for name in named.findall(text):
                found.setdefault(name, path)
    return found


def icons_used(source: Path, package: Path = PACKAGE) -> dict[str, Path]:
    """Those, and every quoted word that is an icon in the folder `source`."""
    there = {path.stem for path in source.glob("*.svg")}
    found = icons_named(package)
    for path, text in _sources(package):
        for word in QUOTED.findall(text):
            if word in there:
                found.setdefault(word, path)
    return found


def sprite(names: Iterable[str], source: Path, used_in: dict[str, Path] | None = None) -> str:
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


def side_by_side(module: str) -> str:
    """A module of the till whose imports name files beside it: `lit-html/is-server.js` is `./is-server.js`."""

    def beside(found: re.Match[str]) -> str:
        name = found[3].rsplit("/", 1)[-1].removesuffix(".js")
        return f"{found[1]}{found[2]}./{name}.js{found[2]}"

    return IMPORTED.sub(beside, re.sub(r"//# sourceMappingURL=.*", "", module))


def _write(path: Path, content: bytes) -> bool:
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True


def build(modules: Path, target: Path = TARGET) -> list[Path]:
    """Writes the vendor files from `modules` (a node_modules folder) and returns those that changed."""

    def read_bytes(name: str) -> bytes:
        path = modules / name
        if not path.is_file():
            raise AssetMissing(f"{path} is missing. Install the front-end packages first: npm ci")
        return path.read_bytes()

    def read(name: str) -> str:
        return read_bytes(name).decode()

    used = icons_used(modules / ICONS)
    files = {
        "tabler.css": layered(read(TABLER_CSS), "tabler"),
        "echarts.js": re.sub(r"//# sourceMappingURL=.*", "", read(ECHARTS)),
        "icons.svg": sprite(used, modules / ICONS, used),
        # Tabler's style sheet carries its MIT notice in its own first lines.
        "LICENSES.txt": "\n\n".join(
            f"== {name} ==\n{read(name)}"
            for name in (
                "@tabler/icons/LICENSE",
                "echarts/LICENSE",
                "echarts/NOTICE",
                "zxing-wasm/LICENSE",
                "lit/LICENSE",
                "dexie/LICENSE",
            )
        ),
    }
    files |= {name: side_by_side(read(source)) for name, source in TILL.items()}
    contents = {name: text.encode() for name, text in files.items()}
    contents |= {name: read_bytes(source) for name, source in ZXING.items()}
    return [target / name for name, content in contents.items() if _write(target / name, content)]


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
