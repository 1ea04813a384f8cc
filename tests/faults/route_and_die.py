"""A worker that takes a page in, routes it, and is killed at the named step."""

from __future__ import annotations

from tests.faults.deliver_and_die import after, die


def main(step: str) -> None:
    from engagement import routing
    from listening.models import Source
    from roles import clock
    from roles.models import Organization
    from roles.tenancy import acting_for
    from tests.faults.test_route import take_in

    match step:
        case "before assigning":
            routing.staff = die
        case "assignments written":
            routing.insert_many = after(routing.insert_many)
        case "mentions placed":
            routing.place_mentions = after(routing.place_mentions)
        case "told":
            routing.told = after(routing.told)
    with acting_for(Organization.objects.get(slug="acme")):
        take_in(Source.objects.get(), at=clock.now())
        if step == "committed":
            die()
