/** The line to the extension. */

interface VsCodeApi {
  postMessage(message: unknown): void;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface Host<To> {
  send(message: To): void;
  /** What VS Code gives back when its window is reloaded. */
  save(state: unknown): void;
}

export function connect<To>(receive: (message: unknown) => void): Host<To> {
  const api = acquireVsCodeApi();
  addEventListener("message", (event: MessageEvent<unknown>) => {
    receive(event.data);
  });
  return {
    send: (message) => {
      api.postMessage(message);
    },
    save: (state) => {
      api.setState(state);
    },
  };
}
