declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  const path: string;
  export default path;
}
declare module "swagger-ui-dist/swagger-ui.css" {
  const path: string;
  export default path;
}
declare module "*/send-test.js" {
  const path: string;
  export default path;
}
declare module "*/start-swagger-ui.js" {
  const path: string;
  export default path;
}
