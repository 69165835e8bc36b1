"""How hypothesis looks for examples.

How fast an example is depends on the machine. The same examples each time, so that no test fails by luck; `make fuzz`
looks for new ones, and what it finds becomes an @example.
"""

from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True, database=None)
settings.register_profile("fuzz", deadline=None, derandomize=False, max_examples=1000, print_blob=True)
settings.load_profile("same")
