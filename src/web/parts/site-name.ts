import { createContext } from "react";

/** What stands behind a page's name in the browser's tab: in the portal, what the operator is called. */
export const SiteName = createContext("Leadgate");
