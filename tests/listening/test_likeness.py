"""Which posts tell one story: what people do when they pass something on, and what only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from listening.stories.likeness import keys_of, likeness, tell

TEXT = "Larkspur calls back four thousand cargo bikes because the rear axle may break under a full load of children"
THAI = "บริษัทจักรยานเรียกคืนรถสี่พันคันเพราะเพลาหลังอาจหักเมื่อบรรทุกหนักเกินไป"
CHINESE = "该公司召回四千辆货运自行车，因为后轴在满载时可能断裂，请车主尽快联系维修点。"
ARABIC = "الشركة تستدعي أربعة آلاف دراجة شحن لأن المحور الخلفي قد ينكسر عند التحميل الكامل بالأطفال"


def alike(one: str, other: str, *, title: str = "") -> bool:
    a, b = tell("", one), tell(title, other)
    found = likeness(a, b) > 0
    # Who is alike must also be found.
    assert not found or not set(keys_of(a)).isdisjoint(keys_of(b))
    return found


@pytest.mark.parametrize(
    "again",
    [
        f"RT @newsdesk: {TEXT}",
        f"RT @one@social.example: RT @two: {TEXT}",
        f"Reposted from @newsdesk: {TEXT}",
        f"{TEXT} via @newsdesk",
        f"{TEXT} (via The Daily Wheel)",
        f"{TEXT} https://wheel.example/a?utm_source=x&fbclid=1",
        f"“{TEXT}” – https://t.co/abc",
        TEXT.upper(),
        f"{TEXT}\n-- \nJane, Desk of Wheels",
        f"{TEXT}\n\nSent from my phone",
        f"{TEXT} #bikes #news",
        f"@larkspur @friend {TEXT}",
        f"{TEXT[:70]}…",
        TEXT.replace("four thousand", "thousands of"),
        f"{TEXT} The post Larkspur calls back first appeared on The Daily Wheel.",
    ],
)
def test_what_is_passed_on_is_the_same(again: str) -> None:
    assert alike(TEXT, again)


def test_a_title_counts_where_the_text_does_not_repeat_it() -> None:
    title, rest = TEXT[:52], TEXT[52:]
    assert alike(TEXT, rest, title=title)
    assert alike(TEXT, TEXT, title=title)


@pytest.mark.parametrize("text", [THAI, CHINESE, ARABIC])
def test_scripts_of_all_kinds(text: str) -> None:
    assert alike(text, f"RT @someone: {text} https://x.example/1")
    assert not alike(text, text[len(text) // 2 :][::-1] + text[:10])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("great!", "great!"),
        ("Happy birthday to you", "Happy birthday to you"),
        ("太好了！", "太好了！"),
        ("ha ha ha ha ha ha ha ha ha ha", "ha ha ha ha ha ha ha ha ha ha"),
        ("How long does it take until my refund has arrived?", "How long does it take until my transfer has arrived?"),
        (
            "Final score in the northern league: Larkspur Rovers 3, Harbour Town 1, before nine hundred people",
            "Final score in the northern league: Larkspur Rovers 0, Harbour Town 2, before nine hundred people",
        ),
        # A translation is the same news, and another text.
        (TEXT, "Larkspur ruft viertausend Lastenräder zurück, weil die Hinterachse bei voller Zuladung brechen kann"),
        # Who quotes in order to contradict tells something else.
        (
            TEXT,
            f"Mine carried two kids every day for six years and not once did anything even creak. {TEXT[:40]}",
        ),
    ],
)
def test_what_only_looks_alike_is_not(one: str, other: str) -> None:
    assert not alike(one, other)


@given(st.text(max_size=200), st.text(max_size=200))
def test_likeness_is_the_same_both_ways_and_within_bounds(one: str, other: str) -> None:
    a, b = tell("", one), tell("", other)
    assert likeness(a, b) == likeness(b, a)
    assert 0 <= likeness(a, b) <= 1
    assert all(-(2**63) <= key < 2**63 for key in keys_of(a, addresses=("x",)))


def test_internal_and_public_do_not_meet() -> None:
    telling = tell("", TEXT)
    assert set(keys_of(telling)).isdisjoint(keys_of(telling, apart="internal"))
