"""What a new prompt, model or release that came up near a change says for a cause, and what its absence says."""

from __future__ import annotations

from datetime import date

from drift.explain.deployments import Deployment
from drift.explain.scene import Case, Scene
from drift.findings import Event
from drift.text import wording
from drift.traces import PROMPT_HASH

# days between deployments from which on one that is near is news; a change so many times the largest of earlier ones is of their size
_RARE, _AS_EVER = 28.0, 1.2
# of a change that may have begun on any of more days than these everything is near
_DATED = 14


def news(scene: Scene, case: Case, dimension: str) -> None:
    """Points for the first value of a dimension that came up, or became frequent, when the change can have begun."""
    for event in scene.events:
        if event.dimension != dimension or event.kind == "gone":
            continue
        known = scene.deployments.get(event, Deployment())
        when = _day(event.day)
        if event.kind == "appeared":
            often = f", as one does every {known.every:.0f} days" if known.every is not None and known.every < _RARE else ""
            case.add(
                _coincidence(known.every, scene.undated),
                f"{_appeared(event)} on {when} and has {wording.percent(event.share_to)} of these requests{often}",
            )
        else:
            case.add(
                2,
                f"the share of {dimension} “{event.value}” went from {wording.percent(event.share_from)} to {wording.percent(event.share_to)} on {when}",
            )
        _carries(case, event, known, scene.carried.get(event))
        return


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _appeared(event: Event) -> str:
    if event.dimension == "prompt" and event.value.startswith(PROMPT_HASH):
        return f"the prompt was edited, without a new version (now “{event.value}”),"
    return f"{event.dimension} “{event.value}” appeared"


def _coincidence(every: float | None, undated: int) -> float:
    """Points for a deployment that is near: the less often there is one, and the better the change is dated, the less it is there by chance."""
    if undated > _DATED:
        return 0.25
    if every is None or every >= _RARE:
        return 4.0
    return 2.0 if every >= 14 else 1.0 if every >= 6 else 0.25


def _carries(case: Case, event: Event, known: Deployment, carried: float | None) -> None:
    """Whether the requests with the new value show the change: beside the others if they ran side by side, else against before."""
    if known.beside is not None:
        if known.beside >= 0.5:
            case.add(5, f"requests with “{event.value}” show the change beside those without it on the same day")
        elif known.beside < 0.25:
            case.add(-6, f"on the same day requests with “{event.value}” are as those without it")
        return
    if known.ahead is not None:
        case.add(-4, f"requests had “{event.value}” on {_day(known.ahead)}, and the change began after it")
    if carried is not None and carried >= 0.5:
        case.add(2, f"requests with “{event.value}” show the change")
    elif carried is not None and carried < 0.25:
        case.add(-4, f"requests with “{event.value}” do not show the change")
    if known.beyond is not None and known.beyond < _AS_EVER:
        case.add(-3, f"earlier deployments came with changes as large ({1 / max(known.beyond, 0.01):.1f} times this one)")


def no_news(scene: Scene, case: Case, dimensions: tuple[str, ...], absent: float, present: float) -> None:
    """`absent` points where no value of these dimensions came up then, `present` where one did that can be the cause."""
    asked, dimensions = len(dimensions), tuple(name for name in dimensions if scene.records(name))
    came = (event for event in scene.events if event.dimension in dimensions and event.kind == "appeared")
    near = [event for event in came if not _was_there(scene.deployments.get(event, Deployment()))]
    news = [event for event in near if scene.carried.get(event) != 0.0 and _can_be(scene, event)]
    if news:
        case.add(present, f"{news[0].dimension} “{news[0].value}” appeared at that time")
    elif not near and dimensions:
        named = f"{', '.join(dimensions[:-1])} or {dimensions[-1]}" if len(dimensions) > 1 else dimensions[0]
        case.add(absent * len(dimensions) / asked, f"no new {named} at that time")
    elif near and not any(_comes_all_the_time(scene, event) for event in near):
        case.add(absent, f"requests without “{near[0].value}”, which appeared at that time, changed as well")


def _can_be(scene: Scene, event: Event) -> bool:
    """Whether a deployment that is near may be what changed something: not one of those that come all the time, nor one whose requests
    are as the others beside them."""
    known = scene.deployments.get(event, Deployment())
    return known.beside >= 0.25 if known.beside is not None else not _comes_all_the_time(scene, event)


def _was_there(known: Deployment) -> bool:
    """Whether requests had it before the change began, and none had not that they could be compared with."""
    return known.beside is None and known.ahead is not None


def _comes_all_the_time(scene: Scene, event: Event) -> bool:
    known = scene.deployments.get(event, Deployment())
    return known.beside is None and known.every is not None and known.every < 6
