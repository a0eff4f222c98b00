// USPS Publication 28, appendix B: states, DC, territories and freely associated states, military "states".
const US_STATES: Readonly<Record<string, readonly string[]>> = {
  AL: ["Alabama"],
  AK: ["Alaska"],
  AZ: ["Arizona"],
  AR: ["Arkansas"],
  CA: ["California"],
  CO: ["Colorado"],
  CT: ["Connecticut"],
  DE: ["Delaware"],
  FL: ["Florida"],
  GA: ["Georgia"],
  HI: ["Hawaii", "Hawai'i"],
  ID: ["Idaho"],
  IL: ["Illinois"],
  IN: ["Indiana"],
  IA: ["Iowa"],
  KS: ["Kansas"],
  KY: ["Kentucky"],
  LA: ["Louisiana"],
  ME: ["Maine"],
  MD: ["Maryland"],
  MA: ["Massachusetts"],
  MI: ["Michigan"],
  MN: ["Minnesota"],
  MS: ["Mississippi"],
  MO: ["Missouri"],
  MT: ["Montana"],
  NE: ["Nebraska"],
  NV: ["Nevada"],
  NH: ["New Hampshire"],
  NJ: ["New Jersey"],
  NM: ["New Mexico"],
  NY: ["New York", "New York State"],
  NC: ["North Carolina"],
  ND: ["North Dakota"],
  OH: ["Ohio"],
  OK: ["Oklahoma"],
  OR: ["Oregon"],
  PA: ["Pennsylvania"],
  RI: ["Rhode Island"],
  SC: ["South Carolina"],
  SD: ["South Dakota"],
  TN: ["Tennessee"],
  TX: ["Texas"],
  UT: ["Utah"],
  VT: ["Vermont"],
  VA: ["Virginia"],
  WA: ["Washington", "Washington State"],
  WV: ["West Virginia"],
  WI: ["Wisconsin"],
  WY: ["Wyoming"],
  DC: ["District of Columbia", "Washington DC", "Washington District of Columbia"],
  AS: ["American Samoa"],
  GU: ["Guam"],
  MP: ["Northern Mariana Islands", "Commonwealth of the Northern Mariana Islands"],
  PR: ["Puerto Rico"],
  VI: [
    "Virgin Islands",
    "US Virgin Islands",
    "United States Virgin Islands",
    "Virgin Islands of the United States",
  ],
  FM: ["Federated States of Micronesia", "Micronesia"],
  MH: ["Marshall Islands"],
  PW: ["Palau"],
  AA: ["Armed Forces Americas"],
  AE: ["Armed Forces Europe"],
  AP: ["Armed Forces Pacific"],
};

// Canada Post, in both languages.
const CANADIAN_PROVINCES: Readonly<Record<string, readonly string[]>> = {
  AB: ["Alberta"],
  BC: ["British Columbia", "Colombie-Britannique"],
  MB: ["Manitoba"],
  NB: ["New Brunswick", "Nouveau-Brunswick"],
  NL: [
    "Newfoundland and Labrador",
    "Newfoundland & Labrador",
    "Newfoundland",
    "Labrador",
    "Terre-Neuve-et-Labrador",
  ],
  NS: ["Nova Scotia", "Nouvelle-Écosse"],
  NT: ["Northwest Territories", "Territoires du Nord-Ouest"],
  NU: ["Nunavut"],
  ON: ["Ontario"],
  PE: ["Prince Edward Island", "PEI", "Île-du-Prince-Édouard"],
  QC: ["Quebec", "Québec"],
  SK: ["Saskatchewan"],
  YT: ["Yukon", "Yukon Territory", "Territoire du Yukon"],
};

const LISTS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ["US", byName(US_STATES)],
  ["CA", byName(CANADIAN_PROVINCES)],
]);

/** The codes of a country's states by code and by name, each in the letters that count; nothing for a country without such a list. */
export function codesByName(country: string): ReadonlyMap<string, string> | undefined {
  return LISTS.get(country);
}

/** The letters by which names are compared: upper case, without accents, blanks, stops and other marks. */
export function lettersOf(name: string): string {
  return name
    .toUpperCase()
    .normalize("NFD")
    .replace(/[\p{M}\s.,'’ʻ`&()-]/gu, "");
}

function byName(states: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(states).flatMap(([code, names]) =>
      [code, ...names].map((name) => [lettersOf(name), code] as const),
    ),
  );
}
