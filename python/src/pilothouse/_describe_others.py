"""The jobs of a sweep behind the first: what is wrong with the arguments of each, as far as there is time to look."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional, Sequence

Error = Dict[str, Optional[str]]
#: Somebody waits for the answer: what is not looked at by then is left out.
SECONDS = 15.0
#: More wrong jobs than this say nothing new.
WRONG_MAX = 20


def check_others(sets: Sequence[Sequence[str]], check: Callable[[Sequence[str]], List[Error]]) -> Dict[str, Any]:
    """Of each wrong set its place in the list and its first mistake; `checked`: how many were looked at."""
    until = time.monotonic() + SECONDS
    errors: List[Dict[str, Any]] = []
    checked = 0
    for at, words in enumerate(sets):
        if time.monotonic() > until or len(errors) >= WRONG_MAX:
            break
        found = check(words)
        checked += 1
        if found:
            errors.append({"job": at, **found[0]})
    return {"checked": checked, "errors": errors}
