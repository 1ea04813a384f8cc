"""The house rules of templates, stylesheets and scripts that a program can check."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from django.template import TemplateSyntaxError
from django.template.loader import get_template
from django.test import Client

from tests.architecture.sources import sources

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "config" / "static"
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".jinja"})
PAGES = [path for path in TEMPLATES if not {"email", "mail"} & set(path.relative_to(ROOT / "templates").parts)]
DJANGO = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
LONGEST_LINE = 160
COMMENT = re.compile(r"{%\s*comment.*?endcomment\s*%}", re.DOTALL)


def markup(path: Path) -> str:
    return COMMENT.sub("", path.read_text())


def named(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def test_every_template_can_be_read() -> None:
    """A part that is shown to few must not wait for them to find out that a tag or a filter is not loaded."""
    broken = {}
    for path in TEMPLATES:
        try:
            get_template(named(path), using="jinja2" if path.suffix == ".jinja" else "django")
        except TemplateSyntaxError as problem:
            broken[named(path)] = str(problem)
    assert broken == {}


def test_no_line_of_a_template_is_too_long_to_be_read() -> None:
    """Attributes, conditions and words on one line hide each other; ruff holds the same for Python.

    In a mail of plain text a line break is part of what is said.
    """
    too_long = [
        (named(path), number, len(line))
        for path in (ROOT / "templates").rglob("*")
        if path.is_file() and path.suffix != ".txt"
        for number, line in enumerate(path.read_text().split("\n"), 1)
        if len(line) > LONGEST_LINE
    ]
    assert too_long == []


REFUSED = {
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*="),
    "an inline handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*="),
    "an inline style": re.compile(r"<style"),
    "a file from elsewhere": re.compile(r"<(?:script|img|iframe|source)\b[^>]*\ssrc=[\"']?(?:https?:)?//"),
    "a link to a file elsewhere": re.compile(r"<link\b[^>]*\shref=[\"']?(?:https?:)?//"),
}
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL)


def refused(text: str) -> set[str]:
    """What stands in a page that the content security policy refuses."""
    found = {name for name, pattern in REFUSED.items() if pattern.search(text)}
    for attributes, body in SCRIPT.findall(text):
        if body.strip() and "src=" not in attributes and "application/json" not in attributes:
            found.add("an inline script")
    return found


def test_a_page_needs_nothing_that_the_content_security_policy_refuses() -> None:
    assert {named(path): found for path in PAGES if (found := refused(markup(path)))} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<p style="color: red">', {"a style attribute"}),
        ("<a onclick=alert()>", {"an inline handler"}),
        ("<style>p {}</style>", {"an inline style"}),
        ('<img alt="" src="//elsewhere.example/a.png">', {"a file from elsewhere"}),
        ("<link rel=stylesheet href=https://elsewhere.example/a.css>", {"a link to a file elsewhere"}),
        ("<script>alert()</script>", {"an inline script"}),
        ('<script type="application/json">{}</script><script src="/a.js"></script><p class="style">', set()),
    ],
)
def test_what_the_policy_refuses_is_found(text: str, found: set[str]) -> None:
    assert refused(text) == found


def test_htmx_evaluates_nothing_and_shows_refusals() -> None:
    [said] = re.findall(
        r"<meta name=\"htmx-config\" content='([^']*)'", (ROOT / "templates/base_root.html").read_text()
    )
    config = json.loads(said)
    assert (config["allowEval"], config["allowScriptTags"], config["includeIndicatorStyles"]) == (False, False, False)
    swapped = {code for rule in config["responseHandling"] if rule["swap"] for code in rule["code"].split("|")}
    assert {"403", "409", "422"} <= swapped


def test_what_listens_looks_again() -> None:
    """A part that is told to look and knows no address stays as it was drawn; two are looked after by a script."""
    deaf = [
        (named(path), tag)
        for path in PAGES
        for tag in re.findall(r"<\w+[^>]*\sdata-live=(?:{[{%].*?[%}]}|[^>])*>", markup(path))
        if not re.search(r"\s(hx-get=|data-presence|data-draft-look=)", tag)
    ]
    assert deaf == []


@pytest.mark.django_db
def test_a_page_is_sent_with_a_policy_that_lets_nothing_inline_and_nothing_from_elsewhere(client: Client) -> None:
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    said = {name: values for name, *values in (part.split() for part in policy.split(";"))}
    assert said["default-src"] == ["'none'"] and said["script-src"] == said["style-src"] == ["'self'"]
    assert "unsafe" not in policy and "*" not in policy


# Marks for scripts and lists that need no look of their own.
UNSTYLED = {"nav__list", "person__form", "composer__channel", "tickets"}
CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")


def worn(path: Path) -> set[str]:
    """The classes that stand in a template; a word with a tag in it is only partly known here."""
    found: set[str] = set()
    for value in re.findall(r"\sclass=\"((?:{%.*?%}|{{.*?}}|[^\"])*)\"", markup(path)):
        for word in DJANGO.sub("\0", value).split():
            names = [word] if word.strip("\0") else word.split("\0")
            found |= {name for name in names if name and "\0" not in name}
    return found


def test_every_class_in_a_template_stands_in_a_stylesheet() -> None:
    defined = {name for path in STATIC.rglob("*.css") for name in CLASS.findall(path.read_text())}
    used = {name: named(path) for path in PAGES for name in worn(path)}
    assert {name: where for name, where in used.items() if name not in defined | UNSTYLED} == {}


def test_a_page_links_the_stylesheets_of_all_that_it_wears() -> None:
    """A part that moves to another page looks there as it did before; what many pages wear belongs to every page."""
    texts = {named(path): path.read_text() for path in PAGES}
    wears = {named(path): worn(path) for path in PAGES}
    refers = {name: set(re.findall(r"\"([\w/]+\.(?:html|jinja))", text)) & set(texts) for name, text in texts.items()}
    knows = {str(path.relative_to(STATIC)): set(CLASS.findall(path.read_text())) for path in STATIC.rglob("*.css")}
    naked = {}
    for page in (name for name, text in texts.items() if "{% extends" in text):
        parts, more = {page}, {page}
        while more:
            more = set().union(*(refers[part] for part in more)) - parts
            parts |= more
        linked = {sheet for part in parts for sheet in re.findall(r"css/[\w/]+\.css", texts[part])}
        known = UNSTYLED.union(*(knows[sheet] for sheet in linked))
        if missing := set().union(*(wears[part] for part in parts)) - known:
            naked[page] = missing
    assert naked == {}


# What our own pages do not write themselves: htmx and Django's forms do.
WORN_BY_OTHERS = {"htmx-request", "errorlist"}


def test_every_class_in_a_stylesheet_is_worn_somewhere() -> None:
    """By a template, a script or a module; a name that is put together there counts by its beginning (`badge--`)."""
    text = "\n".join([*map(markup, TEMPLATES), *(path.read_text() for path in [*STATIC.rglob("*.js"), *sources()])])
    words = set(re.findall(r"[a-zA-Z][\w-]*", text))
    begun = set(re.findall(r"[a-zA-Z][\w-]*(?:--|__|-)(?=\{\{|\{%|\{|\$|\")", text))
    idle = {
        (path.name, name)
        for path in STATIC.rglob("*.css")
        for name in re.findall(
            r"\.([a-zA-Z][\w-]*)", re.sub(r"/\*.*?\*/|url\([^)]*\)", "", path.read_text(), flags=re.DOTALL)
        )
        if name not in words | WORN_BY_OTHERS and not any(name.startswith(beginning) for beginning in begun)
    }
    assert idle == set()


# Blocks of ours that allauth's own pages fill.
FILLED_BY_OTHERS = {"content", "head_title"}


def test_every_block_is_filled_by_a_page() -> None:
    stands_in: dict[str, set[str]] = {}
    for path in TEMPLATES:
        for name in re.findall(r"{% block (\w+)", markup(path)):
            stands_in.setdefault(name, set()).add(named(path))
    assert {name: where for name, where in stands_in.items() if len(where) == 1 and name not in FILLED_BY_OTHERS} == {}


def test_every_part_of_a_page_is_asked_for() -> None:
    """By the view of its page, or by a template that draws it where something was changed."""
    said = "\n".join([*map(markup, TEMPLATES), *(path.read_text() for path in sources() if "views" in path.parts)])
    idle = [
        (named(path), part)
        for path in PAGES
        for part in re.findall(r"{% partialdef (\w+)", markup(path))
        if f"{named(path)}#{part}" not in said
        and f"{{% partial {part}" not in markup(path)
        and not re.search(rf'"{re.escape(named(path))}"(?:(?!\bpage\().)*?\bpart="?[^,)]*\b{part}\b', said, re.DOTALL)
    ]
    assert idle == []


def test_every_custom_property_is_used() -> None:
    styles = "".join(path.read_text() for path in STATIC.rglob("*.css"))
    others = "".join(path.read_text() for path in [*TEMPLATES, *STATIC.rglob("*.js")])
    defined = set(re.findall(r"^\s*(--[\w-]+)\s*:", styles, re.MULTILINE))
    assert [name for name in sorted(defined) if f"var({name}" not in styles and name not in others] == []


def test_stylesheets_know_neither_left_nor_right() -> None:
    sided = re.compile(
        r"(?:margin|padding|border)-(?:left|right)|(?<![\w-])(?:left|right)\s*:|text-align:\s*(?:left|right)"
        r"|(?<![\w-])float:(?!\s*inline-)"
    )
    # Four sides in one line hide the same: what stands second and fourth must be alike.
    one = r"((?:[^\s;()]|\((?:[^()]|\([^()]*\))*\))+)"
    four = re.compile(rf"(?:padding|margin|inset):\s+{one}\s+{one}\s+{one}\s+{one};")
    found = {}
    for path in STATIC.rglob("*.css"):
        text = path.read_text()
        uneven = ["".join(sides) for sides in four.findall(text) if sides[1] != sides[3]]
        if sided.findall(text) or uneven:
            found[path.name] = (sided.findall(text), uneven)
    assert found == {}


# Where the outline is taken away, and what says instead that the focus is there.
WITHOUT_OUTLINE = {
    ".shell__main:focus": "the page as a whole, where the way past the navigation ends",
    ".composer textarea": "the frame of the composer is drawn in the accent",
    ".reading__title:focus": "the heading that is read first; no key leads to it",
}


def test_the_focus_can_be_seen() -> None:
    """One outline for everything that a key can reach; what goes without it shows it otherwise."""
    bare = set()
    for path in STATIC.rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        bare |= {rule.strip() for rule in re.findall(r"([^{};]+)\{[^{}]*outline(?:-style|-width)?:\s*(?:none|0)", text)}
    assert bare == set(WITHOUT_OUTLINE)
    assert ":focus-visible {\n    outline: 2px solid" in (STATIC / "css" / "base.css").read_text()


def test_every_rule_lives_in_a_layer() -> None:
    for path in STATIC.rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        depth, outside = 0, ""
        for sign in text:
            if sign == "}":
                depth -= 1
            if depth == 0 and sign not in "{}":
                outside += sign
            if sign == "{":
                depth += 1
        statements = [part.strip() for part in re.split(r";|(?=@layer)", outside) if part.strip()]
        assert [part for part in statements if not part.startswith("@layer")] == [], path.name


def test_all_of_script_and_style_stays_far_below_a_hundred_kilobytes() -> None:
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    files = [path for path in STATIC.rglob("*") if path.suffix in {".css", ".js"}]
    # Of all six rooms together; no page loads them all.
    assert sum(len(gzip.compress(path.read_bytes())) for path in [*files, htmx]) < 85_000


def test_ink_can_be_read_on_every_ground_in_both_themes() -> None:
    tokens = {
        name: pair
        for name, *pair in re.findall(
            r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (STATIC / "css" / "tokens.css").read_text()
        )
    }

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str, theme: int) -> float:
        low, high = sorted((light(tokens[one][theme]), light(tokens[other][theme])))
        return (high + 0.05) / (low + 0.05)

    grounds = ("canvas", "surface", "raised", "sunken", "hover")
    text = [(ink, ground) for ink in ("ink", "ink-soft", "ink-faint", "accent") for ground in grounds]
    text += [(name, f"{name}-wash") for name in ("ok", "info", "soon", "late", "note", "quiet", "level")]
    text += [("on-accent", "accent"), ("accent-strong", "accent-wash")]
    drawn = [(f"series-{number}", "surface") for number in range(1, 9)] + [("line-strong", "surface")]
    weak = [(*pair, theme) for theme in (0, 1) for pair in text if contrast(*pair, theme) < 4.5]
    weak += [(*pair, theme) for theme in (0, 1) for pair in drawn if contrast(*pair, theme) < 3]
    assert weak == []


def test_nothing_stands_where_a_template_that_extends_another_is_not_drawn() -> None:
    """What is asked for outside its blocks is never asked, and what hangs on it never shown."""
    lost = []
    for path in (ROOT / "templates").rglob("*.html"):
        text = re.sub(r"{% comment.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
        depth = 0
        for tag in re.findall(r"{%\s*(\w+)", text) if "{% extends" in text else []:
            depth += {"block": 1, "partialdef": 1, "endblock": -1, "endpartialdef": -1}.get(tag, 0)
            if depth == 0 and tag not in ("extends", "load", "endblock", "endpartialdef"):
                lost.append((named(path), tag))
    assert lost == []
