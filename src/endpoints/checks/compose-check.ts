import { type Composed, withRequest } from "#endpoints/compose.ts";
import { type CheckVariables, valuesOfCheck } from "#endpoints/message/check-variables.ts";
import { render } from "#endpoints/message/template.ts";
import type { CheckSettings } from "./check-settings.ts";

/** What is sent to ask about a lead, with `***` in the place of secrets. Never throws, whatever the lead's fields hold. */
export function composeCheck(lead: CheckVariables, { format, template }: CheckSettings): Composed {
  const values = valuesOfCheck(lead);
  const body = JSON.stringify(template === null ? {} : render(template, values));
  return withRequest({ contentType: "application/json", body, subject: null }, format, values);
}
