/** WordNet from this page's origin, as JSON Lines, one file after the other and never whole in memory. */
import { FILES, toJsonl } from "./parse.js";

export async function* downloadWordnet(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  for (const file of FILES) {
    const response = await fetch(`wordnet/${file}`, { signal });
    if (!response.ok || response.body === null) {
      throw new Error(`wordnet/${file} was not served: ${response.status} ${response.statusText}`);
    }
    yield* toJsonl(piecesOf(response.body.pipeThrough(new TextDecoderStream())));
  }
}

/** A stream is not async iterable in every browser. */
async function* piecesOf(stream: ReadableStream<string>): AsyncGenerator<string, void, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}
