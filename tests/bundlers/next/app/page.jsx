// Rendered on the server, which has a database of its own in memory, and drawn on by the page.
import { open } from "pluresdb";
import { Notes } from "./notes";

export const dynamic = "force-dynamic";

export default async function Page() {
  const db = await open("memory://");
  await db.put({ id: "a", type: "Note", data: { title: "From the server" } });
  const [{ title }] = await db.query("SELECT title FROM Note");
  await db.close();
  return <main><h1>{title}</h1><Notes /></main>;
}
