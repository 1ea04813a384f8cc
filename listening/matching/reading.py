"""A query said in words, so that a person can check that it means what they meant."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from listening.matching.tree import And, Field, FieldKind, Near, Node, Not, Or, Term
from roles.wording import listed, quoted


def read(tree: Node) -> str:
    """One sentence about the posts that a query finds."""
    return _("Posts that {say}.").format(say=_say(tree))


def _say(node: Node) -> str:
    if isinstance(node, And):
        return _say_all(node)
    if isinstance(node, Or):
        return _listed(_grouped(node.parts, _("or")), _("or"))
    if isinstance(node, Not):
        return _deny(node.part)
    if isinstance(node, Near):
        return _say_near(node)
    if isinstance(node, Field):
        return _FIELDS[node.name](node.value)
    return _say_term(node) if isinstance(node, Term) else ""


def _say_all(node: And) -> str:
    wanted = _grouped([part for part in node.parts if not isinstance(part, Not)], _("and"))
    unwanted = [_say(part) for part in node.parts if isinstance(part, Not)]
    if not wanted or not unwanted:
        return _listed(wanted + unwanted, _("and"))
    return _("{wanted}, but {unwanted}").format(wanted=_listed(wanted, _("and")), unwanted=_listed(unwanted, _("and")))


def _grouped(parts: list[Node] | tuple[Node, ...], word: str) -> list[str]:
    """What each part says; neighbours that are plain words share one verb, and nested groups get brackets."""
    said: list[str] = []
    for plain, group in groupby(parts, key=_is_plain):
        if plain:
            names = [_name(part) for part in group if isinstance(part, Term)]
            said.append(_("say {words}").format(words=_listed(names, word)))
        else:
            said.extend(f"({_say(part)})" if isinstance(part, And | Or) else _say(part) for part in group)
    return said


def _is_plain(node: Node) -> bool:
    return isinstance(node, Term) and node.kind in ("word", "phrase")


def _deny(node: Node) -> str:
    if _is_plain(node) and isinstance(node, Term):
        return _("do not say {words}").format(words=_name(node))
    if isinstance(node, Or) and all(map(_is_plain, node.parts)):
        names = [_name(part) for part in node.parts if isinstance(part, Term)]
        return _("do not say {words}").format(words=_listed(names, _("or")))
    if isinstance(node, Term) and node.kind == "tag":
        return _("do not carry the tag {name}").format(name=_name(node))
    if isinstance(node, Term) and node.kind == "handle":
        return _("do not address {name}").format(name=node.text)
    if isinstance(node, Field) and node.name in _DENIED_FIELDS:
        return _DENIED_FIELDS[node.name](node.value)
    return _("are not among those that ({say})").format(say=_say(node))


def _say_near(node: Near) -> str:
    values = {"left": _near_side(node.left), "right": _near_side(node.right), "count": node.distance}
    if node.ordered:
        form = ngettext(
            "say {left} directly followed by {right}",
            "say {left} followed by {right} within {count} words",
            node.distance,
        )
    else:
        form = ngettext(
            "say {left} directly beside {right}", "say {left} within {count} words of {right}", node.distance
        )
    return form.format(**values)


def _near_side(node: Node) -> str:
    choices = node.parts if isinstance(node, Or) else (node,)
    return _listed([_name(choice) for choice in choices if isinstance(choice, Term)], _("or"))


def _say_term(term: Term) -> str:
    if term.kind == "tag":
        return _("carry the tag {name}").format(name=_name(term))
    if term.kind == "handle":
        return _("address {name}").format(name=term.text)
    return _("say {words}").format(words=_name(term))


def _name(term: Term) -> str:
    if term.kind in ("tag", "handle"):
        return f"{term.text}…" if term.prefix else term.text
    name = quoted(f"{term.text}…" if term.prefix else term.text)
    return _("{name} (in exactly this spelling)").format(name=name) if term.exact else name


def _listed(items: list[str], word: str) -> str:
    if len(items) < 2:
        return "".join(items)
    return _("{items} {word} {last}").format(items=listed(items[:-1]), word=word, last=items[-1])


def _author(value: str) -> str:
    return _("are written by {name}").format(name=value)


def _lang(value: str) -> str:
    return _("are in the language “{code}”").format(code=value)


def _network(value: str) -> str:
    return _("come from the network {name}").format(name=value)


def _source(value: str) -> str:
    return _("come from a source named “{name}”").format(name=value)


def _site(value: str) -> str:
    return _("are published on {address}").format(address=value)


def _link(value: str) -> str:
    return _("link to {address}").format(address=value)


def _has(value: str) -> str:
    return _("have a picture, film or sound") if value == "media" else _("have a link")


def _is(_value: str) -> str:
    return _("are replies")


_FIELDS: dict[FieldKind, Callable[[str], str]] = {
    "author": _author,
    "lang": _lang,
    "network": _network,
    "source": _source,
    "site": _site,
    "link": _link,
    "has": _has,
    "is": _is,
}

_DENIED_FIELDS: dict[FieldKind, Callable[[str], str]] = {
    "author": lambda value: _("are not written by {name}").format(name=value),
    "lang": lambda value: _("are not in the language “{code}”").format(code=value),
    "network": lambda value: _("do not come from the network {name}").format(name=value),
    "link": lambda value: _("do not link to {address}").format(address=value),
    "has": lambda value: _("have no picture, film or sound") if value == "media" else _("have no link"),
    "is": lambda _value: _("are not replies"),
}
