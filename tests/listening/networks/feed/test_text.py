"""Plain text out of HTML."""

from __future__ import annotations

import pytest

from listening.networks.feed.text import plain_text, plain_title


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("just words", "just words"),
        ("two\nlines", "two\nlines"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<p>One</p>\n  <p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("One<br><br><br><br>Two", "One\n\nTwo"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<b>bold</b><i>italic</i>", "bolditalic"),
        ("a <b> b </b> c", "a b c"),
        ("AT&T &amp; R&D &lt;3", "AT&T & R&D <3"),
        ("&eacute;t&eacute; &#8364;&#x20AC; &nbsp; x", "été €€ x"),
        ("a<script>alert(1)</script>b<style>p{}</style>c", "abc"),
        ("a<!-- hidden -->b", "ab"),
        ("<img src=x onerror=alert(1)>text", "text"),
        ("<svg><script>alert(1)</script></svg>after", "after"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<p>unclosed <b>tags", "unclosed tags"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("&lt;p&gt;escaped &lt;b&gt;twice&lt;/b&gt;&lt;/p&gt;", "escaped twice"),
        ("write &lt;b&gt; for bold", "write <b> for bold"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("🎉 <b>ok</b>", "🎉 ok"),
    ],
)
def test_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("  a \n b ", "a b"),
        ("<b>Bold</b> move", "Bold move"),
        ("Map<K, V> in Java", "Map<K, V> in Java"),
        ("a < b", "a < b"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("<x onclick=alert(1)>y", "y"),
        ("How to write &lt;br&gt;", "How to write <br>"),
    ],
)
def test_plain_title(title: str, plain: str) -> None:
    assert plain_title(title) == plain
