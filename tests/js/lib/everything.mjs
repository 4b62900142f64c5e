/** What an application does, told as plain values: the same wherever the engine is. Runs in pages and in Node. */
export async function everything({ open, PluresError }, url) {
  const told = [];
  const tell = (what, value) => told.push([what, typeof value === "bigint" ? `${value}n` : value]);
  const failure = async (what, promise) =>
    tell(what, await promise.then(
      () => "did not fail",
      (error) => [error instanceof PluresError, error.code ?? error.name, error.message, error.hint, error.violations],
    ));
  const turn = () => new Promise((resolve) => setTimeout(resolve, 30));
  const db = await open(url);

  await db.defineType({ name: "Note", fields: { title: { type: "string", required: true } } });
  tell("put", await db.put({ id: "a", type: "Note", data: { title: "x", big: 2n ** 60n, bytes: new Uint8Array([1, 2]) } }));
  const { data } = await db.get("a");
  tell("get", [data.title, String(data.big), [...data.bytes]]);
  await failure("invalid", db.put({ id: "b", type: "Note", data: { title: 7 } }));
  await failure("not found", db.patch("none", { a: 1 }));
  await failure("bad value", db.put({ id: "b", type: "T", data: { list: [0, { x: () => 1 }] } }));
  await failure("bad date", db.put({ id: "b", type: "T", data: { when: new Date(0) } }));

  class Own {
    a = 1;
  }
  class Tagged {
    get [Symbol.toStringTag]() {
      return "Tag";
    }
  }
  const round = { list: [] };
  round.list.push(round, round);
  for (const value of [new Own(), new Tagged(), new Map(), new Error("e"), Object("text"), () => 1, Symbol("s"), round, [1n << 70n]]) {
    const what = Object.prototype.toString.call(value);
    await failure(`${what} in a put`, db.put({ id: "a", type: "T", data: { x: [0, { y: value }] } }));
    await failure(`${what} deep in a put`, db.put({ id: "a", type: "T", data: { 1: { 2: { 3: { 4: { 5: { 6: { 7: { 8: { 9: value } } } } } } } } } }));
    await failure(`${what} in a patch`, db.patch("a", { x: { y: value } }));
    await failure(`${what} in an edge`, db.link({ source: "a", label: "l", target: "b", data: { x: value } }));
    await failure(`${what} in a set`, db.addToSet("a", "set", [1, { x: value }]));
    await failure(`${what} in a list`, db.editList("a", "list", [{ at: 0, insert: [1, value] }]));
    await failure(`${what} in a definition`, db.defineType({ name: "D", fields: { x: { default: value } } }));
    await failure(`${what} in a step`, db.transaction((tx) => tx.put({ id: "a", type: "T", data: { x: value } })));
    await failure(`${what} in a step of an edge`, db.transaction((tx) => tx.link({ source: "a", label: "l", target: "b", data: { x: value } })));
    if (value === round || Array.isArray(value)) continue;
    await failure(`${what} as data`, db.put({ id: "a", type: "T", data: value }));
    await failure(`${what} as a patch`, db.patch("a", value));
  }
  await db.put({ id: "t0", type: "T", data: { n: 9 } });
  const changes = [];
  const unlisten = db.onChange(({ origin, nodes }) => changes.push([origin, nodes.sort()]));
  const events = [];
  const live = db.live("SELECT id, n FROM T ORDER BY n", undefined, (event) => events.push(event));
  await turn();
  tell("transaction", await db.transaction(async (tx) => {
    await tx.put({ id: "t1", type: "T", data: { n: 1 } });
    tx.put({ id: "t2", type: "T", data: { n: 2 } });
    tx.increment("t1", "n", 4);
    tx.link({ source: "t1", label: "to", target: "t2" });
    const before = await db.get("t1");
    const { rows } = await tx.exec("SELECT sum(n) AS n FROM T");
    return [before, (await tx.get("t1")).data.n, rows];
  }));
  await turn();
  const thrown = new Error("mine");
  tell("thrown", (await db.transaction(() => { throw thrown; }).catch((error) => error)) === thrown);
  await failure("step", db.transaction((tx) => void tx.patch("none", {})));
  let inner;
  await db.transaction(() => { inner = db.delete("a"); inner.catch(() => undefined); });
  await failure("inside", inner);
  await db.put({ id: "t3", type: "T", data: { n: 0 } });
  await turn();
  tell("live", events.map(({ rows, added, removed, changed, moved, error }) => [rows, added, removed, changed, moved, error]));
  tell("kept", events.at(-1).rows.at(-1) === events.at(-2).rows.at(-1));
  tell("rows", live.rows);
  live.stop();
  unlisten();
  await db.delete("t3");
  tell("changes", changes);
  const wrong = [];
  db.live("SELECT * FROM Nothing", undefined, ({ error }) => wrong.push(error.code));
  await turn();
  tell("wrong", wrong);

  let seen = 0;
  for await (const { i } of db.rows("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n")) {
    seen += i;
    if (i === 2500) break;
  }
  tell("seen", seen);
  const lines = Array.from({ length: 3000 }, (_, n) => JSON.stringify({ id: `i${n}`, type: "I", data: { n } }));
  const stop = new AbortController();
  let progress = 0;
  await failure("aborted", db.importJsonl(lines.join("\n"), {
    signal: stop.signal,
    // The words of a reason that is not given are the browser's own.
    onProgress: () => { if ((progress += 1) === 1) stop.abort(new DOMException("enough", "AbortError")); },
  }));
  await failure("aborted before", db.query("SELECT 1", [], { signal: stop.signal }));
  async function* pieces() {
    for (const line of lines) yield `${line}\n`;
  }
  tell("imported", await db.importJsonl(pieces()));
  let exported = "";
  for await (const piece of db.exportJsonl()) exported += piece;
  tell("exported", exported.split("\n").length);
  const copy = await open("memory://", { image: await db.image() });
  tell("copy", (await copy.stateHash()) === (await db.stateHash()));
  await copy.close();
  tell("undo", await db.undo());
  const embedder = { model: "m", dimension: 2, embed: async (texts) => texts.map(() => [1, 0]) };
  await db.defineType({ name: "V", fields: { text: { type: "string" }, v: { kind: "vector", dimension: 2, embed_from: ["text"] } } });
  await db.put({ id: "v", type: "V", data: { text: "words" } });
  tell("embedded", await db.embed(embedder));
  const problems = [];
  const wrongLength = { model: "wrong", dimension: 2, embed: async (texts) => texts.map(() => [1]) };
  const stopEmbedding = db.keepEmbedded(wrongLength, {
    onError: (error) => problems.push([error instanceof PluresError, error.code, error.message]),
  });
  await turn();
  stopEmbedding();
  tell("problems", problems);
  tell("hits", (await db.search("words", { mode: "meaning", embedder, type: "V" })).map(({ node }) => node.id));
  const found = await db.search("wrods", { highlight: true });
  tell("corrected", [found.corrected, found.map(({ node, snippet }) => [node.id, snippet])]);
  class Model {
    model = "class";
    dimension = 2;
    async embed(texts) {
      return texts.map(() => [0, 1]);
    }
  }
  tell("class", await db.embed(new Model()));
  tell("near", (await db.nearest("V", "v", { text: "x", embedder: new Model() })).map(({ node }) => node.id));
  tell("facets", await db.facets({ type: "T", fields: ["n"] }));
  await db.saveQuery({ name: "some", sql: "SELECT id FROM T WHERE n > :n ORDER BY id", params: { n: 1 } });
  const saved = [];
  db.liveSaved("some", { n: 3 }, ({ rows }) => saved.push(rows));
  const answers = [];
  const answering = db.liveAnswer((it) => it.get("t2"), ({ answer }) => answers.push(answer?.data.n ?? null));
  await turn();
  await db.increment("t2", "n", 7);
  await turn();
  answering.stop();
  tell("saved", [await db.runSaved("some"), (await db.savedQueries()).length, saved, answers]);
  await db.close();
  await failure("closed", db.get("a"));
  try {
    db.onChange(() => undefined);
  } catch (error) {
    tell("closed at once", error.code);
  }
  return told;
}
