import type { ElementHandle, Locator, Page } from "playwright-core";

/** How somebody uses a page: by the mouse, or by the keyboard alone. */
export interface Hand {
  /** To another page of the console: by its name in the navigation, or by its key after `g`. */
  goTo(name: string, key: string): Promise<void>;
  /** Presses a button, follows a link, opens a row. */
  use(target: Locator): Promise<void>;
  /** Writes into a field, in the place of what is there. */
  write(field: Locator, text: string): Promise<void>;
  /** Writes into a field and has what is there looked for, planned or sent. */
  submit(field: Locator, text: string): Promise<void>;
  /** Picks one of a field's choices. */
  pick(field: Locator, choice: string): Promise<void>;
  /** Picks what a button's menu offers. */
  pickOf(button: Locator, item: string): Promise<void>;
  /** Closes the drawer that is open. */
  closeDrawer(): Promise<void>;
}

/** The mouse; what is typed is typed all the same. */
export function byMouse(page: Page): Hand {
  return {
    goTo: (name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name }).click(),
    use: (target) => target.click(),
    write: (field, text) => field.fill(text),
    async submit(field, text) {
      await field.fill(text);
      await field.press("Enter");
    },
    async pick(field, choice) {
      await field.click();
      await page.getByRole("option", { name: choice }).click();
    },
    async pickOf(button, item) {
      await button.click();
      await page.getByRole("menuitem", { name: item }).click();
    },
    closeDrawer: () => page.getByRole("dialog").getByRole("button", { name: "Close" }).click(),
  };
}

/** More presses of Tab than any page has places to stop at. */
const MOST_STOPS = 300;

type Element = ElementHandle<globalThis.SVGElement | HTMLElement>;

const hasFocus = (element: Element) => element.evaluate((each) => each === document.activeElement);
const isShown = (element: Element) => element.evaluate((each) => each.isConnected);

/** The keyboard, from wherever it is: nothing is reached but by the keys that lead there. */
export function byKeyboard(page: Page): Hand {
  const { keyboard } = page;

  async function reach(target: Locator, key: "Tab" | "ArrowDown" = "Tab"): Promise<void> {
    let element = await target.elementHandle();
    for (let stops = 0; !(await hasFocus(element)); stops++) {
      if (stops === MOST_STOPS) throw new Error(`${key} does not lead to ${target}`);
      await keyboard.press(key);
      // To look for it among all that the page shows is most of a stop's time, and seldom needed.
      if (!(await isShown(element))) element = await target.elementHandle();
    }
  }
  async function write(field: Locator, text: string): Promise<void> {
    await reach(field);
    await keyboard.press("Control+a");
    await keyboard.insertText(text);
  }
  return {
    async goTo(_, key) {
      // Out of whatever field was written in last.
      await keyboard.press("Escape");
      await keyboard.press("g");
      await keyboard.press(key);
    },
    async use(target) {
      await reach(target);
      await keyboard.press("Enter");
    },
    write,
    async submit(field, text) {
      await write(field, text);
      await keyboard.press("Enter");
    },
    async pick(field, choice) {
      await write(field, choice);
      await page.getByRole("option", { name: choice }).waitFor();
      await keyboard.press("ArrowDown");
      await keyboard.press("Enter");
    },
    async pickOf(button, item) {
      await reach(button);
      await keyboard.press("Enter");
      // Its first item is focused a moment after it has opened: a key that is pressed before leads past that, and there is no way round.
      await page.locator("[role=menuitem]:focus").waitFor();
      await reach(page.getByRole("menuitem", { name: item }), "ArrowDown");
      await keyboard.press("Enter");
    },
    closeDrawer: () => keyboard.press("Escape"),
  };
}
