/** Text that comes in pieces, as one kind of source. */

export type TextSource = string | AsyncIterable<string> | ReadableStream<string>;

/** The pieces of any source. Ending early ends the source, too. */
export async function* piecesOf(source: TextSource): AsyncGenerator<string, void, undefined> {
  if (typeof source === "string") yield source;
  else if (isIterable(source)) yield* source;
  else yield* piecesOfStream(source);
}

function isIterable(source: AsyncIterable<string> | ReadableStream<string>): source is AsyncIterable<string> {
  return typeof (source as Partial<AsyncIterable<string>>)[Symbol.asyncIterator] === "function";
}

/** Streams cannot be iterated everywhere yet. */
async function* piecesOfStream(stream: ReadableStream<string>): AsyncGenerator<string, void, undefined> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}
