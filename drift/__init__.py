"""drift: was yesterday an ordinary day for an LLM application, and if not, what changed."""

from importlib import import_module

__version__ = "0.1.0"

# imported on first use: `import drift` costs nothing in a DAG file or in a module of custom metrics
_PUBLIC = {"Config": "drift.config", "metric": "drift.features.custom"}
_MODULES = {"read": "drift.notebook.read", "figures": "drift.notebook.figures"}

__all__ = [*_PUBLIC, *_MODULES]


def __getattr__(name: str):
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    if name in _MODULES:
        return import_module(_MODULES[name])
    raise AttributeError(f"module 'drift' has no attribute {name!r}")
