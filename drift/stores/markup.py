"""Chat templates: the messages in a prompt that was written out for a model, with its template's markers."""

from __future__ import annotations

import re

_USER, _ASSISTANT, _SYSTEM = "user", "assistant", "system"
_ROLES = {
    "user": _USER, "human": _USER, "assistant": _ASSISTANT, "model": _ASSISTANT, "gpt": _ASSISTANT, "system": _SYSTEM,
    "developer": _SYSTEM, "tool": "tool", "ipython": "tool",
}  # fmt: skip
# Llama 3 and 4, ChatML, Gemma, Phi and Zephyr, DeepSeek, gpt-oss; Anthropic's of the time before messages
_HEADS = re.compile(
    r"<\|(?:start_header_id|header_start)\|>\s*(\w+)\s*<\|(?:end_header_id|header_end)\|>\n*"
    r"|<\|im_start\|>\s*(\w+)[ \t]*\n?"
    r"|<start_of_turn>\s*(\w+)[ \t]*\n?"
    r"|<\|start\|>(\w+)(?:<\|channel\|>(?:final|analysis|commentary)[^<]*)?<\|message\|>"
    r"|<\|(system|user|assistant)\|>[ \t]*\n?"
    r"|<[|\uff5c](User|Assistant)[|\uff5c]>"
    r"|(?:\A|\n\n)(Human|Assistant):"
)
_BEGINS = ("<|", "<s>", "<bos>", "<start_of_turn>", "[INST]", "<\uff5c", "Human:")
# gpt-oss's place for the answer
_LEFT = re.compile(r"<\|start\|>assistant\s*\Z")
_INST = re.compile(r"\[INST\](.*?)\[/INST\]([^\[]*)", re.S)
_SYS = re.compile(r"\s*<<SYS>>(.*?)<</SYS>>\s*", re.S)
_ENDS = re.compile(
    r"(?:\s*(?:<\|(?:eot_id|eot|eom_id|im_end|end|endoftext|end_of_text|return)\|>|</s>|<end_of_turn>|<eos>|<[|\uff5c]end\u2581of\u2581sentence[|\uff5c]>))+\s*\Z"
)


def messages(text: str) -> list[tuple[str, str]] | None:
    """(role, text) of each message in a prompt that begins with a template's marker; None for any other text.

    The place that is left for the answer is no message.

    >>> messages("<|im_start|>system\\nBe kind.<|im_end|>\\n<|im_start|>user\\nWhere is it?<|im_end|>\\n<|im_start|>assistant\\n")
    [('system', 'Be kind.'), ('user', 'Where is it?')]
    """
    begin = text.lstrip()
    if not begin.startswith(_BEGINS):
        return None
    if "[INST]" in text:
        found = _of_instructions(text)
    else:
        heads = list(_HEADS.finditer(text := _LEFT.sub("", text)))
        if not heads:
            return None
        ends = [h.start() for h in heads[1:]] + [len(text)]
        found = []
        for head, end in zip(heads, ends, strict=True):
            role = next(g for g in head.groups() if g).lower()
            said = without_ends(text[head.end() : end]).strip()
            if said and "<|channel|>analysis" not in head[0]:
                found.append((_ROLES.get(role, _ASSISTANT), said))
    return found if any(role in (_USER, _ASSISTANT) for role, _ in found) else None


def without_ends(text: str) -> str:
    """A text without the markers by which a model ends what it says.

    >>> without_ends("On Monday.<|eot_id|>")
    'On Monday.'
    """
    return _ENDS.sub("", text) if text.rstrip()[-1:] == ">" else text


def _of_instructions(text: str) -> list[tuple[str, str]]:
    """Llama 2's and Mistral's."""
    found: list[tuple[str, str]] = []
    for asked, said in _INST.findall(text):
        if system := _SYS.match(asked):
            found.append((_SYSTEM, system[1].strip()))
            asked = asked[system.end() :]
        found.append((_USER, asked.strip()))
        if answer := without_ends(said.replace("<s>", "")).strip():
            found.append((_ASSISTANT, answer))
    return found
