import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

/** The accent. Filled it carries white text on light and dark ground alike; text in it is deep on light and pale on dark. */
const accent: MantineColorsTuple = [
  "#eef3ff",
  "#dce6ff",
  "#b9ccff",
  "#8fb0ff",
  "#6b94fb",
  "#4c78ee",
  "#3460dc",
  "#2450c8",
  "#1d42a8",
  "#173587",
];

const red: MantineColorsTuple = [
  "#fdf0ee",
  "#fce4e1",
  "#f8c4be",
  "#ff9d93",
  "#ef7a6e",
  "#dc5348",
  "#c23b30",
  "#a1251b",
  "#861d15",
  "#6b160f",
];

const gray: MantineColorsTuple = [
  "#f4f5f7",
  "#eceef2",
  "#e2e5eb",
  "#d9dde4",
  "#c3c9d4",
  "#6b7485",
  "#566073",
  "#434c5e",
  "#2d3644",
  "#1b2330",
];

const dark: MantineColorsTuple = [
  "#e8ebf0",
  "#cfd5df",
  "#a3adbd",
  "#8b95a7",
  "#2d3644",
  "#242c38",
  "#191f29",
  "#191f29",
  "#10141b",
  "#0b0e13",
];

export const theme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 6 },
  colors: { accent, red, gray, dark },
  black: "#1b2330",
  defaultRadius: "md",
  respectReducedMotion: true,
  cursorType: "pointer",
  fontFamily: 'system-ui, "Open Sans", sans-serif',
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "1.6rem", lineHeight: "1.25" }, h2: { fontSize: "1.15rem", lineHeight: "1.35" } },
  },
  components: {
    Card: { defaultProps: { withBorder: true, padding: "lg", radius: "lg" } },
    Paper: { defaultProps: { radius: "lg" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true, radius: "lg" } },
    // A dialog's head is no banner of the page.
    ModalHeader: { defaultProps: { role: "presentation" } },
    ModalTitle: { defaultProps: { fw: 650 } },
    Menu: { defaultProps: { shadow: "md" } },
    Anchor: { defaultProps: { underline: "hover" } },
  },
});

/** What the style sheets use beside Mantine's own: the page's ground, and good, bad and warning with a well each. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#566073",
    "--mantine-color-placeholder": "#6b7485",
    "--mantine-color-anchor": "#2450c8",
    "--paper": "#f4f5f7",
    "--line": "#d9dde4",
    "--good": "#146c3c",
    "--good-well": "#dff3e6",
    "--bad": "#a1251b",
    "--bad-well": "#fce4e1",
    "--warn": "#7a4b00",
    "--warn-well": "#fdecc8",
    "--busy": "#2450c8",
    "--busy-well": "#e3ebff",
    "--still": "#4a5468",
    "--still-well": "#e9ecf1",
    "--series-0": "#2450c8",
    "--series-1": "#0b7a75",
    "--series-2": "#c07c12",
    "--series-3": "#b83280",
    "--series-4": "#6b46c1",
    "--series-5": "#7b8798",
  },
  dark: {
    "--mantine-color-body": "#191f29",
    "--mantine-color-dimmed": "#a3adbd",
    "--mantine-color-placeholder": "#8b95a7",
    "--mantine-color-anchor": "#8fb0ff",
    "--paper": "#10141b",
    "--line": "#2d3644",
    "--good": "#7fd8a2",
    "--good-well": "#14301f",
    "--bad": "#ff9d93",
    "--bad-well": "#3a1a17",
    "--warn": "#f3c46f",
    "--warn-well": "#362810",
    "--busy": "#a9c2ff",
    "--busy-well": "#1c2b4d",
    "--still": "#b4bdcb",
    "--still-well": "#262e3a",
    "--series-0": "#7ea2ff",
    "--series-1": "#4fc7bb",
    "--series-2": "#f0b95a",
    "--series-3": "#f08abf",
    "--series-4": "#b39af2",
    "--series-5": "#8894a6",
  },
});
