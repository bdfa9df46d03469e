"""The documents of a retrieval, in whatever shape the application or its instrumentation logged them.

Understood are lists of objects or of texts, on their own or below a key such as `documents`; OpenInference's flattened
`retrieval.documents.N.document.*` attributes; and OTel GenAI's `gen_ai.retrieval.documents`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from drift.stores.content import is_prose
from drift.stores.turns import decode

LIST_KEYS = (
    "documents",
    "docs",
    "results",
    "matches",
    "hits",
    "chunks",
    "contexts",
    "context",
    "retrieved_documents",
    "sources",
    "passages",
    "nodes",
    "source_nodes",
    "points",
    "output",
    "data",
)
ID_KEYS = (
    "id",
    "doc_id",
    "document_id",
    "chunk_id",
    "id_",
    "node_id",
    "uri",
    "doc_uri",
    "source",
    "url",
    "path",
    "_id",
    "uuid",
)
SCORE_KEYS = ("score", "similarity", "relevance_score", "similarity_score", "_score", "relevance", "certainty", "rerank_score")
TEXT_KEYS = ("text", "content", "page_content", "chunk", "passage", "snippet", "body", "document")
TIME_KEYS = (
    "updated_at",
    "last_updated",
    "last_modified",
    "modified_at",
    "updatedAt",
    "lastModified",
    "publish_date",
    "published_at",
    "publishedAt",
    "date",
    "timestamp",
    "created_at",
    "createdAt",
    "last_update",
    "mtime",
)
INDEX_TIME_KEYS = (
    "index_built_at",
    "index.built_at",
    "index_updated_at",
    "index_created_at",
    "index_timestamp",
    "indexed_at",
    "indexBuiltAt",
)

_FLAT = re.compile(r"(?:retrieval\.documents|reranker\.output_documents)\.(\d+)\.document\.(.+)$")


def documents(value: Any) -> list[dict] | None:
    """Documents as rows of `traces.DOCUMENT`; [] where the retrieval found nothing; None where no shape was recognised."""
    value = decode(value)
    if isinstance(value, dict):
        value = _columns(value)
    if isinstance(value, dict):
        for key in LIST_KEYS:
            inner = decode(value.get(key))
            if isinstance(inner, (list, dict)):
                found = documents(inner)
                if found is not None:
                    return found
        one = _document(value)
        return [one] if one else None
    if not isinstance(value, list):
        return None
    # a store such as Chroma answers one list for each query
    if len(value) == 1 and isinstance(value[0], list) and not _scored(value[0]):
        value = value[0]
    read = [_document(item) for item in value]
    return [d for d in read if d] if not read or any(read) else None


def flattened(attributes: Mapping[str, Any], prefix: str = "") -> list[dict] | None:
    """Documents in OpenInference's or OTel GenAI's span attributes, whose names begin with `prefix`; None without any."""
    listed = attributes.get(f"{prefix}gen_ai.retrieval.documents")
    if listed is None:
        listed = attributes.get(f"{prefix}retrieval.documents")
    if listed is not None:
        found = documents([_unwrap(item) for item in decode(listed)] if isinstance(decode(listed), list) else listed)
        if found is not None:
            return found
    rows: dict[int, dict[str, Any]] = {}
    for name, value in attributes.items():
        match = _FLAT.search(name)
        if match and name.startswith(prefix):
            rows.setdefault(int(match[1]), {})[match[2]] = value
    if not rows:
        return None
    return [d for d in (_document(_nest(rows[n])) for n in sorted(rows)) if d]


def merged(found: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict]:
    """The documents of several retrievals, each once; a later mention fills what an earlier lacks.

    Two parts of one file may share an id within a retrieval: what differs in its text is another document there.
    """
    kept: list[dict] = []
    for documents_ in found:
        new: list[dict] = []
        for document in documents_:
            before = next((d for d in new if _is_one(d, document, among=True)), None)
            before = before or next((d for d in kept if _is_one(d, document)), None)
            if before is None:
                new.append(dict(document))
            else:
                before.update({k: v for k, v in document.items() if before[k] is None})
        kept += new
    return kept


def _is_one(a: Mapping[str, Any], b: Mapping[str, Any], among: bool = False) -> bool:
    texts = a["text"], b["text"]
    if a["id"] is not None and a["id"] == b["id"]:
        # a store may cut a text short
        return None in texts or not among or texts[0] == texts[1]
    return (a["id"] is None or b["id"] is None) and texts[0] is not None and texts[0] == texts[1]


def index_time(*sources: Mapping[str, Any] | None) -> Any:
    """When the index was built, where any of the mappings says so."""
    for source in sources:
        for key in INDEX_TIME_KEYS:
            if source and source.get(key) not in (None, ""):
                return source[key]
    return None


def _columns(value: dict) -> Any:
    """Chroma's answer, a list for each field and in it one for each query, as a list of objects; any other as it is."""
    names = {"ids": "id", "documents": "text", "metadatas": "metadata", "distances": "distance"}
    lists = {names[k]: v for k, v in value.items() if k in names and isinstance(v, list)}
    if "ids" not in value or "id" not in lists:
        return value
    flat = {k: [x for inner in v for x in inner] if v and all(isinstance(i, list) for i in v) else v for k, v in lists.items()}
    return [{k: v[n] for k, v in flat.items() if n < len(v)} for n in range(len(flat["id"]))]


def _unwrap(item: Any) -> Any:
    return item["document"] if isinstance(item, dict) and isinstance(item.get("document"), dict) else item


def _nest(flat: dict[str, Any]) -> dict[str, Any]:
    """`metadata.source` → metadata: {source}; `metadata` may also be JSON text of its own."""
    out: dict[str, Any] = {}
    inner: dict[str, Any] = {}
    for key, value in flat.items():
        if key.startswith("metadata."):
            inner[key.removeprefix("metadata.")] = value
        else:
            out[key] = value
    given = decode(out.get("metadata"))
    out["metadata"] = {**(given if isinstance(given, dict) else {}), **inner}
    return out


def _document(item: Any) -> dict | None:
    if isinstance(item, str):
        if not is_prose(item):
            return None
        return {"id": None, "score": None, "updated_at": None, "text": item}
    if _scored(item):
        inner = _document(item[0])
        return {**inner, "score": item[1]} if inner else None
    if not isinstance(item, dict):
        return None
    metadata = decode(item.get("metadata"))
    layers = [item]
    for key in ("document", "node", "payload", "_source"):
        inner = item.get(key)
        if isinstance(inner, dict):
            layers.append(inner)
            if isinstance(inner.get("metadata"), dict):
                layers.append(inner["metadata"])
            break
    if isinstance(metadata, dict):
        layers.append(metadata)
    if isinstance(item.get("kwargs"), dict):
        layers.append(item["kwargs"])
    score = _first(layers, SCORE_KEYS)
    if score is None:
        distance = _first(layers, ("distance",))
        # the nearer the better: a similarity that falls as the distance grows
        score = 1 - float(distance) if isinstance(distance, (int, float)) else None
    text = _first(layers, TEXT_KEYS)
    found = _first(layers, ID_KEYS), score, _first(layers, TIME_KEYS), text if isinstance(text, str) else None
    if found == (None, None, None, None):
        return None
    return {"id": found[0], "score": found[1], "updated_at": found[2], "text": found[3]}


def _scored(item: Any) -> bool:
    """Whether this is (document, score), as LangChain's similarity_search_with_score answers."""
    return isinstance(item, (list, tuple)) and len(item) == 2 and isinstance(item[1], (int, float))


def _first(layers: list[dict], keys: tuple[str, ...]) -> Any:
    for layer in layers:
        for key in keys:
            if key in layer:
                value = layer[key]
                if value is not None and value != "" and not isinstance(value, (dict, list)):
                    return value
    return None
