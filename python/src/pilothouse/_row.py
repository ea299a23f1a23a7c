"""Reports that waited, many in one call: one commit of the server takes a row of them as quickly as a single one."""

from __future__ import annotations

from typing import Any, Optional, Protocol, Sequence, TypeVar

from ._frame import CONTENT_TYPE, ROW_CONTENT_TYPE, join_frames
from ._transport import Answer

#: What an error of a single report would have had as its status; any other is 400, refused for good.
_STATUS = {
    "unauthenticated": 401,
    "expired": 401,
    "forbidden": 403,
    "notFound": 404,
    "conflict": 409,
    "tooLarge": 413,
    "rateLimited": 429,
    "internal": 500,
    "unavailable": 503,
    "diskFull": 507,
}

Outcome = TypeVar("Outcome", bound=Optional[Answer], covariant=True)


class Call(Protocol[Outcome]):
    """One call of the server; None where there was no answer and the caller does not raise."""

    def __call__(self, method: str, path: str, body: bytes, content_type: str, /) -> Outcome: ...


def send_row(call: Call[Optional[Answer]], path: str, frames: Sequence[bytes]) -> list[Answer]:
    """Sends frames to the report route at `path`, in their order. Answers for as many of the first as were answered: all, or
    one where the server takes no rows or does not want this one, or none."""
    if len(frames) > 1:
        answer = call("POST", f"{path}/many", join_frames(frames), ROW_CONTENT_TYPE)
        if answer is None:
            return []
        if answer.is_later:
            return [answer]
        answers = answer.body.get("answers") if answer.ok else None
        if isinstance(answers, list) and len(answers) == len(frames):
            return [_read_answer(one) for one in answers]
    answer = call("POST", path, frames[0], CONTENT_TYPE)
    return [] if answer is None else [answer]


def _read_answer(value: Any) -> Answer:
    body = value if isinstance(value, dict) else {}
    error = body.get("error")
    if not isinstance(error, dict):
        return Answer(200, body)
    return Answer(_STATUS.get(str(error.get("code")), 400), body)
