"""Feeds visited by a Celery task each, with requests and feedparser, as many aggregators do it.

Each task asks for its feed with the validators of the last time, parses it, and writes its entries by one statement
that passes over what is known. Two worker processes; the tables are its own.

    python -m benchmarks.peers.by_task http://127.0.0.1:8000 100
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import feedparser
import psycopg2
import redis
import requests
from celery import Celery
from psycopg2.extras import execute_values

QUEUE, DONE = "peer-by-task", "peer-by-task-done"
TABLES = """
CREATE TABLE IF NOT EXISTS peer_feed (number int PRIMARY KEY, etag text NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS peer_entry (
    id bigserial PRIMARY KEY, feed int NOT NULL, guid text NOT NULL, title text NOT NULL, summary text NOT NULL,
    link text NOT NULL, published text NOT NULL, UNIQUE (feed, guid)
);
"""
app = Celery("by_task", broker=os.environ["REDIS_URL"], fixups=[])
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=4, task_default_queue=QUEUE)


@cache
def database() -> Any:
    """This process's connection."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = False
    return connection


@cache
def session() -> requests.Session:
    """This process's connections to servers."""
    return requests.Session()


@cache
def broker() -> Any:
    """This process's connection to the broker, where rounds are counted."""
    return redis.Redis.from_url(os.environ["REDIS_URL"])


@app.task(name="visit")
def visit(base: str, number: int) -> None:
    """Visit one feed."""
    with database() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT etag FROM peer_feed WHERE number = %s", [number])
        (etag,) = cursor.fetchone()
        answer = session().get(f"{base}/{number}", headers={"If-None-Match": etag} if etag else {}, timeout=15)
        answer.raise_for_status()
        if answer.status_code != 304:
            found = feedparser.parse(answer.content)
            rows = [(number, e.id, e.title, e.summary, e.link, e.get("published", "")) for e in found.entries]
            execute_values(
                cursor,
                "INSERT INTO peer_entry (feed, guid, title, summary, link, published) VALUES %s ON CONFLICT DO NOTHING",
                rows,
            )
            etag = answer.headers.get("ETag", "")
            cursor.execute("UPDATE peer_feed SET etag = %s WHERE number = %s", [etag, number])
    broker().incr(DONE)


def main(base: str, feeds: int) -> None:
    """Do one round over all feeds for each line that comes; answer with its seconds by the clock and the processors."""
    with database() as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        execute_values(
            cursor, "INSERT INTO peer_feed (number) VALUES %s ON CONFLICT DO NOTHING", [(n,) for n in range(feeds)]
        )
    command = [sys.executable, "-m", "celery", "-A", "benchmarks.peers.by_task", "--quiet", "worker", "--queues", QUEUE]
    command += ["--concurrency", "2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    worker = subprocess.Popen([*command, "--loglevel", "WARNING"], stdout=subprocess.DEVNULL)
    try:
        take(base, 1, worker)  # both sides are awake then
        print("ready", flush=True)
        for _line in sys.stdin:
            clock, processor = time.perf_counter(), spent(worker.pid)
            take(base, feeds, worker)
            print(time.perf_counter() - clock, spent(worker.pid) - processor, flush=True)
    finally:
        worker.terminate()
        worker.wait()


def take(base: str, feeds: int, worker: subprocess.Popen[bytes]) -> None:
    """Send a task for each feed, and return when all are done."""
    broker().set(DONE, 0)
    for number in range(feeds):
        visit.delay(base, number)
    while int(broker().get(DONE)) < feeds:
        if worker.poll() is not None:
            raise SystemExit("The worker ended.")
        time.sleep(0.005)


def spent(parent: int) -> float:
    """The seconds of processor that a process and its children have used; 0 where that cannot be seen."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in (str(parent), *children)]
    except OSError:
        return 0.0
    return sum(int(words[11]) + int(words[12]) for words in stats) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
