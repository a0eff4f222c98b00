/** In ms. A day by the clock of a place may be an hour longer or shorter. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
