"""How a body is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from roles.uploading import MEGABYTE

# A list of thousands of feeds, written as one text, is half of it; all of a body lies in memory, many times over.
MEGABYTES = 10


class JsonParser(JSONParser):
    """JSON; what is larger, or lies deeper in itself, than anybody means cannot be read either."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        request = (parser_context or {}).get("request")
        if request is not None and int(request.headers.get("content-length") or 0) > MEGABYTES * MEGABYTE:
            most = {"most": MEGABYTES}
            raise ParseError(_("The file is larger than the %(most)s megabytes that one may have.") % most)
        try:
            return super().parse(stream, media_type=media_type, parser_context=parser_context)
        except RecursionError as problem:
            raise ParseError from problem
