"""How long the forecast takes, and how much memory."""
