"""The one page on which notes, KPIs and assumptions are filled in."""

from __future__ import annotations

from django.forms import Form
from django.http import HttpResponse

from roles.respond import MemberRequest, page


def filling_in(
    request: MemberRequest, form: Form, *, title: str, back: tuple[str, str], **also: object
) -> HttpResponse:
    """Show a form below what it is about, with the way back; once more where it could not be taken."""
    context = {"form": form, "title": title, "back": back, **also}
    return page(request, "measurement/form.html", context, status=422 if form.errors else 200)
