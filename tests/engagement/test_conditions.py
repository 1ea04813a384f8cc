"""The grammar of conditions: what it refuses and where, how it reads, and that it means what it says."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given as hypothetically
from hypothesis import strategies as st

from engagement.conditions import DEEPEST, FIELDS, MOST_LEAVES, ConditionError, all_of, checked, compiled, failing
from engagement.phrases import sentence, sentence_html


def leaf(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ([], ""),
        ({}, ""),
        ({"all": [], "any": []}, ""),
        ({"all": "x"}, "all"),
        ({"any": []}, "any"),
        ({"all": [{"any": []}]}, "all.0.any"),
        ({"all": [7]}, "all.0"),
        ({"all": [{"field": "colour", "value": "red"}]}, "all.0"),
        ({"all": [{"field": ["query"], "value": 1}]}, "all.0"),
        ({"all": [leaf("query", "contains", 1)]}, "all.0"),
        ({"all": [leaf("query", "is", "1; drop table")]}, "all.0"),
        ({"all": [leaf("query", "is", True)]}, "all.0"),
        ({"all": [all_of(words="x"), {"none": [leaf("words", "say", "a OR (")]}]}, "all.1.none.0"),
        ({"all": [leaf("words", "say", "a" * 1001)]}, "all.0"),
        ({"all": [leaf("sentiment", "is", 2)]}, "all.0"),
        ({"all": [leaf("language", "is", "xx")]}, "all.0"),
        ({"all": [leaf("hour", "at_least", 24)]}, "all.0"),
        ({"all": [leaf("hour", "at_least", 2.5)]}, "all.0"),
        ({"all": [leaf("sentiment_score", "at_most", float("nan"))]}, "all.0"),
        ({"all": [leaf("sentiment_score", "at_most", float("inf"))]}, "all.0"),
        ({"all": [leaf("reply", "is", "yes")]}, "all.0"),
        ({"all": [leaf("author_name", "is", "  ")]}, "all.0"),
        ({"all": [{**leaf("reply", "is", True), "extra": 1}]}, "all.0"),
        ({"all": [leaf("reply", "is", True)] * (MOST_LEAVES + 1)}, f"all.{MOST_LEAVES}"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_place(tree: Any, place: str) -> None:
    with pytest.raises(ConditionError) as problem:
        checked(tree)
    assert problem.value.place == place


def test_groups_stand_only_so_deep() -> None:
    tree: dict[str, Any] = all_of(reply=True)
    for _ in range(DEEPEST - 1):
        tree = {"any": [tree]}
    assert checked(tree) == tree
    with pytest.raises(ConditionError, match="deep"):
        checked({"any": [tree]})
    deepest: Any = all_of(reply=True)
    for _ in range(5000):
        deepest = {"any": [deepest]}
    with pytest.raises(ConditionError, match="deep"):
        checked(deepest)


def test_a_nested_condition_reads_as_a_sentence(db: None) -> None:
    tree = {
        "all": [
            leaf("words", "say", "broken"),
            {"any": [leaf("sentiment", "is", -1), {"none": [leaf("reply", "is", True), leaf("link", "is", True)]}]},
            leaf("hour", "at_most", 8),
        ]
    }
    assert sentence(checked(tree)) == (
        "it says “broken” and (it sounds “negative” or it is not so that (it is a reply or it has a link)) "
        "and it is before “9:00”"
    )
    assert sentence({"all": []}) == "it is captured"
    assert sentence({"none": [leaf("internal", "is", True)]}) == "it was not said internally"
    assert sentence({"none": [leaf("words", "say", "x")]}) == "it does not say “x”"
    hostile = sentence_html(checked({"all": [leaf("author_name", "contains", "<script>")]}))
    assert "&lt;script&gt;" in hostile and "<script>" not in hostile


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_field_can_be_asked_and_said(name: str, db: None) -> None:
    value = {"row": 1, "number": 1, "flag": True, "text": "ada", "words": "ada"}
    choice = {"network": "feed", "language": "nl", "sentiment": 0, "weekday": 3}
    for operator in FIELDS[name].operators:
        asked = choice[name] if name in choice else value[FIELDS[name].kind]
        assert sentence(checked({"all": [leaf(name, operator, asked)]}))


LEAVES = st.one_of(
    st.builds(
        lambda value, how: leaf("hour", how, value), st.integers(0, 23), st.sampled_from(["at_least", "at_most"])
    ),
    st.builds(lambda value: leaf("reply", "is", value), st.booleans()),
    st.builds(lambda value, how: leaf("sentiment", how, value), st.integers(-1, 1), st.sampled_from(["is", "is_not"])),
    st.builds(lambda value, how: leaf("query", how, value), st.integers(1, 4), st.sampled_from(["is", "is_not"])),
    st.builds(
        lambda value, how: leaf("author_handle", how, value),
        st.sampled_from(["@Ada", "ad", "bob"]),
        st.sampled_from(["is", "is_not", "contains", "does_not_contain"]),
    ),
)
TREES = st.recursive(
    st.builds(lambda kind, parts: {kind: parts}, st.sampled_from(["all", "any", "none"]), st.lists(LEAVES, min_size=1)),
    lambda inner: st.builds(
        lambda kind, parts: {kind: parts},
        st.sampled_from(["all", "any", "none"]),
        st.lists(st.one_of(inner, LEAVES), min_size=1, max_size=4),
    ),
    max_leaves=3,
)
FACTS = st.builds(
    SimpleNamespace,
    hour=st.integers(0, 23),
    is_reply=st.booleans(),
    sentiment=st.sampled_from([-1, 0, 1, None]),
    query_ids=st.frozensets(st.integers(1, 4)),
    handle=st.sampled_from(["ada", "Adam", "bob", ""]),
)


def plainly(node: Any, facts: Any) -> bool:
    """What a tree means, read aloud."""
    if "field" in node:
        name, how, value = node["field"], node["operator"], node["value"]
        if name == "hour":
            return bool(facts.hour >= value if how == "at_least" else facts.hour <= value)
        if name == "reply":
            return bool(facts.is_reply == value)
        if name == "sentiment":
            return bool(facts.sentiment == value) is (how == "is")
        if name == "query":
            return (value in facts.query_ids) is (how == "is")
        value, said = value.lstrip("@").lower(), facts.handle.lower()
        return bool(
            {"is": said == value, "is_not": said != value, "contains": value in said}.get(how, value not in said)
        )
    ((kind, parts),) = node.items()
    found = [plainly(part, facts) for part in parts]
    return {"all": all(found), "any": any(found), "none": not any(found)}[kind]


@hypothetically(tree=TREES, facts=FACTS)
def test_a_condition_means_what_it_says(tree: dict[str, Any], facts: Any) -> None:
    assert checked(tree) == tree
    holds = compiled(tree)(facts)
    assert holds is plainly(tree, facts)
    against = failing(tree, facts)
    assert bool(against) is not holds
    for part in against:
        assert plainly(part, facts) is False
        assert sentence({"all": [part]})


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["all", "any", "none", "field", "operator", "value", "x"]), inner, max_size=3),
    ),
    max_leaves=12,
)


@hypothetically(tree=ANYTHING)
def test_whatever_is_sent_is_read_or_refused(tree: Any) -> None:
    with suppress(ConditionError):
        assert checked(checked(tree)) == checked(tree)
