"""Memory that large columns take, kept at hand while they come and go, and given back to the system."""

from __future__ import annotations

import contextlib

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Numbers of the settings of `mallopt` in the GNU C library."""
_AT_HAND = 8 * 1024 * 1024


def keep_at_hand() -> None:
    """Let each thread keep some freed memory until `give_back`: to fetch it anew for every array cost a tenth of matching's time."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        for setting in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            ctypes.CDLL(None).mallopt(setting, _AT_HAND)


def give_back() -> None:
    """Return freed memory to the system: the allocators keep several times of what is in use once large columns came and went."""
    import ctypes

    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):  # only the GNU C library has it
        ctypes.CDLL(None).malloc_trim(0)
