/** Errors as what is shown of them: a sentence, and a code where there is one. */

/** An error with a code, as the engine's own have. */
export class Refusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}

export interface Failure {
  code: string | null;
  message: string;
}

export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { code: null, message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : null;
  const prefix = `${code ?? ""}: `;
  const message = code !== null && error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  return { code, message };
}

/** "The sentence. (code)" */
export function sentenceOf({ code, message }: Failure): string {
  return code === null ? message : `${message} (${code})`;
}
