// The package in a runtime without a page.

import { open } from "pluresdb";

const db = await open("memory://");
await db.put({ id: "a", type: "Note", data: { title: "Buy milk" } });
console.log((await db.query("SELECT title FROM Note"))[0].title);
await db.close();
