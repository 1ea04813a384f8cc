"""Days are written in the order of the language that is read."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.template import engines
from django.utils import formats, translation

from roles.wording import in_order


@pytest.mark.parametrize(
    ("language", "pattern", "said"),
    [
        ("en", "D j M", "Thu 4 Mar"), ("de", "j M Y", "4. Mär 2027"), ("de", "l, j F", "Donnerstag, 4. März"),
        ("ja", "j M", "3月4日"), ("ja", "j M Y", "2027年3月4日"), ("ja", "D j M", "3月4日(木)"),
        ("ja", "j M H:i", "3月4日 00:00"), ("ja", "F Y", "2027年3月"), ("de", "F Y", "März 2027"),
    ],
)  # fmt: skip
def test_a_day_is_written_as_its_language_writes_it(language: str, pattern: str, said: str) -> None:
    moment = datetime(2027, 3, 4)
    with translation.override(language):
        assert formats.date_format(moment, in_order(pattern)) == said
        template = engines["django"].from_string('{% load touchline %}{{ day|date:"' + pattern + '" }}')
        assert template.render({"day": moment}) == said
