import gc
import weakref

from sheetlab.engine.garbage import seldom_collected


def test_garbage_is_collected_as_before_afterwards() -> None:
    before = gc.get_threshold()
    one, other = seldom_collected(), seldom_collected()
    one.__enter__()
    other.__enter__()
    assert gc.get_threshold() > before
    # Threads may end in any order.
    one.__exit__(None, None, None)
    assert gc.get_threshold() > before
    other.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_who_wants_no_collection_gets_none() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0)
    try:
        with seldom_collected():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)


class Node:
    pass


def test_what_was_made_is_old_afterwards() -> None:
    made: list[Node] = []
    gc.collect()
    with seldom_collected():
        made += [Node() for _ in range(50_000)]
        dropped = Node()
        dropped.itself = dropped  # type: ignore[attr-defined]
        alive = weakref.ref(dropped)
        del dropped
    assert gc.get_count()[0] < 10_000
    assert gc.get_freeze_count() == 0
    gc.collect()
    assert alive() is None


def test_frozen_objects_stay_frozen() -> None:
    gc.freeze()
    try:
        with seldom_collected():
            made = [Node() for _ in range(50_000)]
        assert len(made) == 50_000
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
