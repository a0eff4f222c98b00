import { ActionIcon, Loader, useMantineColorScheme } from "@mantine/core";
import IconLogout from "@tabler/icons-react/icons/IconLogout";
import IconMoon from "@tabler/icons-react/icons/IconMoon";
import IconSun from "@tabler/icons-react/icons/IconSun";
import { type ComponentType, lazy, Suspense, useMemo } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { SiteName } from "#web/parts/site-name.ts";
import { BrandMark, useBrandName } from "#web/portal/brand/brand.tsx";
import { AwayNotice, useServerWatch } from "#web/shell/away.tsx";
import { FailureBoundary } from "#web/shell/failure.tsx";
import { loadPart } from "#web/shell/load-part.ts";
import { OwnClock } from "#web/times/clocks.ts";
import type { Visitor } from "./api/client.ts";
import { usePortalLogin, useVisitor } from "./api/session.ts";
import { PortalLogin } from "./login.tsx";

/** A page of the portal: where it is, what it is called, and what it is made of. */
interface Place {
  path: string;
  /** What a visitor goes to it by; absent: another page leads there. */
  label?: string;
  page: ComponentType;
}

function pageIn(load: () => Promise<ComponentType>) {
  return lazy(async () => ({ default: await loadPart(load) }));
}

const BUYERS: readonly Place[] = [
  {
    path: "/",
    label: "Overview",
    page: pageIn(async () => (await import("#web/portal/pages/buyer-overview-page.tsx")).BuyerOverviewPage),
  },
  {
    path: "/leads",
    label: "Leads",
    page: pageIn(async () => (await import("#web/portal/pages/purchases-page.tsx")).PurchasesPage),
  },
  {
    path: "/leads/:id",
    page: pageIn(async () => (await import("#web/portal/pages/purchase-page.tsx")).PurchasePage),
  },
  {
    path: "/deliveries",
    label: "Deliveries",
    page: pageIn(async () => (await import("#web/portal/pages/own-deliveries-page.tsx")).OwnDeliveriesPage),
  },
  {
    path: "/billing",
    label: "Billing",
    page: pageIn(async () => (await import("#web/portal/pages/billing-page.tsx")).BillingPage),
  },
  {
    path: "/billing/:number",
    page: pageIn(async () => (await import("#web/portal/pages/own-invoice-page.tsx")).OwnInvoicePage),
  },
  {
    path: "/settings",
    label: "Settings",
    page: pageIn(async () => (await import("#web/portal/pages/buyer-settings-page.tsx")).BuyerSettingsPage),
  },
];

const SUPPLIERS: readonly Place[] = [
  {
    path: "/",
    label: "Overview",
    page: pageIn(
      async () => (await import("#web/portal/pages/supplier-overview-page.tsx")).SupplierOverviewPage,
    ),
  },
  {
    path: "/leads",
    label: "Leads",
    page: pageIn(async () => (await import("#web/portal/pages/own-leads-page.tsx")).OwnLeadsPage),
  },
  {
    path: "/earnings",
    label: "Earnings",
    page: pageIn(async () => (await import("#web/portal/pages/earnings-page.tsx")).EarningsPage),
  },
  {
    path: "/campaigns",
    label: "Campaigns",
    page: pageIn(async () => (await import("#web/portal/pages/own-campaigns-page.tsx")).OwnCampaignsPage),
  },
];

/** The portal: who is not logged in is asked to, by a link. */
export function Portal() {
  const visitor = useVisitor();
  const { forget } = usePortalLogin();
  const isAway = useServerWatch(forget);
  const [location] = useLocation();
  if (location === "/login" || visitor === null) return <PortalLogin visitor={visitor ?? null} />;
  if (visitor === undefined) {
    return (
      <main className="portal-wait">
        {isAway ? <AwayNotice /> : <Loader size="sm" aria-label="Loading" />}
      </main>
    );
  }
  return <LoggedIn visitor={visitor} isAway={isAway} />;
}

function LoggedIn({ visitor, isAway }: { visitor: Visitor; isAway: boolean }) {
  const places = visitor.kind === "buyer" ? BUYERS : SUPPLIERS;
  const [location] = useLocation();
  const brand = useBrandName();
  const { id, timezone } = visitor;
  const clocks = useMemo(() => (timezone === null ? [] : [{ whose: id, zone: timezone }]), [id, timezone]);
  return (
    <SiteName value={brand}>
      <a className="skip" href="#page">
        Skip to the page
      </a>
      <Head visitor={visitor} places={places} />
      {isAway && <AwayNotice />}
      <main className="portal-page" id="page">
        <FailureBoundary key={location}>
          <Suspense fallback={<Loader size="sm" aria-label="Loading" />}>
            <OwnClock value={clocks}>
              <Switch>
                {places.map(({ path, page: Page }) => (
                  <Route key={path} path={path}>
                    <Page />
                  </Route>
                ))}
                <Route>
                  <Redirect to="/" replace />
                </Route>
              </Switch>
            </OwnClock>
          </Suspense>
        </FailureBoundary>
      </main>
    </SiteName>
  );
}

function Head({ visitor, places }: { visitor: Visitor; places: readonly Place[] }) {
  const { logOut } = usePortalLogin();
  const [location] = useLocation();
  const isAt = (path: string) => (path === "/" ? location === "/" : location.startsWith(path));
  return (
    <header className="portal-head">
      <div className="portal-bar">
        <Link href="/" className="portal-brand">
          <BrandMark />
        </Link>
        <span className="portal-who" title={visitor.id}>
          {visitor.name}
        </span>
        <SchemeButton />
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={() => void logOut()}
          aria-label="Log out"
          title="Log out"
        >
          <IconLogout size={17} />
        </ActionIcon>
      </div>
      <nav className="portal-places" aria-label="Main">
        {places
          .filter(({ label }) => label !== undefined)
          .map(({ path, label }) => (
            <Link key={path} href={path} aria-current={isAt(path) ? "page" : undefined}>
              {label}
            </Link>
          ))}
      </nav>
    </header>
  );
}

function SchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const isDark =
    colorScheme === "dark" ||
    (colorScheme === "auto" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  const other = isDark ? "light" : "dark";
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      onClick={() => setColorScheme(other)}
      aria-label={`Turn ${other}`}
      title={`Turn ${other}`}
    >
      {isDark ? <IconSun size={17} /> : <IconMoon size={17} />}
    </ActionIcon>
  );
}
