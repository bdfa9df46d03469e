"""What is wrong with a configuration and can be known before anything is pulled."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches

from drift import calendar, metrics
from drift.config import Config
from drift.detect.rule import parse_all
from drift.detect.settings import Settings
from drift.errors import ConfigError
from drift.features import custom, persons, presidio


def names(config: Config) -> None:
    """Raises ConfigError for a metric of `[metrics]`, a country, a type of personal data or a pipeline for names that does not exist, or a rule that cannot be
    read."""
    custom.load(config.custom.modules)
    for name in config.metrics:
        if metrics.find(name) is None:
            close = get_close_matches(name, metrics.CATALOGUE, 3, 0.6)
            hint = (
                f"did you mean {', '.join(close)}?"
                if close
                else 'docs/metrics.md lists them; a score is [metrics."score.NAME"]'
            )
            raise ConfigError(f"metrics.{name}: there is no such metric; {hint}")
    persons.known(config.safety.names)
    presidio.known(config.safety.pii_types)
    parse_all(Settings.of(config))
    calendar.special(config, date.today())


def database(config: Config) -> None:
    """Raises DriftError where the results database cannot be used. Makes no tables."""
    from drift.results import Results

    results = Results(config.results.url)
    try:
        results.database.check()
    finally:
        results.close()
