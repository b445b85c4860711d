"""Memory that large columns took, given back to the system."""

from __future__ import annotations

import contextlib


def give_back() -> None:
    """Return freed memory to the system: the allocators keep several times of what is in use once large columns came and went."""
    import ctypes

    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):  # only the GNU C library has it
        ctypes.CDLL(None).malloc_trim(0)
