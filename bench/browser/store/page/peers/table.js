/** The table that SQLite keeps the documents in: columns for what is asked for, and the whole document as JSON. */

export const schema = `
  CREATE TABLE IF NOT EXISTS tasks (id TEXT PRIMARY KEY, owner TEXT, priority INTEGER, data TEXT);
  CREATE INDEX IF NOT EXISTS question ON tasks (owner, priority);
`;

export const put = "INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, ?)";
export const get = "SELECT data FROM tasks WHERE id = ?";
export const query = "SELECT data FROM tasks WHERE owner = ? AND priority = ?";

export const rowOf = (document) => [document.id, document.owner, document.priority, JSON.stringify(document)];
