"""Files that are sent with a form, and those that came in parts before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from content.actions import media as actions
from content.actions.variant_media import attach_media
from content.media_forms import UploadForm
from content.models import Media, Variant
from content.views.places import piece_url
from engagement.refusals import Refusal
from roles.forms import take_over
from roles.keys import key_in
from roles.respond import MemberRequest, acting, done, needs, page
from roles.uploading import MEGABYTE, largest_file, too_large, was_too_large
from roles.wording import labelled

# As many as a variant takes; of more, those that came in parts are in the library anyway.
MOST_AT_ONCE = 20


@require_POST
@needs("content.manage_media")
def take_media(request: MemberRequest) -> HttpResponse:
    """Keep uploaded files, and let them go out with a variant where one is named."""
    key = key_in(request.POST.get("variant", ""))
    variant = get_object_or_404(Variant.objects.select_related("piece", "channel"), pk=key) if key else None
    form = UploadForm(request.POST, request.FILES)
    came = [key for said in request.POST.getlist("media")[:MOST_AT_ONCE] if (key := key_in(said)) is not None]
    form.fields["file"].required = not came and not was_too_large(request)
    kept: list[Media] = []
    if form.is_valid():
        kept = _taken(request, form, came)
        attached = _attached(request, form, variant, kept) if variant is not None else 0
        if kept and not form.errors:
            return _kept(request, variant, kept, attached)
    context = {"upload": form, "variant": variant, "kept": kept, "largest": largest_file() // MEGABYTE}
    return page(request, "content/media_upload.html", context, status=422)


def _taken(request: MemberRequest, form: UploadForm, came: list[int]) -> list[Media]:
    """What could be kept; why the rest could not is said in the form."""
    ways, kept = list(_ways(request, form, came)), []
    if was_too_large(request):
        form.add_error("file", too_large())
    for name, take in ways:
        try:
            kept.append(take())
        except ValidationError as problem:
            if not name:
                take_over(form, problem)
            else:
                form.add_error("file", [labelled(name, said) for said in problem.messages])
    return kept


def _ways(request: MemberRequest, form: UploadForm, came: list[int]) -> Iterator[tuple[str, Callable[[], Media]]]:
    """For each file its name, where there are several, and what keeps it."""
    files = form.cleaned_data["file"]
    alt = form.cleaned_data["alt"] if len(files) + len(came) == 1 else ""
    for key in came:
        yield "", partial(actions.described, get_object_or_404(Media, pk=key), alt, **acting(request))
    for file in files:
        said = {"file": file, "size": file.size, "name": file.name, "alt": alt, **acting(request)}
        yield file.name if len(files) > 1 else "", partial(actions.take_media, request.organization, **said)


def _attached(request: MemberRequest, form: UploadForm, variant: Variant, kept: list[Media]) -> int:
    """How many go out with the variant now; of several those wait of which nobody has said what is to be seen."""
    attached, alt = 0, form.cleaned_data.get("alt", "") if len(kept) == 1 else ""
    for row in kept if len(kept) == 1 else [row for row in kept if row.alt]:
        try:
            attach_media(variant, media=row, alt=alt, **acting(request))
            attached += 1
        except ValidationError as problem:
            take_over(form, problem)
        except Refusal as refusal:
            form.add_error(None, labelled(row.name, refusal) if len(kept) > 1 else str(refusal))
    return attached


def _kept(request: MemberRequest, variant: Variant | None, kept: list[Media], attached: int) -> HttpResponse:
    """On to what came: one file to its page or its piece, several to where each is described."""
    if variant is None and len(kept) == 1:
        return done(request, _("Saved."), to=reverse("content:one_media", args=[kept[0].pk]))
    if variant is None:
        said = ngettext("%(n)s file kept.", "%(n)s files kept.", len(kept)) % {"n": len(kept)}
        return done(request, said, to=reverse("content:media"))
    if attached == len(kept):
        return done(request, _("The media are attached."), to=piece_url(variant.piece, "media"))
    said = ngettext("%(n)s file kept. Say what is to be seen, and attach it.",
                    "%(n)s files kept. Say of each what is to be seen, and attach it.", len(kept))  # fmt: skip
    return done(request, said % {"n": len(kept)}, to=reverse("content:choose_media", args=[variant.pk]))
