"""Members from a file, tried first; and as a file."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from roles import mail, sheets
from roles.actions import member_files as actions
from roles.member_file_forms import MemberFileForm
from roles.member_files import COLUMNS, lines_of
from roles.models import Member
from roles.respond import MemberRequest, acting, needs, page


@require_http_methods(["GET", "HEAD", "POST"])
@needs("roles.import_members")
def import_members(request: MemberRequest) -> HttpResponse:
    """Say what a file would do, line by line, and do it when asked to."""
    form = MemberFileForm(request.POST, request.FILES) if request.method == "POST" else MemberFileForm()
    context: dict[str, object] = {"form": form, "columns": COLUMNS, "mailed": mail.is_configured()}
    if request.method == "POST" and form.is_valid():
        report = actions.import_members(
            request.organization,
            lines=form.lines,
            is_trial="do" not in request.POST,
            **acting(request),
        )
        counts = [(report.count(does), words) for does, words in _words()]
        context |= {"report": report, "text": form.said, "counts": [pair for pair in counts if pair[0]]}
    response = page(request, "roles/import_members.html", context, status=422 if form.errors else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _words() -> list[tuple[str, str]]:
    return [
        ("invite", _("invited")),
        ("give", _("with a further position")),
        ("change", _("changed")),
        ("nothing", _("as they are")),
        ("problem", _("not to be imported")),
    ]


@require_safe
@needs("roles.import_members")
def export_members(request: MemberRequest) -> HttpResponseBase:
    """The members and their positions as CSV, in the form that can be taken over again."""
    actions.export_members(request.organization, **acting(request))
    members = Member.objects.active().with_positions().by_name()
    return sheets.download("members.csv", COLUMNS, list(lines_of(members)))
