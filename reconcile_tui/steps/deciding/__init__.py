"""The parts of `steps.decide`: reading a group, what follows from a decision, bulk decisions, moving decisions between workspaces."""
