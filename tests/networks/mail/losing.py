"""A line to a mail server that breaks off: after the whole mail was handed over, or before it was."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Self

Fate = Literal["", "answer", "request"]
WHOLE = b"\r\n.\r\n"


def losing(share: float, requests: float, seed: int = 1) -> Callable[[], Fate]:
    """Lose this share of the answers and that share of the mails, the same ones at every run."""
    dice = random.Random(seed)

    def decide() -> Fate:
        cast = dice.random()
        return "answer" if cast < share else "request" if cast < share + requests else ""

    return decide


class LossyPost:
    """Hands on what SMTP says; `decide` says for each mail whether it, or the answer to it, is lost."""

    def __init__(self, port: int, decide: Callable[[], Fate]) -> None:
        self.upstream, self.decide = port, decide
        self.lost: Counter[str] = Counter()
        self.port, self.busy = 0, 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_error: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._hand_on, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def rest(self) -> None:
        """Wait until nobody says anything any more."""
        while self.busy:
            time.sleep(0.02)

    async def _hand_on(self, ours: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self.busy += 1
        try:
            await self._handed_on(ours, back)
        finally:
            self.busy -= 1

    async def _handed_on(self, ours: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, there = await asyncio.open_connection("127.0.0.1", self.upstream)
        mute = asyncio.Event()
        answering = asyncio.ensure_future(self._answer(answers, back, mute))
        said, fate = b"", ""
        with suppress(OSError):
            while part := await ours.read(65_536):
                said = said[-8:] + part
                if WHOLE in said and not fate:
                    fate = self.decide()
                    self.lost[fate] += bool(fate)
                    if fate == "request":
                        break
                    if fate == "answer":
                        mute.set()
                there.write(part)
                await there.drain()
                if mute.is_set():
                    # What is there has it; whoever sent it hears nothing of that.
                    await answering
                    break
        # Whoever died has said what they said: what is there comes to its end with it.
        with suppress(OSError):
            there.write_eof()
        if said.endswith(WHOLE) and fate != "request":
            await answering
        for line in (back, there):
            with suppress(OSError):
                line.transport.abort()

    async def _answer(self, answers: asyncio.StreamReader, back: asyncio.StreamWriter, mute: asyncio.Event) -> None:
        with suppress(OSError):
            while part := await answers.read(65_536):
                if mute.is_set():
                    return
                back.write(part)
                await back.drain()
            back.close()
