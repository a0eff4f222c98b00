import IconAdjustments from "@tabler/icons-react/icons/IconAdjustmentsHorizontal";
import IconAlerts from "@tabler/icons-react/icons/IconBell";
import IconProfit from "@tabler/icons-react/icons/IconChartBar";
import IconInvoices from "@tabler/icons-react/icons/IconFileInvoice";
import IconHistory from "@tabler/icons-react/icons/IconHistory";
import IconKey from "@tabler/icons-react/icons/IconKey";
import IconGauge from "@tabler/icons-react/icons/IconLayoutDashboard";
import IconReturns from "@tabler/icons-react/icons/IconReceiptRefund";
import IconSend from "@tabler/icons-react/icons/IconSend";
import IconServer from "@tabler/icons-react/icons/IconServer";
import IconSuppression from "@tabler/icons-react/icons/IconShieldOff";
import IconCampaigns from "@tabler/icons-react/icons/IconSpeakerphone";
import IconSimulations from "@tabler/icons-react/icons/IconTestPipe";
import IconSuppliers from "@tabler/icons-react/icons/IconTruckDelivery";
import IconLeads from "@tabler/icons-react/icons/IconUserSearch";
import IconPeople from "@tabler/icons-react/icons/IconUserShield";
import IconBuyers from "@tabler/icons-react/icons/IconUsers";
import IconAccounts from "@tabler/icons-react/icons/IconWallet";
import type { PagePath } from "#web/address/visits.ts";

interface Place {
  to: PagePath;
  label: string;
  key: string;
  icon: typeof IconGauge;
  /** What one finds there. */
  about: string;
  /** The name of the group that begins with it. */
  begins?: string;
}

/** Where one can go, in the order of the navigation; `key` goes there when typed after `g`, `begins` a group of them. */
export const PLACES: readonly Place[] = [
  { to: "/", label: "Board", key: "b", icon: IconGauge, about: "Today at a glance" },
  {
    to: "/leads",
    label: "Leads",
    key: "l",
    icon: IconLeads,
    about: "Find a lead and see why it went where it went",
  },
  {
    to: "/deliveries",
    label: "Deliveries",
    key: "d",
    icon: IconSend,
    about: "What was sent, and what failed",
  },
  {
    to: "/campaigns",
    label: "Campaigns",
    key: "m",
    icon: IconCampaigns,
    about: "How each goes, its settings, a lead tried",
  },
  { to: "/buyers", label: "Buyers", key: "u", icon: IconBuyers, about: "Endpoints, caps, balances, pause" },
  { to: "/suppliers", label: "Suppliers", key: "s", icon: IconSuppliers, about: "Acceptance, caps, keys" },
  { to: "/returns", label: "Returns", key: "r", icon: IconReturns, about: "Leads that buyers give back" },
  { to: "/alerts", label: "Alerts", key: "t", icon: IconAlerts, about: "What goes wrong beside leads" },
  {
    to: "/profit",
    label: "Profit",
    key: "p",
    icon: IconProfit,
    about: "What was earned and spent, by whatever you like",
    begins: "Money",
  },
  {
    to: "/accounts",
    label: "Accounts",
    key: "a",
    icon: IconAccounts,
    about: "Balances, payments, statements",
  },
  { to: "/invoices", label: "Invoices", key: "i", icon: IconInvoices, about: "Months of buyers, to be paid" },
  {
    to: "/configuration",
    label: "Configuration",
    key: "c",
    icon: IconAdjustments,
    about: "Written, planned, put in force",
    begins: "Set-up",
  },
  {
    to: "/simulations",
    label: "Simulations",
    key: "y",
    icon: IconSimulations,
    about: "Changes tried on past leads",
  },
  {
    to: "/suppression",
    label: "Suppression",
    key: "x",
    icon: IconSuppression,
    about: "Who must not be called",
  },
  {
    to: "/history",
    label: "History",
    key: "h",
    icon: IconHistory,
    about: "Who changed what, and back again",
  },
  {
    to: "/people",
    label: "People",
    key: "o",
    icon: IconPeople,
    about: "Operators, passkeys, who is logged in",
  },
  { to: "/keys", label: "Operator keys", key: "k", icon: IconKey, about: "Who may call the API and log in" },
  { to: "/server", label: "Server", key: "v", icon: IconServer, about: "Its condition, settings and books" },
];
