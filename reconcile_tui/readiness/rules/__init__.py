"""The rules behind the checks, by what they look at. Each is a function from the context to what it found."""
