"""IB's own algorithms, which work an order for its owner.

An `Algo` is a name and parameters, as IB has it. The common ones have a function here with typed arguments; any other
goes by name: ``Algo("SomeAlgo", (("tag", "value"),))``. The parameters of the algorithms that are known are held to a
table, by whichever way they come in, so that a misspelt one is refused here and not ignored there.

Source of names and ranges: AvailableAlgoParams of IB's official client and the "IB Algorithms" page of its reference.
Shares of volume are fractions (0.1 is ten per cent). Moments go out in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from ironbridge.domain.values import Number, decimal_of, plain
from ironbridge.errors import InvalidInput, InvalidOrder

Priority = Literal["Urgent", "Normal", "Patient"]
Risk = Literal["Get Done", "Aggressive", "Neutral", "Passive"]
Strategy = Literal["Marketable", "Matching Midpoint", "Matching Same Side", "Matching Last"]

_NAME = re.compile(r"[A-Za-z0-9_]{1,40}")
_TAG = re.compile(r"[A-Za-z0-9_]{1,60}")
_VALUE = re.compile(r"[\x20-\x7e]{0,100}")
_CLOCK = re.compile(r"(\d{8}-)?\d{2}:\d{2}:\d{2}( [A-Za-z_/+-]{1,40})?")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an algorithm that is known.

    Parameters:
        form: what it is: a number in a range, a whole number, a moment, a choice, or yes and no (IB's 1 and 0).
        required: whether the algorithm cannot do without it.
        lowest, highest: of numbers.
        choices: of a choice.
    """

    form: Literal["number", "whole", "moment", "choice", "flag"]
    required: bool = False
    lowest: Decimal = Decimal(0)
    highest: Decimal = Decimal("1e9")
    choices: tuple[str, ...] = ()


def _share(required: bool = False) -> Parameter:  # noqa: FBT001, FBT002 - a word in a table
    return Parameter("number", required, Decimal("0.01"), Decimal("0.5"))


def _choice(*choices: str, required: bool = False) -> Parameter:
    return Parameter("choice", required, choices=choices)


_MOMENT, _FLAG, _MONEY = Parameter("moment"), Parameter("flag"), Parameter("number")
_COUNT = Parameter("whole", required=True, lowest=Decimal(1))
_RISK = ("Get Done", "Aggressive", "Neutral", "Passive")
_SPAN = {"startTime": _MOMENT, "endTime": _MOMENT, "allowPastEndTime": _FLAG, "monetaryValue": _MONEY}
_VARIED = {"startTime": _MOMENT, "endTime": _MOMENT, "noTakeLiq": _FLAG, "monetaryValue": _MONEY}

ALGORITHMS: Mapping[str, Mapping[str, Parameter]] = {
    "Adaptive": {"adaptivePriority": _choice("Urgent", "Normal", "Patient", required=True)},
    "ArrivalPx": {"maxPctVol": _share(), "riskAversion": _choice(*_RISK), "forceCompletion": _FLAG, **_SPAN},
    "DarkIce": {"displaySize": _COUNT, **_SPAN},
    "PctVol": {"pctVol": _share(required=True), **_VARIED},
    "Twap": {
        "strategyType": _choice("Marketable", "Matching Midpoint", "Matching Same Side", "Matching Last"),
        **_SPAN,
    },
    "Vwap": {"maxPctVol": _share(), "noTakeLiq": _FLAG, "speedUp": _FLAG, **_SPAN},
    "AD": {
        "componentSize": _COUNT, "timeBetweenOrders": _COUNT, "randomizeTime20": _FLAG, "randomizeSize55": _FLAG,
        "giveUp": Parameter("whole"), "catchUp": _FLAG, "waitForFill": _FLAG, "activeTimeStart": _MOMENT,
        "activeTimeEnd": _MOMENT,
    },
    "BalanceImpactRisk": {"maxPctVol": _share(), "riskAversion": _choice(*_RISK), "forceCompletion": _FLAG},
    "MinImpact": {"maxPctVol": _share()},
    "ClosePx": {
        "maxPctVol": _share(), "riskAversion": _choice(*_RISK), "startTime": _MOMENT, "forceCompletion": _FLAG,
        "monetaryValue": _MONEY,
    },
    "PctVolPx": {
        "pctVol": _share(required=True), "deltaPctVol": _share(), "minPctVol4Px": _share(), "maxPctVol4Px": _share(),
        **_VARIED,
    },
    "PctVolSz": {"startPctVol": _share(required=True), "endPctVol": _share(required=True), **_VARIED},
    "PctVolTm": {"startPctVol": _share(required=True), "endPctVol": _share(required=True), **_VARIED},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Algo:
    """An algorithm of IB's and its parameters.

    Parameters:
        name: IB's name of it (fields: algoStrategy).
        parameters: tags and values, in the order in which they go out.

    Raises:
        InvalidOrder: a name, tag or value that cannot be sent, or that the algorithm does not take.
    """

    name: str
    parameters: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise _bad(f"{self.name!r:.60} is not the name of an algorithm.", f"Known ones: {', '.join(ALGORITHMS)}.")
        tags = [tag for tag, _ in self.parameters]
        for tag, value in self.parameters:
            if not _TAG.fullmatch(tag) or not _VALUE.fullmatch(value):
                raise _bad(f"{tag!r:.60} = {value!r:.60} cannot be a parameter of {self.name}.")
        if len(set(tags)) != len(tags):
            raise _bad(f"{self.name} is given a parameter twice: {', '.join(tags)}.")
        known = ALGORITHMS.get(self.name)
        if known is not None:
            _check_known(self, known)

    def __str__(self) -> str:
        inside = ", ".join(f"{tag}={value}" for tag, value in self.parameters)
        return f"{self.name}({inside})"


def _check_known(algo: Algo, known: Mapping[str, Parameter]) -> None:
    given = dict(algo.parameters)
    for tag, value in given.items():
        if tag not in known:
            raise _bad(f"{algo.name} has no parameter {tag}.", f"It has {', '.join(known)}.")
        _check_value(algo.name, tag, value, known[tag])
    missing = [tag for tag, parameter in known.items() if parameter.required and tag not in given]
    if missing:
        raise _bad(f"{algo.name} needs {' and '.join(missing)}.", "Give it.")


def _check_value(name: str, tag: str, value: str, parameter: Parameter) -> None:
    if parameter.form == "choice" and value not in parameter.choices:
        raise _bad(f"{value!r} is no {tag} of {name}.", f"Give one of {', '.join(parameter.choices)}.")
    if parameter.form == "flag" and value not in {"0", "1"}:
        raise _bad(f"{value!r} is no {tag} of {name}.", "Give 1 for yes or 0 for no.")
    if parameter.form == "moment" and not _CLOCK.fullmatch(value):
        raise _bad(f"{value!r} is no {tag} of {name}.", "Give hh:mm:ss or yyyymmdd-hh:mm:ss, and a time zone.")
    if parameter.form in {"number", "whole"}:
        try:
            number = decimal_of(value, tag)
        except InvalidInput:
            raise _bad(f"{value!r} is no {tag} of {name}.", "Give a number.") from None
        whole = parameter.form == "number" or number % 1 == 0
        if not (whole and parameter.lowest <= number <= parameter.highest):
            kind = "number" if parameter.form == "number" else "whole number"
            raise _bad(
                f"The {tag} {value} of {name} is out of range.",
                f"Give a {kind} from {plain(parameter.lowest)} to {plain(parameter.highest)}.",
            )


def Adaptive(priority: Priority = "Normal") -> Algo:
    """Adaptive: between bid and ask, more or less urgently."""
    return _algo("Adaptive", adaptivePriority=priority)


def ArrivalPrice(
    max_share: Number | None = None,
    *,
    risk: Risk | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    force_completion: bool | None = None,
    past_end: bool | None = None,
) -> Algo:
    """ArrivalPx: the midpoint at the time of the order, at most `max_share` of the volume (0.01 to 0.5)."""
    return _algo(
        "ArrivalPx", maxPctVol=max_share, riskAversion=risk, startTime=start, endTime=end,
        forceCompletion=force_completion, allowPastEndTime=past_end,
    )  # fmt: skip


def DarkIce(
    display: int, *, start: datetime | None = None, end: datetime | None = None, past_end: bool | None = None
) -> Algo:
    """DarkIce: a hidden order that shows about `display` units at a time."""
    return _algo("DarkIce", displaySize=display, startTime=start, endTime=end, allowPastEndTime=past_end)


def PctVol(
    share: Number, *, start: datetime | None = None, end: datetime | None = None, passive: bool | None = None
) -> Algo:
    """PctVol: takes part in `share` of the volume (0.01 to 0.5); `passive` never takes liquidity."""
    return _algo("PctVol", pctVol=share, startTime=start, endTime=end, noTakeLiq=passive)


def Twap(
    strategy: Strategy = "Marketable",
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    past_end: bool | None = None,
) -> Algo:
    """Twap: the time-weighted average price between `start` and `end`."""
    return _algo("Twap", strategyType=strategy, startTime=start, endTime=end, allowPastEndTime=past_end)


def Vwap(
    max_share: Number | None = None,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    past_end: bool | None = None,
    passive: bool | None = None,
) -> Algo:
    """Vwap: the volume-weighted average price, at most `max_share` of the volume (0.01 to 0.5)."""
    return _algo(
        "Vwap", maxPctVol=max_share, startTime=start, endTime=end, allowPastEndTime=past_end, noTakeLiq=passive
    )


def AccumulateDistribute(
    size: int,
    seconds: int,
    *,
    vary_time: bool | None = None,
    vary_size: bool | None = None,
    catch_up: bool | None = None,
    wait_for_fill: bool | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Algo:
    """AD: parts of `size` units, one every `seconds`."""
    return _algo(
        "AD", componentSize=size, timeBetweenOrders=seconds, randomizeTime20=vary_time, randomizeSize55=vary_size,
        catchUp=catch_up, waitForFill=wait_for_fill, activeTimeStart=start, activeTimeEnd=end,
    )  # fmt: skip


def ClosePrice(
    max_share: Number | None = None,
    *,
    risk: Risk | None = None,
    start: datetime | None = None,
    force_completion: bool | None = None,
) -> Algo:
    """ClosePx: as near to the closing auction's price as may be, at most `max_share` of the volume (0.01 to 0.5)."""
    return _algo("ClosePx", maxPctVol=max_share, riskAversion=risk, startTime=start, forceCompletion=force_completion)


def _algo(name: str, **parameters: Number | datetime | None) -> Algo:
    return Algo(name, tuple((tag, _text(tag, value)) for tag, value in parameters.items() if value is not None))


def _text(tag: str, value: Number | datetime) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise _bad(f"The {tag} {value.isoformat(sep=' ')} has no time zone.", "Give an aware datetime.")
        return f"{value.astimezone(UTC):%Y%m%d-%H:%M:%S} UTC"
    return plain(decimal_of(value, tag))


def _bad(message: str, next_step: str = "") -> InvalidOrder:
    return InvalidOrder(message, next_step=next_step, field="algo")
