"""The huddle: the coaches' shared log."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from listening.models import Mention
from maturity.actions import huddle as actions
from maturity.huddle_forms import HuddleForm
from maturity.models import HuddleDigest, HuddleEntry, HuddleReader
from roles.forms import refusals_in
from roles.keys import key_in
from roles.permissions import decide
from roles.respond import MemberRequest, Undo, acting, done, needs, page, refused_by

PAGE = 30


@require_safe
@needs("maturity.read_huddle")
def huddle(request: MemberRequest) -> HttpResponse:
    """What was told, the newest first, of one kind or of all."""
    return _page(request)


@require_POST
@needs("maturity.note_in_huddle")
def note_in_huddle(request: MemberRequest) -> HttpResponse:
    """Tell the other coaches something."""
    form = HuddleForm(request.POST)
    if form.is_valid():
        said = {**form.cleaned_data, "mention": _mention(request)}
        with refusals_in(form):
            row = actions.note_in_huddle(request.organization, **said, **acting(request))
            undo = Undo(reverse("maturity:withdraw_from_huddle", args=[row.pk]))
            return done(request, _("The other coaches see it."), to=reverse("maturity:huddle"), undo=undo)
    return _page(request, form)


@require_POST
@needs("maturity.note_in_huddle")
def withdraw_from_huddle(request: MemberRequest, pk: int) -> HttpResponse:
    """Take back what one has noted."""
    to, row = reverse("maturity:huddle"), get_object_or_404(HuddleEntry, pk=pk)
    try:
        actions.withdraw_from_huddle(row, **acting(request))
    except PermissionDenied as problem:
        return refused_by(request, problem, to=to)
    return done(
        request, _("The entry is taken back."), to=to, undo=Undo(reverse("maturity:put_back_in_huddle", args=[pk]))
    )


@require_POST
@needs("maturity.note_in_huddle")
def put_back_in_huddle(request: MemberRequest, pk: int) -> HttpResponse:
    """Let it stand again."""
    actions.put_back_in_huddle(get_object_or_404(HuddleEntry, pk=pk), **acting(request))
    return done(request, _("It stands again."), to=reverse("maturity:huddle"))


@require_POST
@needs("maturity.read_huddle")
def choose_digest(request: MemberRequest) -> HttpResponse:
    """Say whether one wants the weekly digest."""
    wants_it = request.POST.get("wants") == "yes"
    actions.choose_digest(request.organization, wants_it=wants_it, **acting(request))
    message = _("You get the digest by e-mail.") if wants_it else _("You get no more digests of the huddle.")
    return done(request, message, to=reverse("maturity:huddle"))


def _mention(request: MemberRequest) -> Mention | None:
    said = request.POST if request.method == "POST" else request.GET
    # The stream may bring several; one stands for them.
    key = key_in(next(iter(said.getlist("mention")), ""))
    return Mention.objects.with_posts().filter(pk=key).first() if key else None


def _page(request: MemberRequest, form: HuddleForm | None = None) -> HttpResponse:
    member = request.member
    kind = request.GET.get("kind", "")
    rows = HuddleEntry.objects.standing().with_everything()
    if kind in HuddleEntry.Kind.values:
        rows = rows.filter(kind=kind)
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    shown = list(rows.order_by("-pk")[: PAGE + 1])
    may_note = decide(member, "maturity.note_in_huddle")
    mention = _mention(request)
    digest = HuddleDigest.objects.first()
    context = {
        "entries": [(row, row.noted_by_id == member.pk) for row in shown[:PAGE]],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "kinds": HuddleEntry.Kind.choices,
        "kind": kind if kind in HuddleEntry.Kind.values else "",
        "form": form or (HuddleForm(initial={"kind": kind}) if may_note else None),
        "mention": mention,
        "form_open": mention is not None or form is not None,
        "next_digest_at": digest.next_at if digest else None,
        "wants_digest": not HuddleReader.objects.filter(member=member, wants_it=False).exists(),
    }
    return page(request, "maturity/huddle.html", context, status=422 if form is not None else 200)
