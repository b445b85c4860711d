"""The `Prefer` header: page size, annotations, representation, change tracking."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reconcile_tui.sandbox.exchange import Call

FORMATTED = "OData.Community.Display.V1.FormattedValue"
LOOKUP_TABLE = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
TOTAL = "Microsoft.Dynamics.CRM.totalrecordcount"
TOTAL_EXCEEDED = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"
MORE = "Microsoft.Dynamics.CRM.morerecords"

_PART = re.compile(r'([\w.-]+)(?:\s*=\s*(?:"([^"]*)"|([^,;\s]*)))?')


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the header asks for; `text` is the header itself, echoed in Preference-Applied."""

    text: str
    values: dict[str, str]

    @classmethod
    def of(cls, call: Call) -> Preferences:
        """Read the header."""
        text = call.headers.get("prefer", "")
        values = {name.lower(): quoted or plain for name, quoted, plain in _PART.findall(text)}
        return cls(text, values)

    @property
    def page_size(self) -> int | None:
        """`odata.maxpagesize`."""
        given = self.values.get("odata.maxpagesize", self.values.get("maxpagesize", ""))
        return int(given) if given.isdigit() and int(given) > 0 else None

    @property
    def representation(self) -> bool:
        """`return=representation`."""
        return self.values.get("return") == "representation"

    @property
    def tracks_changes(self) -> bool:
        """`odata.track-changes`."""
        return "odata.track-changes" in self.values

    @property
    def continues_on_error(self) -> bool:
        """`odata.continue-on-error`."""
        return self.values.get("odata.continue-on-error", "false") != "false"

    def annotates(self, name: str) -> bool:
        """Whether answers carry this annotation."""
        wanted = False
        for pattern in self.values.get("odata.include-annotations", "").split(","):
            excluded = pattern.strip().startswith("-")
            if pattern.strip() and fnmatchcase(name, pattern.strip().lstrip("-")):
                wanted = not excluded
        return wanted
