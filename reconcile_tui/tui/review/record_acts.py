"""What a steward does with the records of a group: which one stays, who is another person, who is missing."""

from __future__ import annotations

from reconcile_tui.model import Ref
from reconcile_tui.tui.review import deciding
from reconcile_tui.tui.review.carrying import Carrying
from reconcile_tui.tui.things import Thing, records


class RecordActs(Carrying):
    """Actions on the selected or marked records."""

    def do_survivor(self) -> None:
        """The selected record stays."""
        column = self.grid.record
        if column is not None:
            self._act(f"record {self.grid.column} stays", lambda group: deciding.survivor(self.workspace, group, column.record.ref))

    def do_take_out(self) -> None:
        """Mark the selected record for a split; the second press takes the mark away."""
        column = self.grid.record
        if column is None:
            return
        self.grid.split ^= {column.record.key}
        self.grid.refresh_heads()
        marked = len(self.grid.split)
        self.app.tell(f"{marked} marked. X makes them a person of their own." if marked else "No record is marked.")

    def do_split(self) -> None:
        """The marked records become a person of their own; marked ones of another person come back."""
        assert self.view is not None  # noqa: S101
        chosen = [c for c in self.view.columns if c.record.key in self.grid.split]
        if not chosen:
            self.app.tell("Mark records with x first; X then makes them a person of their own.", kind="why")
            return
        refs = [c.record.ref for c in chosen]
        self.grid.split = set()
        if all(c.person > 0 for c in chosen):
            self._act("back with the first person", lambda group: deciding.join(self.workspace, group, refs))
        elif len(chosen) == len(self.view.columns):
            self.app.tell("All records are marked; leave at least one.", kind="why")
        else:
            self._act("split into a person of their own", lambda group: deciding.split(self.workspace, group, refs))

    def do_add(self) -> None:
        """Find a record that matching did not find, and bring it into the group."""
        from reconcile_tui.tui.dialogs.finder import Finder

        assert self.view is not None  # noqa: S101
        title = f"Add a record to {self.view.row.title}"
        self.app.ask(Finder(title, "a name, an e-mail, a phone number, an id", records, self._add))

    def _add(self, thing: Thing) -> None:
        self.bring(self.workspace.records.ref_of(int(thing.id)))

    def bring(self, ref: Ref) -> None:
        """Bring a record into the open group; the queue may have lost the group it came from."""
        if self._act("added   (z takes it out again)", lambda group: deciding.add(self.workspace, group, ref)):
            self.renew()
