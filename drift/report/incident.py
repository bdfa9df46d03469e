"""One incident for a person who asks for it: in the terminal, and as Markdown to paste where it is talked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from drift.report import terminal
from drift.results.account import IncidentAccount
from drift.text import names, wording
from drift.text.escape import plain

# a question, an answer, the day that it is of and the trace's id
Said = tuple[str | None, str | None, str, str]
_TEXT = 700


def opened(
    one: IncidentAccount,
    state: str,
    decisions: Sequence[str],
    proof: str,
    pairs: Sequence[tuple[Said | None, Said]],
    unread: str,
) -> RenderableType:
    """What `drift incident` prints. proof: the verdict of its experiment; pairs: before and since, each a request as `Said`."""
    parts: list[RenderableType] = [Text(plain(one.sentence, 700), style="bold")]
    parts.append(Text(f"{one.id[:8]}, {state}, {wording.count(one.nights, 'night')}, reported on {one.opened}", style="dim"))
    parts += [terminal.facts(one, _next(one, pairs))]
    parts += [Text(f"experiment of {plain(proof, 700)}", style="bold")] if proof else []
    parts += [Text(line) for line in _evidence(one)]
    parts += [Text(f"decided: {plain(line, 300)}") for line in decisions]
    for number, (before, since) in enumerate(pairs, 1):
        parts.append(Text(f"\n{number}. question and answer", style="bold"))
        for title, said in (("before", before), ("since", since)):
            if said is not None:
                question, answer, day, trace = said
                parts.append(Text(f"   {title}, {day}, {plain(trace, 64)}", style="dim"))
                parts += [Text(f"   Q: {_text(question)}"), Text(f"   A: {_text(answer)}")]
    if unread:
        parts.append(Text(f"\nquestions and answers: {plain(unread, 300)}", style="dim"))
    if state == "open":
        parts.append(Text(f"\nsomebody is on it: {one.acknowledge}", style="dim"))
    return Group(*parts)


def markdown(
    one: IncidentAccount,
    state: str,
    decisions: Sequence[str],
    proof: str,
    pairs: Sequence[tuple[Said | None, Said]],
    unread: str,
) -> str:
    """The same as Markdown. Nothing from a trace is markup in it: each text is a quoted code block's."""
    lines = [f"## {_inline(one.sentence, 700)}", "", f"`{one.id[:8]}`, {state}, {wording.count(one.nights, 'night')}", ""]
    facts = (
        ("Since", wording.since(one.since, one.since_low, one.since_high)),
        ("How sure", one.how_sure),
        ("Where", f"{one.where}: {one.carried_by}" if one.carried_by else one.where),
        ("Why", f"{one.because}. {one.why}" if one.why else one.because),
        ("Next", _next(one, pairs)),
        ("Moved with it", names.listed(one.also)),
    )
    lines += [f"- **{name}**: {_inline(value, 1500)}" for name, value in facts if value]
    lines += [f"- **Experiment** of {_inline(proof, 700)}"] if proof else []
    lines += [f"- {_inline(line, 600)}" for line in _evidence(one)]
    lines += [f"- decided: {_inline(line, 300)}" for line in decisions]
    for number, (before, since) in enumerate(pairs, 1):
        lines += ["", f"### {number}. Question and answer"]
        for title, said in (("Before", before), ("Since", since)):
            if said is not None:
                question, answer, day, trace = said
                lines += [
                    "",
                    f"{title}, {day}, {_inline(trace, 64)}",
                    "",
                    f"    Q: {_text(question)}",
                    f"    A: {_text(answer)}",
                ]
    lines += ["", _inline(unread, 300)] if unread else []
    return "\n".join(lines) + "\n"


def _next(one: IncidentAccount, pairs: Sequence[object]) -> str:
    """The next step; where that is to read what stands below, no command that shows it again."""
    return one.next_step.replace(f": drift incident {one.id[:8]}", ": below") if pairs else one.next_step


def _evidence(one: IncidentAccount) -> Iterator[str]:
    for state, found in one.checked:
        yield f"{state}: {', '.join(found)}"
    if one.note.get("against"):
        yield f"against it: {plain('; '.join(one.note['against']), 600)}"


def _text(value: str | None) -> str:
    return plain(value, _TEXT) if value else "not recorded"


_MARKUP = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>#|!~"})


def _inline(text: str, limit: int) -> str:
    return plain(text, limit).translate(_MARKUP)
