// An application as small as can be: what it found is the title of its page.

/* global document */

import { open } from "pluresdb";

const db = await open("idb://bundled").catch((error) => {
  document.title = `failed: ${error.code} ${error.message}`;
  throw error;
});
await db.put({ id: "a", type: "Note", data: { title: "Buy milk" } });
const [{ title }] = await db.query("SELECT title FROM Note");
const { worker, workerError } = await db.status();
await db.close();
document.title = JSON.stringify({ title, worker, workerError });
