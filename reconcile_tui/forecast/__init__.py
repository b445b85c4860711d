"""The sync simulator: what a two-way sync would overwrite, by whose value, in which order of events. Pure functions over values.

One group: `simulate_group(records, fields, profile)`. Everything: `simulate_all(columns, fields, profile)`. See docs/forecast.md.
"""
