"""Child processes that never outlive the one that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Account:
    """Whom a process runs as, where that is not us."""

    uid: int
    gid: int


def start(
    command: Sequence[str],
    *,
    directory: Path,
    output: int | IO[bytes],
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
    written: bytes = b"",
    dies_by: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own, fed with what is written, and tied to our life."""
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.PIPE if written else subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        process_group=0,
        preexec_fn=_tie_to(os.getpid(), dies_by),  # noqa: PLW1509 - the function takes no lock that a thread could hold.
        **as_account(account),
    )
    if process.stdin is not None:
        try:
            process.stdin.write(written)
            process.stdin.close()
        except BrokenPipeError:
            pass  # It ended already: whoever waits for it says so.
    return process


def as_account(account: Account | None) -> dict[str, Any]:
    """The arguments of `subprocess` that make a process run as the account."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def stop(
    ending: Iterable[tuple[subprocess.Popen[bytes], signal.Signals]],
    *,
    within: float,
    meanwhile: Callable[[], object] = lambda: time.sleep(0.02),
) -> None:
    """Ask each process to end by its signal, and after so many seconds kill what is left of their groups."""
    asked = list(ending)
    for process, by in asked:
        if process.poll() is None:
            process.send_signal(by)
    deadline = time.monotonic() + within
    while time.monotonic() < deadline and any(process.poll() is None for process, _by in asked):
        meanwhile()
    for process, _by in asked:
        kill_group(process)
        process.wait()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and every descendant that stayed in its group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError:  # macOS answers so for a group whose only member is a zombie.
        process.kill()


def _tie_to(parent: int, dies_by: signal.Signals) -> Callable[[], None]:
    def tie() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(dies_by), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return tie
