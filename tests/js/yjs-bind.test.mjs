// `pluresdb/yjs`: a field and a document follow one another.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open } from "pluresdb";
import { bindList, bindText, bindXml } from "pluresdb/yjs";
import * as Y from "yjs";

const quiet = () => new Promise((resolve) => { setTimeout(resolve, 20); });

async function withNote(data = {}) {
  const db = await open("memory://");
  await db.put({ id: "n", type: "Note", data });
  return db;
}

test("a text begins as it is in the database, and goes both ways", async () => {
  const db = await withNote({ deep: { body: "Buy milk" } });
  const field = ["deep", "body"];
  const one = await bindText(db, "n", field);
  assert.equal(one.shared.toString(), "Buy milk");
  one.shared.insert(4, "oat ");
  one.shared.insert(0, "> ");
  await one.saved();
  assert.equal(await db.node("n").text(field).get(), "> Buy oat milk");
  assert.equal((await db.history("n")).length, 2, "changes of one turn are one");
  await db.editText("n", field, [{ at: 14, insert: "!" }]);
  await db.patch("n", { deep: { body: "> Buy oat milk?" } });
  await quiet();
  assert.equal(one.shared.toString(), "> Buy oat milk?");
  await one.close();
  one.shared.insert(0, "after");
  await db.editText("n", field, [{ at: 0, insert: "x" }]);
  await quiet();
  assert.equal(one.shared.toString(), "after> Buy oat milk?");
  assert.equal(await db.node("n").text(field).get(), "x> Buy oat milk?");
});

test("a document follows a database that was read anew, which names no nodes", async () => {
  const db = await withNote({ body: "Buy milk" });
  const onChange = (listener) => db.onChange(({ origin }) => { listener({ origin, nodes: [] }); });
  const anew = new Proxy(db, {
    get: (_, key) => (key === "onChange" ? onChange : typeof db[key] === "function" ? db[key].bind(db) : db[key]),
  });
  const one = await bindText(anew, "n", "body");
  await db.editText("n", "body", [{ at: 4, insert: "oat " }]);
  await quiet();
  assert.equal(one.shared.toString(), "Buy oat milk");
  await one.close();
});

test("several documents on one field come to be equal, whatever is typed where", async () => {
  const db = await withNote();
  const bound = await Promise.all([1, 2, 3].map(() => bindText(db, "n", "body")));
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % below;
  };
  for (let step = 0; step < 120; step += 1) {
    const { shared } = bound[random(3)];
    if (shared.length > 5 && random(3) === 0) shared.delete(random(shared.length - 2), 2);
    else shared.insert(random(shared.length + 1), String.fromCharCode(97 + random(26)).repeat(1 + random(3)));
    if (random(4) === 0) await Promise.resolve();
    if (random(10) === 0) await quiet();
  }
  await Promise.all(bound.map((each) => each.saved()));
  await quiet();
  const texts = bound.map(({ shared }) => shared.toString());
  assert.deepEqual(new Set([...texts, await db.node("n").text("body").get()]).size, 1);
  assert.ok(texts[0].length > 20);
});

test("a document that has content of its own brings it along, and a list is bound as well", async () => {
  const db = await withNote();
  const doc = new Y.Doc();
  doc.getArray("value").push(["mine"]);
  const { shared, saved } = await bindList(db, "n", "steps", { doc });
  await saved();
  await db.node("n").list("steps").push("theirs");
  await quiet();
  assert.deepEqual(shared.toArray(), ["mine", "theirs"]);
});

test("what is typed while a document is being bound is written, and so is what follows", async () => {
  const db = await withNote({ body: "Buy milk" });
  const errors = [];
  const doc = new Y.Doc();
  const text = doc.getText("value");
  const binding = bindText(db, "n", "body", { doc, onError: (error) => errors.push(error) });
  text.insert(0, "early ");
  const { saved } = await binding;
  text.insert(text.toString().indexOf("early") + 5, " bird");
  await saved();
  assert.deepEqual(errors, []);
  assert.match(text.toString(), /early bird/);
  assert.equal(await db.node("n").text("body").get(), text.toString());
});

test("a change is written at whatever moment after another one it is made", async () => {
  const db = await withNote();
  for (let ticks = 0; ticks < 8; ticks += 1) {
    const field = `body${ticks}`;
    let shared = null;
    const typeLater = async () => {
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      shared.insert(1, "b");
    };
    let written = 0;
    const watched = {
      fieldUpdate: (...parts) => db.fieldUpdate(...parts),
      onChange: (listener) => db.onChange(listener),
      applyUpdate: (...parts) => {
        const done = db.applyUpdate(...parts);
        if ((written += 1) === 1) void done.then(typeLater);
        return done;
      },
    };
    ({ shared } = await bindText(watched, "n", field));
    shared.insert(0, "a");
    await quiet();
    assert.equal(await db.node("n").text(field).get(), "ab", `after ${ticks} ticks`);
  }
});

test("what cannot be written is told, kept, and written with the next change", async () => {
  const db = await withNote();
  assert.equal((await bindText(db, "none", "body").catch((error) => error)).code, "not-found");
  const errors = [];
  const { shared, saved } = await bindText(db, "n", "body", { onError: (error) => errors.push(error.code) });
  await db.delete("n");
  shared.insert(0, "lost?");
  await assert.rejects(saved(), { code: "not-found" });
  assert.ok(errors.includes("not-found"));
  await db.put({ id: "n", type: "Note", data: {} });
  shared.insert(5, " No.");
  await saved();
  assert.equal(await db.node("n").text("body").get(), "lost? No.");
});

test("a text that no transaction can hold is pasted and stored", async () => {
  const db = await withNote({ body: "Before: " });
  const { shared, saved } = await bindText(db, "n", "body");
  const pasted = "A long text, 漢字 and 🦀. ".repeat(20_000);
  shared.insert(8, pasted);
  await saved();
  assert.equal(await db.node("n").text("body").get(), `Before: ${pasted}`);
  assert.ok((await db.history("n")).length > 2);
});

for (const [how, rewrite] of [
  ["written plainly", (db) => db.patch("n", { body: "Bananas" })],
  ["deleted with its node, which came back", async (db) => {
    await db.delete("n");
    await db.put({ id: "n", type: "Note", data: { body: "Bananas" } });
  }],
]) {
  test(`a binding ends where its field is ${how}`, async () => {
    const db = await withNote({ body: "Apples" });
    const errors = [];
    const { shared, saved, close } = await bindText(db, "n", "body", { onError: (error) => errors.push(error) });
    const rewritten = rewrite(db);
    shared.insert(6, "!");
    await rewritten;
    await quiet();
    assert.equal(shared.toString(), "Apples!", "it is not mixed with what is there now");
    const last = errors.at(-1);
    assert.deepEqual([last.code, typeof last.hint], ["replaced", "string"]);
    await assert.rejects(saved(), { code: "replaced" });
    const told = errors.length;
    shared.insert(0, "more ");
    await quiet();
    assert.equal(errors.length, told);
    await close();
    const again = await bindText(db, "n", "body");
    assert.equal(again.shared.toString(), "Bananas");
    again.shared.insert(7, " too");
    await again.saved();
    assert.equal(await db.node("n").text("body").get(), "Bananas too");
  });
}

test("formats, deletions and writes of others do not end a binding", async () => {
  const db = await withNote({ body: "Apples" });
  const errors = [];
  const onError = (error) => errors.push(error);
  const [one, two] = [await bindText(db, "n", "body", { onError }), await bindText(db, "n", "body", { onError })];
  one.shared.format(0, 3, { bold: true });
  two.shared.delete(1, 4);
  await Promise.all([one.saved(), two.saved()]);
  one.shared.insert(0, "x");
  await one.saved();
  await db.patch("n", { body: "Pears" });
  await quiet();
  two.shared.insert(5, "?");
  await two.saved();
  await quiet();
  assert.deepEqual(errors, []);
  assert.deepEqual([one.shared.toString(), two.shared.toString()], ["Pears?", "Pears?"]);
});

test("two who begin a formatted text at once have begun one, with all that either writes", async () => {
  const db = await withNote();
  const bound = await Promise.all([bindXml(db, "n", "rich"), bindXml(db, "n", "rich")]);
  const paragraph = (text, format) => {
    const element = new Y.XmlElement("paragraph");
    const letters = new Y.XmlText();
    element.insert(0, [letters]);
    letters.insert(0, text, format);
    return element;
  };
  bound[0].shared.insert(0, [paragraph("Buy milk", {})]);
  bound[1].shared.insert(0, [paragraph("now", { strong: {} })]);
  await Promise.all(bound.map((each) => each.saved()));
  await quiet();
  const [one, two] = bound.map(({ shared }) => shared.toString());
  assert.equal(one, two);
  assert.match(one, /Buy milk/);
  assert.match(one, /<strong>now<\/strong>/);
  const { data } = await db.get("n");
  assert.deepEqual(data.rich, [one]);
  assert.deepEqual((await db.search("milk")).map(({ node }) => node.id), ["n"]);

  const copy = await open("memory://", { image: await db.image() });
  const again = await bindXml(copy, "n", "rich");
  assert.equal(again.shared.toString(), one);
  again.shared.get(0).get(0).insert(0, "> ");
  await again.saved();
  assert.notEqual((await copy.get("n")).data.rich[0], one);

  // A list out of which the fragment was taken begins another one.
  await db.editList("n", "rich", [{ at: 0, remove: 1 }]);
  const fresh = await bindXml(db, "n", "rich");
  fresh.shared.insert(0, [paragraph("anew", {})]);
  await fresh.saved();
  assert.deepEqual((await db.get("n")).data.rich, ["<paragraph>anew</paragraph>"]);
});

test("a list of something else is bound as no formatted text", async () => {
  const db = await withNote({ steps: ["go"] });
  const error = await bindXml(db, "n", "steps").catch((error) => error);
  assert.equal(error.code, "bad-field");
  assert.match(error.message, /^field steps is a list/);
  assert.deepEqual((await db.get("n")).data.steps, ["go"]);
});
