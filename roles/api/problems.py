"""Errors as problem details (RFC 9457): a title, a status, a sentence that says what to do, and errors by field."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from roles.links import inside
from roles.permissions import NotAllowed


class Conflict(exceptions.APIException):
    """The row is not in a state in which this can be done."""

    status_code = 409
    default_code = "conflict"


def problem_details(problem: Exception, context: dict[str, Any]) -> Response | None:
    """Turn any expected exception into application/problem+json; its `members`, if it has any, are added."""
    members: dict[str, Any] = getattr(problem, "members", {})
    if isinstance(problem, NotAllowed) and problem.url:
        # A program stands in no organization's addresses.
        members = members | {"missing": inside(problem.url)}
    if isinstance(problem, ValidationError):
        problem = exceptions.ValidationError(
            problem.message_dict if hasattr(problem, "error_dict") else {"non_field_errors": problem.messages}
        )
    elif isinstance(problem, PermissionDenied):
        problem = exceptions.PermissionDenied(str(problem) or None)
    elif isinstance(problem, Http404):
        problem = exceptions.NotFound()
    response = exception_handler(problem, context)
    if response is None or not isinstance(problem, exceptions.APIException):
        return response
    set_rollback()
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(problem.default_detail).rstrip("."),
        "status": response.status_code,
        "detail": _sentence(problem.detail),
    }
    if isinstance(problem, exceptions.ValidationError):
        detail = problem.detail
        body["errors"] = detail if isinstance(detail, dict) else {"non_field_errors": detail}
    response.data = body | members
    response.content_type = "application/problem+json"
    return response


def _sentence(detail: Any) -> str:
    if isinstance(detail, dict):
        return " ".join(
            f"{name}: {_sentence(value)}" if name != "non_field_errors" else _sentence(value)
            for name, value in detail.items()
        )
    if isinstance(detail, list):
        return " ".join(_sentence(part) for part in detail)
    return str(detail)
