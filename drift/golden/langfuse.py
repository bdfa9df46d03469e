"""A dataset of Langfuse as a golden set, and each run of it as an experiment there, by Langfuse's own SDK.

Of a dataset's item the input is the question and the expected output the reference; `regex`, `json`, `exact`, `rubric` and `reworded` of its
metadata are as in a file, and everything else of the metadata is a segment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from drift.config import Config
from drift.errors import ConfigError, DataError, StoreError
from drift.golden.sets import Example, example
from drift.stores import messages, own_store
from drift.stores.langfuse import LangfuseStore

DATASET = "langfuse://"
_SECONDS = 60


@dataclass
class Dataset:
    """A dataset and the client that read it. items: by their ids, those that are not archived."""

    client: Any
    items: Mapping[str, Any]

    @classmethod
    def read(cls, config: Config, file: str) -> Dataset:
        """The dataset that `langfuse://NAME` means. Raises ConfigError where the store is no Langfuse or the SDK is missing, DataError where
        there is no such dataset, StoreError where the server refuses."""
        store, name = own_store(config), file.removeprefix(DATASET)
        if not isinstance(store, LangfuseStore):
            raise ConfigError(f"golden set {file!r:.80}: datasets are Langfuse's; store.type is {config.store.type!r}")
        try:
            from langfuse import Langfuse
            from opentelemetry.sdk.trace import TracerProvider
        except ImportError:
            raise ConfigError(f"golden set {file!r:.80} needs Langfuse's SDK; run: pip install langfuse") from None
        client = Langfuse(
            base_url=store.host,
            public_key=os.environ.get("LANGFUSE_PUBLIC_KEY", ""),
            secret_key=os.environ.get("LANGFUSE_SECRET_KEY", ""),
            timeout=_SECONDS,
            # spans of the application that drift may run in are not this client's
            tracer_provider=TracerProvider(),
        )
        try:
            found = client.get_dataset(name)
        except Exception as error:
            client.shutdown()
            status = getattr(error, "status_code", None)
            if status == 404:
                raise DataError(f"Langfuse has no dataset {name!r:.80}") from None
            raise StoreError(f"Langfuse's dataset {name!r:.80}: {status or type(error).__name__}") from None
        return cls(
            client, {item.id: item for item in found.items if str(getattr(item.status, "value", item.status)) != "ARCHIVED"}
        )

    def examples(self) -> list[Example]:
        """The questions. Raises DataError where there is none, or an item that is no example."""
        if not self.items:
            raise DataError("the dataset has no items")
        return [
            example(_fields(item), f"dataset item {key!r:.80}", place)
            for place, (key, item) in enumerate(self.items.items(), 1)
        ]

    def record(self, name: str, day: date, answered: Sequence[tuple[Example, str]]) -> None:
        """Show answers in Langfuse as items of the day's experiment. Raises StoreError."""
        said = {example.id: answer for example, answer in answered}
        try:
            self.client.run_experiment(
                name=f"drift {name}",
                run_name=f"drift {name} {day}",
                data=[self.items[key] for key in said],
                task=lambda *, item, **_: said[item.id],
            )
        except Exception as error:
            raise StoreError(f"Langfuse took no experiment of the golden set {name:.80}: {type(error).__name__}") from None

    def close(self) -> None:
        self.client.shutdown()


def _fields(item: Any) -> dict[str, Any]:
    told = item.metadata if isinstance(item.metadata, Mapping) else {}
    # an object or a list is no segment
    whole = ("json", "reworded")
    kept = {key: value for key, value in told.items() if key in whole or isinstance(value, (str, int, float, bool))}
    return {**kept, "id": item.id, "input": messages.question(item.input), "expected": messages.answer(item.expected_output)}
