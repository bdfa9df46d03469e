"""The user's question in the prompts that frameworks write around it, where nothing but the prompt was logged.

Only the frameworks' own default prompts, word for word: a prompt of the application's own is what was asked of the model.
"""

from __future__ import annotations

import re

_LLAMA_INDEX = (
    re.compile(r"\s*Context information is below\.\n-{5,}\n.*\nQuery: (.*?)\s*\nAnswer:\s*\Z", re.S),
    re.compile(
        r"\s*Given the following conversation between a user and an AI assistant and a follow up question.*"
        r"Follow Up Input: (.*?)\s*\n\s*Standalone question:\s*\Z",
        re.S,
    ),
)


def question_in(prompt: str) -> str:
    """The question that a default prompt asks; any other text as it is.

    >>> question_in("Context information is below.\\n-----\\nOn Mondays.\\n-----\\nQuery: Where is it?\\nAnswer: ")
    'Where is it?'
    """
    if "Query: " in prompt or "Follow Up Input: " in prompt:
        for template in _LLAMA_INDEX:
            if found := template.match(prompt):
                return found[1].strip()
    return prompt
