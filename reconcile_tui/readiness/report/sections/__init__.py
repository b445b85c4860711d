"""The sections of the page, each from one part of the report."""
