/** Only our own scripts, and requests to ourselves alone. Swagger UI writes styles into its elements; its icons are `data:`. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A page that loads nothing from elsewhere. `body` is HTML. */
export function htmlPage(title: string, body: string, head = ""): Response {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
${head}</head>
<body>
${body}
</body>
</html>
`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": POLICY,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      // A page follows the configuration at once.
      "cache-control": "no-store",
    },
  });
}

/** What is ours alone: Swagger UI has its own. Below a page's introduction its heading would say the same once more. */
const STYLE = `
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1c2733; background: #fff; }
.ours { max-width: 60rem; margin: 0 auto; padding: 1rem; }
.ours h1 { line-height: 1.2; }
.ours table { border-collapse: collapse; width: 100%; }
.ours th, .ours td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #d8dee4; }
.ours pre { background: #f4f6f8; padding: .8rem; font-size: .875rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.ours code { font-family: ui-monospace, monospace; font-size: .9em; }
.ours button { font: inherit; padding: .4rem 1rem; cursor: pointer; }
.ours + div .information-container { display: none; }
.manual { max-width: 60rem; margin: 0 auto; padding: 1rem 1rem 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .9rem; }
.manual a { color: #2c5d8a; }
.manual a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }
.manual + .ours pre { white-space: pre; overflow-wrap: normal; overflow-x: auto; }
`;

/** A page on which Swagger UI shows the document at `documentUrl`, below `intro` (HTML). */
export function swaggerPage(title: string, documentUrl: string, intro = ""): Response {
  const body = `${intro}<div id="swagger-ui" data-document="${escapeHtml(documentUrl)}"></div>
<noscript><p>This page needs JavaScript. The document itself is at
<a href="${escapeHtml(documentUrl)}">${escapeHtml(documentUrl)}</a>.</p></noscript>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/assets/start-swagger-ui.js"></script>`;
  return htmlPage(title, body, '<link rel="stylesheet" href="/docs/assets/swagger-ui.css">\n');
}

export function escapeHtml(text: string): string {
  return Bun.escapeHTML(text);
}
