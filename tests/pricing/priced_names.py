"""Model names as providers, clouds and gateways document them, by what a million tokens each way cost at list price.

A name is written as a trace has it; behind `|` what the trace calls the provider. Prices: USD of November 2026.
"""

# (input, output); output None: no price, as of embeddings
PRICED = {
    (0.0, 0.0): """
        omni-moderation-latest text-moderation-latest google/gemma-3-27b-it:free deepseek/deepseek-r1:free
        meta-llama/llama-3.1-8b-instruct:free
    """,
    (0.02, None): """
        text-embedding-3-small amazon.titan-embed-text-v2:0
    """,
    (0.029, 0.03): """
        mistralai/mistral-nemo
    """,
    (0.029, 0.059): """
        mistralai/mistral-7b-instruct
    """,
    (0.035, 0.14): """
        amazon.nova-micro-v1:0
    """,
    (0.0375, 0.15): """
        gemini-1.5-flash-8b gemini-1.5-flash-8b-001 gemini/gemini-1.5-flash-8b google/gemini-flash-1.5-8b command-r7b-12-2024
    """,
    (0.05, 0.08): """
        llama-3.1-8b-instant llama3-8b-8192 groq/llama-3.1-8b-instant meta-llama/llama-3.1-8b-instruct
    """,
    (0.05, 0.4): """
        gpt-5-nano gpt-5-nano-2025-08-07
    """,
    (0.06, None): """
        voyage/voyage-3
    """,
    (0.06, 0.24): """
        eu.amazon.nova-lite-v1:0
    """,
    (0.07, 0.07): """
        google/gemma-2-9b-it
    """,
    (0.07, 0.14): """
        microsoft/phi-4
    """,
    (0.07, 0.3): """
        openai.gpt-oss-20b-1:0 accounts/fireworks/models/gpt-oss-20b
    """,
    (0.075, 0.3): """
        azure_ai/Phi-4-mini-instruct projects/acme-prod/locations/us-central1/publishers/google/models/gemini-1.5-flash-002
        gemini-1.5-flash gemini-1.5-flash-002 gemini-1.5-flash-latest gemini-2.0-flash-lite gemini-2.0-flash-lite-001
        gemini-2.0-flash-lite-preview-02-05 models/gemini-1.5-flash google/gemini-flash-1.5 openai/gpt-oss-20b|groq
    """,
    (0.08, 0.35): """
        google/gemma-3-27b-it
    """,
    (0.1, None): """
        text-embedding-ada-002 text-embedding-ada-002-v2 text-embedding-ada-002|azure amazon.titan-embed-text-v1
    """,
    (0.1, 0.1): """
        ministral-8b-2410 mistral-embed cerebras/llama3.1-8b llama3.1-8b|cerebras
    """,
    (0.1, 0.3): """
        devstral-small-2505
    """,
    (0.1, 0.32): """
        meta-llama/llama-3.3-70b-instruct meta-llama/llama-3.3-70b-instruct|openai
    """,
    (0.1, 0.4): """
        gpt-4.1-nano gpt-4.1-nano-2025-04-14 publishers/google/models/gemini-2.0-flash-001 gemini-2.0-flash
        gemini-2.0-flash-001 gemini-2.0-flash-exp gemini-2.5-flash-lite gemini-2.5-flash-lite-preview-06-17
        models/gemini-2.0-flash gemini/gemini-2.0-flash google/gemini-2.0-flash-001
    """,
    (0.11, 0.34): """
        meta-llama/llama-4-scout-17b-16e-instruct|groq groq/meta-llama/llama-4-scout-17b-16e-instruct
    """,
    (0.125, 0.375): """
        gemini-pro gemini-1.0-pro gemini-1.0-pro-001 gemini-1.0-pro-002 gemini-pro-vision gemini-1.0-pro-vision
    """,
    (0.125, 0.5): """
        azure_ai/phi-4 Phi-4|azure
    """,
    (0.13, None): """
        text-embedding-3-large
    """,
    (0.13, 0.6): """
        qwen/qwen3-235b-a22b
    """,
    (0.15, None): """
        gemini-embedding-001
    """,
    (0.15, 0.15): """
        open-mistral-nemo open-mistral-nemo-2407 ministral-8b-latest pixtral-12b-2409
    """,
    (0.15, 0.2): """
        amazon.titan-text-lite-v1 mistral.mistral-7b-instruct-v0:2 bedrock/amazon.titan-text-lite-v1
    """,
    (0.15, 0.6): """
        gpt-4o-mini gpt-4o-mini-2024-07-18 gpt-4o-mini-audio-preview gpt-4o-mini-search-preview openai/gpt-4o-mini
        gpt-4o-mini-2024-07-18|azure openai.gpt-oss-120b-1:0 qwen.qwen3-32b-v1:0 gemini-2.5-flash-preview-05-20
        gemini-2.5-flash-preview-04-17 mistral-small-latest mistral/mistral-small-latest command-r command-r-08-2024
        cohere/command-r cohere_chat/command-r openai/gpt-oss-120b|groq groq/openai/gpt-oss-120b
        accounts/fireworks/models/gpt-oss-120b openai/gpt-oss-120b
    """,
    (0.16, 0.16): """
        us.meta.llama3-2-11b-instruct-v1:0
    """,
    (0.17, 0.66): """
        us.meta.llama4-scout-17b-instruct-v1:0
    """,
    (0.18, None): """
        voyage-3-large
    """,
    (0.18, 0.18): """
        together_ai/meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo
    """,
    (0.2, 0.2): """
        llama-3.1-sonar-small-128k-online gemma2-9b-it groq/gemma2-9b-it llama-guard-3-8b|groq
        fireworks_ai/accounts/fireworks/models/llama-v3p1-8b-instruct accounts/fireworks/models/llama-v3p1-8b-instruct
        fireworks_ai/llama-v3p1-8b-instruct llama-v3p1-8b-instruct|fireworks
    """,
    (0.2, 0.5): """
        grok-4-fast-reasoning grok-4-fast-non-reasoning
    """,
    (0.2, 0.6): """
        amazon.titan-text-express-v1 meta-llama/llama-4-maverick-17b-128e-instruct|groq
    """,
    (0.2, 1.5): """
        grok-code-fast-1
    """,
    (0.22, 0.22): """
        meta.llama3-1-8b-instruct-v1:0
    """,
    (0.22, 0.88): """
        fireworks_ai/accounts/fireworks/models/qwen3-235b-a22b
    """,
    (0.24, 0.24): """
        mistralai/mixtral-8x7b-instruct mixtral-8x7b-32768 groq/mixtral-8x7b-32768
    """,
    (0.24, 0.97): """
        us.meta.llama4-maverick-17b-instruct-v1:0
    """,
    (0.25, 0.25): """
        mistral-tiny open-mistral-7b
    """,
    (0.25, 1.25): """
        claude-3-haiku-20240307 anthropic/claude-3-haiku:beta anthropic.claude-3-haiku-20240307-v1:0
        bedrock/converse/anthropic.claude-3-haiku-20240307-v1:0 bedrock/us-gov-west-1/anthropic.claude-3-haiku-20240307-v1:0
        claude-3-haiku@20240307
    """,
    (0.25, 2.0): """
        gpt-5-mini gpt-5-mini-2025-08-07 gpt-5.1-codex-mini gpt-5-mini|azure
    """,
    (0.27, 1.1): """
        deepseek-chat deepseek/deepseek-chat deepseek-chat|openai
    """,
    (0.282, 0.827): """
        cloudflare/@cf/meta/llama-3.1-8b-instruct @cf/meta/llama-3.1-8b-instruct
    """,
    (0.29, 0.59): """
        qwen/qwen3-32b|groq groq/qwen/qwen3-32b
    """,
    (0.29, 1.14): """
        deepseek/deepseek-chat-v3-0324
    """,
    (0.3, 0.5): """
        grok-3-mini grok-3-mini-beta xai/grok-3-mini-beta x-ai/grok-3-mini
    """,
    (0.3, 0.6): """
        meta.llama3-8b-instruct-v1:0 command-light
    """,
    (0.3, 0.9): """
        codestral-latest codestral-2501 mistral/codestral-latest codestral/codestral-latest
    """,
    (0.3, 1.2): """
        ft:gpt-4o-mini-2024-07-18:acme::AbC123 ft:gpt-4o-mini-2024-07-18:acme:support-bot:AbC123
        gpt-4o-mini-2024-07-18.ft-0a1b2c3d openai/ft:gpt-4o-mini-2024-07-18:acme::AbC minimax/minimax-m2
    """,
    (0.3, 2.5): """
        gemini-2.5-flash gemini-2.5-flash-image vertex_ai/gemini-2.5-flash google/gemini-2.5-flash
        gemini-2.5-flash|google.generative-ai
    """,
    (0.351, 0.555): """
        mistralai/mistral-small-3.1-24b-instruct
    """,
    (0.36, 0.4): """
        qwen/qwen-2.5-72b-instruct
    """,
    (0.4, 0.4): """
        babbage-002 openrouter/meta-llama/llama-3.1-70b-instruct
    """,
    (0.4, 1.6): """
        gpt-4.1-mini gpt-4.1-mini-2025-04-14 gpt-4.1-mini|azure.ai.inference azure/gpt-4.1-mini-2025-04-14
    """,
    (0.4, 2.0): """
        mistral-medium-2505
    """,
    (0.45, 0.7): """
        mistral.mixtral-8x7b-instruct-v0:1
    """,
    (0.5, 1.5): """
        gpt-3.5-turbo gpt-3.5-turbo-0125 gpt-35-turbo|azure gpt-35-turbo-0125|azure gpt-35-turbo gpt-35-turbo-0125
        azure/gpt-35-turbo azure/gpt-35-turbo-0125 magistral-small-2506 openai/gpt-3.5-turbo
        databricks/databricks-meta-llama-3-3-70b-instruct
    """,
    (0.5, 10.0): """
        gemini-2.5-flash-preview-tts
    """,
    (0.55, 2.19): """
        deepseek-reasoner deepseek/deepseek-reasoner
    """,
    (0.55, 2.2): """
        z-ai/glm-4.6
    """,
    (0.57, 2.3): """
        moonshotai/kimi-k2
    """,
    (0.59, 0.79): """
        llama-3.3-70b-versatile llama-3.1-70b-versatile llama3-70b-8192 groq/llama-3.3-70b-versatile groq/llama3-70b-8192
        llama-3.3-70b-versatile|groq.chat
    """,
    (0.6, 2.2): """
        zai/glm-4.6 glm-4.6
    """,
    (0.6, 2.4): """
        gpt-4o-mini-realtime-preview
    """,
    (0.6, 2.5): """
        moonshot/kimi-k2-0711-preview kimi-k2-0905-preview
    """,
    (0.6, 4.0): """
        grok-3-mini-fast
    """,
    (0.6, 12.0): """
        gpt-4o-mini-tts
    """,
    (0.62, 0.62): """
        microsoft/wizardlm-2-8x22b
    """,
    (0.7, 0.7): """
        open-mixtral-8x7b mistral/open-mixtral-8x7b
    """,
    (0.7, 2.5): """
        deepseek/deepseek-r1 openrouter/deepseek/deepseek-r1
    """,
    (0.72, 0.72): """
        us.meta.llama3-1-70b-instruct-v1:0 us.meta.llama3-2-90b-instruct-v1:0 us.meta.llama3-3-70b-instruct-v1:0
    """,
    (0.75, 0.99): """
        deepseek-r1-distill-llama-70b|groq groq/deepseek-r1-distill-llama-70b
    """,
    (0.8, 0.8): """
        meta-llama/llama-3.1-405b-instruct
    """,
    (0.8, 3.2): """
        amazon.nova-pro-v1:0 us.amazon.nova-pro-v1:0
        arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-pro-v1:0 amazon/nova-pro-v1
    """,
    (0.8, 4.0): """
        claude-3-5-haiku-20241022 claude-3-5-haiku-latest anthropic/claude-3.5-haiku anthropic.claude-3-5-haiku-20241022-v1:0
        claude-3-5-haiku@20241022 claude-3-5-haiku-latest|anthropic.messages
    """,
    (0.85, 1.2): """
        cerebras/llama-3.3-70b
    """,
    (0.88, 0.88): """
        together_ai/meta-llama/Llama-3.3-70B-Instruct-Turbo together_ai/meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo
        meta-llama/Llama-3.3-70B-Instruct-Turbo meta-llama/Llama-3.3-70B-Instruct-Turbo|together_ai
    """,
    (0.9, 0.9): """
        together_ai/mistralai/Mixtral-8x7B-Instruct-v0.1 mistralai/Mixtral-8x7B-Instruct-v0.1|together
        meta-llama/Llama-3-70b-chat-hf|together
    """,
    (1.0, 1.0): """
        sonar perplexity/sonar perplexity/llama-3.1-sonar-large-128k-online nousresearch/hermes-3-llama-3.1-405b
    """,
    (1.0, 2.0): """
        gpt-3.5-turbo-1106 gpt-35-turbo-1106|azure command
    """,
    (1.0, 3.0): """
        mistral.mistral-small-2402-v1:0 moonshotai/kimi-k2-instruct|groq
    """,
    (1.0, 5.0): """
        claude-haiku-4-5-20251001 claude-haiku-4-5 anthropic/claude-haiku-4.5 claude-haiku-4-5@20251001 sonar-reasoning
    """,
    (1.0, 20.0): """
        gemini-2.5-pro-preview-tts
    """,
    (1.04, 1.04): """
        huggingface/together/meta-llama/Llama-3.3-70B-Instruct
    """,
    (1.1, 4.4): """
        o1-mini o1-mini-2024-09-12 o3-mini o3-mini-2025-01-31 o4-mini o4-mini-2025-04-16 openai/o3-mini o4-mini|azure
        azure/o_series/o3-mini openai/o1-mini
    """,
    (1.1, 5.5): """
        us.anthropic.claude-haiku-4-5-20251001-v1:0
    """,
    (1.25, 5.0): """
        publishers/google/models/gemini-1.5-pro-002 gemini-1.5-pro gemini-1.5-pro-001 gemini-1.5-pro-002 gemini-1.5-pro-latest
        gemini/gemini-1.5-pro vertex_ai/gemini-1.5-pro-002 google/gemini-pro-1.5 gemini-1.5-pro|gcp.gemini
    """,
    (1.25, 10.0): """
        gpt-5 gpt-5-2025-08-07 gpt-5-chat-latest gpt-5-codex gpt-5.1 gpt-5.1-2025-11-13 gpt-5.1-codex gpt-5.1-chat-latest
        gemini-2.5-pro gemini-2.5-pro-preview-05-06 gemini-2.5-pro-preview-06-05 gemini/gemini-2.5-pro google/gemini-2.5-pro
        openrouter/google/gemini-2.5-pro
    """,
    (1.35, 5.4): """
        us.deepseek.r1-v1:0
    """,
    (1.5, 2.0): """
        gpt-3.5-turbo-0613 gpt-3.5-turbo-instruct gpt-35-turbo-0613|azure gpt-35-turbo-instruct|azure
    """,
    (1.5, 6.0): """
        codex-mini-latest
    """,
    (1.5, 7.5): """
        mistral-medium-latest
    """,
    (1.6, 6.4): """
        qwen/qwen-max
    """,
    (1.75, 14.0): """
        gpt-5.2 gpt-5.2-20251211
    """,
    (2.0, 2.0): """
        davinci-002
    """,
    (2.0, 5.0): """
        magistral-medium-2506 magistral-medium-latest
    """,
    (2.0, 6.0): """
        us.mistral.pixtral-large-2502-v1:0 mistral-large-latest mistral-large-2407 mistral-large-2411 open-mixtral-8x22b
        pixtral-large-latest pixtral-large-2411 mistral/mistral-large-latest mistralai/mistral-large
        mistral-large-latest|mistral.chat
    """,
    (2.0, 8.0): """
        gpt-4.1 gpt-4.1-2025-04-14 o3 o3-2025-04-16 o4-mini-deep-research openai/gpt-4.1 o4-mini-deep-research|azure
        sonar-reasoning-pro sonar-deep-research perplexity/sonar-reasoning-pro r1-1776
    """,
    (2.0, 10.0): """
        grok-2-1212 grok-2-latest grok-2 grok-2-vision-1212 xai/grok-2-latest x-ai/grok-2-1212
    """,
    (2.0, 12.0): """
        gemini-3-pro-preview
    """,
    (2.5, 10.0): """
        gpt-4o gpt-4o-2024-08-06 gpt-4o-2024-11-20 gpt-4o-audio-preview gpt-4o-audio-preview-2024-12-17 gpt-4o-search-preview
        gpt-4o-transcribe gpt-audio openai/gpt-4o openai/responses/gpt-4o gpt-4o|azure.ai.openai
        gpt-4o-2024-11-20|az.ai.openai azure/gpt-4o azure/gpt-4o-2024-08-06 azure/global/gpt-4o-2024-08-06 command-r-plus
        command-r-plus-08-2024 command-a-03-2025 cohere_chat/command-r-plus cohere/command-r-plus-08-2024
        openrouter/openai/gpt-4o openai/gpt-4o-2024-11-20 gpt-4o|openai.chat gpt-4o|openai.responses gpt-4o|langchain
        gpt-4o|litellm
    """,
    (2.5, 12.5): """
        us.amazon.nova-premier-v1:0
    """,
    (2.65, 3.5): """
        meta.llama3-70b-instruct-v1:0 bedrock/us-west-2/meta.llama3-70b-instruct-v1:0
    """,
    (3.0, 4.0): """
        gpt-3.5-turbo-16k gpt-3.5-turbo-16k-0613 gpt-35-turbo-16k|azure
    """,
    (3.0, 6.0): """
        ft:gpt-3.5-turbo-0125:acme::AbC123 ft:gpt-3.5-turbo:acme::AbC123 ft:gpt-3.5-turbo-1106:personal::8AbC
    """,
    (3.0, 8.0): """
        fireworks_ai/accounts/fireworks/models/deepseek-r1-0528
    """,
    (3.0, 12.0): """
        computer-use-preview computer-use-preview-2025-03-11
    """,
    (3.0, 15.0): """
        claude-3-5-sonnet-20241022 claude-3-5-sonnet-20240620 claude-3-5-sonnet-latest claude-3-7-sonnet-20250219
        claude-3-7-sonnet-latest claude-3-sonnet-20240229 claude-sonnet-4-20250514 claude-sonnet-4-0
        claude-sonnet-4-5-20250929 claude-sonnet-4-5 anthropic/claude-3-5-sonnet-20241022 anthropic/claude-3.5-sonnet
        anthropic/claude-3.5-sonnet:beta anthropic/claude-3.5-sonnet-20240620 anthropic/claude-3.7-sonnet
        anthropic/claude-3.7-sonnet:thinking anthropic/claude-sonnet-4 anthropic/claude-sonnet-4.5
        us.anthropic.claude-3-5-sonnet-20241022-v2:0 anthropic.claude-3-5-sonnet-20241022-v2:0
        anthropic.claude-3-5-sonnet-20240620-v1:0 eu.anthropic.claude-3-5-sonnet-20240620-v1:0
        apac.anthropic.claude-3-5-sonnet-20240620-v1:0 us.anthropic.claude-3-7-sonnet-20250219-v1:0
        anthropic.claude-3-sonnet-20240229-v1:0 us.anthropic.claude-sonnet-4-20250514-v1:0
        eu.anthropic.claude-sonnet-4-20250514-v1:0 apac.anthropic.claude-sonnet-4-20250514-v1:0
        global.anthropic.claude-sonnet-4-20250514-v1:0 global.anthropic.claude-sonnet-4-5-20250929-v1:0
        arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0
        arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.anthropic.claude-3-5-sonnet-20241022-v2:0
        bedrock/anthropic.claude-3-5-sonnet-20241022-v2:0 bedrock/us.anthropic.claude-3-5-sonnet-20241022-v2:0
        bedrock/converse/us.anthropic.claude-sonnet-4-20250514-v1:0 bedrock/invoke/anthropic.claude-3-5-sonnet-20240620-v1:0
        bedrock/arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.anthropic.claude-3-5-sonnet-20241022-v2:0
        claude-3-5-sonnet-20241022-v2:0|aws.bedrock claude-3-5-sonnet@20240620 claude-3-5-sonnet-v2@20241022
        claude-3-7-sonnet@20250219 claude-sonnet-4@20250514 claude-sonnet-4-5@20250929 vertex_ai/claude-3-5-sonnet@20240620
        vertex_ai/claude-sonnet-4@20250514 publishers/anthropic/models/claude-sonnet-4@20250514 grok-3 grok-3-latest
        grok-3-beta grok-4 grok-4-0709 xai/grok-4 x-ai/grok-4 sonar-pro perplexity/sonar-pro
        openrouter/anthropic/claude-3.5-sonnet claude-3-5-sonnet-20241022|aws.bedrock claude-sonnet-4-5-20250929|gcp.vertex_ai
        us.anthropic.claude-3-5-sonnet-20241022-v2:0|amazon-bedrock anthropic/claude-sonnet-4.5|gateway
    """,
    (3.3, 16.5): """
        us.anthropic.claude-sonnet-4-5-20250929-v1:0 jp.anthropic.claude-sonnet-4-5-20250929-v1:0
    """,
    (3.5, 3.5): """
        together_ai/meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo
    """,
    (3.75, 15.0): """
        ft:gpt-4o-2024-08-06:acme::AbC123
    """,
    (4.0, 12.0): """
        mistral.mistral-large-2402-v1:0
    """,
    (4.0, 16.0): """
        gpt-realtime
    """,
    (5.0, 15.0): """
        gpt-4o-2024-05-13 chatgpt-4o-latest openai/chatgpt-4o-latest
    """,
    (5.0, 20.0): """
        gpt-4o-realtime-preview gpt-4o-realtime-preview-2024-12-17
    """,
    (5.0, 25.0): """
        claude-opus-4-5-20251101 claude-opus-4-5 anthropic/claude-opus-4.5 global.anthropic.claude-opus-4-5-20251101-v1:0
        claude-opus-4-5@20251101 grok-3-fast
    """,
    (6.0, 18.0): """
        openai/gpt-4o:extended
    """,
    (8.0, 24.0): """
        claude-2.1 claude-2.0 claude-v1 anthropic/claude-2.1 anthropic.claude-v2:1 anthropic.claude-v2
        bedrock/us-east-1/anthropic.claude-v2:1
    """,
    (10.0, 30.0): """
        gpt-4-turbo gpt-4-turbo-2024-04-09 gpt-4-turbo-preview gpt-4-1106-preview gpt-4-0125-preview gpt-4-vision-preview
        gpt-4-turbo-2024-04-09|azure gpt-4-1106-Preview|azure openai/gpt-4-turbo
    """,
    (10.0, 40.0): """
        o3-deep-research
    """,
    (15.0, 60.0): """
        o1 o1-2024-12-17 o1-preview o1-preview-2024-09-12 o1-preview|azure
    """,
    (15.0, 75.0): """
        claude-3-opus-20240229 claude-3-opus-latest claude-opus-4-20250514 claude-opus-4-0 claude-opus-4-1-20250805
        claude-opus-4-1 anthropic/claude-3-opus anthropic/claude-opus-4 anthropic/claude-opus-4.1
        anthropic.claude-3-opus-20240229-v1:0 us.anthropic.claude-opus-4-20250514-v1:0
        us.anthropic.claude-opus-4-1-20250805-v1:0 claude-3-opus@20240229 claude-opus-4@20250514 claude-opus-4-1@20250805
    """,
    (15.0, 120.0): """
        gpt-5-pro
    """,
    (20.0, 80.0): """
        o3-pro
    """,
    (30.0, 60.0): """
        gpt-4 gpt-4-0613 gpt-4-0314
    """,
    (60.0, 120.0): """
        gpt-4-32k gpt-4-32k-0613 gpt-4-32k|azure
    """,
    (75.0, 150.0): """
        gpt-4.5-preview gpt-4.5-preview-2025-02-27
    """,
    (150.0, 600.0): """
        o1-pro o1-pro-2025-03-19
    """,
}

# why the name has no price
UNKNOWN = {
    "it is not billed by tokens": """
        whisper-1 tts-1
    """,
    "not in the price table under this name": """
        dall-e-3 my-support-deployment|azure prod-gpt-4o|azure azure/my-deployment azure_ai/deepseek-r1
        azure_ai/mistral-large-2407 claude-instant-1.2 anthropic.claude-instant-v1 amazon.titan-text-premier-v1:0
        meta.llama3-1-405b-instruct-v1:0 meta.llama2-13b-chat-v1 mistral.mistral-large-2407-v1:0 cohere.command-r-v1:0
        cohere.command-r-plus-v1:0 cohere.embed-english-v3 ai21.jamba-1-5-large-v1:0 text-embedding-004
        vertex_ai/meta/llama-3.1-405b-instruct-maas mistral-large-2402 mistral-small-2402 mistral-small-2409
        mistral-small-2501 mistral-small-2503 codestral-2405 ministral-3b-latest devstral-medium-2507 deepseek-coder
        command-r-03-2024 command-r-plus-04-2024 command-nightly embed-english-v3.0 grok-beta qwen-qwq-32b|groq
        together_ai/Qwen/Qwen2.5-72B-Instruct-Turbo together_ai/deepseek-ai/DeepSeek-V3 together_ai/deepseek-ai/DeepSeek-R1
        fireworks_ai/accounts/fireworks/models/llama-v3p1-70b-instruct
        fireworks_ai/accounts/fireworks/models/llama-v3p3-70b-instruct fireworks_ai/accounts/fireworks/models/deepseek-v3
        fireworks_ai/accounts/fireworks/models/mixtral-8x22b-instruct accounts/acme/models/my-tune openrouter/auto
        databricks/databricks-claude-3-7-sonnet kimi-latest qwen-max our-own-model llama3
    """,
    "a fine-tune whose own price is not in the table": """
        ft:gpt-4-0613:acme::AbC123 ft:gpt-4.1-2025-04-14:acme::AbC ft:gpt-4.1-mini-2025-04-14:acme::AbC
        ft:gpt-4.1-nano-2025-04-14:acme::AbC ft:davinci-002:acme::AbC ft:o4-mini-2025-04-16:acme::AbC
        gpt-4o-2024-08-06.ft-0a1b2c3d
    """,
    "a data zone of Azure has prices of its own": """
        azure/eu/gpt-4o-2024-08-06 azure/us/gpt-4o-2024-08-06
    """,
    "an endpoint, profile or model of one's own, whose name does not tell the model": """
        arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6
        arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcd1234
        arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.titan-text-lite-v1:0:4k/abc
        arn:aws:bedrock:us-east-1:123456789012:imported-model/xyz
        projects/acme-prod/locations/us-central1/endpoints/1234567890 tunedModels/my-model-abc123
    """,
    "provisioned throughput is billed by the hour": """
        bedrock/us-east-1/1-month-commitment/anthropic.claude-v2:1
    """,
    "several providers sell it at other prices, and none is named": """
        deepseek-r1-distill-llama-70b meta-llama/Llama-3.3-70B-Instruct
    """,
    "its provider is not in the price table": """
        deepinfra/meta-llama/Meta-Llama-3.1-8B-Instruct deepinfra/meta-llama/Llama-3.3-70B-Instruct
        meta-llama/Meta-Llama-3.1-70B-Instruct|deepinfra replicate/meta/meta-llama-3-70b-instruct ollama/llama3
        ollama_chat/llama3.1 llama3|ollama llama3.2|ollama dashscope/qwen-max watsonx/ibm/granite-3-8b-instruct
        sambanova/Meta-Llama-3.1-8B-Instruct nvidia_nim/meta/llama3-70b-instruct github/gpt-4o
    """,
    "OpenRouter chooses who answers, and so the price": """
        meta-llama/llama-3.3-70b-instruct:nitro openai/gpt-4o-mini:online
    """,
}


def named(table: dict) -> list[tuple]:
    """(key, model, provider) of every name."""
    return [(key, *name.partition("|")[::2]) for key, names in table.items() for name in names.split()]
