"""The pictures of what is reviewed, for those who see the review."""

from __future__ import annotations

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from content.models import Media, Review
from roles.respond import MemberRequest, needs

# What a browser shows without running anything of it.
PICTURES = frozenset({"image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"})


@require_safe
@needs("content.review")
def review_picture(request: MemberRequest, pk: int, media: int) -> HttpResponseBase:
    """A picture of what is asked about."""
    review = get_object_or_404(Review.objects.visible_to(request.member), pk=pk)
    return picture_of(review, media)


def picture_of(review: Review, key: int) -> FileResponse:
    """Return a picture that goes out with a variant of a review; 404 where it is none, or is not there any more."""
    row = Media.objects.filter(pk=key, uses__variant__reviewed__review=review, content_type__in=PICTURES).first()
    if row is None:
        raise Http404
    try:
        opened = row.file.open("rb")
    except (OSError, ValueError) as problem:
        raise Http404 from problem
    response = FileResponse(opened, content_type=row.content_type)
    response.headers["Cache-Control"] = "private, max-age=3600"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
