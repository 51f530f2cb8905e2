"""Completes the schema that is generated from the endpoints: the error answers every one of them may give, the
idempotency key of those that change something."""

from __future__ import annotations

from typing import Any

from dianke.api.idempotency import HEADER, MAX_LENGTH
from dianke.api.problems import CONTENT_TYPE

CHANGING = ("post", "put", "patch", "delete")

PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "Why a request was refused (RFC 9457). `code` is stable and for programs, `detail` for people.",
    "properties": {
        "type": {"type": "string", "examples": ["urn:dianke:problem:name_taken"]},
        "title": {"type": "string"},
        "status": {"type": "integer", "examples": [409]},
        "code": {"type": "string", "examples": ["name_taken"]},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "The fields that were wrong, if it was about fields.",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
                "required": ["field", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "code", "detail", "request_id"],
}
REASONS = {
    400: "The request could not be read",
    401: "No usable key or session",
    403: "The permission is lacking",
    404: "Not there, or outside the caller's scope",
    409: "Not possible in the present state; or the first request with this key is still running",
    413: "The request is too large",
    422: "Some input is not right; `errors` names the fields",
    429: "Too many requests; see Retry-After",
}
_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "A repeat under the same key gets the first answer and changes nothing. Kept for 30 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "pattern": "^[!-~]+$"},
}


def complete(schema: Any) -> Any:
    """The same schema, with what holds for all endpoints written at each of them."""
    schema["components"]["schemas"]["Problem"] = PROBLEM
    for methods in schema["paths"].values():
        for method, endpoint in methods.items():
            # What the function says of itself, rather than its name in words.
            endpoint["summary"] = (
                str(endpoint.get("description", "")).split("\n")[0].rstrip(".") or endpoint["summary"]
            )
            _add_errors(endpoint, method)
            if method in CHANGING:
                endpoint["parameters"] = [*endpoint.get("parameters", ()), _KEY]
    return schema


def _add_errors(endpoint: dict[str, Any], method: str) -> None:
    is_public = not endpoint.get("security")
    for status, reason in REASONS.items():
        if is_public and status not in {400, 422, 429}:
            continue
        if method == "get" and status in {409, 413}:
            continue
        endpoint["responses"].setdefault(
            status,
            {
                "description": reason,
                "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
