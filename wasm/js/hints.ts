/** What to do about a failure, where the message does not say it: by its code, and for what goes wrong in a common way by the message. */

const byCode: Readonly<Record<string, string>> = {
  closed: "Open the database again; what goes on beside a close is ended by it.",
  damaged: "What is stored was left as it is. Open a database of another name, and sync it or import a copy.",
  deleted: "The content is in memory alone: keep what export() or image() gives, then reload the page.",
  format: "Reload the page, or update the package. What is not stored here yet is lost then, unless it is exported first.",
  forgotten: "history() shows what is kept.",
  import: "What the last progress told of is imported, the rest is not.",
  "in-transaction": "Call the methods of the transaction that the callback was given.",
  internal: "Reload the page: what was stored is safe. Please report what led to this.",
  invalid: "The error's `violations` name each field; types() gives the definition.",
  "no-embedder": "Give one as `embedder`: staticModel() of pluresdb/embed, or your own.",
  "no-indexeddb": "Open memory:// here, or use the pluresdb command line program for files.",
  "no-worker":
    "Serve the package's worker.js beside its other scripts, let the page's policy allow it (worker-src), or open with `worker: false`.",
  "not-a-database": "Give the bytes of a .pluresdb file, as the command line writes it, or image() and the format `pluresdb` do.",
  "not-found": "Put the node first; get() gives null where there is none.",
  "out-of-memory": "Close what is not needed, or split the data into several databases: each has to fit in memory.",
  overtaken: "Run the transaction again.",
  replaced: "Bind the field again, to a new document.",
  storage: "The change is kept in memory and stored as soon as that works again; see status().",
  taken: "put() changes what is there; so do INSERT OR REPLACE and ON CONFLICT.",
  "worker-ended": "Open the database again: what was stored is safe.",
};

const byMessage: readonly (readonly [code: string, wrong: RegExp, hint: string])[] = [
  ["import", /^line 1: column 1: (EOF while parsing a list|invalid type: map, expected a string)/, "An array of JSON is imported with the format `json`."],
  ["sql", /^no such (table|column)/, "Read from nodes, edges, or a type by its name: it has a table from its definition or first node on, and columns for its fields."],
  ["sql", /^\d+ values for a statement|^there is no value for/, "A value stands without quotes, as ? or :name, or in a template as ${value}."],
  ["sql", /near "\?"|row value misused/, "A value cannot be the name of a table or column, and a list stands behind IN."],
];

export function hintOf(code: string, message: string): string | undefined {
  const found = byMessage.find(([each, wrong]) => each === code && wrong.test(message));
  return found?.[2] ?? byCode[code];
}
