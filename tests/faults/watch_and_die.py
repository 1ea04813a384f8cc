"""A worker that writes misses, tells of them, and is killed at the named step."""

from __future__ import annotations

from tests.faults.deliver_and_die import after, die


def main(step: str) -> None:
    from engagement import watching
    from roles import clock
    from roles.models import Organization
    from roles.tenancy import acting_for

    match step:
        case "events written":
            watching.write_due_events = after(watching.write_due_events)
        case "a mail written":
            watching.write_mail = after(watching.write_mail)
    with acting_for(Organization.objects.get(slug="acme")):
        watching.watch(at=clock.now())
        if step == "watched":
            die()
        watching.tell(at=clock.now())
        if step == "told":
            die()
