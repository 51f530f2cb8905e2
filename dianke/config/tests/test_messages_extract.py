"""Extraction is right when Django, rendering the same source, looks up exactly what was extracted."""

import io
import textwrap

import pytest
from django.template import engines
from django.utils import translation

from dianke.config.messages.catalogue import Room, compile_rooms, dump, load, messages_of, refresh
from dianke.config.messages.extract import Found, extract_python, extract_room, extract_template
from dianke.config.messages.traditional import Traditional


def in_template(source):
    return [(f.context, f.singular, f.plural) for f in extract_template(source, "page.html")]


def in_python(source):
    return [
        (f.context, f.singular, f.plural)
        for f in extract_python(io.BytesIO(textwrap.dedent(source).encode()), "m.py")
    ]


TEMPLATE_FORMS = [
    # source, messages, context, a word of the English text that must vanish when the page is Chinese
    ('{% translate "Save now" %}', [(None, "Save now", None)], {}),
    ("{% trans 'Old spelling' %}", [(None, "Old spelling", None)], {}),
    ('{% translate "He said \\"yes\\"" %}', [(None, 'He said "yes"', None)], {}),
    ('{% translate "May" context "month name" %}', [("month name", "May", None)], {}),
    ('{% translate "Stored" as word %}[{{ word }}]', [(None, "Stored", None)], {}),
    ('{% translate "May" context "verb" as word %}{{ word }}', [("verb", "May", None)], {}),
    ('{% translate "loud"|upper %}', [(None, "loud", None)], {}),
    ('{% translate "100% wool" %}', [(None, "100%% wool", None)], {}),
    ("{% translate greeting %}", [], None),
    ('{{ _("Shout") }}', [(None, "Shout", None)], {}),
    ('{{ _("Shout")|lower }}', [(None, "Shout", None)], {}),
    ('{{ nothing|default:_("Nobody yet") }}', [(None, "Nobody yet", None)], {}),
    (
        '{% if _("Yes") %}{{ n|yesno:_("on,off") }}{% endif %}',
        [(None, "Yes", None), (None, "on,off", None)],
        None,
    ),
    ('{% firstof missing _("Fallback") %}', [(None, "Fallback", None)], {}),
    ('{% with title=_("Heading") %}{{ title }}{% endwith %}', [(None, "Heading", None)], {}),
    (
        "{% with a=_('One') b=_('Two') %}{{ a }}{{ b }}{% endwith %}",
        [(None, "One", None), (None, "Two", None)],
        {},
    ),
    ("{% blocktranslate %}Plain block{% endblocktranslate %}", [(None, "Plain block", None)], {}),
    ("{% blocktrans %}Old block{% endblocktrans %}", [(None, "Old block", None)], {}),
    (
        "{% blocktranslate %}Hello {{ name }}, 5% off{% endblocktranslate %}",
        [(None, "Hello %(name)s, 5%% off", None)],
        {"name": "Wang"},
    ),
    (
        "{% blocktranslate with who=customer.name %}Call {{ who }}{% endblocktranslate %}",
        [(None, "Call %(who)s", None)],
        {"customer": {"name": "Li"}},
    ),
    (
        '{% blocktranslate with who=missing|default:_("somebody") %}Visit {{ who }}{% endblocktranslate %}',
        [(None, "somebody", None), (None, "Visit %(who)s", None)],
        {},
    ),
    (
        "{% blocktranslate trimmed %}\n   First line\n   second line\n{% endblocktranslate %}",
        [(None, "First line second line", None)],
        {},
    ),
    (
        "{% blocktranslate count n=orders %}{{ n }} order{% plural %}{{ n }} orders{% endblocktranslate %}",
        [(None, "%(n)s order", "%(n)s orders")],
        {"orders": 3},
    ),
    (
        '{% blocktranslate trimmed count n=orders context "till" %}\n One item\n{% plural %}\n'
        " {{ n }} items\n{% endblocktranslate %}",
        [("till", "One item", "%(n)s items")],
        {"orders": 3},
    ),
    (
        '{% blocktranslate asvar told context "note" %}Kept aside{% endblocktranslate %}{{ told }}',
        [("note", "Kept aside", None)],
        {},
    ),
    ("{% comment %}{% translate 'Not shown' %}{% endcomment %}", [], None),
    ("{# {% translate 'Not shown' %} #}", [], None),
    ("{% verbatim %}{% translate 'Not ours' %}{% endverbatim %}", [], None),
    ("<p>Plain text is not a message</p>", [], None),
    ('{{ my_("x") }}', [], None),
]


@pytest.mark.parametrize(("source", "messages", "context"), TEMPLATE_FORMS)
def test_a_template_yields_its_messages(source, messages, context):
    assert in_template(source) == messages


@pytest.mark.parametrize(
    ("source", "messages", "context"), [form for form in TEMPLATE_FORMS if form[1] and form[2] is not None]
)
def test_what_was_extracted_is_what_django_looks_up(source, messages, context, tmp_path, settings):
    room = a_room(tmp_path, {"templates/till/page.html": "{% load i18n %}" + source})
    path = room.catalogue_path("zh_Hans")
    refresh([room], [room], Traditional({}))
    # Word every message as its own English between brackets: what comes out without brackets was not found.
    catalogue = load(path)
    for message in messages_of(catalogue):
        singular, plural = message.id if message.pluralizable else (message.id, None)
        message.string = (f"〔{plural}〕",) if plural else f"〔{singular}〕"
    path.write_bytes(dump(catalogue))
    compile_rooms([room])
    settings.LOCALE_PATHS = [str(path.parents[2])]
    template = engines["django"].from_string("{% load i18n %}" + source)
    with translation.override("en"):
        english = template.render(context)
    with translation.override("zh-hans"):
        chinese = template.render(context)
    assert chinese.count("〔") == chinese.count("〕") >= 1
    assert chinese != english
    assert chinese.replace("〔", "").replace("〕", "") == english


def a_room(root, files):
    folder = root / "dianke" / "till"
    for name, content in {"__init__.py": "", **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return Room("till", folder, root)


def test_python_yields_every_kind_of_call():
    assert in_python(
        """
        _("plain")
        gettext("direct")
        gettext_lazy("joined "
                     "over lines")
        gettext_noop("noted")
        ngettext("%(n)s piece", "%(n)s pieces", n) % {"n": n}
        ngettext_lazy("%(n)d box", "%(n)d boxes", "n")
        pgettext("month", "May")
        pgettext_lazy("verb", "May")
        npgettext("till", "one line", "%(n)s lines", n)
        translation.gettext("by attribute")
        _(f"not {a} literal")
        _(variable)
        print("not a message")
        """
    ) == [
        (None, "plain", None),
        (None, "direct", None),
        (None, "joined over lines", None),
        (None, "noted", None),
        (None, "%(n)s piece", "%(n)s pieces"),
        (None, "%(n)d box", "%(n)d boxes"),
        ("month", "May", None),
        ("verb", "May", None),
        ("till", "one line", "%(n)s lines"),
        (None, "by attribute", None),
    ]


def test_notes_to_translators_stay_with_the_next_message():
    in_page = list(
        extract_template(
            '{# Translators: a button #}\n{% translate "Close" %}\n\n{% translate "Open" %}', "p.html"
        )
    )
    assert [(f.singular, f.line, f.comments) for f in in_page] == [
        ("Close", 2, ("Translators: a button",)),
        ("Open", 4, ()),
    ]
    code = io.BytesIO(b"# Translators: end of a shift\n_('Close')\n_('Open')\n")
    assert [f.comments for f in extract_python(code, "m.py")] == [("Translators: end of a shift",), ()]


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("x\n{% blocktranslate %}a{% if b %}c{% endif %}{% endblocktranslate %}", r"p\.html:2: .*'if b'"),
        ("{% blocktranslate %}a", r"p\.html:1: .*not closed"),
        ("{% blocktranslate %}a{% plural %}b{% plural %}c{% endblocktranslate %}", "'plural'"),
    ],
)
def test_a_broken_block_is_refused_with_file_and_line(source, complaint):
    with pytest.raises(SyntaxError, match=complaint):
        list(extract_template(source, "p.html"))


def test_a_room_is_read_without_its_tests_migrations_and_static_files(tmp_path):
    room = a_room(
        tmp_path,
        {
            "models.py": "_('kept')",
            "rules/tax.py": "_('kept too')",
            "templates/till/page.html": "{% translate 'in a page' %}",
            "templates/till/mail.txt": "{% translate 'in a mail' %}",
            "tests/test_x.py": "_('from a test')",
            "migrations/0001_initial.py": "_('frozen')",
            "static/till/page.html": "{% translate 'static' %}",
            "page.html": "{% translate 'not a template' %}",
        },
    )
    assert extract_room(room.folder, tmp_path) == [
        Found("dianke/till/models.py", 1, "kept"),
        Found("dianke/till/rules/tax.py", 1, "kept too"),
        Found("dianke/till/templates/till/mail.txt", 1, "in a mail"),
        Found("dianke/till/templates/till/page.html", 1, "in a page"),
    ]
