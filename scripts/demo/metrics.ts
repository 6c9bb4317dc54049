/** Reads what a service says on /metrics and /health. Values are counts and sizes, never money. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\.|[^"\\])*)"/g;
const ANSWER_MS_MAX = 5_000;

/** The samples of Prometheus' text format; comments are left out. */
export function parseMetrics(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const match = line.startsWith('#') ? null : LINE.exec(line);
    if (match === null) continue;
    const labels = [...(match[2] ?? '').matchAll(LABEL)].map(([, key, value]) => [key, unescaped(value ?? '')]);
    samples.push({ name: match[1] ?? '', labels: Object.fromEntries(labels), value: Number(match[3]) });
  }
  return samples;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

/** Sum over the samples of that name whose labels include the given ones; 0 if there is none. */
export function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels);
  let sum = 0;
  for (const sample of samples) {
    if (sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value)) sum += sample.value;
  }
  return sum;
}

/** The metrics of a service, or null when it does not answer now: it may be busy, or about to end. */
export async function fetchMetrics(port: number): Promise<Sample[] | null> {
  const text = await get(port, '/metrics');
  return text === null ? null : parseMetrics(text);
}

/** What the service says of its health, as it says it; null when it does not answer. */
export function fetchHealth(port: number): Promise<string | null> {
  return get(port, '/health');
}

async function get(port: number, path: string): Promise<string | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    return (await answer.text()).trim();
  } catch {
    // No answer is an answer here: the caller asks again, and a process that ended is noticed by its end.
    return null;
  }
}
