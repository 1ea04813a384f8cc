"""Uploads in parts, as the protocol tus 1.0 says it: any program that speaks it can go on where a line broke off."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error

from django.core.exceptions import ValidationError
from django.http import HttpResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from content.actions import uploads as actions
from content.models import Upload
from roles.keys import key_in
from roles.respond import MemberRequest, acting, needs

VERSION = "1.0.0"
PART = "application/offset+octet-stream"
READ_AT_ONCE = 1 << 18


@require_POST
@needs("content.manage_media")
def begin_upload(request: MemberRequest) -> HttpResponse:
    """Announce a file; the answer says where its parts go."""
    size = key_in(request.headers.get("Upload-Length", ""))
    if size is None:
        return _refused(_("Say in Upload-Length how many bytes the file has."), 400)
    name = _names(request.headers.get("Upload-Metadata", "")).get("filename", "")
    try:
        row = actions.begin_upload(request.organization, name=name, size=size, **acting(request))
    except ValidationError as problem:
        return _refused(" ".join(problem.messages), 422)
    response = _said(row, 201)
    response.headers["Location"] = reverse("content:upload", args=[row.pk])
    return response


@require_http_methods(["GET", "HEAD", "PATCH", "DELETE"])
@needs("content.manage_media")
def upload(request: MemberRequest, pk: int) -> HttpResponse:
    """Say how much of a file has come, take the next part, or give it up."""
    row = get_object_or_404(Upload, pk=pk, begun_by=request.member)
    if request.method == "PATCH":
        return _added(request, row)
    if request.method == "DELETE":
        actions.drop_upload(row, **acting(request))
        return _said(row, 204)
    return _said(row, 200)


def _added(request: MemberRequest, row: Upload) -> HttpResponse:
    begins = key_in(request.headers.get("Upload-Offset", ""))
    if request.content_type != PART or begins is None:
        return _refused(_("A part comes as %(type)s, with its Upload-Offset.") % {"type": PART}, 415)
    try:
        media = actions.add_to_upload(row, begins=begins, data=_read(request), **acting(request))
    except actions.OtherOffset as other:
        row.received = other.received
        return _said(row, 409)
    except ValidationError as problem:
        return _refused(" ".join(problem.messages), 422)
    response = _said(row, 204)
    if media is not None:
        response.headers["Upload-Media"] = str(media.pk)
    return response


def _read(request: MemberRequest) -> bytes:
    """What came of a part: where the line breaks off, that which came before is kept."""
    data = bytearray()
    try:
        while len(data) <= actions.LARGEST_PART and (chunk := request.read(READ_AT_ONCE)):
            data += chunk
    except UnreadablePostError:
        pass
    if len(data) > actions.LARGEST_PART:
        raise ValidationError(_("A part may have at most 16 megabytes."))
    return bytes(data)


def _names(said: str) -> dict[str, str]:
    """What is said of a file: names, each with its words in Base64."""
    found = {}
    for pair in said[:2000].split(","):
        name, _space, words = pair.strip().partition(" ")
        try:
            found[name] = b64decode(words, validate=True).decode("utf-8", "replace")
        except (Error, ValueError):
            continue
    return found


def _said(row: Upload, status: int) -> HttpResponse:
    response = HttpResponse(status=status)
    response.headers["Tus-Resumable"] = VERSION
    response.headers["Upload-Offset"] = str(row.received)
    response.headers["Upload-Length"] = str(row.size)
    response.headers["Upload-Expires"] = http_date(int(row.ends_at.timestamp()))
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(reason: str, status: int) -> HttpResponse:
    response = HttpResponse(reason, status=status, content_type="text/plain; charset=utf-8")
    response.headers["Tus-Resumable"] = VERSION
    return response
