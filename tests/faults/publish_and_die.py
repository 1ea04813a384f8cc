"""A worker that publishes one piece after the other, and is killed at the named step of the first."""

from __future__ import annotations

from tests.faults.deliver_and_die import after, die


def main(step: str) -> None:
    from content.publishing import publications_out
    from content.tasks import publish_due, reconcile_publications
    from listening.way_out import housekeeping
    from tests.faults import town

    town.install()
    match step:
        case "claimed":
            housekeeping.claim_ready = after(housekeeping.claim_ready)
        case "begun":
            town.FarTown.publish = die  # type: ignore[method-assign]
        case "sent":
            publications_out._accept = die  # type: ignore[method-assign]
        case "before commit":
            publications_out.accepted = after(publications_out.accepted)  # type: ignore[method-assign]
        case "committed":
            publications_out._accept = after(publications_out._accept)  # type: ignore[method-assign]
        case "looked":
            publications_out.hold = die  # type: ignore[method-assign]
    if step == "looked":
        reconcile_publications()
    else:
        publish_due()
