"""The work: the queue of groups and the group being decided."""
