import gc

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
