"""A whole Touchline as it runs in production, on servers of its own that can be taken away and given back.

It holds no more than is asked of it: one responder, and a practice field on which nobody speaks of their own accord.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psycopg2
from celery import Celery
from django.core import signing

from config import parts, processes
from config.ports import Listening
from config.services import free_port, start_services
from roles.tickets import SALT
from tests.cast import PASSWORD
from tests.faults import workers

ROOT = Path(__file__).resolve().parents[2]
SECRET, METRICS = "only-for-tests", "watched-by-us"
QUEUES = {"listening": "poll", "engagement": "deliver"}
ASK = """
WITH lock AS MATERIALIZED (SELECT pg_advisory_xact_lock(%(class)s, (organization.id %% 2147483648)::int),
    organization.id FROM roles_organization organization WHERE slug = 'acme')
INSERT INTO listening_practicepost (organization_id, account_id, text, key, published_at, changed_number)
SELECT lock.id, (SELECT min(id) FROM listening_practiceaccount WHERE organization_id = lock.id AND NOT is_ours),
    'Acme question ' || n, %(about)s || '-' || n, now(),
    (SELECT coalesce(max(changed_number), 0) FROM listening_practicepost WHERE organization_id = lock.id) + n
FROM lock, generate_series(1, %(number)s) AS n
ON CONFLICT DO NOTHING
"""
# Of each question: how often it was taken in, concerns us, is assigned, was written to, is answered on the field.
FATE = """
SELECT count(DISTINCT post.id), count(DISTINCT mention.id), count(DISTINCT assignment.id), count(DISTINCT reply.id),
    count(DISTINCT answer.id), count(DISTINCT assignment.id) FILTER (WHERE assignment.outcome = 'answered')
FROM listening_practicepost question
LEFT JOIN listening_post post ON post.network = 'practice' AND post.remote_id = question.id::text
LEFT JOIN listening_mention mention ON mention.post_id = post.id
LEFT JOIN engagement_assignment assignment ON assignment.mention_id = mention.id
LEFT JOIN engagement_reply reply ON reply.assignment_id = assignment.id
LEFT JOIN listening_practicepost answer ON answer.in_reply_to_id = question.id
WHERE question.key LIKE %(about)s || '-%%' GROUP BY question.id
"""
UNANSWERED = """
SELECT assignment.id FROM engagement_assignment assignment JOIN listening_mention mention ON mention.id = mention_id
JOIN listening_post post ON post.id = post_id JOIN listening_practicepost question ON question.id::text = post.remote_id
WHERE question.key LIKE %(about)s || '-%%' AND assignment.state <> 'resolved'
    AND NOT EXISTS (SELECT FROM engagement_reply WHERE assignment_id = assignment.id)
"""
ONCE = (1, 1, 1, 1, 1, 1)


class House:
    """PostgreSQL, Valkey, an organization, and web, events, worker and beat by their production commands."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.log = (var / "house.log").open("ab")
        self.own = threading.local()
        self.listening = Listening("127.0.0.1", free_port(), free_port())
        self.address = f"http://127.0.0.1:{self.listening.port}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        # Durable: what PostgreSQL has promised must be there after it was killed.
        self.services = start_services(var, durable=True)
        try:
            self._begin()
        except BaseException:
            self.end()
            raise

    def _begin(self) -> None:
        self.environment = {
            **self.services.environment, "PATH": "/usr/bin:/bin", "VAR_DIR": str(self.var), "SECRET_KEY": SECRET,
            "PORT": str(self.listening.port), "EVENTS_PORT": str(self.listening.events_port), "LOG_LEVEL": "INFO",
            "DELIVERY_LEASE_SECONDS": "5", "METRICS_TOKEN": METRICS, "TMPDIR": str(self.var),
        }  # fmt: skip
        token = self.var / "token"
        assert workers.ended(workers.start("tests.faults.furnish", self.services.database_url, str(token))) == 0
        self.responder = {"email": "rosa@example.org", "password": PASSWORD, "api_token": token.read_text()}
        self.commands = {
            "web": parts.web(self.listening), "events": parts.events(self.listening), "worker": parts.worker("INFO"),
            "beat": parts.beat(self.var / "beat-schedule"),
        }  # fmt: skip
        for name in self.commands:
            self._start(name)
        self.until(lambda: self.page("/health/") == 200, "the first page")

    def _start(self, name: str) -> None:
        self.running[name] = processes.start(
            [sys.executable, "-m", *self.commands[name]], directory=ROOT, output=self.log, environment=self.environment
        )

    def end(self) -> None:
        """End everything that was started."""
        processes.stop([(process, signal.SIGTERM) for process in self.running.values()], within=6)
        self.services.stop()
        self.log.close()

    def look_after(self) -> None:
        """Start a worker or a beat that ended again, as the supervisor does; what people look at must never end."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                # Celery's worker gives up when the broker falls in the very moment of an acknowledgement.
                assert name in {"worker", "beat"}, f"{name} ended"
                self._start(name)

    def sql(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Run one statement in a transaction of its own; once more where the connection has died meanwhile."""
        if (kept := getattr(self.own, "connection", None)) is not None:
            with suppress(psycopg2.OperationalError, psycopg2.InterfaceError):
                return self._ask(kept, statement, values)
        return self._ask(None, statement, values)

    def _ask(self, connection: Any, statement: str, values: Any) -> list[tuple[Any, ...]]:
        if connection is None:
            connection = self.own.connection = psycopg2.connect(self.services.database_url, connect_timeout=5)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def until(self, true: Callable[[], object], what: str, *, seconds: float = 120, every: float = 0.2) -> None:
        """Wait until it is so; servers that are away meanwhile are no answer."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                if true():
                    return
            except (psycopg2.Error, OSError):
                pass
            self.look_after()
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            time.sleep(every)

    def ask(self, about: str, number: int) -> None:
        """Let somebody on the practice field ask questions; asking the same again adds none."""
        self.sql(ASK, **{"class": 0x50524143}, about=about, number=number)
        self.sql("UPDATE listening_source SET next_poll_at = now() WHERE network = 'practice'")

    def fate(self, about: str) -> list[tuple[Any, ...]]:
        """What became of each question."""
        return self.sql(FATE, about=about)

    def is_answered(self, about: str, number: int) -> bool:
        """Whether every question has exactly one answer, and everything on the way there exists once."""
        return self.fate(about) == [ONCE] * number

    def taken_in(self, about: str) -> int:
        """How many of the questions have become assignments."""
        return sum(row[2] for row in self.fate(about))

    def answer(self, about: str) -> int:
        """Write an answer to whatever has none, over the API; returns how many were taken."""
        taken = 0
        for (key,) in self.sql(UNANSWERED, about=about):
            said = {"assignment": key, "text": f"Answer to {key}"}
            taken += self.call("replies/", said, key=f"answer-{key}") == 201
        return taken

    def settle(self) -> None:
        """Decide, as a person, to send again what surely did not arrive."""
        waits = "SELECT id FROM engagement_reply WHERE state = 'unknown' AND put_before_person_at IS NOT NULL"
        for (key,) in self.sql(waits):
            self.call(f"replies/{key}/settle/", {"decision": "send_again"}, key=f"settle-{key}-{time.monotonic()}")

    def let_time_pass(self) -> None:
        """Let the leases of those who were interrupted run out, and the time come for looks at lost replies."""
        now = self.sql("SELECT now()")[0][0]
        self.sql(
            "UPDATE listening_source SET lease_until = %(now)s WHERE EXISTS (SELECT FROM listening_poll poll WHERE"
            " poll.source_id = listening_source.id AND outcome = 'running' AND started_at < %(now)s - interval '5 s')",
            now=now,
        )
        self.sql("UPDATE engagement_reply SET next_attempt_at = %(now)s WHERE state = 'unknown'", now=now)
        for task in ("listening.tasks.poll_due", "engagement.tasks.reconcile_unknown"):
            with Celery(broker=self.services.redis_url) as app:
                app.send_task(task, queue=QUEUES[task.partition(".")[0]], expires=10)

    def call(self, path: str, data: dict[str, Any], *, key: str) -> int:
        """Post to the API as the responder; the status, 0 where nobody answered."""
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}",
            data=json.dumps(data).encode(),
            headers={
                "Authorization": f"Token {self.responder['api_token']}",
                "Content-Type": "application/json",
                "Idempotency-Key": key,
            },
        )
        return _status(urllib.request.build_opener(), request)

    def page(self, path: str, browser: urllib.request.OpenerDirector | None = None) -> int:
        """Ask for a page; the status, 0 where nobody answered."""
        return _status(browser or urllib.request.build_opener(), urllib.request.Request(f"{self.address}{path}"))

    def signed_in(self) -> urllib.request.OpenerDirector:
        """A browser in which the responder has signed in."""
        jar = CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        login = f"{self.address}/accounts/login/"
        browser.open(login, timeout=20).read()
        token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
        form = {"login": self.responder["email"], "password": self.responder["password"], "csrfmiddlewaretoken": token}
        data = urllib.parse.urlencode(form).encode()
        browser.open(urllib.request.Request(login, data=data, headers={"Referer": login}), timeout=20).read()
        return browser

    def follow(self) -> Any:
        """Open the event stream as a page of the responder does."""
        where = "roles_user.id = user_id AND email = %(email)s"
        member = self.sql(
            f"SELECT organization_id, roles_member.id FROM roles_member, roles_user WHERE {where}",
            email=self.responder["email"],
        )[0]
        ticket = signing.dumps([*member, int(time.time())], key=SECRET, salt=SALT)
        address = f"http://127.0.0.1:{self.listening.events_port}/events?ticket={ticket}"
        return urllib.request.urlopen(address, timeout=30)


def _status(browser: urllib.request.OpenerDirector, request: urllib.request.Request) -> int:
    try:
        with browser.open(request, timeout=20) as answer:
            answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        return problem.code
    except OSError:
        return 0


def heard(stream: Any, *, wanted: Sequence[bytes]) -> bytes:
    """Read the event stream until it names one of these topics."""
    for line in stream:
        if line.startswith(b"data:") and any(topic in line for topic in wanted):
            return bytes(line)
    raise AssertionError("the event stream ended")
