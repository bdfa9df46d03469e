#!/usr/bin/env bash
# Records the fixtures anew: an environment for each framework, its programs against the local server, once for each way of
# watching them. With names of frameworks only those. LiteLLM is installed nowhere (a release of it carried malware), so DSPy,
# which cannot be imported without it, is left out.
#
# DRIFT_FRAMEWORKS is the folder of the environments (default /tmp/drift-frameworks).
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
home="${DRIFT_FRAMEWORKS:-/tmp/drift-frameworks}"
python="${PYTHON:-python3.11}"
mkdir -p "$home"
[ -x "$home/uv/bin/uv" ] || { "$python" -m venv "$home/uv" && "$home/uv/bin/pip" install --quiet --disable-pip-version-check uv; }

environment() { # name
  [ -d "$home/$1" ] || "$python" -m venv --without-pip "$home/$1"
  "$home/uv/bin/uv" pip install --quiet --python "$home/$1/bin/python" --excludes "$here/environments/excludes.txt" -r "$here/environments/$1.txt"
}

packages() { # folder, packages of npm
  mkdir -p "$home/$1" && (cd "$home/$1" && shift && npm install --silent --no-fund --no-audit --legacy-peer-deps "$@")
}

record() { # environment, program, ways…
  local python="$home/$1/bin/python" program="$2"
  shift 2
  for way in "$@"; do
    (cd "$here" && PYTHONPATH=. timeout 300 "$python" -W ignore "programs/$program.py" "$way" 2>"$home/$program.log" | tail -1) ||
      { tail -5 "$home/$program.log"; exit 1; }
  done
}

wanted() { [ -z "$only" ] || [[ " $only " == *" $1 "* ]]; }
only="$*"

framework() { # environment, program, ways…
  if wanted "$1"; then environment "$1" && record "$@"; fi
}

framework openai openai_sdk openinference openllmetry langfuse otel logfire openinference+langfuse openinference+openllmetry \
  openllmetry+langfuse openllmetry+otel
framework anthropic anthropic_sdk own openinference openllmetry langfuse logfire openinference+openllmetry
framework google google_genai openinference openllmetry otel logfire openinference+otel
framework bedrock bedrock_converse openinference openllmetry otel
framework pydantic_ai pydantic_ai_agent own openinference logfire langfuse own+openinference-openai
framework openai_agents openai_agents openinference openllmetry langfuse logfire openinference+openinference-openai
framework langchain langchain_agent openinference openllmetry langfuse openinference+openinference-openai \
  langfuse+openinference-openai
framework llama_index llama_index_engine openinference openllmetry langfuse openinference+openinference-openai
framework haystack haystack_pipeline own openinference openllmetry langfuse own+openinference-openai
framework crewai crewai_crew openinference openllmetry openinference+openinference-openai
if wanted vercel; then
  telemetry=(zod @opentelemetry/api @opentelemetry/sdk-trace-node @opentelemetry/resources @opentelemetry/otlp-transformer)
  environment openai
  packages vercel ai@7 @ai-sdk/openai@4 @ai-sdk/anthropic@4 @ai-sdk/otel@1 "${telemetry[@]}"
  packages vercel6 ai@6 @ai-sdk/openai@3 @ai-sdk/anthropic@3 "${telemetry[@]}" @opentelemetry/core @opentelemetry/sdk-trace-base \
    @opentelemetry/exporter-trace-otlp-http @langfuse/otel@5 @langfuse/core@5 @langfuse/tracing@5 \
    @arizeai/openinference-vercel@3 @arizeai/openinference-semantic-conventions @arizeai/openinference-core
  NODE_PATH="$home/vercel" record openai vercel_ai_sdk otel
  NODE_PATH="$home/vercel6" record openai vercel_ai_sdk own openinference langfuse
fi
