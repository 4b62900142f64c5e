/** The workloads and peers of texts, and what is promised of them. `limit` is in milliseconds, where one has its own. */

export const ours = "pluresdb";
/** What PluresDB builds on: others are told as times of it. */
export const floor = "yjs";

export const peers = [
  { key: ours, name: "PluresDB" },
  { key: floor, name: "Yjs" },
  { key: "automerge", name: "Automerge" },
  { key: "loro", name: "Loro" },
];

export const workloads = [
  { key: "B1.1", title: "append characters" },
  { key: "B1.2", title: "insert one string" },
  { key: "B1.3", title: "prepend characters" },
  { key: "B1.4", title: "insert characters anywhere" },
  { key: "B1.5", title: "insert words anywhere" },
  { key: "B1.6", title: "insert a string and delete it" },
  { key: "B1.7", title: "insert and delete anywhere" },
  { key: "B2.1", title: "two insert a string at one place" },
  { key: "B2.2", title: "two insert characters anywhere" },
  { key: "B2.3", title: "two insert words anywhere" },
  { key: "B2.4", title: "two insert and delete" },
  { key: "B3.4", title: "many insert at one place" },
  { key: "B4", title: "a paper typed, drawn, applied at once", times: 2, limit: 60_000 },
];
