/** The page of a database file: its counts, its identity, and what can be done with it. */
import { sentenceOf, type Failure } from "../../src/engine/failure.ts";
import type { Facts, FromEditor, ToEditor } from "../../src/editor/messages.ts";
import { fileSize, grouped } from "../../src/text.ts";
import { byId, showText } from "../shared/dom.ts";
import { connect } from "../shared/host.ts";
import { drawCounts } from "./counts.ts";

const name = byId("name", HTMLHeadingElement);
const subtitle = byId("subtitle", HTMLParagraphElement);
const progress = byId("progress", HTMLParagraphElement);
const trouble = byId("trouble", HTMLParagraphElement);
const failed = byId("failed", HTMLElement);
const content = byId("content", HTMLDivElement);
const types = byId("types", HTMLTableElement);
const labels = byId("labels", HTMLTableElement);
const countLabels = byId("count-labels", HTMLButtonElement);
const hash = byId("hash", HTMLElement);
const compute = byId("compute", HTMLButtonElement);
const query = byId("query", HTMLButtonElement);

// Only the extension can send to this page.
const host = connect<FromEditor>((message) => {
  receive(message as ToEditor);
});

query.addEventListener("click", () => {
  host.send({ type: "query" });
});
byId("reload", HTMLButtonElement).addEventListener("click", () => {
  progress.textContent = "Reading the file…";
  host.send({ type: "reload" });
});
compute.addEventListener("click", () => {
  compute.hidden = true;
  hash.textContent = "computing…";
  host.send({ type: "hash" });
});
countLabels.addEventListener("click", () => {
  countLabels.hidden = true;
  host.send({ type: "labels" });
});
host.send({ type: "ready" });

function receive(message: ToEditor): void {
  switch (message.type) {
    case "opening":
      name.textContent = message.name;
      progress.textContent = "Reading the file…";
      break;
    case "open":
      name.textContent = message.name;
      showFacts(message.facts);
      break;
    case "failed":
      name.textContent = message.name;
      showFailure(message.failure);
      break;
    case "labels":
      countLabels.hidden = true;
      drawCounts(labels, message.labels, "No edges yet", (label) => {
        host.send({ type: "queryLabel", name: label });
      });
      break;
    case "hash":
      hash.textContent = message.hash;
      break;
    case "trouble":
      forgetHash();
      showText(trouble, sentenceOf(message.failure));
      break;
  }
}

function showFacts(facts: Facts): void {
  progress.textContent = "";
  failed.hidden = true;
  content.hidden = false;
  query.hidden = false;
  subtitle.hidden = false;
  showText(trouble, null);
  byId("nodes", HTMLElement).textContent = grouped(facts.nodes);
  byId("edges", HTMLElement).textContent = grouped(facts.edges);
  byId("records", HTMLElement).textContent = grouped(facts.records);
  byId("size", HTMLElement).textContent = fileSize(facts.bytes);
  byId("space", HTMLElement).textContent = facts.space;
  byId("read-at", HTMLElement).textContent = new Date(facts.readAt).toLocaleString();
  byId("read-from", HTMLElement).textContent = facts.fromWal ? "the file and its write-ahead file" : "the file";
  drawCounts(types, facts.types, "No nodes yet", (type) => {
    host.send({ type: "queryType", name: type });
  });
  labels.replaceChildren();
  countLabels.hidden = false;
  forgetHash();
}

function showFailure({ code, message }: Failure): void {
  progress.textContent = "";
  content.hidden = true;
  query.hidden = true;
  subtitle.hidden = true;
  showText(trouble, null);
  failed.hidden = false;
  byId("failure", HTMLElement).textContent = message;
  const shown = byId("code", HTMLElement);
  shown.textContent = code;
  if (shown.parentElement !== null) shown.parentElement.hidden = code === null;
}

function forgetHash(): void {
  hash.textContent = "";
  compute.hidden = false;
}
