"""Media of variants: attaching, describing, putting in order, taking away."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from content.actions import variant_media as actions
from content.digest import digest_of
from content.models import Variant
from engagement.refusals import Refusal, Stale
from roles import clock
from tests import factories
from tests.cast import Cast


def names(variant: Variant) -> list[str]:
    rows = variant.media_rows.select_related("media").order_by("position", "pk")
    return [row.media.name for row in rows]


def test_media_need_words_before_they_go_out_anywhere(acme: Cast) -> None:
    variant, bare = factories.variant(), factories.media(alt="")
    with pytest.raises(ValidationError, match="cannot see"):
        actions.attach_media(variant, media=bare, by=acme.rosa, at=clock.now())
    row = actions.attach_media(variant, media=bare, alt="A dot.", by=acme.rosa, at=clock.now())
    bare.refresh_from_db()
    assert (bare.alt, row.alt, row.words) == ("A dot.", "", "A dot.")
    bare.alt = ""
    bare.save()
    row.alt = "A dot."
    row.save()
    with pytest.raises(ValidationError):
        actions.describe_there(row, alt="", by=acme.rosa, at=clock.now())


def test_whatever_changes_is_another_version_and_another_digest(acme: Cast) -> None:
    variant, digests = factories.variant(), []
    acting: dict[str, Any] = {"by": acme.rosa, "at": clock.now()}
    one, two = factories.media(name="one"), factories.media(name="two")

    def note() -> None:
        digests.append(digest_of(Variant.objects.with_media().get(pk=variant.pk)))

    note()
    first = actions.attach_media(variant, media=one, version=1, **acting)
    note()
    with pytest.raises(Stale):
        actions.attach_media(variant, media=two, version=1, **acting)
    second = actions.attach_media(variant, media=two, version=2, **acting)
    note()
    actions.move_media(second, to="earlier", **acting)
    assert names(variant) == ["two", "one"]
    note()
    actions.move_media(second, to="earlier", **acting)
    actions.describe_there(first, alt="Otherwise.", **acting)
    note()
    actions.detach_media(second, **acting)
    note()
    variant.piece.refresh_from_db()
    assert len(set(digests)) == len(digests) == variant.piece.version == 6
    with pytest.raises(Refusal):
        actions.attach_media(variant, media=one, **acting)


def test_nothing_moves_while_it_is_being_published(acme: Cast) -> None:
    variant, picture = factories.variant(), factories.media()
    factories.publication(variant, state="sending")
    with pytest.raises(Refusal, match="published"):
        actions.attach_media(variant, media=picture, by=acme.rosa, at=clock.now())


def test_it_is_done_on_pages_without_script(acme: Cast, sign_in: Any) -> None:
    variant, picture, client = factories.variant(), factories.media(alt=""), sign_in(acme.rosa)
    page = client.get(f"/o/acme/content/variants/{variant.pk}/media/").content.decode()
    assert "Attach" in page and picture.name in page
    attach = f"/o/acme/content/variants/{variant.pk}/media/{picture.pk}/attach/"
    client.post(attach, {"alt": "A dot."})
    row = variant.media_rows.get()
    for verb, said in (("describe", {"alt": "A red dot."}), ("move", {"to": "later"}), ("detach", {})):
        assert client.post(f"/o/acme/content/variant-media/{row.pk}/{verb}/", said).status_code == 302, verb
    assert not variant.media_rows.exists()
    assert sign_in(acme.elif_).post(attach).status_code == 403
