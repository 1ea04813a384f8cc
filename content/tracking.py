"""Links in what we publish become links of our own that count, with what the template adds to where they lead."""

from __future__ import annotations

import re
import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db import transaction

from content.models import Campaign, LinkTemplate, Publication, TrackedLink, Variant
from roles.models import Member

ADDRESS = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
LETTERS = string.ascii_letters + string.digits
KEY_LENGTH = 10
LONGEST = 2000
BEHIND = ".,;:!?'’»*_]}"


def short_address(key: str) -> str:
    """Where a tracked link is followed; outside of every organization, for anybody."""
    return f"{settings.SITE_URL}/l/{key}"


def tracked(text: str, publication: Publication) -> str:
    """Return words of a publication with links of our own in place of its addresses; each time the same.

    What has begun to go out before links were tracked, or were tracked otherwise, stays as it was then.
    """
    known = {link.address: link for link in TrackedLink.objects.filter(publication=publication)}
    template = template_for(publication.variant.piece.campaign)
    begun_at = publication.begun_at or publication.planned_at
    if template is not None and template.changed_at <= begun_at:
        for start, stop in addresses_in(text):
            address = text[start:stop]
            if address not in known and _is_meant(template, address):
                known[address] = _made(address, publication, template, at=begun_at)
    return with_links(text, known)


def with_links(text: str, known: Mapping[str, TrackedLink]) -> str:
    """Return words with links that are there in place of the addresses to which they lead."""
    return _replaced(text, lambda address: short_address(known[address].key) if address in known else address)


def as_long(text: str, variant: Variant) -> str:
    """Return words of a variant as long as they will be: with something like a tracked link for each address."""
    # One that is only thought of so far belongs to nobody's templates.
    template = template_for(variant.piece.campaign) if variant.pk and ADDRESS.search(text) else None
    if template is None:
        return text
    made_up = short_address("x" * KEY_LENGTH)
    return _replaced(text, lambda address: made_up if _is_meant(template, address) else address)


def _replaced(text: str, other: Callable[[str], str]) -> str:
    """Return words with something else in place of each address."""
    parts, end = [], 0
    for start, stop in addresses_in(text):
        parts += [text[end:start], other(text[start:stop])]
        end = stop
    return "".join([*parts, text[end:]])


def addresses_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield where addresses begin and end; a sign that only closes a sentence or a bracket does not belong to one."""
    for found in ADDRESS.finditer(text):
        address = found[0]
        while address and (address[-1] in BEHIND or (address[-1] == ")" and address.count(")") > address.count("("))):
            address = address[:-1]
        # “[words](address) and (more)”: what begins inside a bracket ends with it.
        if text[found.start() - 1 : found.start()] == "(" and ")" in address:
            address = _until_closed(address)
        if len(address) <= LONGEST and is_address(address):
            yield found.start(), found.start() + len(address)


def is_address(said: str) -> bool:
    """Whether it is an address on the web to which one may be led."""
    try:
        parts = urlsplit(said)
        return parts.scheme.lower() in {"http", "https"} and bool(parts.hostname) and "\\" not in said and (
            said.isprintable() and not parts.username and not parts.password and (parts.port or 1) > 0
        )  # fmt: skip
    except ValueError:
        return False


def template_for(campaign: Campaign | None) -> LinkTemplate | None:
    """The template that counts for what belongs to a campaign, if links are tracked there."""
    rows = list(LinkTemplate.objects.filter(campaign__in=[campaign] if campaign else []))
    found = rows[0] if rows else LinkTemplate.objects.filter(campaign=None).first()
    return found if found is not None and found.is_on else None


def with_words(address: str, words: dict[str, str]) -> str:
    """Return an address with parameters added; those that it has already stay as they are."""
    parts = urlsplit(address)
    has = {pair.partition("=")[0] for pair in parts.query.split("&")}
    new = urlencode({name: value for name, value in words.items() if value and name not in has})
    query = "&".join(filter(None, (parts.query, new)))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, parts.fragment))


def new_key() -> str:
    """A key that nobody guesses."""
    return "".join(secrets.choice(LETTERS) for _number in range(KEY_LENGTH))


def said_by(template: LinkTemplate, *, network: str, channel: str, campaign: str, piece: str) -> dict[str, str]:
    """What a template adds, with its places filled in."""
    places = {"network": network, "channel": channel, "campaign": campaign, "piece": piece}
    fields = {
        "utm_source": template.source, "utm_medium": template.medium, "utm_campaign": template.campaign_words,
        "utm_content": template.content,
    }  # fmt: skip
    return {name: _filled(words, places) for name, words in fields.items()}


def link_of(
    address: str, target: str, *, publication: Publication | None = None, campaign: Campaign | None = None,
    name: str = "", by: Member | None, at: datetime,
) -> TrackedLink:  # fmt: skip
    """Make a link under a key of its own."""
    return TrackedLink.objects.create(
        key=new_key(), address=address, target=target, name=name, publication=publication, campaign=campaign,
        made_at=at, made_by=by,
    )  # fmt: skip


def _made(address: str, publication: Publication, template: LinkTemplate, *, at: datetime) -> TrackedLink:
    variant = publication.variant
    words = said_by(
        template, network=publication.channel.network, channel=publication.channel.handle,
        campaign=variant.piece.campaign.name if variant.piece.campaign else "", piece=variant.piece.title,
    )  # fmt: skip
    with transaction.atomic():
        # Two that send at once cannot be; two that look may: the first one's link stands.
        Publication.objects.select_for_update(no_key=True, of=("self",)).get(pk=publication.pk)
        known: TrackedLink | None = TrackedLink.objects.filter(publication=publication, address=address).first()
        if known is not None:
            return known
        target, by = with_words(address, words), publication.planned_by
        return link_of(address, target, publication=publication, campaign=variant.piece.campaign, by=by, at=at)


def _is_meant(template: LinkTemplate, address: str) -> bool:
    if address.startswith(f"{settings.SITE_URL}/l/"):
        return False
    host = (urlsplit(address).hostname or "").lower()
    return not template.hosts or any(host == one or host.endswith(f".{one}") for one in template.hosts)


def _filled(words: str, places: dict[str, str]) -> str:
    """Fill in the places of a template; other brackets stay as they are."""
    filled = re.sub(r"{(\w+)}", lambda found: places.get(found[1], found[0]), words)
    return "-".join(re.findall(r"[\w.]+", filled.lower()))[:100]


def _until_closed(address: str) -> str:
    depth = 0
    for place, sign in enumerate(address):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return address[:place]
    return address
