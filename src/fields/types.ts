import { boolean } from "./boolean.ts";
import { date } from "./date.ts";
import { datetime } from "./datetime.ts";
import type { FieldTypeName } from "./definition.ts";
import { email } from "./email.ts";
import { enumeration } from "./enum.ts";
import type { FieldType } from "./field-type.ts";
import { integer } from "./integer.ts";
import { number } from "./number.ts";
import { phone } from "./phone.ts";
import { state } from "./state.ts";
import { text } from "./text.ts";
import { url } from "./url.ts";
import { zip } from "./zip.ts";

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
