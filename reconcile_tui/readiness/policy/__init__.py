"""The policy: artefacts that keep new duplicates out and write down how the sync is to be run (P1 to P10), as files."""
