import { EDITORS_CONFIGURATION } from "#configuration/reference/document-schema.ts";
import type { JsonSchema } from "#http/schema.ts";
import { schemasReferredTo } from "./components.ts";

/** The schema of the configuration document as editors read it: whole in itself, in JSON Schema 2020-12. */
export function configurationSchema(): JsonSchema {
  const { Configuration: root, ...others } = schemasReferredTo(EDITORS_CONFIGURATION);
  const schema = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Leadgate's configuration",
    ...root,
    $defs: others,
  };
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/")) as JsonSchema;
}
