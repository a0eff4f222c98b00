// The page says by its data attributes which document it shows. A file of its own, because the page allows no script in itself.
const place = document.getElementById("swagger-ui");
const key = sessionStorage.getItem("leadgate-key");

const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// Swagger UI puts a link into the button that opens an operation, where none may stand (WCAG 4.1.2). The address of an operation is in
// the window's own once it is open, so that the path can be a text.
const pathWithoutLink = ({ React }) => ({
  wrapComponents: {
    OperationSummaryPath:
      () =>
      ({ operationProps }) => {
        const path = operationProps.get("path");
        const pieces = path
          .split(/(?=\/)/g)
          .flatMap((piece, index) => [React.createElement("wbr", { key: index }), piece]);
        const className = `opblock-summary-path${operationProps.get("deprecated") ? "__deprecated" : ""}`;
        return React.createElement("span", { className, "data-path": path }, pieces);
      },
  },
});

globalThis.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  plugins: [pathWithoutLink],
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  persistAuthorization: false,
  // With the key of the supplier who looks at it, a campaign's document has that supplier in its examples, and they can be sent.
  requestInterceptor(request) {
    if (key && !request.headers["x-api-key"]) request.headers["x-api-key"] = key;
    return request;
  },
});

// Swagger UI leaves its fields without names, and what scrolls out of a keyboard's reach.
let isDue = false;
new MutationObserver(() => {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    nameFields();
  });
}).observe(place, { childList: true, subtree: true });

function nameFields() {
  for (const field of place.querySelectorAll("select:not([aria-label]), textarea:not([aria-label])")) {
    const row = field.closest("tr[data-param-name]");
    const kind = field.closest(".opblock-section-request-body") ? "Request body" : "Choice";
    field.setAttribute("aria-label", row?.dataset.paramName ?? (field.id === "servers" ? "Server" : kind));
  }
  for (const text of place.querySelectorAll("pre:not([tabindex])")) text.tabIndex = 0;
}
