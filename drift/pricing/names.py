"""How providers, clouds and gateways write a model's name, read back to whose price list it stands on and under which name.

The same model has a dozen names: `claude-3-5-sonnet-20241022`, `us.anthropic.claude-3-5-sonnet-20241022-v2:0` (Bedrock),
`claude-3-5-sonnet-v2@20241022` (Vertex), `anthropic/claude-3.5-sonnet:beta` (OpenRouter), `bedrock/converse/anthropic.…` (LiteLLM).
Whose list it is matters: they differ in price. What a name does not tell is not guessed. No prices here: those are `table`'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# names of providers as OpenTelemetry, OpenInference, OpenLLMetry, LiteLLM and the Vercel AI SDK write them, to price lists;
# the first that the written name contains holds, so what is more particular stands first
_LISTS = (
    ("azure", "azure"),
    ("az-ai", "azure"),
    ("bedrock", "aws"),
    ("amazon", "aws"),
    ("aws", "aws"),
    ("vertex", "google"),
    ("gemini", "google"),
    ("google", "google"),
    ("gcp", "google"),
    ("palm", "google"),
    ("openrouter", "openrouter"),
    ("anthropic", "anthropic"),
    ("claude", "anthropic"),
    ("huggingface", "huggingface"),
    ("hugging-face", "huggingface"),
    ("fireworks", "fireworks"),
    ("together", "together"),
    ("groq", "groq"),
    ("xai", "x-ai"),
    ("x-ai", "x-ai"),
    ("codestral", "mistral"),
    ("mistral", "mistral"),
    ("cohere", "cohere"),
    ("perplexity", "perplexity"),
    ("deepseek", "deepseek"),
    ("cerebras", "cerebras"),
    ("moonshot", "moonshotai"),
    ("minimax", "minimax"),
    ("voyage", "voyageai"),
    ("zhipu", "zhipuai"),
    ("zai", "zai"),
    ("z-ai", "zai"),
    ("novita", "novita"),
    ("baseten", "baseten"),
    ("databricks", "databricks"),
    ("cloudflare", "cloudflare"),
    ("workers-ai", "cloudflare"),
    ("ovh", "ovhcloud"),
    ("copilot", "github-copilot"),
    ("avian", "avian"),
)

# providers and servers that bill by other lists, or not by tokens at all
_WITHOUT_LIST = (
    "deepinfra",
    "ollama",
    "vllm",
    "lm-studio",
    "lmstudio",
    "llamafile",
    "llama-cpp",
    "localai",
    "replicate",
    "sagemaker",
    "watsonx",
    "nvidia",
    "sambanova",
    "anyscale",
    "ai21",
    "hyperbolic",
    "nebius",
    "lambda-ai",
    "friendli",
    "github",
    "dashscope",
    "alibaba",
    "volcengine",
    "snowflake",
    "oci",
    "oracle",
    "writer",
    "nlp-cloud",
    "aleph-alpha",
    "featherless",
    "gradient",
    "clarifai",
    "predibase",
    "runpod",
    "triton",
    "xinference",
    "nscale",
    "text-generation-inference",
)

# what stands before a name because of the client that wrote it, not because of who bills it
_WRAPPERS = ("litellm", "litellm_proxy", "models", "openai_like", "custom_openai", "openai-compatible", "custom")
# parts of LiteLLM's names between the provider and the model
_ROUTES = {
    "aws": ("converse", "converse_like", "invoke", "batch", "bedrock"),
    "azure": ("responses", "o_series", "gpt5_series", "global", "global-standard"),
    "openai": ("responses", "chat"),
    "google": ("gemini",),
}
_BEDROCK_REGION = re.compile(r"^(?:us|eu|ap|ca|sa|me|af|il|mx)(?:-gov)?-[a-z]+-\d$")
_BEDROCK_NAME = re.compile(
    r"^(?:(?:us|eu|apac|ap|jp|au|ca|sa|me|af|in|il|mx|uk|us-gov|global)\.)?"
    r"(?:anthropic|amazon|meta|mistral|cohere|ai21|deepseek|qwen|openai|google|nvidia|moonshot(?:ai)?|minimax|zai|stability|writer)\."
    r"[a-z]"
)
_VERTEX_PATH = re.compile(r"^(?:projects/[^/]+/locations/[^/]+/)?publishers/([^/]+)/models/(.+)$")
_OWN_DEPLOYMENT = re.compile(
    r"^projects/.*/endpoints/|^endpoints/|^tunedmodels/|:(?:application-inference-profile|provisioned-model|custom-model|imported-model"
    r"|custom-model-deployment)/|^application-inference-profile/"
)
# makers as OpenRouter writes them, and models that only it calls so: LiteLLM and the makers have other names
_OPENROUTERS_OWN = re.compile(
    r"^(?:moonshotai|z-ai|x-ai|mistralai|meta-llama|qwen|amazon|microsoft)/|^deepseek/deepseek-(?:r1|v3|chat-v3)"
)
# OpenRouter sends these to whoever is fastest, cheapest or searches the web: the price is not the model's own
_ROUTED = re.compile(r":(?:nitro|floor|online|exacto)$")


@dataclass(frozen=True)
class Name:
    """What a written name may stand for: `readings`, (price list, name on it), the likeliest first; `table` "" is any list.

    Where it cannot stand on a list, `readings` is empty and `unknown` says why.
    """

    readings: tuple[tuple[str, str], ...] = ()
    unknown: str | None = None


def read(model: str, provider: str | None = None) -> Name:
    """The readings of a model's name as a trace gives it. provider: as a trace gives it, where it does."""
    written = model.strip()
    name = written.lower()
    if not name:
        return Name(unknown="no model is named")
    if _OWN_DEPLOYMENT.search(name):
        return Name(unknown="an endpoint, profile or model of one's own, whose name does not tell the model")
    if name.startswith("arn:"):
        return Name((("aws", name.rpartition("/")[2]),))
    for wrapper in _WRAPPERS:
        name = name.removeprefix(f"{wrapper}/")
    if _ROUTED.search(name):
        return Name(unknown="OpenRouter chooses who answers, and so the price")
    if "-month-commitment/" in name:
        return Name(unknown="provisioned throughput is billed by the hour")
    table = _list_of(provider)
    if vertex := _VERTEX_PATH.match(name):
        return Name((("google", vertex[2]),))
    if name.startswith("accounts/"):
        return Name((("fireworks", name),))
    if name.startswith("@cf/"):
        return Name((("cloudflare", name),))
    head, _, rest = name.partition("/")
    if not rest:
        return _plain(name, table)
    if table == "huggingface" or _list_of(head) == "huggingface":
        return _hugging_face(name.removeprefix("huggingface/"))
    return _with_prefix(written, head, rest, table)


def _plain(name: str, table: str | None) -> Name:
    """A name without a prefix: on its provider's list, by its form on Bedrock's or Vertex's, else on any."""
    if table == "":
        return Name(unknown="its provider is not in the price table")
    if _BEDROCK_NAME.match(name):
        # Claude 2 stands only on Anthropic's list, at what Bedrock asks
        return Name((("aws", name), *((("anthropic", name.partition(".")[2]),) if ".claude-v2" in name else ())))
    if "@" in name:
        return Name((("google", name),))
    if table == "azure":
        return Name((("azure", name), ("azure", _dotted(name))))
    readings = [(table, _dotted(name)), *_fireworks(table, name)] if table else []
    # a client of OpenAI's interface says "openai" whoever answers it
    if table in (None, "openai"):
        readings.append(("", _dotted(name)))
    return Name(tuple(readings))


def _with_prefix(written: str, head: str, rest: str, table: str | None) -> Name:
    """`provider/name` as LiteLLM writes it, `maker/name` as OpenRouter, Together, Groq and others have it on their lists."""
    whole = f"{head}/{rest}"
    said = None if head == "amazon" else _list_of(head)
    if table == "":
        return Name(unknown="its provider is not in the price table")
    if table not in (None, "openai", said):
        # the maker's name before a model's is part of it here: Groq's `openai/gpt-oss-120b`
        return Name(((table, whole), (table, _bare(rest, table)), *_fireworks(table, whole)))
    if said == "":
        return Name(unknown="its provider is not in the price table")
    if said == "openrouter":
        return Name((("openrouter", rest),))
    routed = [("openrouter", whole)] if written == written.lower() else []
    readings = list(routed) if _OPENROUTERS_OWN.match(whole) else []
    if said:
        bare = _bare(rest, said)
        if said == "azure" and bare.startswith(("us/", "eu/")):
            return Name(unknown="a data zone of Azure has prices of its own")
        if said == "aws":
            return read(bare, "bedrock")
        readings += [(said, _dotted(bare)), (said, bare), *_fireworks(said, bare)]
        if said == "azure":
            return Name(tuple(readings))
    return Name((*readings, *routed, ("", whole)))


def _fireworks(table: str, name: str) -> list[tuple[str, str]]:
    """The whole path of a model that Fireworks lets people write in short."""
    return [("fireworks", f"accounts/fireworks/models/{name}")] if table == "fireworks" else []


def _hugging_face(name: str) -> Name:
    """Hugging Face's router: `together/org/name`, or `org/name:together`."""
    head, _, rest = name.partition("/")
    routed, colon, by = name.rpartition(":")
    if colon:
        return Name(((f"huggingface_{by}", routed),))
    return Name(((f"huggingface_{head}", rest),))


def _bare(name: str, table: str) -> str:
    """A name without what LiteLLM writes of the way to it: `converse/`, `us-east-1/`, `responses/`."""
    while "/" in name:
        head, _, rest = name.partition("/")
        if head not in _ROUTES.get(table, ()) and not (table == "aws" and _BEDROCK_REGION.match(head)):
            break
        name = rest
    return name.removeprefix("models/")


def _dotted(name: str) -> str:
    """The spelling that the lists have, where a model has several: Azure's `gpt-35`, Gemini's two orders, Claude's 2.x."""
    name = re.sub(r"^gpt-35\b", "gpt-3.5", name)
    name = re.sub(r"^gemini-1\.5-flash-8b(?:-\d{3}|-latest)?$", "gemini-flash-1.5-8b", name)
    name = re.sub(r"^gemini-1\.0-pro-00[12]$", "gemini-1.0-pro", name)
    name = re.sub(r"^gemini-(?:1\.0-)?pro-vision$", "gemini-1.0-pro-vision-001", name)
    # models of Mistral that had one release
    name = re.sub(r"^(open-mistral-nemo-2407|pixtral-12b-2409|ministral-3b-2410|open-mixtral-8x22b-2404)$", _undated, name)
    return re.sub(r"^claude-2\.[01]$", "claude-2", name)


def _undated(name: re.Match) -> str:
    return name[0].rpartition("-")[0]


def _list_of(provider: str | None) -> str | None:
    """The price list of a provider's name; "" where the table has none of it, None where the name tells none."""
    said = re.sub(r"[_. ]", "-", (provider or "").strip().lower())
    if not said or said in ("openai-compatible", "openai-like", "custom-openai"):
        return None
    for word in _WITHOUT_LIST:
        if said == word or said.startswith(f"{word}-"):
            return "github-copilot" if "copilot" in said else ""
    for word, table in _LISTS:
        if word in said:
            return table
    return "openai" if "openai" in said else None
