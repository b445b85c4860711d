"""One function per arrow of the way: load from the workspace, call the pure part, store the result, report progress."""
