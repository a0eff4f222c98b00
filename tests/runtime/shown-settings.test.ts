import { expect, test } from "bun:test";
import { readSettings, SETTINGS } from "#runtime/settings.ts";
import { shownSettings } from "#runtime/shown-settings.ts";

const SECRETS = {
  DATABASE_URL: "postgres://leads:s3cret@db.example/leads",
  DATABASE_READ_URL: "postgres://leads:s3cret@standby.example/leads",
  LEADGATE_SECRET: "s3cret".repeat(6),
  LEADGATE_ADMIN_KEY: "s3cret".repeat(5),
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector.example:4318",
  OTEL_EXPORTER_OTLP_HEADERS: "api-key=s3cret",
  SMTP_URL: "smtps://leads:s3cret@mail.example",
  SMTP_FROM: "leads@company.example",
};

test("every setting of the server is shown, and no secret", () => {
  const names = SETTINGS.map(({ name }) => name).filter(
    (name) => !name.endsWith("_FILE") && name !== "LEADGATE_URL",
  );
  expect(Object.keys(shownSettings(readSettings({}, false))).toSorted()).toEqual(names.toSorted());
  const shown = shownSettings(readSettings(SECRETS, false));
  expect(JSON.stringify(shown)).not.toContain("s3cret");
  expect(shown).toMatchObject({ DATABASE_URL: "***", SMTP_URL: "***", SMTP_FROM: "leads@company.example" });
});

test("settings are shown as they are written", () => {
  const written = { LEADGATE_SUPPLIER_MB_PER_DAY: "20", WEBHOOK_ALLOW_CIDRS: "10.1.0.0/16,fd00::/8" };
  expect(shownSettings(readSettings(written, false))).toMatchObject({
    LEADGATE_SUPPLIER_MB_PER_DAY: 20,
    WEBHOOK_ALLOW_CIDRS: "10.1.0.0/16,fd00::/8",
    LEADGATE_TRUSTED_PROXIES: null,
    DATABASE_URL: null,
  });
});
