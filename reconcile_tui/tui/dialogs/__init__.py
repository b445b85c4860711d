"""Questions in the middle of the screen; escape always leaves without consequences."""
