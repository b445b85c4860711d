"""Field values and schema: whether what travels fits where it goes."""

from __future__ import annotations

from reconcile_tui.readiness.check import Check

_FIT = ("field", "to", "value", "problem")

CHECKS = (
    Check(
        "F1", "Q3", "blocker", "Text too long for its target", "The write is refused, or the text is cut.",
        "Shorten the text, or use the transform `cut`.",
        "Lengths after the transform, in UTF-16 code units, against the target column's metadata; eligible records that reach it.",
        "fitting.too_long", columns=_FIT, hard=True,
    ),
    Check(
        "F2", "Q3", "blocker", "A choice without an entry in the map", "Nothing can be written until the value has a counterpart.",
        "Add the value to the choice map, or to the target's options.",
        "Values the transform has no entry for, and results that are no option of the target.",
        "fitting.unmapped_choice", columns=_FIT, hard=True,
    ),
    Check(
        "F3", "Q3", "high", "Several choices for a target that holds one", "All but one are lost, or the write is refused.",
        "Map to a multiple choice, or decide which one counts.", "Values with `;` copied into a single choice.",
        "fitting.several_into_one", columns=_FIT,
    ),
    Check(
        "F4", "Q3", "blocker", "A required field would be empty", "The record can't be created, or the write is refused.",
        "Fill in the value, or keep such records out by the filter.",
        "Blank values, after the transform, for required target columns: on creates, and on updates where blanks propagate; and records "
        "that would be created in a table with a required column no field is mapped to.",
        "fitting.required_empty", columns=("field", "to", "problem"), hard=True,
    ),
    Check(
        "F5", "Q3", "blocker", "The value is of another type than its target", "The write is refused.",
        "Correct the value or add a transform.", "Each distinct value is cast to the target column's type.",
        "fitting.wrong_type", columns=_FIT, hard=True,
    ),
    Check(
        "F6", "Q3", "high", "Dates that shift", "A day becomes the day before, and both systems keep correcting each other.",
        "Use the transforms `date`, `midnight_utc` or `local_time`.",
        "Moments copied into days and moments without a zone.",
        "fitting.shifting_times", columns=_FIT,
    ),
    Check(
        "F7", "Q3", "high", "Values that don't come back as they were", "The sync echoes for ever, or each round loses something.",
        "Use a transform that settles, or map the field one way.",
        "Every distinct value of two-way fields goes there, back and there again: it must settle after one round, and a lossy transform "
        "must not change what stands in the first system.",
        "roundtrips.not_returning", columns=("field", "value", "problem"),
    ),
    Check(
        "F8", "Q3", "medium", "Values that can't be read", "Phones nobody can dial, regions no list knows, countries in several spellings.",
        "Correct the value, or use a transform that makes one spelling of all (`phone_e164`, `country_code`).",
        "Phones through libphonenumber with the project's country; problems of transforms; country names that differ from what most "
        "records write.",
        "roundtrips.unreadable", columns=("field", "value", "problem"),
    ),
    Check(
        "F9", "Q3", "high", "Owners without a counterpart", "Records arrive without an owner, or with the integration's.",
        "Map owners by e-mail in a `lookup` or `choice` table.", "Values of owner fields without an entry in the map.",
        "roundtrips.unmapped_owner", columns=("field", "value", "problem"),
    ),
    Check(
        "F10", "Q3", "high", "Lookups that can't sync", "The id of an account or owner means nothing in the other system.",
        "Map the name through a `lookup` table, or leave the field out.", "Mapped columns of type lookup without such a transform.",
        "fitting.lookups", columns=("field", "from", "to", "problem"), scope="map",
    ),
    Check(
        "F11", "Q3", "blocker", "A blank would empty a filled cell", "The sync copies nothing over something, and the value is gone.",
        'Set blank = "ignore" on the field, or fill in the blank first.',
        "Pairs under the profile: eligible sources that are blank where the target is not, for fields whose blanks propagate.",
        "facing.blanks", columns=("field", "into", "source", "target", "problem"), hard=True,
    ),
    Check(
        "F12", "Q3", "high", "Lifecycle stages that would move back", "HubSpot refuses it through the API; elsewhere progress is undone.",
        "Map the stage one way, from the system that leads.", "Pairs whose source stage lies before the target's in HubSpot's order.",
        "facing.lifecycle_back", columns=("field", "into", "source", "target", "problem"),
    ),
    Check(
        "F13", "Q3", "medium", "A target that can't be written", "Read-only, computed or missing columns: nothing arrives.",
        "Map another column or turn the direction round.", "Metadata of every target column.",
        "fitting.unwritable", columns=("field", "to", "problem"), scope="map",
    ),
    Check(
        "F14", "Q3", "high", "The field map contradicts itself",
        "Two fields write one column, or a value comes back through another field.",
        "Keep one source per column.", "A graph of columns and copies: nodes with two sources, and rings through several fields.",
        "field_map.contradictions", columns=("fields", "problem"), scope="map",
    ),
    Check(
        "F15", "Q3", "high", "Addresses that could be mixed", "Half of one address and half of another is no address.",
        "Decide the group: the address moves as one block.",
        "Groups taken for one person whose records differ in a part of a block, once case, accents and country names are folded.",
        "facing.torn_addresses", columns=("group", "block", "parts"),
    ),
    Check(
        "F16", "Q3", "medium", "Strange characters", "Control and direction characters, emoji, line breaks and formulas trip targets up.",
        "Use the transform `visible`, or correct the text.", "Every text of eligible records; a leading = or @ counts as a formula.",
        "characters.strange", columns=("field", "value", "holds"),
    ),
    Check(
        "F17", "Q3", "medium", "Fillers that look like data", "`Firstname`, 1900-01-01 and their like overwrite real values.",
        "Blank them before launch.",
        "A list of known fillers, and values that repeat in a field whose other values are nearly all different.",
        "characters.fillers", columns=("field", "value", "records"),
    ),
)  # fmt: skip
