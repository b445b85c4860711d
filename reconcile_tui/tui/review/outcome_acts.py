"""What a steward decides of a group: one key an outcome, and on to the next."""

from __future__ import annotations

from reconcile_tui.tui.review import deciding
from reconcile_tui.tui.review.carrying import Carrying


class OutcomeActs(Carrying):
    """Outcomes."""

    def do_accept(self) -> None:
        """As shown, and on to the next group."""
        from reconcile_tui.tui.review.questions import ask_lead

        assert self.view is not None  # noqa: S101
        resolution = self.view.resolution
        if resolution.blocked:
            self.app.tell(f"Blocked: {resolution.blocked}", kind="why")
            return
        outcome = (
            resolution.outcome if resolution.outcome in ("merge", "link", "split", "shared_mailbox", "exclude", "different") else "merge"
        )
        if resolution.decided and self.view.row.state == "decided":
            self.do_next()
            return
        outcome = "split" if outcome == "merge" and self.view.people > 1 else outcome
        leads = [c for c in self.view.columns if c.record.ref.table == "lead"]
        if leads and len(leads) < len(self.view.columns) and outcome in ("merge", "split"):
            ask_lead(self.app, lambda details: self._decide(outcome, details))
        else:
            self._decide(outcome)

    def do_link(self) -> None:
        """Keep both, link across."""
        self._decide("link")

    def do_different(self) -> None:
        """Different people."""
        self._decide("different")

    def do_unsure(self) -> None:
        """Ask for a second opinion."""
        self._decide("unsure")

    def do_skip(self) -> None:
        """Not now."""
        self._decide("skip")

    def do_mailbox(self) -> None:
        """Shared mailbox: owner and remedies."""
        from reconcile_tui.tui.review.questions import ask_mailbox

        if self.view is not None:
            ask_mailbox(self.app, self.view, lambda details: self._decide("shared_mailbox", details))

    def do_exclude(self) -> None:
        """Keep records out of the sync."""
        from reconcile_tui.tui.review.questions import ask_exclude

        if self.view is not None:
            ask_exclude(self.app, self.view, self.grid.record, lambda details: self._decide("exclude", details))

    def do_reopen(self) -> None:
        """Take the decision on this group back."""
        self._act("open again", lambda group: deciding.reopen(self.workspace, group))
