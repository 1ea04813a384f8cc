"""The services that notices can go to, and the one way there: by Apprise, through connections that the guard made."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from listening.networks.guard import Guard, guarded_requests
from roles.wording import listed

# By the beginning of their addresses, as Apprise writes them. Only services that are spoken to by HTTP are here: all of
# their connections pass the guard. What writes files, runs programs or opens other sockets on this machine is not.
SERVICES = {
    "bark": "Bark", "barks": "Bark", "dingtalk": "DingTalk", "discord": "Discord", "feishu": "Feishu", "flock": "Flock",
    "gchat": "Google Chat", "gotify": "Gotify", "gotifys": "Gotify", "hassio": "Home Assistant",
    "hassios": "Home Assistant", "join": "Join", "json": "JSON", "jsons": "JSON", "lark": "Lark", "line": "LINE",
    "matrix": "Matrix", "matrixs": "Matrix", "mmost": "Mattermost", "mmosts": "Mattermost",
    "nctalk": "Nextcloud Talk", "nctalks": "Nextcloud Talk", "ntfy": "ntfy", "ntfys": "ntfy", "opsgenie": "Opsgenie",
    "pagerduty": "PagerDuty", "pbul": "Pushbullet", "pover": "Pushover", "prowl": "Prowl", "pushdeer": "PushDeer",
    "pushdeers": "PushDeer", "pushy": "Pushy", "rocket": "Rocket.Chat", "rockets": "Rocket.Chat", "ryver": "Ryver",
    "signal": "Signal", "signals": "Signal", "signl4": "SIGNL4", "slack": "Slack", "splunk": "Splunk On-Call",
    "synology": "Synology Chat", "synologys": "Synology Chat", "tgram": "Telegram", "threema": "Threema",
    "twilio": "Twilio", "twist": "Twist", "vonage": "Vonage", "wecombot": "WeCom", "workflow": "Microsoft Teams",
    "workflows": "Microsoft Teams", "wxteams": "Webex Teams", "zoom": "Zoom", "zulip": "Zulip",
}  # fmt: skip


# What may stand behind the question mark. Others read files of this machine, hold workers, or switch certificates off.
OPTIONS = frozenset({
    "avatar", "channel", "footer", "format", "image", "mode", "overflow", "priority", "room", "sound", "tags", "thread",
    "title", "to", "topic", "token", "tts", "version", "webhook",
})  # fmt: skip


class BadAddress(ValueError):
    """This is no address of a service that can be told; the sentence says why."""


def service_of(address: str) -> str:
    """Return what the service of an address is called; raises BadAddress."""
    scheme = address.strip().partition("://")[0].lower()
    if scheme not in SERVICES or "://" not in address:
        known = listed(sorted(set(SERVICES.values())))
        raise BadAddress(
            _("This is not the address of a service that can be told. Write it as Apprise does; known are: %s.") % known
        )
    missing = (
        _("Something is missing in this address of %s. Compare it with Apprise’s page about it.") % SERVICES[scheme]
    )
    try:
        query = urlsplit(address).query
    except ValueError as problem:
        raise BadAddress(missing) from problem
    asked = {name.lower().lstrip("+-:") for name, _value in parse_qsl(query, keep_blank_values=True)}
    if bad := sorted(asked - OPTIONS):
        raise BadAddress(_("“%s” cannot be set here: leave it out of the address.") % bad[0])
    if _instance(address) is None:
        raise BadAddress(missing)
    return SERVICES[scheme]


def send(address: str, *, title: str, body: str) -> bool:
    """Send a message; returns whether the service took it."""
    with guarded_requests(Guard.allowing(settings.FETCH_ALLOWED_PRIVATE_HOSTS)):
        service = _instance(address)
        return bool(service is not None and service.notify(title=title, body=body))


def _instance(address: str) -> Any:
    # Apprise takes a third of a second to load: only who needs it pays for that.
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(app_id="Touchline", app_desc="Touchline", app_url=settings.SITE_URL, async_mode=False)
    asset.image_url_mask = ""
    return Apprise.instantiate(address.strip(), asset=asset, suppress_exceptions=True)
