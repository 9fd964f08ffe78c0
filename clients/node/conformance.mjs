// The official JavaScript clients against a running Faregate: nothing but base URL and token.
// Environment: FAREGATE_URL, FAREGATE_TOKEN.

import assert from "node:assert/strict";
import { InferenceClient } from "@huggingface/inference";
import OpenAI from "openai";

const url = process.env.FAREGATE_URL;
const token = process.env.FAREGATE_TOKEN;
const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 });
const MODEL = "faregate/sandbox";
const FAST = "faregate/sandbox-fast";
const hello = [{ role: "user", content: "Say hello." }];
const weather = {
  type: "function",
  function: {
    name: "weather",
    parameters: { type: "object", properties: { place: { type: "string" } }, required: ["place"] },
  },
};
const person = {
  type: "json_schema",
  json_schema: {
    name: "person",
    strict: true,
    schema: {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer" } },
      required: ["name", "age"],
      additionalProperties: false,
    },
  },
};
const pixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

const text = (chunks) => chunks.map((c) => c.choices[0]?.delta?.content ?? "").join("");

const checks = {
  async openaiListsModels() {
    const ids = (await collect(client.models.list())).map((model) => model.id);
    assert.ok(ids.includes(MODEL) && ids.length >= 200);
    assert.equal((await client.models.retrieve(MODEL)).id, MODEL);
  },
  async openaiAnswersAndTellsTheCost() {
    const { data, response } = await client.chat.completions
      .create({ model: FAST, messages: hello, max_tokens: 32 })
      .withResponse();
    assert.ok(data.choices[0].message.content);
    assert.ok(data.usage.cost > 0 && data.usage.cost_nano_usd > 0);
    assert.equal(response.headers.get("x-inference-provider"), "sandbox");
  },
  async openaiStreams() {
    const chunks = await collect(
      await client.chat.completions.create({ model: FAST, messages: hello, max_tokens: 32, stream: true }),
    );
    assert.ok(text(chunks));
    assert.ok(chunks.every((chunk) => !chunk.usage));
  },
  async openaiStreamsWithUsage() {
    const chunks = await collect(
      await client.chat.completions.create({
        model: FAST,
        messages: hello,
        max_tokens: 32,
        stream: true,
        stream_options: { include_usage: true },
      }),
    );
    assert.ok(chunks.at(-1).usage.cost_nano_usd > 0);
  },
  async openaiCallsTools() {
    const answer = await client.chat.completions.create({
      model: FAST,
      messages: hello,
      tools: [weather],
      tool_choice: "required",
    });
    const call = answer.choices[0].message.tool_calls[0].function;
    assert.equal(call.name, "weather");
    assert.ok("place" in JSON.parse(call.arguments));
  },
  async openaiKeepsToASchema() {
    const answer = await client.chat.completions.create({ model: FAST, messages: hello, response_format: person });
    assert.ok(Number.isInteger(JSON.parse(answer.choices[0].message.content).age));
  },
  async openaiLooksAtImages() {
    const content = [
      { type: "text", text: "What is it?" },
      { type: "image_url", image_url: { url: pixel } },
    ];
    const answer = await client.chat.completions.create({
      model: MODEL,
      messages: [{ role: "user", content }],
      max_tokens: 16,
    });
    assert.ok(answer.choices[0].message.content);
  },
  async openaiUnderstandsRefusals() {
    await assert.rejects(client.chat.completions.create({ model: "no/such-model", messages: hello }), (e) => {
      assert.equal(e.code, "model_not_supported");
      return e.status === 400;
    });
    await assert.rejects(
      client.chat.completions.create({ model: MODEL, messages: hello, max_tokens: 16_384 }),
      (e) => e.status === 402 && e.code === "insufficient_credit",
    );
  },
  async openaiSeesABrokenStream() {
    const stream = await client.chat.completions.create({
      model: FAST,
      messages: hello,
      stream: true,
      sandbox: { cut_after: 3 },
    });
    await assert.rejects(collect(stream), /broke/);
  },
  async openaiLeavesAStream() {
    const stream = await client.chat.completions.create({ model: MODEL, messages: hello, stream: true });
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta?.content) break;
    }
  },
  async huggingFaceAnswersAndStreams() {
    const hub = new InferenceClient(token, { endpointUrl: `${url}/v1` });
    const answer = await hub.chatCompletion({ model: FAST, messages: hello, max_tokens: 32 });
    assert.ok(answer.choices[0].message.content);
    const chunks = await collect(hub.chatCompletionStream({ model: FAST, messages: hello, max_tokens: 32 }));
    assert.ok(text(chunks));
  },
  async huggingFaceLetsAnOrganizationPay() {
    const ask = (billTo) =>
      new InferenceClient(token, { endpointUrl: `${url}/v1`, billTo }).chatCompletion({
        model: FAST,
        messages: hello,
        max_tokens: 32,
      });
    assert.ok((await ask("acme")).choices[0].message.content);
    await assert.rejects(ask("stark"), (e) => e.httpResponse?.status === 403);
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok   ${name}`);
  } catch (e) {
    failed++;
    console.log(`FAIL ${name}: ${e}`);
  }
}
process.exit(failed ? 1 : 0);
