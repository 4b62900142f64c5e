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

/** Characters of pieces that are joined, and how long joining them may take. */
const JOINED = 128 * 1024;
const JOINED_MS = 10;

/** The same text in fewer, larger pieces: as many joined as come at once. What came before a failure goes before it. */
export async function* joined(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let text = "";
  let begun = performance.now();
  try {
    for await (const piece of pieces) {
      text += piece;
      if (text.length < JOINED && performance.now() - begun < JOINED_MS) continue;
      yield text;
      text = "";
      begun = performance.now();
    }
  } catch (error) {
    if (text !== "") yield text;
    throw error;
  }
  if (text !== "") yield text;
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
