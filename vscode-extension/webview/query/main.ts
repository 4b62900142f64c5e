/** The query panel's page: takes a statement, shows its rows. */
import { sentenceOf } from "../../src/engine/failure.ts";
import type { Choice, FromPanel, Result, ToPanel } from "../../src/query/messages.ts";
import { selectFrom } from "../../src/query/statement.ts";
import { duration, plural } from "../../src/text.ts";
import { button, byId, element, showText } from "../shared/dom.ts";
import { connect } from "../shared/host.ts";
import { ResultView } from "./result.ts";

const form = byId("form", HTMLFormElement);
const database = byId("database", HTMLSelectElement);
const sql = byId("sql", HTMLTextAreaElement);
const run = byId("run", HTMLButtonElement);
const tables = byId("tables", HTMLDivElement);
const error = byId("error", HTMLParagraphElement);
const status = byId("status", HTMLSpanElement);
const stale = byId("stale", HTMLSpanElement);

// Only the extension can send to this page.
const host = connect<FromPanel>((message) => {
  receive(message as ToPanel);
});
const view = new ResultView({
  more: (number, from) => {
    host.send({ type: "more", run: number, from });
  },
  openNode: (id) => {
    host.send({ type: "openNode", id });
  },
});

byId("modifier", HTMLElement).textContent = /mac/i.test(navigator.userAgent) ? "⌘" : "Ctrl";

form.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});
sql.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  start();
});
sql.addEventListener("input", edited);
database.addEventListener("change", () => {
  host.send({ type: "select", key: database.value });
  save();
});
host.send({ type: "ready" });

function receive(message: ToPanel): void {
  switch (message.type) {
    case "choices":
      showChoices(message.choices, message.selected);
      break;
    case "statement":
      sql.value = message.sql;
      save();
      break;
    case "running":
      showRunning();
      break;
    case "result":
      showResult(message.result);
      break;
    case "rows":
      view.append(message.run, message.rows);
      break;
    case "stale":
      stale.hidden = !view.shown;
      break;
    case "failed":
      run.disabled = false;
      view.hide();
      stale.hidden = true;
      status.textContent = "";
      showText(error, sentenceOf(message.failure));
      break;
  }
}

function start(): void {
  if (run.disabled) return;
  showRunning();
  host.send({ type: "run", sql: sql.value });
}

function showRunning(): void {
  run.disabled = true;
  status.textContent = "Running…";
  showText(error, null);
  stale.hidden = true;
}

function showResult(result: Result): void {
  run.disabled = false;
  showText(error, null);
  stale.hidden = !result.stale;
  view.show(result);
  status.textContent = `${plural(result.total, "row")} in ${duration(result.milliseconds)}`;
}

function showChoices(choices: Choice[], selected: string | null): void {
  const options = choices.map(({ key, name }) => element("option", { value: key }, name));
  if (selected !== null && !choices.some(({ key }) => key === selected)) {
    options.unshift(element("option", { value: selected, disabled: "" }, "(closed)"));
  }
  if (options.length === 0) options.push(element("option", { value: "" }, "No database is open"));
  database.replaceChildren(...options);
  if (selected !== null) database.value = selected;
  database.disabled = choices.length === 0;
  const choice = choices.find(({ key }) => key === selected);
  tables.replaceChildren(...(choice?.tables ?? []).map((name) => button(name, {}, () => { write(selectFrom(name)); })));
  save();
}

/** Puts a statement into the box, for the user to run or change. */
function write(statement: string): void {
  sql.value = statement;
  edited();
  sql.focus();
}

function edited(): void {
  host.send({ type: "edit", sql: sql.value });
  save();
}

function save(): void {
  host.save({ key: database.value === "" ? null : database.value, sql: sql.value });
}
