"""Every view and endpoint says who may use it; tests/ walks the addresses as well, this reads the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import Finding, dotted, find, is_module, must_be_clean, parsed, product_modules

GUARDS = {"requires", "signed_in", "public"}
METHODS = {"get", "post", "put", "patch", "delete", "api_operation"}
# Django calls these with an error in hand; they have no address.
ERROR_PAGES = {"bad_request", "csrf_failed", "forbidden", "not_found", "server_error"}


def unguarded(source: str) -> Iterator[Finding]:
    """Functions that answer requests and class views that carry not exactly one guard."""
    for node in parsed(source).body:
        if isinstance(node, ast.ClassDef):
            if not any(dotted(base).endswith("View") for base in node.bases):
                continue
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not _answers(node):
            continue
        names = [
            dotted(part)
            for decorator in node.decorator_list
            for part in ast.walk(decorator)
            if isinstance(part, ast.Name | ast.Attribute)
        ]
        count = sum(name.rpartition(".")[2] in GUARDS for name in names)
        if count != 1:
            yield node.lineno, f"{node.name} carries {count} guards"


def _answers(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    decorators = [decorator for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    if any(dotted(d.func).rpartition(".")[2] in METHODS and "." in dotted(d.func) for d in decorators):
        return True
    first = node.args.args[0].arg if node.args.args else ""
    return first == "request" and not node.name.startswith("_") and node.name not in ERROR_PAGES


def test_every_view_and_endpoint_carries_one_guard():
    answering = [
        path for path in product_modules() if any(is_module(path, name) for name in ("views", "api"))
    ]
    must_be_clean(find(answering, unguarded))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def page(request): ...", ["page carries 0 guards"]),
        ("@require_POST\ndef page(request): ...", ["page carries 0 guards"]),
        ("@requires('a.b')\n@public('x')\ndef page(request): ...", ["page carries 2 guards"]),
        ("@router.get('/x')\ndef listing(r): ...", ["listing carries 0 guards"]),
        ("class Page(TemplateView): ...", ["Page carries 0 guards"]),
        ("async def page(request): ...", ["page carries 0 guards"]),
        ("@requires('a.b')\ndef page(request): ...", []),
        ("@router.get('/x')\n@guards.signed_in\ndef listing(request): ...", []),
        ("@public('health')\ndef page(request): ...", []),
        ("@method_decorator(requires('a.b'), name='dispatch')\nclass Page(View): ...", []),
        ("def _part(request): ...", []),
        ("def not_found(request, exception): ...", []),
        ("class Form: ...", []),
    ],
)
def test_guards_are_counted(source, found):
    assert [what for _line, what in unguarded(source)] == found
