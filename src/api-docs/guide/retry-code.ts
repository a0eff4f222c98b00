import { EXAMPLE_SERVER } from "#api-docs/reference/example-call.ts";
import type { CodeBlock } from "#api-docs/site/code.ts";
import { NODE_CALL, NODE_KEY } from "#api-docs/site/request-code.ts";

const INGEST = `${EXAMPLE_SERVER}/api/v1/ingest`;

/** Sending a lead until it is answered for good, in the languages of the other examples. */
export function retryCode(): CodeBlock[] {
  return [
    { label: "curl", language: "shell", source: CURL },
    { label: "Node.js", language: "javascript", source: NODE },
    { label: "Python", language: "python", source: PYTHON },
    { label: "PHP", language: "php", source: PHP },
  ];
}

const CURL = `# --retry waits as Retry-After says, and comes back after 429, 500 and 503
curl --retry 6 --retry-connrefused --max-time 30 ${INGEST} \\
  -H "x-api-key: $LEADGATE_KEY" \\
  -H 'content-type: application/json' \\
  -H 'idempotency-key: lead-2026-4711' \\
  -d @lead.json`;

const NODE = `const sleep = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

async function sendLead(lead, idempotencyKey) {
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const wait = 2 ** attempt + Math.random();
    let response;
    try {
      response = await ${NODE_CALL}("${INGEST}", {
        method: "POST",
        headers: {
          "x-api-key": ${NODE_KEY},
          "content-type": "application/json",
          "idempotency-key": idempotencyKey,
        },
        body: JSON.stringify(lead),
        signal: AbortSignal.timeout(30_000),
      });
    } catch {
      await sleep(wait); // no answer: the same key makes it safe
      continue;
    }
    if (![409, 429, 500, 503].includes(response.status)) return response.json();
    await sleep(Number(response.headers.get("retry-after")) || wait);
  }
  throw new Error("the lead was not answered");
}`;

const PYTHON = `import os
import random
import time

import requests


def send_lead(lead, idempotency_key):
    for attempt in range(6):
        wait = 2**attempt + random.random()
        try:
            response = requests.post(
                "${INGEST}",
                headers={
                    "x-api-key": os.environ["LEADGATE_KEY"],
                    "idempotency-key": idempotency_key,
                },
                json=lead,
                timeout=30,
            )
        except requests.RequestException:
            time.sleep(wait)  # no answer: the same key makes it safe
            continue
        if response.status_code not in (409, 429, 500, 503):
            return response.json()
        time.sleep(float(response.headers.get("retry-after", wait)))
    raise RuntimeError("the lead was not answered")`;

const PHP = `function send_lead(array $lead, string $idempotencyKey): array
{
    for ($attempt = 0; $attempt < 6; $attempt++) {
        $wait = 2 ** $attempt;
        $curl = curl_init('${INGEST}');
        curl_setopt_array($curl, [
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT => 30,
            CURLOPT_HTTPHEADER => [
                'x-api-key: ' . getenv('LEADGATE_KEY'),
                'content-type: application/json',
                'idempotency-key: ' . $idempotencyKey,
            ],
            CURLOPT_POSTFIELDS => json_encode($lead),
        ]);
        $answer = curl_exec($curl);
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($answer !== false && !in_array($status, [409, 429, 500, 503])) {
            return json_decode($answer, true);
        }
        $body = $answer === false ? [] : json_decode($answer, true);
        sleep($body['retry_after'] ?? $wait); // the same key makes it safe
    }
    throw new RuntimeException('the lead was not answered');
}`;
