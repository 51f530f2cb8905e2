"""The front-end packages in static files: layers, sprite, weight."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from dianke.web import assets

STATIC = Path(assets.__file__).parent / "static"
FIRST_LOAD_LIMIT = 250 * 1024


def test_a_style_sheet_is_put_into_its_layer() -> None:
    css = '@charset "UTF-8";a{color:red}\n/*# sourceMappingURL=x.map */'
    assert assets.layered(css, "tabler") == "@layer tabler{a{color:red}}\n"


def test_a_sprite_holds_each_icon_once_and_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.svg").write_text(
            f'<svg class="x">\n <path stroke="none" d="M0 0h24v24H0z" fill="none" />\n <path d="{name}" /></svg>'
        )
    drawn = assets.sprite({"b", "a"}, tmp_path)
    assert drawn.count("<symbol") == 2
    assert drawn.index('id="a"') < drawn.index('id="b"')
    assert "M0 0h24v24H0z" not in drawn


def test_an_unknown_icon_is_named_with_the_file_that_uses_it(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetMissing, match=r"unicorn.*page\.html"):
        assets.sprite({"unicorn"}, tmp_path, {"unicorn": Path("page.html")})


def test_icons_are_found_wherever_they_are_named(tmp_path: Path) -> None:
    icons, package = tmp_path / "icons", tmp_path / "package"
    (package / "room/templates/room").mkdir(parents=True)
    icons.mkdir()
    for name in ("bell", "ticket", "plus"):
        (icons / f"{name}.svg").touch()
    (package / "room/templates/room/a.html").write_text('{% icon "bell" %}{% button x icon_name="plus" %}')
    (package / "room/views.py").write_text('Entry(now, "Used", "ticket", "word")')
    assert set(assets.icons_named(package)) == {"bell", "plus"}
    assert set(assets.icons_used(icons, package)) == {"bell", "plus", "ticket"}


def test_modules_of_the_till_name_each_other_by_file(tmp_path: Path) -> None:
    assets.build(assets.ROOT / "node_modules", tmp_path)
    for name in assets.TILL:
        for found in assets.IMPORTED.finditer((tmp_path / name).read_text(encoding="utf-8")):
            assert found[3].startswith("./"), (name, found[0])
            assert (tmp_path / "till" / found[3]).is_file(), (name, found[0])


def test_missing_packages_are_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetMissing, match="npm ci"):
        assets.build(tmp_path, tmp_path / "out")


def test_building_twice_writes_nothing_the_second_time(tmp_path: Path) -> None:
    modules = assets.ROOT / "node_modules"
    assert len(assets.build(modules, tmp_path)) == 6 + len(assets.TILL)
    assert assets.build(modules, tmp_path) == []


def test_every_icon_a_template_names_exists() -> None:
    used = assets.icons_named()
    outline = assets.ROOT / "node_modules" / assets.ICONS
    missing = {name: str(path) for name, path in used.items() if not (outline / f"{name}.svg").is_file()}
    assert not missing


def test_the_first_load_stays_light() -> None:
    base = (Path(assets.__file__).parent / "templates/web/base.html").read_text(encoding="utf-8")
    names = assets.re.findall(r"\{% static '([^']+\.(?:css|js))' %\}", base)
    names += [
        f"web/js/{path.name}"
        for path in (STATIC / "web/js").glob("*.js")
        if path.name not in ("app.js", "boot.js")
    ]
    names.append("vendor/icons.svg")
    weights = {}
    for name in names:
        found = finders.find(name)
        assert found, name
        weights[name] = len(gzip.compress(Path(str(found)).read_bytes(), 9))
    assert "web/css/tokens.css" in weights
    assert "django_htmx/htmx-4.min.js" in weights
    assert sum(weights.values()) < FIRST_LOAD_LIMIT, weights
