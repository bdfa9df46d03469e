"""The stores that an incident can be left in, and what each of them can keep of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from drift.config import Config
from drift.errors import ConfigError
from drift.stores import own_store
from drift.stores.langfuse import LangfuseStore
from drift.stores.mlflow import MlflowStore
from drift.stores.phoenix import PhoenixStore
from drift.writing import langfuse, mlflow, phoenix
from drift.writing.leaving import Leaving

_KINDS = ("dataset", "score", "comment", "queue")


@dataclass(frozen=True)
class Place:
    """A store and what it can keep, by the keys of `[write_back]`."""

    store: Any
    write_into: Callable[[Any, Config, Leaving], dict[str, int]]
    keeps: tuple[str, ...]

    def write(self, config: Config, leaving: Leaving) -> dict[str, int]:
        """Leave what is switched on, and return how many of each are there now; written twice it is there once."""
        return self.write_into(self.store, config, leaving)


_KNOWN: tuple[tuple[type, Callable[..., dict[str, int]], tuple[str, ...]], ...] = (
    (LangfuseStore, langfuse.write, _KINDS),
    (PhoenixStore, phoenix.write, ("dataset", "score", "comment")),
    (MlflowStore, mlflow.write, ("score",)),
)


def place_of(config: Config) -> Place:
    """The configured store as a place to write to. Raises ConfigError where nothing is switched on, or something that it cannot keep."""
    wanted = [kind for kind in _KINDS if getattr(config.write_back, kind)]
    if not wanted:
        raise ConfigError("write_back: nothing is switched on; set dataset, score, comment or queue in [write_back]")
    store = own_store(config)
    for kind, write, keeps in _KNOWN:
        if isinstance(store, kind):
            if cannot := [each for each in wanted if each not in keeps]:
                raise ConfigError(
                    f"write_back.{cannot[0]}: {config.store.type} can keep {' and '.join(keeps)} alone; turn it off"
                )
            return Place(store, write, keeps)
    raise ConfigError(f"write_back: this is for langfuse, phoenix and mlflow; store.type is {config.store.type!r}")
