"""What can go wrong, in one tree.

ReconcileError                      exit code
├── UsageError                      2   wrong command, argument or answer
├── ProjectError                    2   reconcile.toml can't be used
├── WorkspaceError                  2   the database can't be used (newer version, damaged, disk full)
│   └── WorkspaceInUse              5   another process writes to it
├── SystemFailure                    3
│   ├── SystemUnreachable           3   no answer, or no usable one
│   ├── SignInRefused               3   the credentials were not accepted
│   └── DailyLimitReached           3   the API allows no more requests today
├── RequestRefused                  1   one request was understood and refused (an item of a run, not the run)
│   ├── RecordChanged               1   the record is not as expected (412)
│   ├── RecordGone                  1   there is no such record (404)
│   └── ValueTaken                  1   another record owns a value that must be unique
├── AnswerLost                      1   a write was sent and its answer never came: only reading tells whether it happened
├── PlanOutdated                    4   the plan no longer fits the workspace or the systems
├── DecisionRefused                 1   a decision contradicts another one or the data
├── ItemsFailed                     1   the run ended, some items did not
└── Interrupted                     130 stopped on request; resumable

Every error says what happened, what was kept and what to do next.
"""

from __future__ import annotations


class ReconcileError(Exception):
    """A failure the user can act on: `what` happened, what was `kept`, what to do next (`todo`)."""

    exit_code = 1

    def __init__(self, what: str, *, kept: str = "", todo: str = "") -> None:
        """Keep the three sentences apart, so that screens can lay them out and the CLI can join them."""
        super().__init__(what)
        self.what = what
        self.kept = kept
        self.todo = todo

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.kept, self.todo) if part)


class UsageError(ReconcileError):
    """The command line or an answer can't be understood."""

    exit_code = 2


class ProjectError(ReconcileError):
    """`reconcile.toml` is missing, is not TOML, or says something that can't be done."""

    exit_code = 2


class WorkspaceError(ReconcileError):
    """The workspace database can't be used."""

    exit_code = 2


class WorkspaceInUse(WorkspaceError):
    """Another process holds the writer's lock."""

    exit_code = 5


class SystemFailure(ReconcileError):
    """A CRM as a whole can't be worked with."""

    exit_code = 3


class SystemUnreachable(SystemFailure):
    """No answer, or an answer that is not the API's."""


class SignInRefused(SystemFailure):
    """The system or its identity provider refused the credentials."""


class DailyLimitReached(SystemFailure):
    """The API refuses further requests until its daily window turns."""


class RequestRefused(ReconcileError):
    """One request was refused. `status` is the HTTP status, `code` the vendor's code where it gives one."""

    def __init__(self, what: str, *, status: int, code: str = "", kept: str = "", todo: str = "") -> None:
        """Keep the vendor's status and code beside the sentence."""
        super().__init__(what, kept=kept, todo=todo)
        self.status = status
        self.code = code


class RecordChanged(RequestRefused):
    """The record was changed by somebody else since it was read; nothing was written."""


class RecordGone(RequestRefused):
    """The record does not exist (any more)."""


class ValueTaken(RequestRefused):
    """A value that must be unique belongs to another record; `owner` is its id where the system tells."""

    def __init__(self, what: str, *, status: int, code: str = "", owner: str = "", kept: str = "", todo: str = "") -> None:
        """Keep the owner's id, so that the group with that record can be shown."""
        super().__init__(what, status=status, code=code, kept=kept, todo=todo)
        self.owner = owner


class AnswerLost(ReconcileError):
    """A write left, and no usable answer came back. It must not be repeated: read the record and decide."""


class PlanOutdated(ReconcileError):
    """The plan's digest does not fit, or everything it expects has changed."""

    exit_code = 4


class DecisionRefused(ReconcileError):
    """A decision contradicts another decision or what the systems allow."""


class ItemsFailed(ReconcileError):
    """A run ended and some of its items did not succeed."""


class Interrupted(ReconcileError):
    """Stopped on request. What was done is kept; the same command goes on from there."""

    exit_code = 130
