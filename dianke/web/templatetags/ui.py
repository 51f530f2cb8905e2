"""The component tags and filters of the page kit; loaded in every template without asking.

Tags draw one thing each and decide nothing. `/settings/styleguide/` shows all of them with the way they are written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.template.base import Node, NodeList, Parser, Token
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from dianke.core.money import Money
from dianke.web import formats
from dianke.web.components import Crumb, Entry, Fact, Stat, Step, Tab, Tone

register = template.Library()

SIZES = {"": "icon", "s": "icon icon-s", "l": "icon icon-l"}
ALERT_ICONS = {"": "info-circle", "good": "circle-check", "wait": "clock", "bad": "alert-triangle"}
STATUS_TONES = ("", "good", "wait", "bad", "off")
BUTTON_KINDS = {
    "": "btn",
    "primary": "btn btn-primary",
    "danger": "btn btn-danger",
    "ghost": "btn btn-ghost",
    "ghost-danger": "btn btn-ghost-danger",
}


def _now(context: Context) -> dt.datetime:
    request = context.get("request")
    return getattr(request, "now", None) or timezone.now()


# --- small marks -----------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """An outline icon of the sprite. Decoration unless `label` says what it means."""
    spoken = (
        format_html('role="img" aria-label="{}"', label) if label else format_html('aria-hidden="{}"', "true")
    )
    return format_html(
        '<svg class="{}" {}><use href="{}#{}"></use></svg>',
        SIZES[size],
        spoken,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def status(tone: Tone, label: str) -> SafeString:
    """A state in a word: tone good, wait, bad, off or "" (neutral)."""
    if tone not in STATUS_TONES:
        raise template.TemplateSyntaxError(f"status tone is one of {STATUS_TONES}, not {tone!r}")
    return format_html('<span class="dk-status{}">{}</span>', f" is-{tone}" if tone else "", label)


@register.simple_tag
def avatar(name: str, photo: str = "", size: str = "") -> SafeString:
    """A photo, or the name's first character on a ground that is always the same for the name."""
    css = f"dk-avatar{f' is-{size}' if size else ''}"
    if photo:
        return format_html('<span class="{}"><img src="{}" alt="" loading="lazy"></span>', css, photo)
    return format_html(
        '<span class="{} tint-{}" aria-hidden="true">{}</span>',
        css,
        formats.tint(name),
        formats.initial(name),
    )


@register.simple_tag
def person(name: str, note: str = "", photo: str = "", url: str = "") -> SafeString:
    """Avatar and name in a line; a long name is cut, the whole of it on hover."""
    named = (
        format_html('<a class="is-main clip" href="{}" title="{}">{}</a>', url, name, name)
        if url
        else format_html('<span class="clip" title="{}">{}</span>', name, name)
    )
    below = format_html('<span class="dk-line-note clip">{}</span>', note) if note else ""
    return format_html(
        '<span class="dk-person">{}<span class="dk-line-text">{}{}</span></span>',
        avatar(name, photo, "s"),
        named,
        below,
    )


@register.simple_tag
def copy(text: str, label: str = "") -> SafeString:
    """A button that copies `text`."""
    return format_html(
        '<button type="button" class="dk-copy" data-copy="{}" aria-label="{}">{}</button>',
        text,
        label or _("Copy"),
        icon("copy"),
    )


@register.simple_tag
def masked(value: str, reveal_url: str = "", label: str = "") -> SafeString:
    """A masked value (138****1234). `reveal_url` takes a POST, logs it and answers with the whole value."""
    if not reveal_url:
        return format_html('<span class="dk-masked">{}</span>', value)
    return format_html(
        '<span class="dk-masked"><span>{}</span><button type="button" hx-post="{}" hx-target="closest .dk-masked" '
        'hx-swap="outerHTML" aria-label="{}">{}</button></span>',
        value,
        reveal_url,
        label or _("Show in full (is logged)"),
        icon("eye"),
    )


# --- pressing --------------------------------------------------------------------------------------------------------
@register.simple_tag
def button(
    label: str,
    url: str = "",
    kind: str = "",
    icon_name: str = "",
    opens: str = "",
    type: str = "submit",
    key: str = "",
    css: str = "",
    **attributes: Any,
) -> SafeString:
    """A link that looks like a button when `url` is given, else a button. `opens` is "dialog" or "drawer"; `key`
    the letter that presses it; `css` further classes ("btn-s is-primary-action"). Other arguments become
    attributes, `_` for `-`."""
    classes = f"{BUTTON_KINDS[kind]} {css}".strip()
    drawn = icon(icon_name) if icon_name else ""
    extra = dict(attributes)
    if opens:
        extra["data_open"] = opens
    if key:
        extra["data_key"] = key
    rest = format_html_join(
        "",
        ' {}="{}"',
        ((name.replace("_", "-"), value) for name, value in extra.items() if value is not None),
    )
    if url:
        return format_html('<a class="{}" href="{}"{}>{}{}</a>', classes, url, rest, drawn, label)
    return format_html('<button type="{}" class="{}"{}>{}{}</button>', type, classes, rest, drawn, label)


class _Block(Node):
    """A tag with a body drawn by one function: `draw(body, context, **arguments)`."""

    def __init__(self, nodelist: NodeList, draw: Any, arguments: dict[str, Any]) -> None:
        self.nodelist = nodelist
        self.draw = draw
        self.arguments = arguments

    def render(self, context: Context) -> SafeString:
        values = {name: value.resolve(context) for name, value in self.arguments.items()}
        drawn: SafeString = self.draw(self.nodelist.render(context), **values)
        return drawn


def _block(name: str, draw: Any, first: str = "") -> None:
    """Registers `{% name first key=value %}…{% endname %}`."""

    def compile_block(parser: Parser, token: Token) -> _Block:
        arguments: dict[str, Any] = {}
        for position, bit in enumerate(token.split_contents()[1:]):
            key, separator, value = bit.partition("=")
            if separator and key.isidentifier():
                arguments[key] = parser.compile_filter(value)
            elif position == 0 and first:
                arguments[first] = parser.compile_filter(bit)
            else:
                raise template.TemplateSyntaxError(
                    f"{name}: {bit} is neither its {first} nor a named argument"
                )
        nodelist = parser.parse((f"end{name}",))
        parser.delete_first_token()
        return _Block(nodelist, draw, arguments)

    register.tag(name, compile_block)


def _card(
    body: SafeString, title: str = "", note: str = "", css: str = "", flush: bool = False
) -> SafeString:
    head = (
        format_html(
            '<div class="card-header"><h2>{}</h2>{}</div>',
            title,
            format_html('<span class="dk-hint">{}</span>', note) if note else "",
        )
        if title
        else ""
    )
    inner = body if flush else format_html('<div class="card-body">{}</div>', body)
    return format_html('<section class="card {}">{}{}</section>', css, head, inner)


def _alert(body: SafeString, tone: str = "", title: str = "") -> SafeString:
    return format_html(
        '<div class="dk-alert{}" role="{}">{}<div class="dk-alert-text">{}{}</div></div>',
        f" is-{tone}" if tone else "",
        "alert" if tone == "bad" else "status",
        icon(ALERT_ICONS[tone]),
        format_html("<strong>{}</strong>", title) if title else "",
        body,
    )


def _menu(
    body: SafeString, label: str = "", icon_name: str = "dots", css: str = "", text: str = ""
) -> SafeString:
    opener = (
        format_html(
            '<summary class="btn {}">{}{}{}</summary>', css, icon(icon_name), text, icon("chevron-down", "s")
        )
        if text
        else format_html(
            '<summary class="dk-round {}" aria-label="{}">{}</summary>', css, label, icon(icon_name)
        )
    )
    return format_html(
        '<details class="dk-menu">{}<div class="dk-menu-list">{}</div></details>', opener, body
    )


_block("card", _card)
_block("alert", _alert, first="tone")
_block("menu", _menu, first="label")


# --- figures ---------------------------------------------------------------------------------------------------------
@register.filter
def money(value: Money | Decimal | int | str | None, currency: str = "CNY") -> SafeString | str:
    """¥1,234.50, red when negative; a dash for None."""
    if value is None or value == "":
        return "–"
    amount = formats.as_money(value, currency)
    return format_html(
        '<span class="dk-money{}">{}</span>',
        " is-negative" if amount.is_negative else "",
        formats.money(amount),
    )


@register.filter
def headline(value: Money | Decimal | int | str | None, currency: str = "CNY") -> SafeString | str:
    """¥12.6万 with the exact amount on hover."""
    if value is None or value == "":
        return "–"
    return format_html(
        '<span class="dk-money" title="{}">{}</span>',
        formats.money(value, currency),
        formats.headline(value, currency),
    )


@register.filter
def number(value: Decimal | int | None) -> str:
    """12,480; a dash for None."""
    return "–" if value is None else formats.number(value)


@register.inclusion_tag("web/parts/stats.html")
def stats(items: Sequence[Stat]) -> dict[str, Any]:
    """A row of figures."""
    return {"items": items}


@register.simple_tag
def change(percent: int | None, is_good_up: bool = True) -> SafeString | str:
    """▲ 12% against an earlier period: good or bad news by colour and by the direction of the sign."""
    if percent is None:
        return ""
    if percent == 0:
        return format_html('<span class="dk-change">{}</span>', _("unchanged"))
    tone = "good" if (percent > 0) == is_good_up else "bad"
    return format_html(
        '<span class="dk-change is-{}">{}{}%</span>',
        tone,
        icon(
            "arrow-up-right" if percent > 0 else "arrow-down-right",
            label=_("up") if percent > 0 else _("down"),
        ),
        formats.number(abs(percent)),
    )


@register.simple_tag
def progress(value: int, maximum: int, label: str, written: str = "") -> SafeString:
    """A bar with its words: how far, of how much; `written` where these are not plain numbers."""
    return format_html(
        '<div><div class="dk-progress-head"><span>{}</span><span class="num">{}</span></div>'
        '<progress class="dk-progress" value="{}" max="{}" aria-label="{}"></progress></div>',
        label,
        written or f"{formats.number(value)} / {formats.number(maximum)}",
        value,
        maximum or 1,
        label,
    )


@register.simple_tag
def sparkline(values: Iterable[Decimal | int], label: str) -> SafeString:
    """A line of the recent course, without axes; `label` says in words what it shows."""
    points = [Decimal(value) for value in values]
    if len(points) < 2:
        return SafeString("")
    low, high = min(points), max(points)
    spread = (high - low) or Decimal(1)
    step = Decimal(96) / (len(points) - 1)
    path = " ".join(
        f"{'M' if position == 0 else 'L'}{step * position:.1f} {22 - (value - low) / spread * 20:.1f}"
        for position, value in enumerate(points)
    )
    return format_html(
        '<svg class="dk-spark" viewBox="0 0 96 24" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path d="{}"></path></svg>',
        label,
        path,
    )


# --- time ------------------------------------------------------------------------------------------------------------
def _time_element(value: dt.date | dt.datetime, text: str) -> SafeString:
    exact = timezone.localtime(value) if isinstance(value, dt.datetime) else value
    title = f"{exact:%Y-%m-%d %H:%M}" if isinstance(exact, dt.datetime) else f"{exact:%Y-%m-%d}"
    return format_html('<time datetime="{}" title="{}">{}</time>', exact.isoformat(), title, text)


@register.simple_tag(takes_context=True)
def when(context: Context, value: dt.datetime | dt.date | None, style: str = "") -> SafeString | str:
    """今天 14:30, 昨天 09:05, 11月21日 周六 14:30, 2025年3月2日; style "ago" for feeds, "day" without the hour."""
    if value is None:
        return "–"
    now = _now(context)
    if not isinstance(value, dt.datetime):
        return _time_element(value, formats.day(value, timezone.localtime(now).date()))
    if style == "ago":
        return _time_element(value, formats.ago(value, now))
    if style == "day":
        return _time_element(
            value, formats.day(timezone.localtime(value).date(), timezone.localtime(now).date())
        )
    return _time_element(value, formats.moment(value, now))


@register.filter
def lunar(value: dt.date | None) -> str:
    """农历九月初二."""
    return "" if value is None else formats.lunar(value)


# --- structures ------------------------------------------------------------------------------------------------------
@register.inclusion_tag("web/parts/tabs.html")
def tabs(items: Sequence[Tab], label: str = "") -> dict[str, Any]:
    """Links that look like tabs."""
    return {"items": items, "label": label or _("Views")}


@register.inclusion_tag("web/parts/crumbs.html")
def crumbs(items: Sequence[Crumb]) -> dict[str, Any]:
    """The way to this page."""
    return {"items": items}


@register.inclusion_tag("web/parts/steps.html", takes_context=True)
def steps(context: Context, items: Sequence[Step]) -> dict[str, Any]:
    """The stages of something, done and to come."""
    return {"items": items, "request": context.get("request")}


@register.inclusion_tag("web/parts/timeline.html", takes_context=True)
def timeline(context: Context, entries: Sequence[Entry]) -> dict[str, Any]:
    """What happened, newest first."""
    return {"entries": entries, "request": context.get("request")}


@register.inclusion_tag("web/parts/facts.html")
def facts(items: Sequence[Fact], css: str = "") -> dict[str, Any]:
    """Terms and values."""
    return {"items": items, "css": css}


@register.inclusion_tag("web/parts/empty.html")
def empty(
    icon_name: str,
    text: str,
    action: str = "",
    url: str = "",
    opens: str = "",
    guide_url: str = "",
    small: bool = False,
    action_icon: str = "plus",
) -> dict[str, Any]:
    """Nothing here yet: what this is for, the first step, the guide."""
    return {
        "icon_name": icon_name,
        "text": text,
        "action": action,
        "url": url,
        "opens": opens,
        "guide_url": guide_url,
        "small": small,
        "action_icon": action_icon,
    }


@register.inclusion_tag("web/parts/pages.html")
def pages(previous_url: str = "", next_url: str = "", text: str = "") -> dict[str, Any]:
    """Turns to the previous and the next page of a list."""
    return {"previous_url": previous_url, "next_url": next_url, "text": text}


@register.simple_tag
def skeleton(lines: int = 3) -> SafeString:
    """Grey lines while something loads."""
    return format_html(
        '<div role="status" aria-label="{}">{}</div>',
        _("Loading"),
        format_html_join("", '<span class="dk-skeleton {}"></span>', [("",)] * lines),
    )


@register.inclusion_tag("web/parts/chart.html")
def chart(figure: Any, low: bool = False) -> dict[str, Any]:
    """A `charts.Chart`: drawn by script when it comes into view, with its figures as a table for everybody."""
    return {"figure": figure, "low": low}


class _RepeatBlock(Node):
    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, context: Context) -> str:
        blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
        block = blocks.get_block(self.name) if blocks else None
        return block.render(context).strip() if block else ""


@register.tag
def repeat_block(parser: Parser, token: Token) -> _RepeatBlock:
    """`{% repeat_block title %}`: the content of a block a second time (the title in the tab and in the heading)."""
    return _RepeatBlock(token.split_contents()[1])
