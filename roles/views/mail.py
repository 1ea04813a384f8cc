"""E-mails that the application sends, for whoever keeps it running."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from roles import clock
from roles.actions import mail as actions
from roles.keys import key_in
from roles.mail import is_configured
from roles.models import Mail
from roles.respond import MemberRequest, acting, done, needs, page, refused_by
from roles.task_records import since_when_work_fails
from roles.wording import ago

PAGE = 50


@require_safe
@needs("roles.manage_mail")
def mails(request: MemberRequest) -> HttpResponse:
    """Show what was sent and what was not, the newest first."""
    state = request.GET.get("state", "")
    rows = Mail.objects.select_related("member__user").defer("text", "html").order_by("-pk")
    if state in Mail.State.values:
        rows = rows.filter(state=state)
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: PAGE + 1])
    at = clock.now()
    failing_since = since_when_work_fails(at)
    context = {
        "mails": shown[:PAGE],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "states": Mail.State.choices,
        "state": state,
        "is_configured": is_configured(),
        "failing_since": ago(failing_since, now=at) if failing_since else "",
    }
    return page(request, "roles/mails.html", context)


@require_POST
@needs("roles.manage_mail")
def send_again(request: MemberRequest, pk: int) -> HttpResponse:
    """Have an e-mail sent again that failed."""
    row = get_object_or_404(Mail, pk=pk)
    to = reverse("roles:mails")
    try:
        actions.send_again(row, **acting(request))
    except ValidationError as problem:
        return refused_by(request, problem, to=to)
    return done(request, _("It is sent again."), to=to)
