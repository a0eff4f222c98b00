import { createTheme, type MantineColorsTuple, MantineProvider } from "@mantine/core";
import { type ReactNode, useEffect, useMemo } from "react";
import { useFront } from "#web/portal/api/session.ts";
import { Mark } from "#web/shell/mark.tsx";
import { theme } from "#web/shell/theme.ts";
import { type BrandColors, brandColors } from "./brand-color.ts";

/** All that is colored and called as the operator wants it. */
export function Branded({ nonce, children }: { nonce: string; children: ReactNode }) {
  const front = useFront();
  const colors = useMemo(() => brandColors(front?.brand.color ?? null), [front]);
  useEffect(() => {
    const style = document.documentElement.style;
    style.setProperty("--brand-on-light", colors.onLight);
    style.setProperty("--brand-on-dark", colors.onDark);
  }, [colors]);
  return (
    <MantineProvider theme={themeOf(colors)} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      {children}
    </MantineProvider>
  );
}

function themeOf({ shades }: BrandColors) {
  return createTheme({
    ...theme,
    primaryColor: "brand",
    colors: { ...theme.colors, brand: shades as unknown as MantineColorsTuple },
  });
}

/** What the operator is called. */
export function useBrandName(): string {
  return useFront()?.brand.name ?? "Leadgate";
}

/** The operator's logo, or else its name. */
export function BrandMark() {
  const front = useFront();
  const name = useBrandName();
  if (front === undefined) return null;
  const { logo, name: own } = front.brand;
  if (logo !== null) return <img className="brand-logo" src={logo} alt={name} />;
  return (
    <span className="brand-name">
      {own === null && <Mark size={22} />}
      {name}
    </span>
  );
}
