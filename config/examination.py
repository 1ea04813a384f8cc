"""What `manage.py doctor` looks at: each examination says in words how it is, and what to do about it."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import redis
from django.conf import settings
from django.core.checks import run_checks
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config.health import NOBODY_BEATS
from engagement.models import Assignment, Reply
from listening.connections.tending import is_refused
from listening.models import Connection, Source
from listening.open_lines.housekeeping import wanted_and_held
from listening.websub.housekeeping import waiting_too_long
from roles import live
from roles.housekeeping import count_sealed, each_organization
from roles.models import Mail, Organization, TaskRecord

QUEUES = {
    "celery": "assignments, and the application's own upkeep",
    "poll": "visits to sources",
    "ingest": "what follows from what was heard",
    "deliver": "replies that go out",
    "measure": "figures",
}
LATE = timedelta(minutes=10)
LEFT_OVER_FOR = timedelta(minutes=15)
OLDEST_POSTGRES = 150000
SMALLEST_DISK = 1 << 30


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's: how something is, and, where something must be done, what."""

    about: str
    says: str
    advice: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be done."""
        return not self.advice


def database(at: datetime) -> Iterator[Finding]:
    """Whether PostgreSQL answers, is new enough, and has all migrations."""
    try:
        connection.ensure_connection()
    except DatabaseError as problem:
        reason = str(problem).strip().splitlines()[0]
        yield Finding("Database", reason, "Start PostgreSQL, or correct DATABASE_URL.")
        return
    version = connection.pg_version  # type: ignore[attr-defined]
    words = f"PostgreSQL {version // 10000}.{version % 10000} answers"
    yield Finding("Database", words, "" if version >= OLDEST_POSTGRES else "Upgrade to PostgreSQL 15 or newer.")
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        yield Finding("Migrations", f"{len(missing)} not applied", "Run: python manage.py migrate")
    else:
        yield Finding("Migrations", "all applied")


def code(at: datetime) -> Iterator[Finding]:
    """Whether Django's own checks find nothing: a start leaves them out where the code was prepared before."""
    found = run_checks()
    for problem in found:
        yield Finding("Django's checks", problem.msg, problem.hint or f"Look for {problem.id} in Django's manual.")
    if not found:
        yield Finding("Django's checks", "find nothing")


def broker(at: datetime) -> Iterator[Finding]:
    """Whether the broker answers."""
    if live.broker_answers():
        yield Finding("Broker", "answers")
    else:
        yield Finding(
            "Broker",
            f"does not answer at {_without_password(settings.REDIS_URL)}",
            "Start Valkey or Redis, or correct REDIS_URL. Nothing is lost meanwhile; beat finds the work again.",
        )


def _without_password(url: str) -> str:
    head, mark, tail = url.rpartition("@")
    return f"{head.partition('//')[0]}//…@{tail}" if mark else url


def secrets_and_addresses(at: datetime) -> Iterator[Finding]:
    """Whether the settings that everything hangs on are set."""
    key = settings.SECRET_KEY
    if key.startswith("unset-"):
        advice = "Set SECRET_KEY to a long random text, the same for all processes."
        yield Finding("Secret key", "not set: each process makes up its own, and nobody stays signed in", advice)
    elif len(key) < 32:
        yield Finding("Secret key", "too short to be safe", "Set SECRET_KEY to at least 50 random characters.")
    else:
        yield Finding("Secret key", "set")
    here = settings.SITE_URL
    if settings.SECURE_SITE or "//127." in here or "//localhost" in here:
        yield Finding("Address", here)
    else:
        advice = "Serve it over https and set SITE_URL to that address; passwords travel in the clear now."
        yield Finding("Address", f"{here}, without https", advice)
    if settings.DEBUG:
        yield Finding("Debug", "on: errors show the code to anyone", "Unset DEBUG.")


def mail(at: datetime) -> Iterator[Finding]:
    """Where mails go; without a server that is a folder, which is said and is no fault."""
    if settings.EMAIL_HOST:
        yield Finding(
            "Mail", f"goes out by {settings.EMAIL_HOST}:{settings.EMAIL_PORT}, from {settings.DEFAULT_FROM_EMAIL}"
        )
    else:
        yield Finding("Mail", f"no server is set (EMAIL_HOST); messages are files in {settings.EMAIL_FILE_PATH}")


def mails(at: datetime) -> Iterator[Finding]:
    """Whether e-mails went out."""
    for organization in each_organization():
        troubled = Mail.objects.filter(state__in=[Mail.State.FAILED, Mail.State.UNKNOWN])
        if failed := len(troubled.values_list("pk", flat=True)[:100]):
            advice = "The owner sees why under E-mails, and can have them sent again."
            yield Finding(f"Mail of {organization}", f"{failed} not sent, or not known whether they were", advice)


def event_stream(at: datetime) -> Iterator[Finding]:
    """Whether the process that tells open pages to look again answers."""
    host = "127.0.0.1" if settings.HOST in {"0.0.0.0", "::", ""} else settings.HOST
    # Never by the address of browsers: where pages share it, they answer at /health/ themselves.
    url = f"{settings.EVENTS_INSIDE_URL or f'http://{host}:{settings.EVENTS_PORT}'}/health/"
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310 - the installation's own address
            well = answer.status == 200
    except (urllib.error.URLError, OSError, ValueError):
        well = False
    advice = "Start it: uvicorn config.events:application. Until then pages work, but do not move by themselves."
    yield (
        Finding("Event stream", f"answers at {url}") if well else Finding("Event stream", f"no answer at {url}", advice)
    )


def background(at: datetime) -> Iterator[Finding]:
    """Whether beat sends and a worker takes, for each queue."""
    try:
        beats = {queue: live.last_beat(queue) for queue in QUEUES}
        waiting = {queue: live.waiting_messages(queue) for queue in QUEUES}
        workers = _workers()
    except (redis.RedisError, OSError):
        yield Finding("Workers", "cannot be asked while the broker is away", "See the broker first.")
        return
    still = [queue for queue, beat in beats.items() if beat is None or beat < at - NOBODY_BEATS]
    if not still:
        newest = max(beat for beat in beats.values() if beat is not None)
        yield Finding("Workers and beat", f"alive; last sign {max(0, int((at - newest).total_seconds()))} s ago")
        return
    if not workers:
        advice = f"Start: celery -A config worker -Q {','.join(QUEUES)}"
        yield Finding("Workers", "no worker is running: nothing is polled, assigned, sent or counted", advice)
        return
    for queue in still:
        what = f"queue “{queue}” ({QUEUES[queue]})"
        if queue not in workers:
            yield Finding("Workers", f"none takes {what}", f"Start: celery -A config worker -Q {queue}")
        elif waiting[queue]:
            yield Finding("Workers", f"{what} is behind by {waiting[queue]} messages", "Start more workers.")
        else:
            yield Finding("Beat", f"nothing is sent to {what}", "Start: celery -A config.beat beat")


def tasks(at: datetime) -> Iterator[Finding]:
    """Whether the workers' tasks end well: what fails each time is named, with the last fault."""
    failing = list(TaskRecord.objects.failing(at))
    for row in failing:
        times = f"{row.failures_in_row} times in a row since {row.failing_since_at:%Y-%m-%d %H:%M} UTC"
        how = "left part of its work undone" if row.in_part else "failed"
        advice = (
            "The worker's log has the whole of it (journalctl -u touchline-worker). A server, disk or right that is "
            "missing is yours to mend; else report it, with this line and the version. It is tried again by itself."
        )
        yield Finding(f"Task {row.name}", f"{how} {times}; last: {row.problem.rstrip('.')}", advice)
    stalled = TaskRecord.objects.stalled(at)
    for row in stalled:
        since = row.ended_at or row.known_at
        advice = "Look into the worker's log for runs that were killed: too little memory, or longer than five minutes."
        says = f"has not come to an end since {since:%Y-%m-%d %H:%M} UTC, though it is due every {row.every_seconds} s"
        yield Finding(f"Task {row.name}", says, advice)
    if not failing and not stalled:
        yield Finding("Tasks", "none fails each time")


def _workers() -> set[str]:
    """Return the queues that living workers take from."""
    from config.celery import app

    answers = app.control.inspect(timeout=1.5).active_queues() or {}
    return {queue["name"] for queues in answers.values() for queue in queues}


def sources(at: datetime) -> Iterator[Finding]:
    """Whether sources are visited when they should be, and how they are."""
    total = overdue = silent = 0
    for _organization in each_organization():
        active = Source.objects.polled()
        total += active.count()
        overdue += active.filter(next_poll_at__lt=at - LATE).count()
        silent += Source.objects.silent(at).count()
    if overdue:
        advice = "See workers and beat above; a host that asked for a rest explains a few."
        yield Finding("Sources", f"{overdue} of {total} should have been visited over 10 minutes ago", advice)
    else:
        yield Finding("Sources", f"{total} active, all visited in time")
    if silent:
        yield Finding(
            "Silent sources", f"{silent} bring nothing any more", "Open Sources, “Silent”: each says since when."
        )
    wanted, held = wanted_and_held(at)
    if held < wanted:
        advice = "Start: python manage.py hold_lines. Until then polls find the same, only later."
        yield Finding("Open lines", f"nobody looks after {wanted - held} of {wanted}", advice)
    if waiting := waiting_too_long(at):
        advice = (
            "See workers: the queue “poll” must be taken from. Nothing is lost; it is taken in as soon as one runs."
        )
        yield Finding("Hubs", f"{waiting} of what hubs sent was not taken in for over 10 minutes", advice)


def sealed_secrets(at: datetime) -> Iterator[Finding]:
    """Whether every secret is sealed under the newest key."""
    found = count_sealed()
    if found.former:
        advice = "Run: python manage.py reseal. Then SECRET_KEY_FALLBACKS can be emptied."
        yield Finding("Secrets", f"{found.former} of {found.all} need a key of SECRET_KEY_FALLBACKS", advice)
    if found.lost:
        advice = "Bring the former key back into SECRET_KEY_FALLBACKS, or enter those secrets again."
        yield Finding("Secrets", f"{found.lost} of {found.all} cannot be opened by any key", advice)
    if not found.former and not found.lost:
        yield Finding("Secrets", f"{found.all} kept, all sealed under SECRET_KEY")


def connections(at: datetime) -> Iterator[Finding]:
    """Whether the networks still accept the credentials: each is asked now, and nothing is written."""
    works = 0
    for organization in each_organization():
        for row in Connection.objects.by_name():
            if problem := is_refused(row):
                advice = "Open Connections there: a withdrawn one is connected again, one in trouble mends itself."
                yield Finding(f"Connection “{row}” of {organization}", problem.rstrip("."), advice)
            else:
                works += 1
    if works:
        yield Finding("Connections", f"{works} work, as their networks say")


def deliveries(at: datetime) -> Iterator[Finding]:
    """Whether replies go out, and which wait for a person."""
    stuck = unknown = refused = 0
    for _organization in each_organization():
        ready = Reply.objects.filter(state=Reply.State.READY, next_attempt_at__lt=at - LATE).count()
        sending = Reply.objects.filter(state=Reply.State.SENDING, lease_until__lt=at - LATE).count()
        stuck += ready + sending
        unknown += Reply.objects.filter(state=Reply.State.UNKNOWN, next_attempt_at__lt=at - LATE).count()
        refused += Reply.objects.filter(state=Reply.State.REFUSED, assignment__resolved_at=None).count()
    if stuck:
        yield Finding(
            "Replies", f"{stuck} wait for over 10 minutes", "See workers: the queue “deliver” must be taken from."
        )
    if unknown:
        advice = "Look at the network whether each arrived, and settle it in the queue."
        yield Finding("Replies", f"{unknown} of unknown outcome", advice)
    if refused:
        yield Finding("Replies", f"{refused} refused by their networks", "Open them in the queue; each says why.")
    if not stuck and not unknown and not refused:
        yield Finding("Replies", "none is stuck")


def left_overs(at: datetime) -> Iterator[Finding]:
    """Whether work waits with nobody to do it."""
    for organization in each_organization():
        count = Assignment.objects.left_over().filter(created_at__lt=at - LEFT_OVER_FOR).count()
        if count:
            advice = "Somebody must be here: see Team for who is away, and give responders positions or capacity."
            yield Finding("Left-overs", f"{count} assignments of {organization} wait with nobody", advice)
            return
    number = Organization.objects.count()
    if number:
        yield Finding("Left-overs", "no assignment waits with nobody")
    else:
        advice = "Run: python manage.py create_organization NAME --owner EMAIL --name NAME"
        yield Finding("Organizations", "there is none", advice)


def disk(at: datetime) -> Iterator[Finding]:
    """Whether there is room to write."""
    place = settings.VAR_DIR if Path(settings.VAR_DIR).exists() else settings.BASE_DIR
    usage = shutil.disk_usage(place)
    words = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.0f} GB free at {place}"
    tight = usage.free < SMALLEST_DISK or usage.free < usage.total / 20
    yield Finding("Disk", words, "Make room: PostgreSQL stops when the disk is full." if tight else "")


EXAMINATIONS: list[Callable[[datetime], Iterator[Finding]]] = [
    database,
    code,
    broker,
    secrets_and_addresses,
    mail,
    mails,
    event_stream,
    background,
    tasks,
    sealed_secrets,
    connections,
    sources,
    deliveries,
    left_overs,
    disk,
]
# Of no use while the database does not answer or lacks tables.
NEED_THE_DATABASE = {code, mails, tasks, sealed_secrets, connections, sources, deliveries, left_overs}


def examine(at: datetime) -> Iterator[Finding]:
    """Look at everything, in the order in which one thing hangs on the other."""
    usable = True
    for look in EXAMINATIONS:
        if look in NEED_THE_DATABASE and not usable:
            continue
        findings = list(look(at))
        if look is database:
            usable = all(finding.is_well for finding in findings)
        yield from findings
