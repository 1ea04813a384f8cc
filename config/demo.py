"""The demo organization: a maker of cargo bicycles, its people, and a practice field that is already talking."""

from __future__ import annotations

import json
import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from config.demo_connections import be_known
from config.demo_consults import ask_booth
from config.demo_content import begin_to_publish
from config.demo_drill import practise
from config.demo_history import DAYS, live_through
from config.demo_ideas import collect_ideas
from config.demo_joining import take_part
from config.demo_judgements import judge_past
from config.demo_ladder import plan, stand
from config.demo_links import show_the_workshop
from config.demo_listening import WEEKS as LISTENED
from config.demo_listening import listen
from config.demo_measures import measure
from config.demo_media import draw_pictures
from config.demo_months import live_months
from config.demo_people import compose
from config.demo_pieces import write_pieces
from config.demo_queue import leave_work
from config.demo_ready import make_ready
from config.demo_replies import say
from config.demo_reports import report
from config.demo_reviews import review_some
from config.demo_sources import add_places
from config.demo_stream import talk
from config.demo_targets import promise
from config.demo_time import WEEKS as WORKED
from config.demo_time import commit, work
from config.demo_warnings import warn
from config.demo_words import agree, aim, be_somewhere, huddle, know
from engagement.actions import rules
from engagement.actions.policy import set_policy
from engagement.conditions import all_of
from engagement.models import RoutingRule
from engagement.models.rules import Priority
from listening.actions import queries, sources
from listening.models import Channel, PracticeAccount, TrackingQuery
from listening.practice_field import cast
from roles.actions.tokens import make_token
from roles.models import Department, Level, Member, Organization, Position, Role, User
from roles.tenancy import acting_for, active_organization

SLUG = "larkspur"
YEAR = timedelta(days=365)
NAME = "Larkspur"
CARGO_BIKES = '#cargobike OR "cargo bike" OR "cargo bikes" OR "bike lanes" OR lastenrad* OR bakfiets* OR "vélo cargo"'
# Role, name, address, department.
PEOPLE = (
    (Role.COACH, "Ines Moreau", "coach@larkspur.example", None),
    (Role.GATHERER, "Tomasz Zielinski", "gatherer@larkspur.example", None),
    (Role.RESPONDER, "Leila Haddad", "responder@larkspur.example", None),
    (Role.EXECUTIVE, "Henrik Solberg", "executive@larkspur.example", None),
    (Role.OWNER, "Priya Raman", "owner@larkspur.example", None),
    (Role.BOOTH, "Wen Castellanos", "booth@larkspur.example", None),
    (Role.RESPONDER, "Noah Brandt", "second.responder@larkspur.example", "Communications"),
)
WORDS = (
    "amber basil cedar delta ember fjord grove hazel indigo juniper kelp linden maple north olive pebble quartz".split()
)


def build_demo(*, url: str, at: datetime, months: int = 0) -> dict[str, Any]:
    """Make the demo organization where there is none, with so many months behind it; returns what var/demo.json holds.

    The people's passwords and tokens are made once and stand in that file only; where it was lost they are made anew.
    """
    known = _read()
    # All of it or nothing; and what changes open pages and calls workers does so once, at the end.
    with transaction.atomic():
        organization = Organization.objects.filter(slug=SLUG).first()
        is_new = organization is None
        if organization is None:
            known = {}
            organization = Organization.objects.create(
                name=NAME, slug=SLUG, level=Level.RESPONSIVE, time_zone="Europe/Amsterdam", set_up_ended_at=at
            )
        with acting_for(organization):
            if is_new:
                _furnish(at=at - timedelta(days=max(DAYS, 30 * months)))
            people = known.get("people") or _let_in(_members(), at=at)
            if is_new:
                _live(organization, at=at, months=months)
    demo = {"url": url, "organization": SLUG, "people": people}
    _write(demo)
    return demo


def _live(organization: Organization, *, at: datetime, months: int) -> None:
    """Let two weeks pass, after some months, and leave things lying about as people do."""
    weeks = 30 * months // 7
    if months:
        live_months(months, at=at)
    people = cast.people(organization)
    coach, gatherer, responder, deputy, booth = (
        Member.objects.get(user__email=PEOPLE[number][2]) for number in (0, 1, 2, 3, 5)
    )
    judge_past(people, at=at - timedelta(days=DAYS - 0.1))
    live_through(people, us=SLUG, name=NAME, link=show_the_workshop(coach=coach, at=at), at=at)
    add_places(by=coach, at=at)
    be_known(by=coach, at=at)
    listen(gatherer=gatherer, coach=coach, at=at, weeks=max(LISTENED, weeks))
    leave_work(people, us=SLUG, name=NAME, coach=coach, at=at)
    report(organization, gatherer=gatherer, coach=coach, department=Department.objects.get(slug="care"), at=at)
    warn(people, at=at)
    say(organization, people, coach=coach, responder=responder, at=at)
    set_policy(organization, escalation_minutes=60, by=coach, at=at)
    talk(people, by=coach, at=at)
    ask_booth(booth, deputy=deputy, at=at)
    owner = Member.objects.get(user__email=PEOPLE[4][2])
    noah = Member.objects.get(user__email=PEOPLE[6][2])
    compose(organization, responder=responder, second=noah, owner=owner, at=at)
    take_part(organization, coach=coach, responder=responder, booth=booth, at=at)
    agree(organization, coach=coach, gatherer=gatherer, responder=responder, at=at)
    aim(organization, coach=coach, responder=responder, at=at, weeks=weeks)
    huddle(organization, coach=coach, at=at)
    be_somewhere(organization, coach=coach, responder=noah, at=at)
    know(coach=coach, booth=booth, rider=noah, at=at)
    plan(organization, coach=coach, at=at)
    make_ready(organization, coach=coach, responder=responder, at=at)
    practise(organization, coach=coach, at=at)
    commit(at=at, weeks=max(WORKED, weeks))
    work(at=at, weeks=max(WORKED, weeks))
    stand(organization, coach=coach, at=at, weeks=weeks)
    draw_pictures(organization, coach=coach, at=at)
    write_pieces(organization, writer=noah, coach=coach, booth=booth, at=at)
    review_some(organization, author=responder, coach=coach, booth=booth, at=at)
    begin_to_publish(organization, coach=coach, responder=noah, at=at)
    collect_ideas(organization, coach=coach, gatherer=gatherer, responder=responder, booth=booth, at=at)
    measure(organization, coach=coach, at=at)
    cast.start(organization, by=coach, at=at)


def _furnish(*, at: datetime) -> None:
    departments = {name: Department.objects.create(name=name, slug=slug) for name, slug in DEPARTMENTS}
    for role, name, email, department in PEOPLE:
        member = Member.objects.create(user=User.objects.create_user(email, name=name))
        Position.objects.create(member=member, role=role, department=departments.get(department or ""))
    coach = Member.objects.get(user__email=PEOPLE[0][2])
    account = PracticeAccount.objects.create(handle=SLUG, name=NAME, bio="Cargo bicycles for every day.", is_ours=True)
    channel = Channel.objects.create(network="practice", account_id=str(account.pk), handle=SLUG, name=NAME)
    acting: dict[str, Any] = {"by": coach, "at": at}
    ours = queries.add_query(name="Larkspur", expression="larkspur OR #larkspur OR @larkspur", **acting)
    queries.add_query(name="Cargo bikes", expression=CARGO_BIKES, **acting)
    promise(active_organization(), **acting)
    _rules(ours, departments, acting)
    # The past is told without it: what lay open then would all be escalated at once now.
    set_policy(active_organization(), escalation_minutes=None, on_call_takes=True, **acting)
    sources.add_source(network="practice", place="everything", name="Practice field", channel=channel, **acting)


DEPARTMENTS = (("Customer care", "care"), ("Communications", "communications"))


def _rules(ours: TrackingQuery, departments: dict[str, Department], acting: dict[str, Any]) -> list[RoutingRule]:
    care, press = departments["Customer care"], departments["Communications"]
    trouble = 'error OR recall OR "never again" OR "no answer" OR broken OR warranty'
    about_us = {"field": "query", "operator": "is", "value": ours.pk}
    angry = {"any": [{"field": "sentiment_score", "operator": "at_most", "value": -0.6}, all_of(warning=True)]}
    return [
        rules.add_rule(active_organization(), name="Angry, or while a warning is running",
                       condition={"all": [about_us, angry]}, priority=Priority.URGENT, response_minutes=None,
                       goes_on=True, **acting),
        rules.add_rule(press, name="The press asks", priority=Priority.HIGH, response_minutes=120,
                       condition=all_of(query=ours.pk, words="comment OR article OR interview OR writing"), **acting),
        rules.add_rule(care, name="Spring tour", priority=Priority.NORMAL, response_minutes=180,
                       condition={"all": [about_us, all_of(words="tour OR test ride"),
                                          {"none": [all_of(internal=True)]}]},
                       valid_from=acting["at"], valid_until=acting["at"] + timedelta(days=120), **acting),
        rules.add_rule(care, name="Something is wrong with a bike", priority=Priority.URGENT, response_minutes=60,
                       condition=all_of(query=ours.pk, words=trouble), **acting),
        rules.add_rule(care, name="Everything else about us", condition=all_of(query=ours.pk),
                       priority=Priority.NORMAL, **acting),
    ]  # fmt: skip


def _members() -> list[Member]:
    by_address = {member.user.email: member for member in Member.objects.with_positions()}
    return [by_address[email] for _role, _name, email, _department in PEOPLE if email in by_address]


def _let_in(members: list[Member], *, at: datetime) -> list[dict[str, str]]:
    """Give all of them one password, so that a visitor can change between them, and each a token of their own."""
    password = "-".join([*(secrets.choice(WORDS) for _ in range(3)), str(secrets.randbelow(900) + 100)])
    User.objects.filter(memberships__in=members).update(password=make_password(password))
    roles = {email: role for role, _name, email, _department in PEOPLE}
    return [
        {
            "role": str(roles[member.user.email]),
            "name": member.user.name,
            "email": member.user.email,
            "password": password,
            "api_token": make_token(member, name="Demo", scopes=[], ends_at=at + YEAR, by=member, at=at)[1],
        }
        for member in members
    ]


def _file() -> Path:
    return Path(settings.VAR_DIR) / "demo.json"


def _read() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    return found


def _write(demo: dict[str, Any]) -> None:
    _file().parent.mkdir(parents=True, exist_ok=True)
    draft = _file().with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(demo, out, indent=2)
    draft.replace(_file())
