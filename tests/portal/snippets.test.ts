// Not quick: it starts programs in six languages.
import { describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeSecret, signedHeaders } from "#delivery/transport/sign.ts";
import { snippets } from "#portal/snippets.ts";

/** What runs a snippet, and the program around it: it reads `{ secret, headers, body }` a line and prints true or false for each. */
const DRIVERS: Readonly<Record<string, Driver>> = {
  JavaScript: {
    command: "node",
    run: ["node", "drive.mjs"],
    files: (source) => ({
      "verify.mjs": source,
      "drive.mjs": `import { readFileSync } from "node:fs";
import { isFromLeadgate } from "./verify.mjs";
for (const line of readFileSync(0, "utf8").trim().split("\\n")) {
  const { secret, headers, body } = JSON.parse(line);
  console.log(isFromLeadgate(secret, headers, body));
}`,
    }),
  },
  Python: {
    command: "python3",
    run: ["python3", "drive.py"],
    files: (source) => ({
      "verify.py": source,
      "drive.py": `import json, sys
from verify import is_from_leadgate
for line in sys.stdin:
    case = json.loads(line)
    print(str(is_from_leadgate(case["secret"], case["headers"], case["body"].encode())).lower())`,
    }),
  },
  PHP: {
    command: "php",
    run: ["php", "drive.php"],
    files: (source) => ({
      "verify.php": source,
      "drive.php": `<?php require 'verify.php';
while (($line = fgets(STDIN)) !== false) {
    $case = json_decode($line, true);
    echo is_from_leadgate($case['secret'], $case['headers'], $case['body']) ? "true\\n" : "false\\n";
}`,
    }),
  },
  Java: {
    command: "javac",
    run: ["java", "Drive.java"],
    // One file, which java compiles by itself; the snippet's imports must come first. Java reads no JSON: four lines are one case.
    files: (source) => ({
      "Drive.java": source.replace(
        "class Webhooks",
        `class Drive {
    public static void main(String[] args) throws Exception {
        java.util.Scanner lines = new java.util.Scanner(System.in, "UTF-8");
        while (lines.hasNextLine()) {
            String[] parts = lines.nextLine().split("\\t", -1);
            System.out.println(Webhooks.isFromLeadgate(parts[0],
                headers(parts),
                parts[4].getBytes(StandardCharsets.UTF_8)));
        }
    }

    static Map<String, String> headers(String[] parts) {
        Map<String, String> all = new java.util.HashMap<>();
        String[] names = {"", "webhook-id", "webhook-timestamp", "webhook-signature"};
        for (int at = 1; at < names.length; at++) if (!parts[at].isEmpty()) all.put(names[at], parts[at]);
        return all;
    }
}

class Webhooks`,
      ),
    }),
  },
  Go: {
    command: "go",
    run: ["go", "run", "verify.go", "drive.go"],
    files: (source) => ({
      "verify.go": source,
      "drive.go": `package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c struct {
			Secret, Body string
			Headers      map[string]string
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			panic(err)
		}
		headers := http.Header{}
		for name, value := range c.Headers {
			headers.Set(name, value)
		}
		fmt.Println(IsFromLeadgate(c.Secret, headers, []byte(c.Body)))
	}
}`,
    }),
  },
};

interface Driver {
  /** What must be on the machine. */
  command: string;
  run: string[];
  /** By name. */
  files(source: string): Readonly<Record<string, string>>;
}

interface Case {
  what: string;
  genuine: boolean;
  secret: string;
  headers: Record<string, string>;
  body: string;
}

const body = '{"type":"lead.accepted","data":{"fields":{"first_name":"Zoë","note":"a.b"}}}';

function cases(): Case[] {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const [secret, other] = [makeSecret(), makeSecret()];
  const signed = (secrets: string[], timestampSeconds = nowSeconds) =>
    signedHeaders({ id: "delivery_01k6a1npq7f9gtqf2hs6zkdsn4", timestampSeconds, body, secrets });
  const good = signed([secret]);
  const genuine = { genuine: true, secret, body };
  const forged = { genuine: false, secret, body, headers: good };
  return [
    { what: "as it was sent", ...genuine, headers: good },
    { what: "while the secret is changed", ...genuine, headers: signed([other, secret]) },
    { what: "four minutes old", ...genuine, headers: signed([secret], nowSeconds - 240) },
    { what: "with another body", ...forged, body: body.replace("Zoë", "Zoe") },
    { what: "with another id", ...forged, headers: { ...good, "webhook-id": "delivery_2" } },
    {
      what: "with a later time",
      ...forged,
      headers: { ...good, "webhook-timestamp": String(nowSeconds + 1) },
    },
    { what: "by another secret", ...forged, headers: signed([other]) },
    { what: "an hour old", ...forged, headers: signed([secret], nowSeconds - 3600) },
    { what: "from an hour ahead", ...forged, headers: signed([secret], nowSeconds + 3600) },
    { what: "without a time", ...forged, headers: { ...good, "webhook-timestamp": "soon" } },
    { what: "with none of our headers", ...forged, headers: {} },
    { what: "with a time alone", ...forged, headers: { "webhook-timestamp": String(nowSeconds) } },
    { what: "without a signature", ...forged, headers: { ...good, "webhook-signature": "v1," } },
    {
      what: "under another version's name",
      ...forged,
      headers: { ...good, "webhook-signature": (good["webhook-signature"] ?? "").replace("v1,", "v2,") },
    },
  ];
}

describe("verification snippets", () => {
  test("the verification snippet is there in five languages, each with a way to try it", () => {
    expect(snippets.map(({ label }) => label).sort()).toEqual(Object.keys(DRIVERS).sort());
    expect(snippets).toHaveLength(5);
  });

  for (const { label: language, source } of snippets) {
    const driver = DRIVERS[language];
    if (driver === undefined) continue;
    const isHere = Bun.which(driver.command) !== null;
    const title = `accepts what is genuine and refuses everything else, in ${language}`;
    const why = isHere ? "" : ` (${driver.command} is not on this machine)`;
    test.skipIf(!isHere)(
      `${title}${why}`,
      async () => {
        const all = cases();
        const lines = all.map((each) => (language === "Java" ? tabbed(each) : JSON.stringify(each)));
        const verdicts = await run(driver, source, lines);
        expect(all.map(({ what }, index) => `${what}: ${verdicts[index]}`)).toEqual(
          all.map(({ what, genuine }) => `${what}: ${genuine}`),
        );
      },
      60_000,
    );
  }
});

/** Runs a snippet in a folder of its own; answers the lines that it printed. */
async function run({ run, files }: Driver, source: string, lines: readonly string[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "leadgate-snippet-"));
  try {
    for (const [name, text] of Object.entries(files(source))) await Bun.write(join(folder, name), text);
    const child = Bun.spawn(run, {
      cwd: folder,
      stdin: new TextEncoder().encode(`${lines.join("\n")}\n`),
      stdout: "pipe",
      stderr: "pipe",
    });
    const [said, wrong] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    expect({ code: await child.exited, wrong: said === "" ? wrong : "" }).toEqual({ code: 0, wrong: "" });
    return said.trim().split("\n");
  } finally {
    await rm(folder, { recursive: true });
  }
}

function tabbed({ secret, headers, body: text }: Case): string {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  return [secret, ...names.map((name) => headers[name] ?? ""), text].join("\t");
}
