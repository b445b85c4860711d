"""The sign-off report: one self-contained page, and the same as Markdown and JSON."""
