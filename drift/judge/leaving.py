"""Which kind of text goes to which host, as drift.toml has it. What is not named there goes nowhere."""

from __future__ import annotations

from urllib.parse import urlsplit

from drift.config import Config
from drift.judge.chat import host_of
from drift.text.escape import plain

_NONE = "none leave this machine"


def told(config: Config) -> str:
    """`questions, answers and documents of judged requests to api.openai.com; …`, or that none leave."""
    if not config.privacy.texts_leave:
        return "none leave (privacy.texts_leave = false)"
    return "; ".join(_leaving(config)) or _NONE


def _leaving(config: Config) -> list[str]:
    judge, out = config.judge, []
    if (judge.rubrics or judge.sessions) and judge.model:
        out.append(f"questions, answers and documents of judged requests to {host_of(judge.provider, judge.endpoint)}")
    if config.embeddings.enabled and config.embeddings.endpoint:
        out.append(f"questions, answers and documents to be embedded to {urlsplit(config.embeddings.endpoint).hostname}")
    for name, golden in sorted(config.golden.items()):
        if golden.file.startswith("langfuse://"):
            out.append(f"answers of the golden set {plain(name)} to Langfuse, from which it is read")
        if golden.target == "endpoint":
            out.append(f"questions of the golden set {plain(name)} to {host_of(golden.provider, golden.endpoint)}")
        elif urlsplit(golden.target).scheme in ("http", "https"):
            out.append(f"questions of the golden set {plain(name)} to {urlsplit(golden.target).hostname}")
    if config.golden and config.judge.model:
        host = host_of(config.judge.provider, config.judge.endpoint)
        out.append(f"questions and answers of golden examples with a rubric to {host}")
    if config.write_back.dataset:
        out.append("questions and answers of an incident, where somebody writes it back, to the store that they are from")
    if config.experiment.each_night:
        host = host_of(config.experiment.provider, config.experiment.endpoint)
        out.append(f"{config.experiment.each_night} recorded calls of an endpoint a quiet night to {host}")
    if config.experiment.endpoint:
        host = host_of(config.experiment.provider, config.experiment.endpoint)
        out.append(f"calls of experiments, where somebody asks for one, to {host}")
    return out
