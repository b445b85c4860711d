"""The parts of matching in a workspace: what a run is made on, the groups as stored, evidence, export."""
