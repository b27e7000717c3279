"""The pace as the service shows it."""

from __future__ import annotations

from ironbridge.api.schemas.pacing import LaneView, LimitView, Pacing
from ironbridge.domain.pacing import WORDS, PacingStatus
from ironbridge.session import LIMITS


def pacing(status: PacingStatus) -> Pacing:
    return Pacing(
        session=status.session,
        at=status.at,
        limits=[
            LimitView(
                limit=use.limit.value,
                title=WORDS[use.limit],
                used=use.used,
                allowed=use.allowed,
                window_s=use.seconds,
                share=round(use.share, 4),
                near=use.limit in status.near,
                waiting=use.waiting,
                eta_s=round(use.eta, 3),
                source=LIMITS[use.limit].source,
                code=LIMITS[use.limit].code,
            )
            for use in status.limits
        ],
        lanes=[LaneView.model_validate({"lane": lane.lane, "waiting": lane.waiting, "eta_s": round(lane.eta, 3)})
               for lane in status.lanes],
        admitted=status.admitted,
        violations=status.violations,
    )  # fmt: skip
