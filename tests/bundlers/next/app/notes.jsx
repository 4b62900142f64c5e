"use client";

import { open } from "pluresdb";
import { useLiveQuery } from "pluresdb/react";
import { useEffect, useState } from "react";

// Also loaded on the server, which has no IndexedDB.
const opening = open("idb://next");

export function Notes() {
  const [status, setStatus] = useState(null);
  const { rows, error } = useLiveQuery("SELECT id, data ->> 'title' AS title FROM nodes", [], opening);
  useEffect(() => {
    opening.then(async (db) => {
      await db.put({ id: "a", type: "Note", data: { title: "Buy milk" } });
      setStatus(await db.status());
    });
  }, []);
  useEffect(() => {
    if (error) document.title = `failed: ${error.message}`;
    const { worker, workerError } = status ?? {};
    if (status && rows.length > 0) document.title = JSON.stringify({ title: rows[0].title, worker, workerError });
  });
  return <ul>{rows.map(({ id, title }) => <li key={id}>{title}</li>)}</ul>;
}
