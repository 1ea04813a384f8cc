"""What pages, mails and programs show of reviews: what would go out, what is different, who is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from content.digest import digest_of
from content.models import Piece, Review, ReviewedVariant, ReviewStep, Variant
from content.previewing import Preview, preview_of
from content.review_asking import seal_of, shown
from content.review_rules import waiting_step
from listening.languages import language_name
from listening.searching.history import Piece as Stretch
from listening.searching.history import difference
from roles.models import Member
from roles.permissions import Decision, decide
from roles.step_words import keys_in, names_of, who_is_asked
from roles.wording import listed

# What of a variant is shown in words, in the order in which a reader meets it.
PARTS = (
    ("title", _("Title")),
    ("text", _("Text")),
    ("link", _("Link")),
    ("first_comment", _("First comment")),
    ("warning", _("Content warning")),
    ("visibility", _("Who sees it")),
    ("language", _("Language")),
    ("slug", _("End of its address")),
    ("categories", _("Categories")),
    ("tags", _("Tags")),
    ("kind", _("Kind")),
    ("topic", _("Topic")),
    ("department", _("Department")),
)
# What stands above the variants already, and is told of one only where another would have been asked.
OF_PIECE = frozenset({"kind", "topic", "department"})


@dataclass(frozen=True)
class Said:
    """One part of what would go out, and how it differs from what was approved before."""

    name: str
    label: str
    text: str
    changes: Sequence[Stretch] = ()


@dataclass(frozen=True)
class Shown:
    """One variant exactly as it would go out, or, where that is over, as it was asked about."""

    row: ReviewedVariant
    variant: Variant
    parts: Sequence[Said]
    media: Sequence[dict[str, Any]]
    has_approved: bool
    is_changed: bool
    media_changed: bool
    # As its network shows it; only where one review is looked at, and the variant is still what was asked about.
    look: Preview | None = None

    @property
    def is_different(self) -> bool:
        """Whether anything is different from what was approved before."""
        return self.media_changed or any(part.changes for part in self.parts)


@dataclass(frozen=True)
class Entry:
    """One review as a page shows it to one member."""

    review: Review
    step: ReviewStep | None
    who: str
    shown: Sequence[Shown]
    seal: str
    may: Decision
    is_asked: bool
    may_withdraw: bool
    steps: Sequence[dict[str, Any]] = field(default_factory=list)

    @property
    def is_stuck(self) -> bool:
        """Whether it waits for nobody."""
        return self.review.state == Review.State.WAITING and self.step is None

    @property
    def is_late(self) -> bool:
        """Whether coaches were told that it takes too long."""
        return self.step is not None and self.step.escalated_at is not None


def entries(reviews: Sequence[Review], member: Member | None, *, looks: bool = False) -> list[Entry]:
    """Return reviews of `with_everything()` as a page shows them: the same few questions for any number.

    Without a member it is for somebody outside.
    With `looks` each variant is also drawn as its network shows it, which may ask more for each.
    """
    names = names_of(key for review in reviews for step in review.steps.all() for key in keys_in(step))
    approved = _approved_before(reviews)
    return [_entry(review, member, names, approved, looks=looks) for review in reviews]


def _approved_before(reviews: Sequence[Review]) -> dict[tuple[int, int], ReviewedVariant]:
    """What was approved last of each variant before each review; the words are read of these alone."""
    keys = {row.variant_id for review in reviews for row in review.reviewed.all()}
    approved = ReviewedVariant.objects.approved(keys).order_by("pk").values_list("pk", "variant", "review")
    rows = list(approved) if keys else []
    newest = {(review.pk, variant): key for review in reviews for key, variant, of in rows if of < review.pk}
    found = ReviewedVariant.objects.in_bulk(set(newest.values()))
    return {place: found[key] for place, key in newest.items()}


def _entry(
    review: Review,
    member: Member | None,
    names: dict[int, str],
    approved: dict[tuple[int, int], ReviewedVariant],
    *,
    looks: bool,
) -> Entry:
    step = waiting_step(review)
    is_waiting = review.state == Review.State.WAITING
    rows = [row for row in review.reviewed.all() if not is_waiting or row.state == Review.State.WAITING]
    rows.sort(key=lambda row: (row.variant.position, row.variant_id))
    steps = sorted(review.steps.all(), key=lambda one: one.number)
    for one in steps:
        one.review = review
    about = step or next((one for one in reversed(steps) if one.asked_at), None)
    has_said = (
        step is not None
        and member is not None
        and any(said.by_id == member.pk and said.kind != said.Kind.COMMENT for said in step.decisions.all())
    )
    return Entry(
        review=review,
        step=step,
        who=who_is_asked(about, names) if about is not None else "",
        shown=[
            _shown(row, approved.get((review.pk, row.variant_id)), is_waiting=is_waiting, looks=looks) for row in rows
        ],
        seal=seal_of(step, rows) if step is not None else "",
        may=decide(member, "content.review", step) if member and step is not None else Decision("-"),
        is_asked=step is not None and not has_said,
        may_withdraw=is_waiting and member is not None and bool(decide(member, "content.write", review.piece)),
        steps=[
            {
                "step": one,
                "who": who_is_asked(one, names),
                "decisions": list(one.decisions.all()),
                "guests": list(one.guests.all()),
            }
            for one in steps
            if one.state != ReviewStep.State.WITHDRAWN or one.asked_at is not None
        ],
    )


def _shown(row: ReviewedVariant, before: ReviewedVariant | None, *, is_waiting: bool, looks: bool) -> Shown:
    variant, is_changed = row.variant, row.digest != digest_of(row.variant)
    now = shown(variant) if is_waiting else row.shown
    was = before.shown if before is not None else {}
    said = [(name, label, _in_words(name, now.get(name)), _in_words(name, was.get(name))) for name, label in PARTS]
    parts = [
        Said(name, str(label), text, difference(old, text) if before is not None and old != text else ())
        for name, label, text, old in said
        if (text or old) and (name not in OF_PIECE or (before is not None and old != text))
    ]
    media = list(now.get("media", []))
    if is_waiting:
        media = [{**one, "row": use} for one, use in zip(media, variant.media_rows.all(), strict=True)]
    is_drawn = looks and (is_waiting or not is_changed)
    return Shown(
        row, variant, parts, media, has_approved=before is not None, is_changed=is_changed,
        media_changed=before is not None and was.get("media", []) != now.get("media", []),
        look=preview_of(variant, list(variant.media_rows.all())) if is_drawn else None,
    )  # fmt: skip


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return listed(value)
    if name == "visibility" and value:
        return str(Variant.Visibility(value).label)
    if name == "language" and value:
        return language_name(str(value))
    if name == "kind" and value:
        return str(Piece.Kind(value).label)
    return str(value or "")


def entry_of(review: Review, member: Member | None) -> Entry:
    """Return one review as its page shows it; without a member as somebody outside sees it."""
    return entries([review], member, looks=True)[0]
