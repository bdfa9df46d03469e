"""A folder or an object store by its URL: whatever fsspec opens, and what is missing where it cannot."""

from __future__ import annotations

import fsspec

from drift.errors import ConfigError, MissingExtra

_S3 = ("s3", "s3a")


def opened(url: str, **options: object) -> tuple[fsspec.AbstractFileSystem, str]:
    """The file system of a URL, and the path in it. Raises ConfigError for a kind of URL that cannot be opened here."""
    try:
        return fsspec.core.url_to_fs(url, **options)
    except ImportError as error:
        if url.partition("://")[0] in _S3:
            raise MissingExtra(f"{url}: S3 needs s3fs", "s3") from None
        raise ConfigError(f"{url}: {error}") from None
    except ValueError as error:
        raise ConfigError(f"{url}: {error}") from None


def protocols(system: fsspec.AbstractFileSystem) -> tuple[str, ...]:
    """What the system calls itself, such as `file` and `local`."""
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)
