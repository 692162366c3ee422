"""Looking for garbage less often while many objects are made that stay."""

import contextlib
import gc
import threading
from collections.abc import Iterator

# Python looks at what is new each time so many objects more are there, 700 by itself.
_MANY = 200_000
# So many new objects take milliseconds to look at.
_WORTH_IT = 10_000
# After so many that were not looked at, all are.
_MOST = 4_000_000
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
                _spare_the_new()
                gc.set_threshold(*first)


_spared = 0


def _spare_the_new() -> None:
    """Count what was made among what is old, as it would be after one look that finds nothing."""
    global _spared
    new = gc.get_count()[0]
    # Whoever has frozen objects wants them to stay so.
    if new < _WORTH_IT or not gc.isenabled() or gc.get_freeze_count():
        return
    _spared += new
    if _spared > _MOST:
        _spared = 0
        gc.collect()
    gc.freeze()
    gc.unfreeze()
