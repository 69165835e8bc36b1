"""Labels beside dots: as near as there is room, over no dot and no other label. Everything is measured in inches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

NEAR, FURTHER, CLEAR = 0.09, 0.12, 0.07  # from a dot to its label, to the next try, and around a dot
DIRECTIONS = ((0, 1), (-1, 1), (1, 1), (1, 0), (-1, 0), (0, -1), (-1, -1), (1, -1))  # in the order of preference


class Box(NamedTuple):
    """Where a label stands."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2

    def gap(self, other: Box) -> float:
        """How far two boxes are apart, along the axis on which they are further; negative where they overlap."""
        across = max(self.left - other.right, other.left - self.right)
        return max(across, self.bottom - other.top, other.bottom - self.top)


def place(
    at: tuple[float, float],
    label: tuple[float, float],
    inside: tuple[float, float],
    dots: Sequence[tuple[float, float]],
    taken: Sequence[Box],
) -> Box:
    """The box of a label (width, height) beside the dot `at`, inside an area (width, height) that begins at nothing.

    dots: all dots, this one among them; taken: the boxes of other labels. Where it fits nowhere it stands at the top.
    """
    width, height = label
    avoided = [*(Box(x - CLEAR, y - CLEAR, x + CLEAR, y + CLEAR) for x, y in dots), *taken]
    whole = Box(0.0, 0.0, *inside)
    for step in range(int(max(inside) / FURTHER)):
        off = CLEAR + NEAR + step * FURTHER
        for across, up in DIRECTIONS:
            x, y = at[0] + across * (off + width / 2), at[1] + up * (off + height / 2)
            box = Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            if up:  # a label over or under a dot moves sideways as far as the edge wants it
                shift = max(0.0, -box.left) - max(0.0, box.right - whole.right)
                box = box._replace(left=box.left + shift, right=box.right + shift)
            fits = box.left >= 0 and box.bottom >= 0 and box.right <= whole.right and box.top <= whole.top
            if fits and all(box.gap(other) >= 0 for other in avoided):
                return box
    return Box((inside[0] - width) / 2, inside[1] - height, (inside[0] + width) / 2, inside[1])
