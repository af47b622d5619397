type Rgb = readonly [number, number, number];

/** A colour as mails take it: `#rrggbb`. */
export const hexColour = /^#[0-9a-f]{6}$/i;

/** Black or white, whichever reads better on a background. */
export function inkOn(background: string): string {
  return contrast(background, "#ffffff") >= contrast(background, "#111418") ? "#ffffff" : "#111418";
}

/**
 * The colour itself when text in it can be read on the background, else the nearest mix with black or white that can.
 * Readable is a contrast of 4.5 to 1, per https://www.w3.org/TR/WCAG22/#contrast-minimum (read 2026-11).
 */
export function readableOn(background: string, colour: string): string {
  const towards = inkOn(background);
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, towards, share);
    if (contrast(mixed, background) >= 4.5) return mixed;
  }
  return towards;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red, green, blue] = rgb(colour).map((channel) => {
    const value = channel / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(one: string, other: string, share: number): string {
  const to = rgb(other);
  const channels = rgb(one).map((from, i) => Math.round(from + ((to[i] ?? 0) - from) * share));
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

function rgb(colour: string): Rgb {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as unknown as Rgb;
}
