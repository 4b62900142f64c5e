/** The query panel's markup. */

export const QUERY_BODY = `
<main>
  <form id="form">
    <div class="bar">
      <label for="database">Database</label>
      <select id="database"></select>
      <span class="badge" title="Databases are only read, never changed">read-only</span>
      <span class="spring"></span>
      <span id="keys" class="quiet"><kbd id="modifier">Ctrl</kbd>+<kbd>Enter</kbd></span>
      <button id="run" type="submit" class="primary">Run</button>
    </div>
    <textarea id="sql" rows="6" spellcheck="false" autocapitalize="off" autocomplete="off"
      aria-label="SQL statement" aria-describedby="keys" placeholder="SELECT …"></textarea>
    <div id="tables" class="chips" role="group" aria-label="Tables: a click writes a statement"></div>
  </form>
  <p id="error" class="notice error" role="alert" hidden></p>
  <div class="bar status">
    <span id="status" role="status"></span>
    <span id="stale" class="notice inline" hidden>The file has changed since; run again for news.</span>
  </div>
  <div id="scroll" tabindex="0" role="region" aria-label="Result" hidden>
    <table id="result"></table>
    <div id="rest" hidden>
      <span id="note"></span>
      <button id="more" type="button"></button>
    </div>
  </div>
</main>`;
