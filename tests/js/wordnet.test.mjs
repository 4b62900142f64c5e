import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { TOTALS, parseLine, toJsonl } from "../../demo/src/wordnet/parse.js";

const script = fileURLToPath(new URL("../../scripts/wordnet-jsonl.mjs", import.meta.url));

function run(...args) {
  return spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
}

async function entries() {
  const child = run();
  const nodes = new Map();
  const edges = new Map();
  for await (const line of createInterface({ input: child.stdout })) {
    const entry = JSON.parse(line);
    if ("id" in entry) nodes.set(entry.id, entry);
    else edges.set(`${entry.source} ${entry.label} ${entry.target}`, entry);
  }
  return { nodes, edges };
}

const wordnet = entries();

test("every synset and every pointer between synsets is there once", async () => {
  const { nodes, edges } = await wordnet;
  assert.deepEqual({ nodes: nodes.size, edges: edges.size }, { nodes: 117_791, edges: 285_668 });
  assert.deepEqual(TOTALS, { nodes: 117_791, edges: 285_668 });
});

test("both ends of every edge exist", async () => {
  const { nodes, edges } = await wordnet;
  for (const { source, target } of edges.values()) {
    assert.ok(nodes.has(source), source);
    assert.ok(nodes.has(target), target);
  }
});

test("a synset has its part of speech, lemmas, definition and examples", async () => {
  const { nodes } = await wordnet;
  assert.deepEqual(nodes.get("n00029976"), {
    id: "n00029976",
    type: "Synset",
    data: {
      pos: "n",
      lemmas: ["process", "physical process"],
      gloss: "a sustained phenomenon or one marked by gradual changes through a series of states",
      examples: ["events now in process", "the process of calcification begins later for boys than for girls"],
    },
  });
});

test("no definition is empty, no example keeps its quotes, no lemma its marks", async () => {
  const { nodes } = await wordnet;
  for (const { id, data } of nodes.values()) {
    assert.notEqual(data.gloss, "", id);
    assert.ok(data.lemmas.length > 0, id);
    for (const example of data.examples) assert.ok(example !== "" && !example.includes('"'), id);
    for (const lemma of data.lemmas) assert.doesNotMatch(lemma, /_|\((a|p|ip)\)/, id);
  }
});

test("edges carry readable labels", async () => {
  const { edges } = await wordnet;
  assert.deepEqual(edges.get("n00001740 hyponym n00001930"), {
    source: "n00001740",
    label: "hyponym",
    target: "n00001930",
  });
  assert.ok(edges.has("n00001930 hypernym n00001740"));
});

test("satellite adjectives have ids of adjectives", () => {
  const synset = parseLine(
    "00003131 00 s 02 adductive 0 adducting(a) 0 002 & 00002730 a 0000 + 01449236 v 0201 | " +
      "especially of muscles; drawing toward the midline  ",
  );
  assert.equal(synset?.node.id, "a00003131");
  assert.equal(synset?.node.data.pos, "s");
  assert.deepEqual(synset?.node.data.lemmas, ["adductive", "adducting"]);
  assert.equal(synset?.node.data.gloss, "especially of muscles; drawing toward the midline");
  assert.deepEqual(synset?.edges, [{ source: "a00003131", label: "similar", target: "a00002730" }]);
});

test("a quote in a definition stays there, an author stays with the example", () => {
  const gloss = (text) => parseLine(`00000001 03 n 01 word 0 000 | ${text}  `)?.node.data;
  const straw = gloss('spread by scattering ("straw" is archaic); "strew toys all over the carpet"');
  assert.equal(straw?.gloss, 'spread by scattering ("straw" is archaic)');
  assert.deepEqual(straw?.examples, ["strew toys all over the carpet"]);
  const gamut = gloss('a complete extent: "a gamut of emotions", "a scale"--Jane Austen');
  assert.equal(gamut?.gloss, "a complete extent");
  assert.deepEqual(gamut?.examples, ["a gamut of emotions", "a scale - Jane Austen"]);
});

test("text may be cut anywhere", async () => {
  const line = "00001740 03 n 01 entity 0 001 ~ 00001930 n 0000 | that which is perceived  ";
  const text = `  1 licence\n${line}\n${line}`;
  const whole = [];
  for await (const piece of toJsonl([text])) whole.push(piece);
  const cut = [];
  for await (const piece of toJsonl(text)) cut.push(piece);
  assert.equal(cut.join(""), whole.join(""));
  assert.equal(whole.join("").split("\n").length, 5);
});

test("a line that is cut short or unknown is refused", () => {
  assert.throws(() => parseLine("00001740 03 n 02 entity 0 | gloss"), /ends early/);
  assert.throws(() => parseLine("00001740 03 n 01 entity 0 001 ? 00001930 n 0000 | gloss"), /unknown kind/);
  assert.throws(() => parseLine("hello"), /not a line/);
});

test("the script ends quietly when its reader leaves, and loudly when a file is missing", async () => {
  const left = run();
  await once(left.stdout, "data");
  left.stdout.destroy();
  assert.deepEqual(await once(left, "close"), [0, null]);

  const missing = run("/nonexistent");
  const said = [];
  missing.stderr.on("data", (chunk) => said.push(chunk));
  assert.deepEqual(await once(missing, "close"), [1, null]);
  assert.match(Buffer.concat(said).toString(), /^wordnet-jsonl: .*ENOENT/);
});
