import { escapeHtml } from "#api-docs/site/html.ts";
import type { Campaign } from "#campaigns/campaign.ts";
import { type FieldDefinition, type FieldTypeName, titleOf } from "#fields/types/definition.ts";

/**
 * A form with the campaign's fields, to be put into a page of the supplier's. It posts to the supplier's own server: a browser must
 * never hold the key.
 */
export function htmlForm(campaign: Campaign): string {
  const inputs = campaign.mapping.fields.map(
    (field) => `  <label>${escapeHtml(titleOf(field))}${input(field)}</label>\n`,
  );
  return `<!-- ${escapeHtml(campaign.name).replaceAll("--", "- -")}: post this to a server of yours,
  which adds flo_supplier_id and the header x-api-key and
     sends it on to /api/v1/ingest. A key in a page is everybody's key. -->
<form method="post" action="/send-lead">
  <input type="hidden" name="flo_campaign_id" value="${escapeHtml(campaign.id)}">
${inputs.join("")}  <button>Send</button>
</form>
`;
}

function input(field: FieldDefinition): string {
  const name = ` name="${field.name}"${field.required === true ? " required" : ""}`;
  if (field.type === "enum") return select(name, field, field.values ?? []);
  if (field.type === "boolean") return select(name, field, ["true", "false"]);
  const bounds = [
    ...(field.min === undefined ? [] : [` min="${escapeHtml(String(field.min))}"`]),
    ...(field.max === undefined ? [] : [` max="${escapeHtml(String(field.max))}"`]),
    ...(field.type === "number" ? [' step="any"'] : []),
    ...(field.min_length === undefined ? [] : [` minlength="${field.min_length}"`]),
    ...(field.max_length === undefined ? [] : [` maxlength="${field.max_length}"`]),
  ];
  return `<input type="${INPUT_TYPES[field.type]}"${name}${bounds.join("")}>`;
}

function select(name: string, field: FieldDefinition, values: readonly string[]): string {
  const options = values.map((value) => `<option>${escapeHtml(value)}</option>`);
  return `<select${name}>${field.required === true ? "" : '<option value=""></option>'}${options.join("")}</select>`;
}

const INPUT_TYPES: Readonly<Record<Exclude<FieldTypeName, "enum" | "boolean">, string>> = {
  text: "text",
  number: "number",
  integer: "number",
  date: "date",
  // What a browser's own field of date and time sends lacks the offset that is asked for.
  datetime: "text",
  email: "email",
  phone: "tel",
  state: "text",
  zip: "text",
  url: "url",
};
