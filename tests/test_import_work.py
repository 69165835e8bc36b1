"""How much `map` does for files with many different labels or columns: counted, never timed.

Three times as much of a file may take about three times the work. Counted are calls, those of C too, and the bytes
that are taken between them, so that a set or a list that is copied once a label is seen as well.
"""

import sys
import tracemalloc

import pytest
from imports import csv_file

from analysis.reading.spreadsheet import guess, guess_words, likely_columns
from analysis.reading.spreadsheet.guess import suggest

FEW = 250
SOME = ("Dismissed", "Written warning", "No action")


class Work:
    """Counts calls and bytes while it is entered."""

    def __enter__(self):
        self.calls = self.bytes = 0
        tracemalloc.start()
        self._before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        sys.setprofile(self._count)
        return self

    def _count(self, _frame, _event, _argument):
        now, most = tracemalloc.get_traced_memory()
        self.calls += 1
        self.bytes += most - self._before
        self._before = now
        tracemalloc.reset_peak()

    def __exit__(self, *_):
        sys.setprofile(None)
        tracemalloc.stop()


def people(n, word):
    rows = (f"{word} {i},Driving,{SOME[i % 3]} {word} {i},{word} {i} total" for i in range(n))
    return "\n".join(["Ref,Allegation,Outcome,Force", *rows])


def counts(n, word):
    rows = (f"{word} {i},{SOME[i % 3]},{i} {word},{i % 7}" for i in range(n))
    return "\n".join(["Town,Outcome,2020,2021", *rows])


def wide(n, word):
    rows = ([label, *(str(i % 7) for i in range(n // 4))] for label in SOME)
    return "\n".join([",".join(["Outcome", *(f"{word} {i}" for i in range(n // 4))]), *map(",".join, rows)])


@pytest.mark.parametrize("text", [people, counts, wide])
def test_three_times_as_many_labels_or_columns_are_at_most_about_three_times_the_work(text, tmp_path, monkeypatch):
    for module, name in ((guess, "likely"), (guess_words, "likely"), (likely_columns, "force_of")):
        monkeypatch.setattr(module, name, lambda *_: None)  # a label and those of the vocabulary alone
    done = []
    for n, word in ((40, "Ayton"), (FEW, "Beeton"), (3 * FEW, "Ceeton")):  # words that nothing remembers
        file = csv_file(tmp_path / f"{word}.csv", text(n, word))
        with Work() as work:
            suggest(file)
        done.append((work.calls, work.bytes))
    _, once, thrice = done  # the first also does what is done but once
    assert all(more < 3.5 * less for less, more in zip(once, thrice, strict=True)), done


@pytest.mark.parametrize(("heading", "most"), [("Of group {}", 8800), ("", 4000)])
def test_a_column_that_is_nothing_of_ours_is_quickly_seen(heading, most, tmp_path):
    calls = []
    for n in (10, 20, 60):  # the first also does what is done but once
        rows = ([str(k), label, *(f"text {k} {n} {i}" for i in range(n))] for k, label in enumerate(SOME))
        headings = ["Ref", "Outcome", *(heading.format(i) for i in range(n))]
        file = csv_file(tmp_path / f"{n}.csv", "\n".join(map(",".join, [headings, *rows])))
        with Work() as work:
            suggest(file)
        calls.append(work.calls)
    assert (calls[2] - calls[1]) / 40 < most
