"""Tracking queries: their language, what they say in words, and which of thousands match a post.

`parse` reads a query or raises `QueryError`; `compile` makes one `Matcher` of many queries, which gives for a
`Document` the queries that match it, each with its `Span`s.
"""

from listening.matching.document import Document, Span
from listening.matching.language import Query, parse
from listening.matching.lexing import QueryError
from listening.matching.matcher import Matcher, compile

__all__ = ["Document", "Matcher", "Query", "QueryError", "Span", "compile", "parse"]
