"""Looking for garbage less often while many objects are made that stay."""

import contextlib
import gc
import threading
from collections.abc import Iterator

# Python looks at what is new each time so many objects more are there, 700 by itself.
_MANY = 200_000
_lock = threading.Lock()
_before: list[tuple[int, int, int]] = []


@contextlib.contextmanager
def seldom_collected() -> Iterator[None]:
    """While a workbook is read or calculated: hardly anything that is made then is in a cycle."""
    with _lock:
        _before.append(gc.get_threshold())
        least, *others = _before[0]
        # 0 says that nobody wants it done.
        gc.set_threshold(least and _MANY, *others)
    try:
        yield
    finally:
        with _lock:
            # Threads may end in another order than they began.
            first = _before[0]
            _before.pop()
            if not _before:
                gc.set_threshold(*first)
