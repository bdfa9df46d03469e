// Asks the local server one case with the Vercel AI SDK and prints its spans as OTLP's JSON.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { context, trace } from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import * as ai from "ai";
import { z } from "zod";

const [url, way, name] = process.argv.slice(2);
const SYSTEM = "You are the shop's assistant. Answer in one sentence.";
const QUESTION = "Where is my parcel?";
const exporter = new InMemorySpanExporter();
let processor = new SimpleSpanProcessor(exporter);
if (way === "openinference") {
  const { OpenInferenceSimpleSpanProcessor } = await import("@arizeai/openinference-vercel");
  processor = new OpenInferenceSimpleSpanProcessor({ exporter });
} else if (way === "langfuse") {
  const { LangfuseSpanProcessor } = await import("@langfuse/otel");
  processor = new LangfuseSpanProcessor({ exporter, publicKey: "pk-lf-1", secretKey: "sk-lf-1", exportMode: "immediate" });
}
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "shop" }),
  spanProcessors: [processor],
});
provider.register();
if (way === "otel") {
  const { OpenTelemetry } = await import("@ai-sdk/otel");
  ai.registerTelemetry(new OpenTelemetry());
}

const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: "sk-1" });
const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey: "sk-1" });
const told = { isEnabled: true, functionId: "answer" };
const telemetry = way === "otel" ? { telemetry: told } : { experimental_telemetry: told };
const asked = { model: openai.chat("gpt-4o-mini"), prompt: QUESTION, ...(way === "otel" ? { instructions: SYSTEM } : { system: SYSTEM }) };
const limit = ai.stepCountIs ?? ai.isStepCount;
const tools = {
  find_parcel: ai.tool({
    description: "Where a parcel is, by its number.",
    inputSchema: z.object({ number: z.number() }),
    execute: async ({ number }) => `parcel ${number}: in Oslo, delivery on Monday`,
  }),
  get_weather: ai.tool({
    description: "The weather in a city.",
    inputSchema: z.object({ city: z.string() }),
    execute: async () => {
      throw new Error("the weather service is closed");
    },
  }),
};
const withTools = { prompt: "Where is parcel 7, and what is the weather in Oslo?", tools, stopWhen: limit(5) };

const generate = (more = {}) => ai.generateText({ ...asked, ...telemetry, ...more });
const stream = async (more = {}) => {
  for await (const _ of ai.streamText({ ...asked, ...telemetry, ...more }).textStream);
};
const cases = {
  chat: generate,
  conversation: () =>
    generate({
      prompt: undefined,
      messages: [
        { role: "user", content: "Do you ship to Norway?" },
        { role: "assistant", content: "Yes, we ship to all of Europe." },
        { role: "user", content: QUESTION },
      ],
    }),
  responses: () => generate({ model: openai.responses("gpt-5-mini") }),
  cached: generate,
  "anthropic thinking": () => generate({ model: anthropic("claude-sonnet-4-5") }),
  "anthropic cache": () => generate({ model: anthropic("claude-sonnet-4-5") }),
  stream,
  structured: () =>
    generate({
      prompt: "Extract the order: two red mugs for Ann.",
      output: ai.Output.object({ schema: z.object({ item: z.string(), count: z.number(), customer: z.string() }) }),
    }),
  tools: () => generate(withTools),
  "stream with tools": () => stream(withTools),
  retry: generate,
  failure: () => generate({ maxRetries: 0 }).catch(() => {}),
  session: () => {
    const metadata = { sessionId: "session-1", userId: "ann@example.com" };
    if (way === "otel") return generate({ telemetry: told, runtimeContext: metadata });
    return generate({ experimental_telemetry: { ...told, metadata } });
  },
  embedding: async () => {
    const span = provider.getTracer("shop").startSpan("POST /answer");
    await context.with(trace.setSpan(context.active(), span), async () => {
      await ai.embed({ model: openai.embedding("text-embedding-3-small"), value: QUESTION, ...telemetry });
      await generate();
    });
    span.end();
  },
};

await cases[name]();
await provider.forceFlush();
const document = JSON.parse(new TextDecoder().decode(JsonTraceSerializer.serializeRequest(exporter.getFinishedSpans())));
console.log(JSON.stringify(document));
process.exit(0);
