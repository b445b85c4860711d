"""What the checks are fed with, and what decisions settle."""
