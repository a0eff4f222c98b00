import { boolean } from "#fields/types/boolean.ts";
import { date } from "#fields/types/date.ts";
import { datetime } from "#fields/types/datetime.ts";
import type { FieldTypeName } from "#fields/types/definition.ts";
import { email } from "#fields/types/email.ts";
import { enumeration } from "#fields/types/enum.ts";
import type { FieldType } from "#fields/types/field-type.ts";
import { integer } from "#fields/types/integer.ts";
import { number } from "#fields/types/number.ts";
import { phone } from "#fields/types/phone.ts";
import { state } from "#fields/types/state.ts";
import { text } from "#fields/types/text.ts";
import { url } from "#fields/types/url.ts";
import { zip } from "#fields/types/zip.ts";

/** Every field type. A new one is a file, a line here, and its name in the definition. */
export const fieldTypes: Readonly<Record<FieldTypeName, FieldType>> = {
  text,
  number,
  integer,
  boolean,
  date,
  datetime,
  email,
  phone,
  state,
  zip,
  url,
  enum: enumeration,
};
