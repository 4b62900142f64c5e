// What the scripts print for people: headings, notes, durations, tables.

const colours = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = paint("1");
export const green = paint("32");
export const red = paint("31");
export const dim = paint("2");

export const heading = (text) => console.log(`\n${bold(`== ${text}`)}`);
export const note = (text) => console.log(dim(`   ${text}`));
export const fail = (text) => console.error(`\n${red(text)}`);

export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Rows of cells as lines of aligned columns; columns named in `right` are aligned right. */
export function table(rows, right = []) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, column) =>
        right.includes(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
      )
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}
