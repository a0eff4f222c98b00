import { type FieldDefinition, titleOf } from "#fields/types/definition.ts";
import { aliasPath } from "./alias-path.ts";

/** By what the head of a column is taken for a field's; the first that fits, fits best. */
export type ColumnSign = "name" | "label" | "alias" | "usual word";

export interface RecognisedColumn {
  field: string;
  by: ColumnSign;
}

/**
 * Which field each column of a file holds by its head: whatever the case, blanks and marks, that is a field's name, its label, one of its
 * aliases or a word that such columns usually have. A field has one column: the one whose head fits best, of several the first.
 */
export function recogniseColumns(
  heads: readonly string[],
  fields: readonly FieldDefinition[],
): (RecognisedColumn | undefined)[] {
  const found: (RecognisedColumn | undefined)[] = heads.map(() => undefined);
  const taken = new Set<string>();
  for (const by of SIGNS) {
    const fieldsByWord = new Map(
      fields.flatMap((field) => wordsOf(field, by).map((word) => [comparedHead(word), field.name] as const)),
    );
    for (const [place, head] of heads.entries()) {
      const field = fieldsByWord.get(comparedHead(head));
      if (field === undefined || taken.has(field) || found[place] !== undefined) continue;
      found[place] = { field, by };
      taken.add(field);
    }
  }
  return found;
}

const SIGNS: readonly ColumnSign[] = ["name", "label", "alias", "usual word"];

function wordsOf(field: FieldDefinition, by: ColumnSign): readonly string[] {
  switch (by) {
    case "name":
      return [field.name];
    case "label":
      return [titleOf(field)];
    case "alias":
      return (field.aliases ?? []).filter((alias) => aliasPath(alias) === undefined);
    case "usual word":
      return USUAL_WORDS[field.name] ?? [];
  }
}

/** What spreadsheets, forms and CRMs call the columns of the fields that every campaign has. */
const USUAL_WORDS: Readonly<Record<string, readonly string[]>> = {
  first_name: ["first", "fname", "given name", "forename"],
  last_name: ["last", "lname", "surname", "family name"],
  phone: [
    "phone number",
    "phone 1",
    "primary phone",
    "telephone",
    "tel",
    "mobile",
    "mobile phone",
    "mobile number",
  ].concat(["cell", "cell phone"]),
  email: ["e-mail address", "email 1", "primary email", "mail"],
  state: ["st", "state code", "state/province", "province"],
  zip_code: ["zip", "zip/postal code", "postal code", "postcode", "postal"],
  source: ["lead source"],
  trustedform_cert_url: ["trustedform", "trustedform url", "trustedform certificate", "xxTrustedFormCertUrl"],
};

/** What of a head counts when heads are compared: letters without accents, and digits. */
export function comparedHead(head: string): string {
  return head
    .toLowerCase()
    .normalize("NFD")
    .replace(/[^\p{L}\p{N}]/gu, "");
}
