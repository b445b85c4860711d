"""From a steward's decisions to safe writes: resolve, plan, apply, verify, undo.

`resolve`, `survivorship`, `plan` and `projection` are functions over values; only `engine`, `verify` and what they use talk to
systems, through `systems.protocol`.
"""
