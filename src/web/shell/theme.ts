import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** From the lightest to the darkest. */
const pine: MantineColorsTuple = [
  "#eefaf6",
  "#d9f1e9",
  "#b0e2d2",
  "#83d2b9",
  "#5fc5a4",
  "#3fae8c",
  "#24896c",
  "#16725a",
  "#0f5c49",
  "#084536",
];

/** Of the dark scheme, from its texts to its grounds. */
const dark: MantineColorsTuple = [
  "#e6eaee",
  "#c3cad1",
  "#9aa5b0",
  "#77838f",
  "#3a434c",
  "#2d343c",
  "#20262c",
  "#1a1f24",
  "#14181c",
  "#101316",
];

/** The cross has a name for those who do not see it. */
const CLOSES = { "aria-label": "Close" };

export const theme = createTheme({
  primaryColor: "pine",
  colors: { pine, dark },
  primaryShade: 7,
  defaultRadius: "sm",
  fontFamily: "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  headings: { fontWeight: "600", sizes: { h1: { fontSize: "1.25rem", lineHeight: "1.3" } } },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: "xs" } },
    // What is said about a field stands below it, so that fields in a row are in line whatever is said of each.
    InputWrapper: { defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } },
    TextInput: { defaultProps: { size: "xs" } },
    NumberInput: { defaultProps: { size: "xs" } },
    PasswordInput: { defaultProps: { size: "xs" } },
    Select: { defaultProps: { size: "xs", comboboxProps: { shadow: "md" } } },
    Textarea: { defaultProps: { size: "xs" } },
    Checkbox: { defaultProps: { size: "xs" } },
    SegmentedControl: { defaultProps: { size: "xs" } },
    Drawer: {
      defaultProps: { position: "right", transitionProps: { duration: 120 }, closeButtonProps: CLOSES },
    },
    Modal: { defaultProps: { transitionProps: { duration: 100 }, centered: true, closeButtonProps: CLOSES } },
    // The first item has the focus when it opens; what would have it else is no part of a menu. One whose button still moves with its
    // drawer would be hidden for a moment, in which nothing of it can have the focus.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, hideDetached: false } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
  },
});
