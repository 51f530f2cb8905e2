"""The reference of the API: a page made from the schema, in the reader's language where the schema speaks it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from dianke.access.guards import requires

METHODS = ("get", "post", "put", "patch", "delete")


@require_GET
@requires("web.use_pages")
def reference(request: HttpRequest) -> HttpResponse:
    """Every endpoint by room, with its parameters and answers."""
    from dianke.config.api import api  # which lists this view among its addresses

    schema: dict[str, Any] = dict(api.get_openapi_schema())
    rooms: dict[str, list[dict[str, Any]]] = {}
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if method in methods:
                endpoint = methods[method]
                room = (endpoint.get("tags") or ["general"])[0]
                rooms.setdefault(room, []).append(_described(schema, path, method, endpoint))
    return render(
        request,
        "config/api_reference.html",
        {
            "rooms": sorted(rooms.items()),
            "version": schema["info"]["version"],
            "schema_url": reverse("api:openapi-json"),
        },
    )


def _described(schema: dict[str, Any], path: str, method: str, endpoint: dict[str, Any]) -> dict[str, Any]:
    body = endpoint.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "path": path,
        "method": method.upper(),
        "summary": endpoint.get("summary", ""),
        "description": endpoint.get("description", ""),
        "parameters": [
            {
                "name": each["name"],
                "place": each["in"],
                "is_required": each.get("required", False),
                "type": _type(each.get("schema", {})),
            }
            for each in endpoint.get("parameters", ())
        ],
        "fields": _fields(schema, body),
    }


def _fields(schema: dict[str, Any], body: dict[str, Any]) -> list[dict[str, Any]]:
    model = _resolved(schema, body)
    required = set(model.get("required", ()))
    return [
        {"name": name, "is_required": name in required, "type": _type(each)}
        for name, each in model.get("properties", {}).items()
    ]


def _resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    reference_to = part.get("$ref")
    if not reference_to:
        return part
    found: dict[str, Any] = schema["components"]["schemas"][reference_to.rsplit("/", 1)[1]]
    return found


def _type(part: dict[str, Any]) -> str:
    if "$ref" in part:
        return str(part["$ref"]).rsplit("/", 1)[1]
    if "anyOf" in part:
        return " | ".join(_type(each) for each in part["anyOf"])
    if part.get("type") == "array":
        return f"{_type(part.get('items', {}))}[]"
    return str(part.get("format") or part.get("type", ""))
