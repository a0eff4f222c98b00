// The page says by its data attribute which document it shows. A file of its own, because the page allows no script in itself.
const place = document.getElementById("swagger-ui");
globalThis.SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  persistAuthorization: false,
});
