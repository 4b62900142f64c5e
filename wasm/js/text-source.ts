/** Text that comes in pieces, as one kind of source. */

export type TextSource = string | AsyncIterable<string> | ReadableStream<string>;

/** Pieces that come when they are asked for. */
type Pieces<T> = AsyncIterable<T> | ReadableStream<T>;

/** The pieces of any source. Ending early ends the source, too. */
export async function* piecesOf<T>(source: string | Pieces<T>): AsyncGenerator<T | string, void, undefined> {
  if (typeof source === "string") yield source;
  else if (isIterable(source)) yield* source;
  else yield* piecesOfStream(source);
}

function isIterable<T>(source: Pieces<T>): source is AsyncIterable<T> {
  return typeof (source as Partial<AsyncIterable<T>>)[Symbol.asyncIterator] === "function";
}

/** Streams cannot be iterated everywhere yet. */
async function* piecesOfStream<T>(stream: ReadableStream<T>): AsyncGenerator<T, void, undefined> {
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
