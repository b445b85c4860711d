"""How long the readiness checks take, and how much memory."""
