"""The matcher may skip work, never change a result: generated queries and texts in several scripts."""

from hypothesis import event, given, settings
from hypothesis import strategies as st

from listening.matching import Document, QueryError, compile, parse

WORDS = [
    "acme", "Acme", "ACME’s", "acmes", "cup", "Straße", "strasse", "Müller", "москва", "Москва", "мой", "东京",
    "東京マラソン",
    "กินข้าว", "กิน", "삼성이", "삼성", "LG가", "محمد", "مُحَمَّد", "צה״ל", "हिन्दी", "C++", "AT&T", "e-mail", "🚀", "#cup",
    "#東京", "@anna", "@anna@example.org", "@anna.smith", "https://acme.example/cup", "a", "b", "...", "ﾄﾖﾀ", "トヨタ",
]  # fmt: skip

words = st.sampled_from([word for word in WORDS if word not in ("...", "https://acme.example/cup")])
phrases = st.lists(words, min_size=1, max_size=3).map(lambda chosen: '"' + " ".join(chosen) + '"')
fields = st.sampled_from(
    [
        "lang:en",
        "network:feed",
        "author:anna",
        "has:media",
        "is:reply",
        "link:acme.example",
        "site:acme.example",
        "source:news",
    ]
)
stems = st.sampled_from(["ac*", "str*", "мос*", "東*", '"acme cu*"', "#cu*", "=Acme", '="Straße"', "=acme"])
terms = st.one_of(words, words, phrases, stems)
choices = st.one_of(terms, st.lists(terms, min_size=2, max_size=3).map(lambda chosen: f"({' OR '.join(chosen)})"))
nears = st.builds(
    lambda left, operator, distance, right: f"({left} {operator}/{distance} {right})",
    choices,
    st.sampled_from(["NEAR", "ONEAR"]),
    st.integers(1, 4),
    choices,
)


def joined(parts):
    several = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda chosen: f"({' '.join(chosen)})"),
        several.map(lambda chosen: f"({' OR '.join(chosen)})"),
        parts.map(lambda part: f"-{part}"),
        parts.map(lambda part: f"NOT {part}"),
    )


sources = st.recursive(st.one_of(terms, terms, nears, fields), joined, max_leaves=8)
texts = st.lists(st.sampled_from(WORDS), max_size=12).flatmap(
    lambda chosen: st.sampled_from([" ", "\n", ", ", "", " — "]).map(lambda between: between.join(chosen))
)
documents = st.builds(
    Document,
    text=st.one_of(texts, texts, st.text(max_size=30)),
    title=st.one_of(st.just(""), texts),
    author=st.sampled_from(["", "Anna Smith"]),
    handle=st.sampled_from(["", "anna@example.org"]),
    network=st.sampled_from(["feed", "mastodon"]),
    source=st.sampled_from(["", "Daily News"]),
    language=st.sampled_from(["", "en", "en-GB", "de"]),
    url=st.sampled_from(["", "https://acme.example/1", "https://[broken"]),
    links=st.sampled_from([(), ("https://acme.example",)]),
    tags=st.sampled_from([(), ("cup",), ("Cups", "東京")]),
    has_media=st.booleans(),
    is_reply=st.booleans(),
)


def queries_from(texts_of_queries):
    queries = {}
    for number, source in enumerate(texts_of_queries):
        try:
            queries[number] = parse(source)
        except QueryError:
            continue
    return queries


@settings(max_examples=300, deadline=None)
@given(st.lists(sources, min_size=1, max_size=12), st.lists(documents, min_size=1, max_size=4))
def test_the_matcher_finds_what_each_query_finds(sources_of_queries, several_documents):
    queries = queries_from(sources_of_queries)
    matcher = compile(queries)
    for document in several_documents:
        expected = {
            number: tuple(spans) for number, query in queries.items() if (spans := query.matches(document)) is not None
        }
        event("matched" if expected else "nothing")
        assert matcher.match(document) == expected
        assert matcher.which(document) == set(expected)


@settings(max_examples=200, deadline=None)
@given(sources, documents)
def test_places_are_ordered_apart_and_within_the_original(source, document):
    (query,) = queries_from([source]).values() or (None,)
    spans = query.matches(document) if query else None
    for before, after in zip(spans or [], (spans or [])[1:], strict=False):
        assert before.field != after.field or before.end <= after.start
    for span in spans or []:
        assert 0 <= span.start < span.end <= len(document.title if span.field == "title" else document.text)


def truth(node, document):
    """A third opinion on AND, OR and NOT: by the truth of the parts, each asked on its own."""
    from listening.matching.tree import And, Not, Or

    if isinstance(node, And):
        return all(truth(part, document) for part in node.parts)
    if isinstance(node, Or):
        return any(truth(part, document) for part in node.parts)
    if isinstance(node, Not):
        return not truth(node.part, document)
    return node.holds(document.folded)


@settings(max_examples=200, deadline=None)
@given(sources, documents)
def test_moving_not_inwards_keeps_the_meaning(source, document):
    for query in queries_from([source]).values():
        assert (query.matches(document) is not None) == truth(query.tree, document)
