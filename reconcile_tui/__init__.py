"""Make two CRMs safe to sync: find duplicates, decide, forecast, apply, verify."""

__version__ = "0.1.0"
