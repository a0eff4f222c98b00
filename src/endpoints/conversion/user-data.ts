/**
 * Who a person is, as Meta matches it: values normalised as its Conversions API publishes ("Customer Information Parameters"), and hashed
 * where that asks for it. All of it is pure.
 */

/** The parameters that a field can be given for, with how they are sent. */
const PARAMETERS = {
  em: { form: "hashed", field: "email", normalised: trimmed },
  ph: { form: "hashed", field: "phone", normalised: phone },
  fn: { form: "hashed", field: "first_name", normalised: name },
  ln: { form: "hashed", field: "last_name", normalised: name },
  ct: { form: "hashed", field: null, normalised: lettersAndDigits },
  st: { form: "hashed", field: "state", normalised: lettersAndDigits },
  zp: { form: "hashed", field: "zip_code", normalised: zip },
  country: { form: "hashed", field: null, normalised: country },
  db: { form: "hashed", field: null, normalised: digits },
  external_id: { form: "hashed", field: null, normalised: (text) => text.trim() },
  lead_id: { form: "plain", field: null, normalised: leadId },
  fbc: { form: "plain", field: null, normalised: (text) => text.trim() },
  fbp: { form: "plain", field: null, normalised: (text) => text.trim() },
  client_ip_address: { form: "plain", field: null, normalised: (text) => text.trim() },
  client_user_agent: { form: "plain", field: null, normalised: (text) => text.trim() },
} as const satisfies Record<string, ParameterForm>;

interface ParameterForm {
  /** A hashed one is sent as a list of one lower-case hex SHA-256. */
  readonly form: "hashed" | "plain";
  /** Read when the operator names none; null: nothing is. */
  readonly field: string | null;
  /** As it is hashed or sent, for a person of this country (ISO 3166-1 alpha-2); empty: it cannot be sent. */
  normalised(text: string, country: string): string;
}

export type UserParameter = keyof typeof PARAMETERS;
export const USER_PARAMETERS = Object.keys(PARAMETERS) as readonly UserParameter[];

/** A lead's person. */
export interface MatchedPerson {
  /** As it is shown; what Meta knows the person by when no field is named for it. */
  readonly leadId: string;
  /** Of the campaign. */
  readonly country: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export type UserData = Partial<Record<UserParameter, string | [string]>>;

/** The `user_data` of a person: what there is of it. `map` names the fields that parameters are read from. */
export function userData(
  person: MatchedPerson,
  map: Readonly<Partial<Record<UserParameter, string>>>,
): UserData {
  const entries = USER_PARAMETERS.flatMap((parameter) => {
    const { form, normalised } = PARAMETERS[parameter];
    const value = normalised(textOf(person, parameter, map[parameter]), person.country);
    if (value === "") return [];
    return [[parameter, form === "hashed" ? [sha256(value)] : value]];
  });
  return Object.fromEntries(entries);
}

function textOf(
  { fields, country, leadId }: MatchedPerson,
  parameter: UserParameter,
  mapped?: string,
): string {
  const field = mapped ?? PARAMETERS[parameter].field;
  const value = field !== null && Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (typeof value === "string" && value.trim() !== "") return value;
  if (typeof value === "number") return String(value);
  if (parameter === "country") return country;
  return parameter === "external_id" && mapped === undefined ? leadId : "";
}

function trimmed(text: string): string {
  return text.trim().toLowerCase();
}

/** Digits with the country's code before them, and no zeros before that. */
function phone(text: string): string {
  return digits(text).replace(/^0+/, "");
}

function digits(text: string): string {
  return text.replace(/\D/g, "");
}

/** Lower case without punctuation, in whatever letters. */
function name(text: string): string {
  return trimmed(text.normalize("NFC").replace(/[\p{P}\p{S}]/gu, "")).replace(/\s+/g, " ");
}

/** Lower case without punctuation, special characters and spaces. */
function lettersAndDigits(text: string): string {
  return text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, "");
}

/** Without spaces and dashes; of the United States the first five digits alone. */
function zip(text: string, countryCode: string): string {
  const joined = text.toLowerCase().replace(/[\s-]/g, "");
  return countryCode.toUpperCase() === "US" ? joined.slice(0, 5) : joined;
}

/** Two letters. */
function country(text: string): string {
  const code = trimmed(text);
  return /^[a-z]{2}$/.test(code) ? code : "";
}

/** The id that Meta gave the lead: 15 or more digits. Its exports write `l:` before it. Anything else has the event refused. */
function leadId(text: string): string {
  const id = text.trim().replace(/^l:/, "");
  return /^\d{15,20}$/.test(id) ? id : "";
}

function sha256(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}
