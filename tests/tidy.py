"""What is written in a picture, and whether it is tidy."""

from weakref import WeakSet

import matplotlib.text
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analysis.charts.style import in_style

DRAWN = WeakSet()  # figures that were drawn once; charts are shared by tests and changed by none


def written(figure):
    """Every text that is seen: words, labels of rows and of the axes."""
    if figure not in DRAWN:
        FigureCanvasAgg(figure)
        with in_style():
            figure.draw_without_rendering()  # sets the labels of the axes and places annotations
        DRAWN.add(figure)
    axes = figure.axes[0]
    seen = [text for text in figure.findobj(matplotlib.text.Text) if text.get_text() and text.get_visible()]
    for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, sorted(axes.get_ylim()))):
        hidden = [tick for tick in axis.get_major_ticks() if not low - 1e-9 <= tick.get_loc() <= high + 1e-9]
        unseen = {id(text) for tick in hidden for text in (tick.label1, tick.label2)}
        seen = [text for text in seen if id(text) not in unseen]
    return seen


def assert_tidy(figure):
    """No text leaves the canvas and no two overlap."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    texts = written(figure)
    assert len(texts) > 6
    with in_style():
        boxes = [matplotlib.text.Text.get_window_extent(text, renderer) for text in texts]
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in zip(texts, boxes, strict=True):
        assert box.x0 >= 0 and box.x1 <= width and box.y0 >= 0 and box.y1 <= height, text.get_text()
    for number, (text, box) in enumerate(zip(texts, boxes, strict=True)):
        for other, against in zip(texts[number + 1 :], boxes[number + 1 :], strict=True):
            overlap = (
                min(box.x1, against.x1) - max(box.x0, against.x0),
                min(box.y1, against.y1) - max(box.y0, against.y0),
            )
            assert overlap[0] <= 0 or overlap[1] <= 2, (text.get_text(), other.get_text())
