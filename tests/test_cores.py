"""Work on all cores."""

from __future__ import annotations

import threading

from reconcile_tui.cores import AHEAD, WORKERS, each


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(each(lambda item: item * 2, range(100))) == [item * 2 for item in range(100)]


def test_a_slow_item_does_not_keep_the_other_cores_waiting() -> None:
    """The first item ends only when so many later ones have, as one core less can do meanwhile."""
    later = threading.Semaphore(0)

    def work(item: int) -> int:
        if item == 0 and WORKERS > 1:
            for _ in range(AHEAD // 2):
                assert later.acquire(timeout=30)
        else:
            later.release()
        return item

    assert list(each(work, range(AHEAD))) == list(range(AHEAD))


def test_what_nobody_takes_any_more_is_not_begun() -> None:
    begun: list[int] = []
    go = threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item:
            go.wait(30)
        return item

    results = each(work, iter(range(100)), ahead=20)
    assert next(results) == 0
    threading.Timer(0.01, go.set).start()
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= 2 * WORKERS + 1


def test_no_more_than_is_allowed_is_begun_before_a_result_is_taken() -> None:
    begun: list[int] = []
    results = each(lambda item: begun.append(item) or item, iter(range(100)), ahead=2)  # type: ignore[func-returns-value]
    assert next(results) == 0
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= WORKERS + 2
