import { escapeHtml } from "./html.ts";
import { docsPage } from "./page.ts";
import type { Readers, Visitor } from "./visitor.ts";

/** A page on which Swagger UI shows the document at `documentUrl`. */
export function swaggerPage(
  {
    title,
    readers,
    path,
    documentUrl,
  }: { title: string; readers: Readers; path: string; documentUrl: string },
  visitor: Visitor,
): Response {
  const address = escapeHtml(documentUrl);
  return docsPage(
    {
      title,
      readers,
      path,
      swagger: path,
      className: "swagger-page",
      head: `<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="stylesheet" href="/docs/assets/swagger.css">
<script src="/docs/assets/swagger-ui-bundle.js" defer></script>
<script src="/docs/assets/swagger.js" defer></script>
`,
      body: `<div id="swagger-ui" data-document="${address}"></div>
<noscript><p>This page needs JavaScript. The document itself is at <a href="${address}">${address}</a>.</p></noscript>
`,
    },
    visitor,
  );
}
