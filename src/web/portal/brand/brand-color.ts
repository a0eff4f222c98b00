/** Red, green and blue, each from 0 to 255. */
type Color = readonly [number, number, number];

/** What Leadgate's own pages are colored by. */
const USUAL = "#16725a";
const WHITE: Color = [255, 255, 255];
const BLACK: Color = [0, 0, 0];
/** The grounds that texts stand on, light and dark. */
const LIGHT_GROUND: Color = [246, 247, 248];
const DARK_GROUND: Color = [36, 42, 49];

/** WCAG 2.2, AA, of small text; a little more, for what rounding takes. */
const READABLE = 4.6;

export interface BrandColors {
  /** White can be read on it, and it on a light page. */
  onLight: string;
  /** It can be read on a dark page. */
  onDark: string;
  /** From the lightest to the darkest, ten; the eighth is `onLight`. */
  shades: readonly string[];
}

/** The operator's color (#rrggbb), made darker or lighter as far as that is needed for texts in it to be read. */
export function brandColors(written: string | null): BrandColors {
  const color = colorIn(written ?? USUAL);
  const onLight = towards(color, BLACK, (each) => contrast(each, LIGHT_GROUND) >= READABLE);
  const onDark = towards(color, WHITE, (each) => contrast(each, DARK_GROUND) >= READABLE);
  const lighter = [0.92, 0.82, 0.66, 0.5, 0.36, 0.22, 0.1].map((part) => mix(onLight, WHITE, part));
  const darker = [0.16, 0.32].map((part) => mix(onLight, BLACK, part));
  return {
    onLight: hexOf(onLight),
    onDark: hexOf(onDark),
    shades: [...lighter, onLight, ...darker].map(hexOf),
  };
}

/** The first on the way from one color to another that will do. */
function towards(from: Color, to: Color, willDo: (color: Color) => boolean): Color {
  for (let part = 0; part < 1; part += 0.02) {
    const color = mix(from, to, part);
    if (willDo(color)) return color;
  }
  return to;
}

function mix(one: Color, other: Color, part: number): Color {
  const at = (place: 0 | 1 | 2) => Math.round(one[place] * (1 - part) + other[place] * part);
  return [at(0), at(1), at(2)];
}

/** https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export function contrast(one: Color, other: Color): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance([red, green, blue]: Color): number {
  const linear = (channel: number) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

export function colorIn(hex: string): Color {
  const at = (place: number) => Number.parseInt(hex.slice(place, place + 2), 16);
  return [at(1), at(3), at(5)];
}

function hexOf(color: Color): string {
  return `#${color.map((each) => each.toString(16).padStart(2, "0")).join("")}`;
}
