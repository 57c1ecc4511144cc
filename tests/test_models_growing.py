"""An array that grows is what joining its parts gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.growing import GrowingArray


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.sampled_from(["float16", "int64", "bool"]))
def test_it_holds_all_parts_in_order(sizes: list[int], kind: str) -> None:
    drawn = np.random.default_rng(0)
    parts = [drawn.integers(0, 100, (size, 3)).astype(kind) for size in sizes]
    grown = GrowingArray()
    for part in parts:
        grown.add(part)
    whole = grown.whole()
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    assert whole.dtype == kind


@pytest.mark.parametrize("shape", [(0,), (0, 5)])
def test_nothing_has_the_shape_of_its_parts(shape: tuple[int, ...]) -> None:
    grown = GrowingArray()
    grown.add(np.zeros(shape, np.int32))
    assert grown.whole().shape == shape
