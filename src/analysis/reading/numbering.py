"""Columns of millions of different texts as numbers, on every processor at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import numpy as np
import pyarrow as pa

from analysis.csv_files import memory_of_large

SIDES = 10  # that texts are numbered in, by their last byte: numbers end in any digit


def numbered(
    pieces: Sequence[pa.Array], looked_at: Callable[[pa.Array], tuple[pa.Array, np.ndarray]], threads: Executor
) -> tuple[np.ndarray, np.ndarray]:
    """A number from 0 for each text of `pieces`, one after the other: the same where the text is the same.

    looked_at: makes of a piece the texts that are numbered, and something else about each, which is returned too. Texts
    that end alike are on one side; each side is numbered in one of the `threads`, in a small table of its own.
    """

    def split(piece: pa.Array) -> tuple[np.ndarray, np.ndarray, list[pa.Array]]:
        texts, other = looked_at(piece)
        return other, *_by_end(texts)

    other, side, texts = zip(*threads.map(split, pieces), strict=True)
    sides = [pa.chunked_array(parts, pa.string()) for parts in zip(*texts, strict=True)]
    side = np.concatenate(side)
    code, start = np.empty(len(side), dtype=np.int32), 0
    for number, codes in enumerate(threads.map(_codes, sides)):
        code[side == number] = codes + start
        start += int(codes.max(initial=-1)) + 1
    return code, np.concatenate(other)


def _codes(texts: pa.ChunkedArray) -> np.ndarray:
    """The number of each text among the different ones, from 0."""
    encoded = pa.compute.dictionary_encode(texts, memory_pool=memory_of_large())
    return encoded.combine_chunks().indices.to_numpy()


def _by_end(texts: pa.Array) -> tuple[np.ndarray, list[pa.Array]]:
    """Which side each text is on, by its last byte (an empty one on the first); and the texts of each, in order."""
    _, starts, letters = texts.buffers()
    place = np.frombuffer(starts, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    last = np.frombuffer(letters or b"\0", dtype=np.uint8)[place[1:] - 1]
    side = np.where(place[1:] > place[:-1], last, 0) % SIDES
    ends = np.cumsum(np.bincount(side, minlength=SIDES))
    ordered = pa.compute.take(texts, pa.array(np.argsort(side, kind="stable")), memory_pool=memory_of_large())
    return side, [ordered.slice(start, end - start) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
