/**
 * The write-ahead file of SQLite. While a program has a database open, its newest commits are in the file
 * NAME-wal, and NAME alone may be a mixture of old and new pages. What SQLite would do is done here on bytes:
 * each page is taken from the last commit that wrote it. What was not committed, or is torn, is left out.
 *
 * The format: https://sqlite.org/fileformat2.html, "The Write-Ahead Log".
 */

const HEADER = 32;
const FRAME_HEADER = 24;
/** The last bit says that checksums read their words with the big end first. */
const MAGIC = 0x377f0682;
const SMALLEST_PAGE = 512;
const LARGEST_PAGE = 65536;

/** The database that file and write-ahead file are together; the file itself where the other adds nothing. */
export function withWal(file: Uint8Array, wal: Uint8Array): Uint8Array {
  const header = readHeader(wal);
  if (header === null) return file;
  const { pages, count } = committedPages(wal, header);
  if (count === 0) return file;
  const whole = new Uint8Array(count * header.pageSize);
  whole.set(file.subarray(0, whole.length));
  for (const [number, at] of pages) {
    // A later commit may have made the database smaller.
    if (number <= count) whole.set(wal.subarray(at, at + header.pageSize), (number - 1) * header.pageSize);
  }
  return whole;
}

/** What changes whenever the write-ahead file begins anew. */
export function walGeneration(wal: Uint8Array): string {
  return wal.subarray(0, HEADER).join();
}

interface Header {
  pageSize: number;
  /** Drawn anew whenever the file begins anew: frames with others are left over from before. */
  salts: [number, number];
  sum: Checksum;
}

function readHeader(wal: Uint8Array): Header | null {
  if (wal.length < HEADER) return null;
  const view = viewOf(wal);
  const magic = view.getUint32(0);
  const pageSize = view.getUint32(8);
  if ((magic & ~1) >>> 0 !== MAGIC || !isPageSize(pageSize)) return null;
  const sum = new Checksum((magic & 1) === 0);
  sum.add(view, 0, 24);
  if (!sum.equals(view, 24)) return null;
  return { pageSize, salts: [view.getUint32(16), view.getUint32(20)], sum };
}

/** Where the newest committed content of each page is, and how many pages the database then has. */
function committedPages(wal: Uint8Array, { pageSize, salts, sum }: Header): { pages: Map<number, number>; count: number } {
  const view = viewOf(wal);
  const pages = new Map<number, number>();
  let pending: [number, number][] = [];
  let count = 0;
  for (let at = HEADER; at + FRAME_HEADER + pageSize <= wal.length; at += FRAME_HEADER + pageSize) {
    const number = view.getUint32(at);
    if (number === 0 || view.getUint32(at + 8) !== salts[0] || view.getUint32(at + 12) !== salts[1]) break;
    sum.add(view, at, 8);
    sum.add(view, at + FRAME_HEADER, pageSize);
    if (!sum.equals(view, at + 16)) break;
    pending.push([number, at + FRAME_HEADER]);
    const pagesAfterCommit = view.getUint32(at + 4);
    if (pagesAfterCommit === 0) continue;
    for (const [page, place] of pending) pages.set(page, place);
    pending = [];
    count = pagesAfterCommit;
  }
  return { pages, count };
}

/** SQLite's running checksum over pairs of words. */
class Checksum {
  readonly #littleEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(littleEndian: boolean) {
    this.#littleEndian = littleEndian;
  }

  add(view: DataView, from: number, length: number): void {
    for (let at = from; at < from + length; at += 8) {
      this.#first = (this.#first + view.getUint32(at, this.#littleEndian) + this.#second) >>> 0;
      this.#second = (this.#second + view.getUint32(at + 4, this.#littleEndian) + this.#first) >>> 0;
    }
  }

  equals(view: DataView, at: number): boolean {
    return view.getUint32(at) === this.#first && view.getUint32(at + 4) === this.#second;
  }
}

function isPageSize(size: number): boolean {
  return size >= SMALLEST_PAGE && size <= LARGEST_PAGE && (size & (size - 1)) === 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
