"""The watch over child processes: their words arrive, the dead start again, each time later."""

from __future__ import annotations

import io
import signal
import sys
import time
from pathlib import Path

from config import processes
from config.children import Child, Journal, Watch


def child(name: str, code: str) -> Child:
    return Child(name, lambda output: processes.start([sys.executable, "-c", code], directory=Path("/"), output=output))


def test_a_child_that_dies_is_started_again_each_time_a_little_later() -> None:
    written = io.StringIO()
    watch = Watch(Journal(written))
    dying = child("frail", "print('here I am'); raise SystemExit(3)")
    watch.start(dying)
    deadline = time.monotonic() + 20
    while dying.deaths < 3 and time.monotonic() < deadline:
        watch.look(0.05)
    watch.stop([dying], within=1)
    lines = [line for line in written.getvalue().splitlines() if line.startswith("frail")]
    assert lines[:5] == [
        "frail      | here I am",
        "frail      | ended with status 3; starting it again in 0.5 s",
        "frail      | here I am",
        "frail      | ended with status 3; starting it again in 1 s",
        "frail      | here I am",
    ]


def test_what_does_not_end_when_asked_is_killed_with_all_its_children() -> None:
    code = "import signal,subprocess,sys,time;signal.signal(signal.SIGTERM,signal.SIG_IGN);"
    code += (
        "p=subprocess.Popen([sys.executable,'-c','import time;time.sleep(60)']);print(p.pid,flush=True);time.sleep(60)"
    )
    written = io.StringIO()
    watch = Watch(Journal(written))
    stubborn = child("stubborn", code)
    watch.start(stubborn)
    deadline = time.monotonic() + 20
    while "|" not in written.getvalue() and time.monotonic() < deadline:
        watch.look(0.05)
    grandchild = int(written.getvalue().split("|")[1])
    watch.stop([stubborn], within=0.3)
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL
    stat = Path(f"/proc/{grandchild}/stat")
    while stat.exists() and stat.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not stat.exists() or stat.read_text().split()[2] == "Z"


def test_words_without_an_end_of_line_are_not_lost() -> None:
    written = io.StringIO()
    watch = Watch(Journal(written))
    brief = child("brief", "import sys; sys.stdout.write('last words')")
    brief.restarts = False
    watch.start(brief)
    assert brief.process is not None
    brief.process.wait()
    assert watch.forget(brief) == 0
    assert written.getvalue() == "brief      | last words\n"
