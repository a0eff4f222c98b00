declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  const path: string;
  export default path;
}
declare module "swagger-ui-dist/swagger-ui.css" {
  const path: string;
  export default path;
}
declare module "*/docs.css" {
  const path: string;
  export default path;
}
declare module "*/swagger.css" {
  const path: string;
  export default path;
}
declare module "*/docs.js" {
  const path: string;
  export default path;
}
declare module "*/swagger.js" {
  const path: string;
  export default path;
}
