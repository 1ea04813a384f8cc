"""Search over the API: `?search=` on lists of what is about posts, with the language of tracking queries."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination

from listening.matching import QueryError
from listening.searching.search import Search, TooWide, patience
from roles.api.problems import Conflict
from roles.api.views import ApiViewSet

SEARCH_HELP = "Words, phrases and operators as in tracking queries; words are also looked for in authors' names."
LONGEST = 1_000


class UnreadableSearch(ValidationError):
    """The search cannot be read; `members` says where: `position` and `length` in characters, from 0."""

    def __init__(self, problem: QueryError) -> None:
        super().__init__({"search": [str(problem)]})
        self.members = {"position": problem.position, "length": problem.length}


class Searched(ApiViewSet):
    """A viewset whose list can be searched; `post_path` leads from its rows to their post."""

    post_path = "post"

    def paginate_queryset(self, queryset: Any) -> Any:
        """Search the page that is asked for, from where it begins; 409 where that would take too long."""
        text = self.request.query_params.get("search", "").strip()
        if not text:
            return super().paginate_queryset(queryset)
        try:
            with patience():
                return self._searched(_search(text), queryset)
        except TooWide as problem:
            raise Conflict(str(problem)) from problem

    def _searched(self, search: Search, queryset: Any) -> Any:
        assert isinstance(self.paginator, CursorPagination)
        cursor = self.paginator.decode_cursor(self.request)
        backwards = bool(cursor and cursor.reverse)
        if cursor and cursor.position:
            queryset = queryset.filter(**{"pk__gt" if backwards else "pk__lt": cursor.position})
        found = search.narrow(queryset.order_by("pk" if backwards else "-pk"), post=self.post_path)
        if search.is_cut:  # a page that ends early would look like the end
            raise TooWide
        return super().paginate_queryset(found)


def _search(text: str) -> Search:
    if len(text) > LONGEST:
        raise ValidationError({"search": [f"At most {LONGEST} characters."]})
    try:
        return Search(text)
    except QueryError as problem:
        raise UnreadableSearch(problem) from problem
