/** The markup of a database file's page. */

export const EDITOR_BODY = `
<main>
  <header>
    <svg class="logo" viewBox="0 0 32 32" width="36" height="36" aria-hidden="true">
      <path class="links" d="M9 9 23 7M9 9l3 14M23 7l2 14M12 23l13-2M9 9l16 12"/>
      <circle class="one" cx="9" cy="9" r="5"/><circle class="two" cx="23" cy="7" r="3.5"/>
      <circle class="two" cx="12" cy="23" r="3.5"/><circle class="one" cx="25" cy="21" r="5"/>
    </svg>
    <div>
      <h1 id="name"></h1>
      <p id="subtitle" class="quiet">PluresDB database <span class="badge" title="The extension only reads the file">read-only</span></p>
    </div>
    <span class="spring"></span>
    <button id="query" type="button" class="primary">Query</button>
    <button id="reload" type="button">Reload</button>
  </header>
  <p id="progress" class="quiet" role="status"></p>
  <p id="trouble" class="notice error" role="alert" hidden></p>
  <section id="failed" class="failed" role="alert" hidden>
    <h2>This file cannot be shown</h2>
    <p id="failure"></p>
    <p class="quiet">Code <code id="code"></code></p>
  </section>
  <div id="content" hidden>
    <dl class="tiles">
      <div><dt>Nodes</dt><dd id="nodes"></dd></div>
      <div><dt>Edges</dt><dd id="edges"></dd></div>
      <div><dt>Records in the log</dt><dd id="records"></dd></div>
      <div><dt>Size</dt><dd id="size"></dd></div>
    </dl>
    <div class="columns">
      <section aria-labelledby="types-title">
        <h2 id="types-title">Nodes by type</h2>
        <table id="types" class="counts"></table>
      </section>
      <section aria-labelledby="labels-title">
        <h2 id="labels-title">Edges by label</h2>
        <button id="count-labels" type="button" class="link" hidden>Count them</button>
        <table id="labels" class="counts"></table>
      </section>
    </div>
    <section aria-labelledby="identity-title">
      <h2 id="identity-title">Identity</h2>
      <dl class="facts">
        <div><dt>Space</dt><dd><code id="space"></code></dd></div>
        <div><dt>State hash</dt><dd><code id="hash" aria-live="polite"></code> <button id="compute" type="button" class="link">Compute</button></dd></div>
        <div><dt>Read</dt><dd><span id="read-at"></span> from <span id="read-from"></span></dd></div>
      </dl>
    </section>
  </div>
</main>`;
