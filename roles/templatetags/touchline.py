"""What templates say again and again: icons, ids, times, clocks, people, buttons that know why not, flashes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from zlib import crc32

from django import template
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.db.models import Model
from django.http import HttpRequest
from django.template import Context, defaultfilters, engines
from django.utils import formats, timezone
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from heroicons.templatetags.heroicons import heroicon_outline

from roles import clock as wall_clock
from roles import housekeeping, wording
from roles.asking import page_asking
from roles.models import IdentityProvider
from roles.navigation import Link, Shown
from roles.permissions import Decision
from roles.permissions import decide as decide_for
from roles.respond import flashes

register = template.Library()

THEMES = {"light", "dark"}


# Where the text runs from right to left these point the other way.
_TURNING = {
    "arrow-left", "arrow-right", "arrow-right-circle", "arrow-right-start-on-rectangle", "arrow-uturn-left",
    "paper-airplane",
}  # fmt: skip


@lru_cache(maxsize=512)
def _icon(name: str, extra: str) -> SafeString:
    worn = f"icon {extra}{' icon--turns' if name in _TURNING else ''}".strip()
    drawn = heroicon_outline(name, size=20, **{"class": worn, "focusable": "false"})
    return mark_safe(drawn)  # noqa: S308 - drawn from the package's own files; attributes are escaped there


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the one size and stroke; it is decoration, so the words beside it or a label must say the same."""
    return _icon(str(name), str(extra))


@register.simple_tag
def identity_providers() -> list[IdentityProvider]:
    """Where people of some organization can sign in."""
    return housekeeping.identity_providers()


@register.simple_tag
def dom_id(subject: Model, part: str = "") -> str:
    """The id of a row's element on any page: `assignment_12` or `assignment_12_header`."""
    name = subject._meta.model_name
    whole = f"{name}_{subject.pk}" if subject.pk is not None else f"new_{name}"
    return f"{whole}_{part}" if part else whole


@register.simple_tag
def theme(request: HttpRequest | None) -> str:
    """The theme that the person chose in this browser, empty where the system decides."""
    chosen = request.COOKIES.get(f"{settings.COOKIE_PREFIX}theme", "") if request else ""
    return chosen if chosen in THEMES else ""


@register.filter
def places(nav: list[Shown], number: int) -> list[Link]:
    """The first so many places of all rooms, for where there is little space."""
    return [link for room in nav for link in room.links][:number]


@register.simple_tag(takes_context=True)
def rooms(context: Context) -> SafeString:
    """The navigation, drawn once for the two places where it stands."""
    request = context["request"]
    if not hasattr(request, "drawn_rooms"):
        request.drawn_rooms = draw("components/nav.jinja", nav=context["nav"])
    drawn: SafeString = request.drawn_rooms
    return drawn


@register.filter
def languages(codes: Iterable[str]) -> str:
    """Languages in words, from their codes; an unknown one stays a code."""
    return wording.listed(_(LANG_INFO.get(code, {}).get("name") or code) for code in codes)


@register.filter
def colon(label: object) -> str:
    """A label before what it names: with a space of its own in French, a wide sign in Japanese."""
    return wording.colon(label)


@register.filter
def listed(things: Iterable[object]) -> str:
    """Things one after another, as the language writes a list."""
    return wording.listed(things)


@register.simple_tag
def comma() -> str:
    """The mark between two things of a list, with the space that follows it where there is one."""
    return wording.listed(("", ""))


@register.simple_tag
def stop() -> str:
    """The mark that ends a sentence whose last words were filled in."""
    return wording.sentence("")


@register.simple_tag
def words() -> dict[str, str]:
    """The patterns of spans of time, for the script that keeps them fresh."""
    return wording.patterns()


@register.simple_tag
def ago(at: datetime | None, missing: str = "", *, is_due: bool = False) -> str:
    """A moment as people say it, with the exact one behind it: `12 min ago`, `in 3 h`, `4 Mar`, or `due now`."""
    if at is None:
        return missing
    local = timezone.localtime(at)
    # By hand, as the clock below: a list has both on every line, and here nothing but the words can need escaping.
    machine, exact, zone = local.isoformat(timespec="seconds"), _exact(local), escape(local.tzname())
    said = escape(wording.ago(at, now=wall_clock.now(), is_due=is_due))
    due = '="due"' if is_due else ""
    return SafeString(f'<time datetime="{machine}" title="{exact} {zone}" data-ago{due}>{said}</time>')


def _exact(local: datetime) -> SafeString:
    return _spelled(local.replace(microsecond=0, tzinfo=None), get_language() or "")


@lru_cache(maxsize=4096)
def _spelled(wall: datetime, _language: str) -> SafeString:
    # Mostly those that the last page spelled too.
    return escape(formats.date_format(wall, "DATETIME_FORMAT"))


@register.simple_tag
def moment(at: datetime | None, missing: str = "") -> str:
    """An exact moment in the reader's time zone: `4 March 2026, 14:05`."""
    if at is None:
        return missing
    local = timezone.localtime(at)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), _exact(local))


@register.filter(expects_localtime=True, is_safe=False)
def date(value: Any, pattern: str | None = None) -> str:
    """Django's own, with the day in the order of the reader's language: `4 Mar`, `4. Mär`, `3月4日`."""
    said: str = defaultfilters.date(value, wording.in_order(pattern) if pattern else None)
    return said


@register.filter
def day_or_moment(at: datetime) -> str:
    """The day on whose first moment something begins or ends: `4 March 2026`; the exact moment where it is another."""
    local = timezone.localtime(at)
    is_day = (local.hour, local.minute, local.second) == (0, 0, 0)
    return formats.date_format(local, "DATE_FORMAT") if is_day else _exact(local)


@register.filter
def span(seconds: float | None) -> str:
    """A length of time in words of two units: `3 h 20 min`; a dash where there is none."""
    return "–" if seconds is None else wording.span(float(seconds))


# Drawn here and not by a template: a list has one on every line, and this takes a fifth of the time.
_CLOCK = (
    '<span class="clock clock--%s"%s title="%s">'
    '<svg class="clock__ring" viewBox="0 0 24 24" aria-hidden="true">'
    '<circle class="clock__track" cx="12" cy="12" r="9"/>'
    '<circle class="clock__left" cx="12" cy="12" r="9" pathLength="100" stroke-dasharray="%d 100"/></svg>'
    "<span>%s<span data-clock-text>%s</span></span></span>"
)


def _drawn(state: str, running: str, title: str, share: int, said: str, text: str) -> SafeString:
    return SafeString(_CLOCK % (state, running, conditional_escape(title), share, escape(said), escape(text)))


@register.simple_tag
def clock(
    due_at: datetime,
    start: datetime,
    answered_at: datetime | None = None,
    *,
    warn_at: datetime | None = None,
    paused_at: datetime | None = None,
    what: str = "",
    waits_for: str = "",
) -> SafeString:
    """The clock of a response target: calm, soon, late, stopped, or met once it was answered in time.

    `what` says what it runs for; `warn_at` when it is soon; `waits_for` for whom it stands still.
    """
    due = timezone.localtime(due_at)
    title = _exact(due)
    allotted = max((due_at - start).total_seconds(), 1.0)
    if answered_at is not None:
        late = (answered_at - due_at).total_seconds()
        text = (
            _("Answered in %(span)s") % {"span": wording.span((answered_at - start).total_seconds())}
            if late <= 0
            else _("Answered %(span)s late") % {"span": wording.span(late)}
        )
        return _drawn("met" if late <= 0 else "late", "", title, 100, "", text)
    said = f"{what} " if what else ""
    left = (due_at - (paused_at or wall_clock.now())).total_seconds()
    share = round(max(0.0, min(1.0, left / allotted)) * 100)
    if paused_at is not None and left >= 0:
        since = _("The clock has stood still since %(moment)s") % {"moment": _exact(timezone.localtime(paused_at))}
        text = _("waits for %(whom)s") % {"whom": waits_for} if waits_for else _("stopped")
        return _drawn("paused", "", since, share, said, text)
    warns = (due_at - warn_at).total_seconds() if warn_at is not None else None
    state = wording.clock_state(left, allotted, warns)
    running = ""
    if paused_at is None:
        running = f' data-due="{due.isoformat()}" data-allotted="{round(allotted)}"'
        running += f' data-warns="{round(warns)}"' if warns is not None else ""
    return _drawn(state, running, title, share, said, wording.left(left))


@register.simple_tag
def avatar(name: object, extra: str = "") -> str:
    """A person or author by initials; beside the name it is decoration, so readers by ear do not hear it."""
    text = str(name).strip().lstrip("@") or "?"
    parts = text.replace(".", " ").replace("_", " ").split() or ["?"]
    initials = parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")
    ground = crc32(text.encode()) % 6
    return format_html(
        '<span class="avatar avatar--{} {}" aria-hidden="true">{}</span>', ground, extra, initials.upper()
    )


@register.simple_tag
def highlight(parts: Iterable[tuple[str, bool]]) -> SafeString:
    """Text in pieces, those that a query matched marked."""
    drawn = (f"<mark>{escape(words)}</mark>" if matched else escape(words) for words, matched in parts)
    return mark_safe("".join(drawn))  # noqa: S308 - each piece is escaped


@register.simple_tag
def draw(template: str, /, **shown: Any) -> SafeString:
    """What Jinja draws: a part that stands on every page, or lines that a page has many of; it sees only `shown`."""
    jinja: Any = engines["jinja2"]
    drawn: str = jinja.env.get_template(template).render(shown)
    return mark_safe(drawn)  # noqa: S308 - Jinja escapes what is shown


@register.simple_tag(takes_context=True)
def decide(context: Context, capability: str, subject: Any = None) -> Decision:
    """Whether the member who looks may, with the reason if not: `{% decide "engagement.reply" assignment as may %}`."""
    member = context.get("member")
    if member is None:
        return Decision(_("Sign in first."))
    return decide_for(member, capability, subject)


_OPTIONS = ("icon", "key", "name", "value", "form", "formaction", "shown", "place", "only_icon", "confirm")
_NO_OPTIONS = dict.fromkeys(_OPTIONS, "")


@register.simple_tag
def button(label: str, decision: Decision | None = None, **options: Any) -> SafeString:
    """A submit button, or, where the decision is a no, one that is off and says why.

    Options: kind (primary, quiet, danger), size (small), icon, key, name, value, form, formaction, shown (the reason
    stands beside it), place (end, below), only_icon, confirm.
    """
    looks = [options.pop("kind", ""), options.pop("size", ""), "icon" if options.get("only_icon") else ""]
    classes = " ".join(["button", *(f"button--{look}" for look in looks if look)])
    reason = "" if decision is None else decision.reason
    shown: dict[str, Any] = _NO_OPTIONS | options
    sign, reason_id = shown.pop("icon"), f"why_{secrets.token_hex(4)}" if reason else ""
    return draw(
        "components/button.jinja", label=label, reason=reason, classes=classes, sign=sign, reason_id=reason_id,
        missing_url="" if decision is None else decision.url, **shown,
    )  # fmt: skip


@register.inclusion_tag("components/flash_items.html", takes_context=True)
def flash_items(context: Context) -> dict[str, Any]:
    """The messages to show: the one of this answer (`flash`), else those kept for this page."""
    request: HttpRequest | None = context.get("request")
    one = context.get("flash")
    items = [one] if one else flashes(request) if request is not None and hasattr(request, "_messages") else []
    is_part = bool(getattr(request, "htmx", None))
    here = page_asking(request) if is_part else request.get_full_path() if request else ""
    return {"items": items, "here": here}


@register.filter
def as_time(minutes: float) -> str:
    """Minutes as a sentence says them: `3 hours`, `1 hour 30 minutes`."""
    return wording.spoken(minutes)


@register.filter
def slug(value: object) -> str:
    """A word made fit for a class name or an id."""
    return slugify(str(value))
