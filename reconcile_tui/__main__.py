"""`python -m reconcile_tui` is the command `reconcile-tui`."""

from reconcile_tui.cli import main

main()
