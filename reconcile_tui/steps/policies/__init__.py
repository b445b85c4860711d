"""The policy's artefacts, each a function from the workspace and the report to the text of a file."""
