"""drift: was yesterday an ordinary day for an LLM application, and if not, what changed."""

from importlib import import_module

# imported on first use: `import drift` costs nothing in a DAG file or in a module of custom metrics
_PUBLIC = {"Config": "drift.config", "metric": "drift.custom"}

__all__ = list(_PUBLIC)


def __getattr__(name: str):
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'drift' has no attribute {name!r}")
