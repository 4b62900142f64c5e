// Bundles the application, or serves it as it is developed: `node build.mjs vite|vite-ssr|vite-dev|webpack|webpack-server FOLDER`. A process of its
// own, since bundlers keep the folder they were started in and much memory.

import { join } from "node:path";

const [, , tool, folder] = process.argv;

const tools = {
  vite: async () => {
    const { build } = await import("vite");
    await build({ root: folder, base: "./", logLevel: "warn", build: { outDir: join(folder, "out/vite"), target: "es2022" } });
  },
  "vite-ssr": async () => {
    const { build } = await import("vite");
    await build({
      root: folder,
      logLevel: "warn",
      ssr: { noExternal: true },
      build: { ssr: join(folder, "server.js"), outDir: join(folder, "out/ssr"), target: "es2022" },
    });
  },
  "vite-dev": async () => {
    const { createServer } = await import("vite");
    const server = await createServer({
      root: folder,
      logLevel: "warn",
      server: { host: "127.0.0.1", port: 0, fs: { strict: false } },
      // As docs/browser.md says.
      optimizeDeps: { exclude: ["pluresdb"] },
    });
    await server.listen();
    console.log(`ready at http://127.0.0.1:${server.httpServer.address().port}/`);
  },
  webpack: () => webpack({ entry: "./main.js", output: { path: join(folder, "out/webpack"), filename: "main.js" } }),
  // As frameworks build what renders on the server: files are for the site, whose addresses are no files.
  "webpack-server": () =>
    webpack({
      target: "node20",
      entry: "./runtime.mjs",
      output: { path: join(folder, "out/webpack-server"), filename: "main.cjs", publicPath: "/assets/" },
    }),
};

async function webpack(configuration) {
  const { default: bundle } = await import("webpack");
  const stats = await new Promise((resolve, reject) => {
    bundle({ mode: "production", context: folder, ...configuration }, (error, done) => (error ? reject(error) : resolve(done)));
  });
  // The size of the module is no defect of the application.
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  const told = [...errors, ...warnings].filter(({ message }) => !/size limit/.test(message));
  if (told.length > 0) throw new Error(told.map(({ message }) => message).join("\n"));
}

await tools[tool]();
