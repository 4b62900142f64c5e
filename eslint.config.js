// One set of lint rules for every workspace. TypeScript is linted with its types: a file must belong
// to the tsconfig.json of its workspace.

import js from "@eslint/js";
import { defineConfig } from "eslint/config";
import globals from "globals";
import tseslint from "typescript-eslint";

const typescript = ["**/*.ts", "**/*.tsx", "**/*.mts"];

export default defineConfig(
  {
    ignores: ["**/node_modules/", "**/dist/", "**/pkg/", "target/", ".cache/", "**/test-results/"],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { globals: globals.node },
  },
  {
    // What benchmarks run inside pages and their workers.
    files: ["bench/browser/*/page/**"],
    languageOptions: { globals: { ...globals.browser, ...globals.worker } },
  },
  {
    files: typescript,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // Numbers read well in a template; objects do not.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
);
