/** The engine's WebAssembly module: read from the extension's own folder and compiled once, when first needed. */
import * as vscode from "vscode";

export type LoadModule = () => Promise<WebAssembly.Module>;

export function moduleLoader(extensionUri: vscode.Uri): LoadModule {
  let loading: Promise<WebAssembly.Module> | undefined;
  return () => {
    loading ??= load(extensionUri).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

async function load(extensionUri: vscode.Uri): Promise<WebAssembly.Module> {
  const uri = vscode.Uri.joinPath(extensionUri, "dist", "pluresdb_wasm_bg.wasm");
  const bytes = await vscode.workspace.fs.readFile(uri);
  return WebAssembly.compile(Uint8Array.from(bytes));
}
