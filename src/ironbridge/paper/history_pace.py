"""IB's limits on historical requests of one client, in sliding windows of machine time.

60 in ten minutes (quotes count twice), fewer than six for one contract, exchange and kind in two seconds, none
identical within fifteen seconds. IB has relaxed them for bars of a minute and more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

TEN_MINUTES = 600.0
IDENTICAL = 15.0
BURST_SECONDS = 2.0
BURST = 6
REMEMBERED = 1000
"""No client within the limits comes near it in ten minutes."""


class HistoryPace:
    """Counts one client's requests.

    Parameters:
        window: how many in ten minutes.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._asked: deque[tuple[float, int, Hashable, Hashable]] = deque(maxlen=REMEMBERED)

    def violated(self, at: float, request: Hashable, contract: Hashable, *, weight: int) -> bool:
        """Count a request at `at` seconds; whether it breaks a limit.

        Parameters:
            at: machine seconds.
            request: what makes two requests identical.
            contract: contract, exchange and kind of data.
            weight: 2 for bid and ask, which are two queries.
        """
        asked = self._asked
        while asked and asked[0][0] <= at - TEN_MINUTES:
            asked.popleft()
        broken = (
            sum(each[1] for each in asked) + weight > self._window
            or any(each[0] > at - IDENTICAL and each[2] == request for each in asked)
            or sum(1 for each in asked if each[0] > at - BURST_SECONDS and each[3] == contract) + 1 >= BURST
        )
        asked.append((at, weight, request, contract))
        return broken
