"""The official Python clients against a running Faregate: nothing but base URL and token.

Environment: FAREGATE_URL, FAREGATE_TOKEN.
"""

import json
import os

import openai
from huggingface_hub import InferenceClient
from openai import OpenAI

URL = os.environ["FAREGATE_URL"]
TOKEN = os.environ["FAREGATE_TOKEN"]
MODEL = "faregate/sandbox"
FAST = "faregate/sandbox-fast"
HELLO = [{"role": "user", "content": "Say hello."}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a place.",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}},
            "required": ["place"],
        },
    },
}
SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "person",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
            "required": ["name", "age"],
            "additionalProperties": False,
        },
    },
}
# one red pixel
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIA"
    "X8jx0gAAAABJRU5ErkJggg=="
)
LOOK = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": PIXEL}},
        ],
    }
]

client = OpenAI(base_url=f"{URL}/v1", api_key=TOKEN, max_retries=0)
checks = []


def check(function):
    checks.append(function)
    return function


@check
def openai_lists_models():
    ids = [model.id for model in client.models.list()]
    assert MODEL in ids and len(ids) >= 200, len(ids)
    assert client.models.retrieve(MODEL).id == MODEL


@check
def openai_answers_and_tells_the_cost():
    answer = client.chat.completions.create(model=FAST, messages=HELLO, max_tokens=32)
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens <= 32
    assert answer.usage.cost > 0 and answer.usage.cost_nano_usd > 0, answer.usage
    raw = client.chat.completions.with_raw_response.create(model=FAST, messages=HELLO, max_tokens=8)
    assert raw.headers["x-inference-provider"] == "sandbox"
    assert raw.headers["x-request-id"]
    assert int(raw.headers["x-faregate-held-nano-usd"]) >= int(
        raw.headers["x-faregate-cost-nano-usd"]
    )


@check
def openai_streams():
    chunks = list(
        client.chat.completions.create(model=FAST, messages=HELLO, max_tokens=32, stream=True)
    )
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert all(c.usage is None for c in chunks)


@check
def openai_streams_with_usage():
    chunks = list(
        client.chat.completions.create(
            model=FAST,
            messages=HELLO,
            max_tokens=32,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert chunks[-1].choices == [] and chunks[-1].usage.cost_nano_usd > 0, chunks[-1]


@check
def openai_calls_tools():
    answer = client.chat.completions.create(
        model=FAST, messages=HELLO, tools=[WEATHER], tool_choice="required"
    )
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "weather"
    assert "place" in json.loads(call.function.arguments)


@check
def openai_streams_tool_calls():
    chunks = client.chat.completions.create(
        model=FAST, messages=HELLO, tools=[WEATHER], tool_choice="required", stream=True
    )
    arguments = "".join(
        call.function.arguments or ""
        for chunk in chunks
        for choice in chunk.choices
        for call in choice.delta.tool_calls or []
    )
    assert "place" in json.loads(arguments)


@check
def openai_keeps_to_a_schema():
    answer = client.chat.completions.create(model=FAST, messages=HELLO, response_format=SCHEMA)
    person = json.loads(answer.choices[0].message.content)
    assert isinstance(person["name"], str) and isinstance(person["age"], int)


@check
def openai_looks_at_images():
    answer = client.chat.completions.create(model=MODEL, messages=LOOK, max_tokens=16)
    assert answer.choices[0].message.content
    assert answer.usage.prompt_tokens > 256


@check
def openai_understands_refusals():
    try:
        OpenAI(base_url=f"{URL}/v1", api_key="hf_wrong", max_retries=0).chat.completions.create(
            model=MODEL, messages=HELLO
        )
        raise AssertionError("a wrong token was taken")
    except openai.AuthenticationError as e:
        assert "Invalid credentials" in str(e)
    try:
        client.chat.completions.create(model="no/such-model", messages=HELLO)
        raise AssertionError("an unknown model was taken")
    except openai.BadRequestError as e:
        assert e.code == "model_not_supported" and e.param == "model", e
    try:
        client.chat.completions.create(model=MODEL, messages=HELLO, max_tokens=16_384)
        raise AssertionError("more than the wallet has was taken")
    except openai.APIStatusError as e:
        assert e.status_code == 402 and e.code == "insufficient_credit", e
        assert "exceeded your monthly included credits" in e.message


@check
def openai_sees_a_broken_stream():
    try:
        for _ in client.chat.completions.create(
            model=FAST, messages=HELLO, stream=True, extra_body={"sandbox": {"cut_after": 3}}
        ):
            pass
        raise AssertionError("a broken stream looked whole")
    except openai.APIError as e:
        assert "broke" in str(e)


@check
def hugging_face_answers():
    hub = InferenceClient(base_url=f"{URL}/v1", api_key=TOKEN)
    answer = hub.chat_completion(HELLO, model=FAST, max_tokens=32)
    assert answer.choices[0].message.content
    assert answer.usage.completion_tokens <= 32


@check
def hugging_face_streams():
    hub = InferenceClient(base_url=f"{URL}/v1", api_key=TOKEN)
    chunks = list(hub.chat.completions.create(model=FAST, messages=HELLO, max_tokens=32, stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


@check
def hugging_face_calls_tools_and_keeps_to_a_schema():
    hub = InferenceClient(base_url=f"{URL}/v1", api_key=TOKEN)
    answer = hub.chat_completion(HELLO, model=FAST, tools=[WEATHER], tool_choice="required")
    assert answer.choices[0].message.tool_calls[0].function.name == "weather"
    answer = hub.chat_completion(HELLO, model=FAST, response_format=SCHEMA)
    assert "name" in json.loads(answer.choices[0].message.content)
    assert hub.chat_completion(LOOK, model=MODEL, max_tokens=16).choices[0].message.content


@check
def hugging_face_lets_an_organization_pay():
    from huggingface_hub.errors import HfHubHTTPError

    hub = InferenceClient(base_url=f"{URL}/v1", api_key=TOKEN, bill_to="acme")
    assert hub.chat_completion(HELLO, model=FAST, max_tokens=32).choices[0].message.content
    stranger = InferenceClient(base_url=f"{URL}/v1", api_key=TOKEN, bill_to="stark")
    try:
        stranger.chat_completion(HELLO, model=FAST, max_tokens=32)
        raise AssertionError("an organization paid for a stranger")
    except HfHubHTTPError as e:
        assert e.response.status_code == 403
        assert "on behalf of org stark" in str(e), str(e)


@check
def hugging_face_shows_the_sentence_of_a_refusal():
    from huggingface_hub.errors import HfHubHTTPError

    try:
        InferenceClient(base_url=f"{URL}/v1", api_key=TOKEN).chat_completion(
            HELLO, model=MODEL, max_tokens=16_384
        )
        raise AssertionError("more than the wallet has was taken")
    except HfHubHTTPError as e:
        assert e.response.status_code == 402
        assert "exceeded your monthly included credits" in str(e), str(e)


failed = 0
for each in checks:
    try:
        each()
        print(f"ok   {each.__name__}")
    except Exception as e:  # every check is run, and every failure told
        failed += 1
        print(f"FAIL {each.__name__}: {type(e).__name__}: {e}")
raise SystemExit(1 if failed else 0)
