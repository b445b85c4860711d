"""The mapping screen's parts: the list of fields with their facts, changes of a field, another filter tried."""
