"""The looks: calm dark, calm light, and the terminal's own colours. Orange differs, blue is taken; never red against green."""

from __future__ import annotations

from textual.theme import Theme

NAMES = ("reconcile-dark", "reconcile-light", "ansi-dark", "ansi-light")

THEMES = (
    Theme(
        name="reconcile-dark",
        primary="#7fb4ef",
        secondary="#9db2c9",
        warning="#e6b450",
        error="#f08a7b",
        success="#86c79a",
        accent="#c4a6f2",
        foreground="#d6dbe3",
        background="#14171d",
        surface="#1a1e26",
        panel="#222833",
        dark=True,
        variables={
            "taken": "#7fb4ef",
            "differs": "#eba869",
            "typed": "#c4a6f2",
            "faint": "#8893a3",
            "quiet": "#b3bcc9",
            "hair": "#39414f",
            "cursor-line": "#2d3a4f",
            "here-line": "#232a36",
            "cell-line": "#3d5375",
            "sandbox-ground": "#2b4a3a",
        },
    ),
    Theme(
        name="reconcile-light",
        primary="#1f5fa8",
        secondary="#4a5d73",
        warning="#8a5a00",
        error="#a8321f",
        success="#1f6b3a",
        accent="#6b3fa8",
        foreground="#22272e",
        background="#fafaf8",
        surface="#f3f3f0",
        panel="#e8e9e6",
        dark=False,
        variables={
            "taken": "#1f5fa8",
            "differs": "#994700",
            "typed": "#6b3fa8",
            "faint": "#5d656f",
            "quiet": "#4c535c",
            "hair": "#c9ccd0",
            "cursor-line": "#d3e2f5",
            "here-line": "#e9edf2",
            "cell-line": "#b4cfee",
            "sandbox-ground": "#cfe8d6",
        },
    ),
)

ANSI_VARIABLES = {
    "taken": "ansi_blue",
    "differs": "ansi_yellow",
    "typed": "ansi_magenta",
    "faint": "ansi_default",
    "quiet": "ansi_default",
    "hair": "ansi_bright_black",
    "cursor-line": "ansi_default",
    "here-line": "ansi_default",
    "cell-line": "ansi_default",
    "sandbox-ground": "ansi_default",
}
"""The same names for the terminal's own sixteen colours; the cursor is drawn by reverse video there (app.tcss)."""


def chosen(name: str | None) -> str:
    """A theme by its short or full name; dark when it is not known."""
    short = {"dark": NAMES[0], "light": NAMES[1], "ansi": NAMES[2], "ansi-dark": NAMES[2], "ansi-light": NAMES[3]}
    return short.get(name or "", name if name in NAMES else NAMES[0])


def after(name: str) -> str:
    """The next theme in turn."""
    return NAMES[(NAMES.index(name) + 1) % len(NAMES)] if name in NAMES else NAMES[0]
