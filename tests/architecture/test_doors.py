"""What the house promises of its doors: who may write, who is asked, what is written down, and who goes outside."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from celery import current_app
from django.conf import settings
from django.dispatch import Signal

from config.api import router
from config.beat import app as beat
from config.celery import app
from listening import networks
from roles import sentences
from roles.permissions import CAPABILITIES
from tests.architecture.routes import pages
from tests.architecture.sources import ROOT, each, functions, is_action, is_door, module, named, reached_from, sources

ARCHITECTURE = ROOT / "docs" / "architecture.md"
WRITES = {"save", "create", "bulk_create", "bulk_update", "update", "delete", "get_or_create", "update_or_create"}
# What pages and programs read through the actions' own modules needs no capability of its own.
UNASKED = {
    "steps_of",
    "drafts_for",
    "draft_for",
    "policy",
    "week_of",
    "preview",
    "said_of",
    "in_words",
    "are_allowed",
}
# Each verb that they do to many rows asks for each of them; and that a token was used is nobody's doing, nor that an
# address was opened which anybody may open; whoever stops mails is named by the link that came with one.
UNASKED |= {"do_to_many", "undo_many", "note_use", "note_reading", "stop_report_mails"}
# Whoever outside is asked for a yes holds no position: the key in their link is what they may.
UNASKED |= {"answer_as_guest"}
# The address to which every network leads back is in the contract, and the same for everyone.
UNASKED |= {"return_address"}


def calls(path: Path) -> Iterator[ast.Call]:
    return iter(each(path, ast.Call))


def test_pages_programs_and_workers_write_nothing_themselves() -> None:
    """They call an action; the one row that is the API's own is the key that makes a request happen once."""
    found = [
        f"{named(path)}:{call.lineno}"
        for path in sources()
        if is_door(path) and named(path) != "roles/api/idempotency.py"
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in WRITES
        and ast.unparse(call.func.value) != "super()"
    ]
    assert found == []


def test_pages_programs_workers_and_rows_speak_no_sql() -> None:
    found = [
        f"{named(path)}:{call.lineno}"
        for path in sources()
        if is_door(path) or "models" in path.parts
        for call in calls(path)
        if ast.unparse(call.func).endswith((".cursor", ".raw", "RawSQL", ".extra"))
    ]
    assert found == []


def actions_called_by(path: Path) -> Iterator[tuple[str, Any]]:
    """The actions that a module uses, as functions imported or as attributes of an imported module."""
    here = module(path)
    for node in each(path, ast.ImportFrom, ast.Attribute):
        if isinstance(node, ast.ImportFrom) and ".actions" in f".{node.module}":
            for alias in node.names:
                thing = getattr(here, alias.asname or alias.name, None)
                if callable(thing) and not isinstance(thing, type):
                    yield alias.name, thing
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            thing = getattr(here, node.value.id, None)
            if ".actions" in getattr(thing, "__name__", "") and hasattr(thing, "__path__") is False:
                member = getattr(thing, node.attr, None)
                if callable(member) and not isinstance(member, type):
                    yield node.attr, member


def test_whatever_pages_and_programs_do_asks_whether_they_may() -> None:
    unasked = {
        f"{named(path)}: {name}"
        for path in sources()
        if is_door(path) and path.name not in {"tasks.py", "receivers.py"}
        for name, action in actions_called_by(path)
        if name not in UNASKED and not hasattr(action, "capability")
        if not {"require", "decide"} & reached_from(action)
    }
    assert unasked == set()


def test_every_capability_is_asked_for_somewhere() -> None:
    asked = {route.capability for route in pages()}
    asked |= {capability for _prefix, viewset, _name in router.registry for capability in viewset.capabilities.values()}
    asked |= {
        action.capability
        for path in sources()
        if is_action(path)
        for _name, action in functions(path)
        if hasattr(action, "capability")
    }
    assert set(CAPABILITIES) - asked == set()


def test_an_action_has_one_subject_and_says_the_rest_by_name() -> None:
    """`claim(assignment, by=rosa, at=now)`: whoever acts and when is named at each call."""
    crowded = [
        name
        for path in sources()
        if is_action(path)
        for name, action in functions(path)
        if hasattr(action, "capability")
        for parameters in [inspect.signature(action).parameters]
        if "by" not in parameters
        or "at" not in parameters
        or sum(one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD} for one in parameters.values()) > 1
    ]
    assert crowded == []


# What is guarded and yet leaves no entry, each with its reason.
UNRECORDED = {
    "engagement/actions/saved_replies.py:use_saved_reply": "it fills a draft; what goes out is written down",
    "engagement/actions/drafts.py:save_draft": "it is kept while one types, with its versions",
    "content/actions/piece_drafts.py:keep_piece_draft": "it is kept while one types; what is saved is written down",
    "content/actions/piece_drafts.py:discard_piece_draft": "nobody else has seen it",
    "content/actions/piece_drafts.py:use_up_drafts": "what was saved is written down",
    "engagement/actions/notes.py:see_notes": "to look changes nothing for others",
    "maturity/actions/time.py:be_at_it": "an open page tells it twice a minute; a log of it would watch people",
    "maturity/actions/time.py:go_on": "the same, where a page cannot tell",
}


def test_every_guarded_action_writes_down_who_did_it() -> None:
    silent = {
        name
        for path in sources()
        if is_action(path)
        for name, action in functions(path)
        if hasattr(action, "capability") and not {"record", "record_change", "record_many"} & reached_from(action)
    }
    assert silent == set(UNRECORDED)


def test_every_verb_that_is_written_down_reads_as_a_sentence() -> None:
    verbs = {
        said.value
        for path in sources()
        for call in calls(path)
        if ast.unparse(call.func) in {"record", "record_change", "record_many", "change"}
        for said in call.args[:2]
        if isinstance(said, ast.Constant) and isinstance(said.value, str)
    }
    assert len(verbs) > 50
    assert verbs - set(sentences._sentences) == set()


def test_news_goes_up_by_named_signals_only() -> None:
    page = ARCHITECTURE.read_text()
    signals = [
        (name, value)
        for path in sources()
        if path.name == "signals.py"
        for name, value in vars(module(path)).items()
        if isinstance(value, Signal)
    ]
    assert [name for name, signal in signals if f"`{name}`" not in page or not signal.has_listeners()] == []
    implicit = ("post_save", "pre_save", "post_delete", "pre_delete", "m2m_changed")
    assert [named(path) for path in sources() if any(word in path.read_text() for word in implicit)] == []


def test_the_architecture_says_who_hears_of_each_news() -> None:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| [^|]+ \| ([^|]+) \|$", ARCHITECTURE.read_text(), re.MULTILINE)
    said = {
        name: set(re.findall(r"\b(?:engagement|content|measurement|maturity)\b", who))
        for names, who in rows
        for name in re.findall(r"\w+", names)
    }
    heard: dict[str, set[str]] = {name: set() for name in said}
    for path in sources():
        for node in calls(path) if "@receiver(" in path.read_text() else ():
            if ast.unparse(node.func) == "receiver":
                name = ast.unparse(node.args[0])
                if name in said:
                    heard[name].add(named(path).split("/")[0])
    assert heard == said


def test_one_module_talks_to_the_outside() -> None:
    """Everything that is fetched goes through one client, with its limits and its guard."""
    clients = {"aiohttp", "httpx", "requests", "urllib3", "urllib.request", "http.client"}
    # The supervisor and the examination ask the installation itself whether it answers.
    own = {"config/ports.py", "config/examination.py"}
    found = {
        named(path)
        for path in sources()
        for node in each(path, ast.Import, ast.ImportFrom)
        if (isinstance(node, ast.Import) and {alias.name for alias in node.names} & clients)
        or (isinstance(node, ast.ImportFrom) and (node.module in clients or str(node.module).split(".")[0] in clients))
    }
    # A socket is opened by the door beside; who reads from one knows its messages.
    sockets = {"listening/networks/sockets.py", "listening/networks/bluesky/jetstream.py"}
    assert found - own == {"listening/networks/http.py", "listening/networks/guard.py", *sockets}


def test_nobody_asks_a_networks_name() -> None:
    """What a network can do is asked by protocol; its name compared is a case that the next network lacks."""
    names = {network.name for network in networks.all_networks()}
    found = [
        f"{named(path)}:{node.lineno}"
        for path in sources()
        if "networks" not in path.parts
        for node in each(path, ast.Compare)
        if "network" in ast.unparse(node)
        and {part.value for part in ast.walk(node) if isinstance(part, ast.Constant)} & names
    ]
    assert found == []


def our_tasks() -> dict[str, Any]:
    app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if name.split(".")[0] in {*settings.INSTALLED_APPS}}


def test_a_message_says_look_now_and_nothing_more() -> None:
    """No task needs to be told anything, and beat says the same as every message: so each may be lost."""
    tasks = our_tasks()
    telling = [
        name
        for name, task in tasks.items()
        for parameter in inspect.signature(task.run).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    ]
    assert telling == []
    assert set(tasks) == {entry["task"] for entry in beat.conf.beat_schedule.values()}
    assert all(entry["options"]["expires"] for entry in beat.conf.beat_schedule.values())


def test_a_message_is_acknowledged_when_its_work_is_done() -> None:
    assert app.conf.task_acks_late and app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_ignore_result
