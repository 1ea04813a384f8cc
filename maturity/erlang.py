"""How many people it takes so that few wait long: Erlang's formulas, and nothing of our rows.

Work comes at random, each piece takes a while, everybody can do each piece, and nobody gives up waiting (Erlang C). The
load is pieces an hour times hours a piece: how many people would be busy on average.
"""

from __future__ import annotations

from math import exp, floor

MOST = 10_000


def busy_chance(agents: int, load: float) -> float:
    """Return the chance that all are busy where nobody waits (Erlang B), step by step, so that nothing overflows."""
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def wait_chance(agents: int, load: float) -> float:
    """Return the chance that a piece of work has to wait at all (Erlang C); 1 where there are too few to keep up."""
    return _waiting(busy_chance(agents, load), agents, load)


def share_within(agents: int, load: float, *, handling: float, target: float) -> float:
    """Return the share that is begun within the target; handling and target are in the same unit of time."""
    return _within(wait_chance(agents, load), agents, load, handling=handling, target=target)


def needed(load: float, *, handling: float, target: float, share: float) -> int:
    """Return the fewest people with whom at least this share, below 1, is begun within the target; none for no load."""
    if load <= 0:
        return 0
    if not 0 <= share < 1:
        raise ValueError("The share must be below 1: somebody may always have to wait.")
    if load >= MOST:
        raise ValueError("So much work is beyond what this can say.")
    # With fewer the line would grow without end.
    blocked, agents = 1.0, 0
    while True:
        agents += 1
        blocked = load * blocked / (agents + load * blocked)
        if agents <= floor(load):
            continue
        waiting = _waiting(blocked, agents, load)
        if _within(waiting, agents, load, handling=handling, target=target) >= share:
            return agents


def _waiting(blocked: float, agents: int, load: float) -> float:
    if load <= 0:
        return 0.0
    if load >= agents:
        return 1.0
    return agents * blocked / (agents - load * (1 - blocked))


def _within(waiting: float, agents: int, load: float, *, handling: float, target: float) -> float:
    if load <= 0:
        return 1.0
    if load >= agents:
        return 0.0
    # Work that takes no time waits for none.
    return 1 - waiting * (exp(-(agents - load) * target / handling) if handling > 0 else 0.0)
