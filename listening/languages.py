"""The languages that posts are written in: their codes (ISO 639-1) and their names."""

from __future__ import annotations

from functools import lru_cache

from django.conf.locale import LANG_INFO
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

# Names that Django does not know.
_MORE = {
    "am": gettext_lazy("Amharic"),
    "en": gettext_lazy("English"),  # which Django's Japanese calls that of the United States
    "gu": gettext_lazy("Gujarati"),
    "ha": gettext_lazy("Hausa"),
    "ku": gettext_lazy("Kurdish"),
    "mt": gettext_lazy("Maltese"),
    "nb": gettext_lazy("Norwegian Bokmål"),
    "no": gettext_lazy("Norwegian"),
    "or": gettext_lazy("Odia"),
    "pa": gettext_lazy("Punjabi"),
    "si": gettext_lazy("Sinhala"),
    "so": gettext_lazy("Somali"),
    "tl": gettext_lazy("Tagalog"),
    "xh": gettext_lazy("Xhosa"),
    "yo": gettext_lazy("Yoruba"),
    "zh": gettext_lazy("Chinese"),
    "zu": gettext_lazy("Zulu"),
}
CODES = frozenset({code for code in LANG_INFO if len(code) == 2} | set(_MORE))


def language_name(code: str) -> str:
    """Say a language in words; an unknown one by its code."""
    if code in _MORE:
        return str(_MORE[code])
    name = LANG_INFO.get(code, {}).get("name")
    return _(name) if name else code


def languages() -> list[tuple[str, str]]:
    """Every language with its name, in the order of names."""
    return _languages(get_language() or "")


@lru_cache(maxsize=8)
def _languages(_shown_in: str) -> list[tuple[str, str]]:
    return sorted(((code, language_name(code)) for code in CODES), key=lambda pair: pair[1])
