"""The price lists of `genai-prices` (Pydantic), and which entry of them a name stands for. Works offline.

The table is a release's: it is never fetched at run time, so a night run again gives the same costs. Its own search takes the
first entry that a name begins with or contains, so `gemini-1.5-flash-8b` gets the price of `gemini-1.5-flash`. Here an entry
holds only where all of the name is accounted for: what is left beside what the entry names may be a date or a version, never a
word, since a word (`mini`, `lite`, `image`, `8b`) is another model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from genai_prices.data_snapshot import DataSnapshot
from genai_prices.types import (
    ClauseAnd,
    ClauseContains,
    ClauseEndsWith,
    ClauseEquals,
    ClauseOr,
    ClauseRegex,
    ClauseStartsWith,
    MatchLogic,
    ModelInfo,
    ModelPrice,
    Provider,
)

from drift.pricing import names

# lists whose makers sell the models themselves: a name without a provider is theirs
_MAKERS = (
    "openai",
    "anthropic",
    "google",
    "mistral",
    "deepseek",
    "cohere",
    "x-ai",
    "perplexity",
    "moonshotai",
    "minimax",
    "voyageai",
    "meta",
)
# clouds and resellers: a bare name is not taken for one of theirs
_RESELLERS = ("aws", "azure", "github-copilot", "cursor", "quicksilverpro", "doubleword")
# makers whose models Azure sells at their makers' prices
_AT_AZURE = ("openai", "anthropic", "x-ai")
# a date, a version, a pointer to the latest of them: more of the same model
_TAIL = re.compile(
    r"(?:[-@:.]?(?:latest|default|beta|preview)|[-@](?:20\d{6}|20\d\d-\d\d-\d\d|\d\d-20\d\d|\d\d-\d\d|\d{3,4})|-v\d(?:[.:]\d)?|:\d)*"
)
_BEFORE = re.compile(r"(?:[a-z]{2,6}(?:-gov)?\.)?(?:[a-z0-9]+\.)?|(?:omni|text)-")
_FREE = re.compile(r":free$|moderation")


@dataclass(frozen=True)
class Listing:
    """An entry of the table, or why there is none."""

    provider: str | None = None
    model: ModelInfo | None = None
    unknown: str | None = None
    free: bool = False


@lru_cache(maxsize=8192)
def find(model: str, provider: str | None = None) -> Listing:
    """The entry that a model's name stands for; `unknown` says why where there is none, or several that ask other prices."""
    name = names.read(model[:300], provider)
    if name.unknown:
        return Listing(unknown=name.unknown)
    for table, reference in name.readings:
        found = _on_list(table, reference) if table else _on_any(reference)
        if found is not None:
            return found
    if "ft:" in model or ".ft-" in model:
        return Listing(unknown="a fine-tune whose own price is not in the table")
    return Listing(unknown="not in the price table under this name")


@lru_cache(maxsize=1)
def providers() -> dict[str, Provider]:
    """The price lists by their names."""
    # the library's own snapshot can be replaced by one fetched from the network; a night must not depend on that
    from genai_prices.data import providers as bundled

    return {each.id: each for each in DataSnapshot(providers=bundled, from_auto_update=False).providers}


def _on_list(table: str, name: str) -> Listing | None:
    provider = providers().get(table)
    if provider is None:
        return None
    others = [other for other in provider.fallback_model_providers or () if table != "azure" or other in _AT_AZURE]
    for strict in (True, False):
        for each in (provider, *(providers()[other] for other in others)):
            for model in each.models:
                if _accounts_for(model, name, strict) and _sold_by(each, name):
                    return _listing(each, model, name)
    return None


def _on_any(name: str) -> Listing | None:
    """On the maker's list; else on the only list that has it, or on several that ask the same."""
    for maker in _MAKERS:
        for model in providers()[maker].models:
            if _accounts_for(model, name, strict=True) and _sold_by(providers()[maker], name):
                return _listing(providers()[maker], model, name)
    found = [
        _listing(each, model, name)
        for each in providers().values()
        if each.id not in (*_RESELLERS, *_MAKERS) and (each.id != "openrouter" or "/" in name)
        for model in each.models
        if _accounts_for(model, name, strict=True)
    ]
    if found:
        asked = {repr(each.model and _prices(each.model)) for each in found}
        return found[0] if len(asked) == 1 else Listing(unknown="several providers sell it at other prices, and none is named")
    for maker in _MAKERS:
        for model in providers()[maker].models:
            if _accounts_for(model, name, strict=False) and _sold_by(providers()[maker], name):
                return _listing(providers()[maker], model, name)
    return None


def _sold_by(provider: Provider, name: str) -> bool:
    # open weights stand on OpenAI's list, but others serve them
    return not (provider.id == "openai" and name.startswith("gpt-oss"))


def _listing(provider: Provider, model: ModelInfo, name: str) -> Listing:
    free = not any(vars(price) for price in _prices(model))
    if free and not _FREE.search(name):
        return Listing(unknown="its entry in the price table is empty")
    return Listing(provider.id, model, free=free)


def _prices(model: ModelInfo) -> list[ModelPrice]:
    return [model.prices] if isinstance(model.prices, ModelPrice) else [each.prices for each in model.prices]


def _accounts_for(model: ModelInfo, name: str, strict: bool) -> bool:
    """Whether all of a name is what the entry names; strict: as a whole name, not by its beginning."""
    if ("ft:" in name or ".ft-" in name) and "ft:" not in model.id and ".ft-" not in model.id:
        return False
    return any(_clause_accounts_for(clause, name, strict) for clause in _alternatives(model.match))


def _alternatives(clause: MatchLogic) -> Iterator[MatchLogic]:
    if isinstance(clause, ClauseOr):
        for each in clause.or_:
            yield from _alternatives(each)
    else:
        yield clause


def _clause_accounts_for(clause: MatchLogic, name: str, strict: bool) -> bool:
    if not clause.is_match(name):
        return isinstance(clause, ClauseEquals) and clause.is_match(_compact_date(name))
    if isinstance(clause, ClauseEquals) or isinstance(clause, ClauseRegex) and clause.regex.endswith("$"):
        return True
    if isinstance(clause, ClauseAnd):
        return all(isinstance(each, ClauseRegex) or _clause_accounts_for(each, name, strict) for each in clause.and_)
    literal = _literal(clause, name)
    if strict:
        return name == literal
    at = name.rindex(literal) if isinstance(clause, ClauseEndsWith) else name.index(literal)
    before, after = name[:at], name[at + len(literal) :]
    if literal.startswith("ft:") or ".ft-" in literal:
        return not before and re.match(r"(?:-?\d{4}|\d\d-\d\d)?(?::|$)", after) is not None or ".ft-" in literal
    if after[:1].isdigit():
        # the literal ends within a date or version: the number must be one as a whole
        digits = literal[len(literal.rstrip("0123456789").removesuffix("-")) :]
        after = f"{digits if digits.startswith('-') else '-' + digits}{after}"
    return _BEFORE.fullmatch(before) is not None and _TAIL.fullmatch(after) is not None


def _literal(clause: MatchLogic, name: str) -> str:
    """The part of the name that the clause names."""
    if isinstance(clause, ClauseRegex):
        found = re.search(clause.regex, name)
        return found[0] if found else ""
    for kind, field in ((ClauseStartsWith, "starts_with"), (ClauseEndsWith, "ends_with"), (ClauseContains, "contains")):
        if isinstance(clause, kind):
            return getattr(clause, field).lower()
    raise TypeError(f"the price table has a clause of a new kind: {type(clause).__name__}")


def _compact_date(name: str) -> str:
    """`gpt-5.2-20251211`, as gateways write it, with the dashes that the makers write."""
    return re.sub(r"-(20\d\d)(\d\d)(\d\d)$", r"-\1-\2-\3", name)
