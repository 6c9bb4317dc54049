/**
 * Client of a Confluent-compatible schema registry.
 *
 *   GET  /schemas/ids/{id}                               gives { "schema": "..." }
 *   POST /subjects/{subject} with { "schema": "..." }    gives { "id": ... } of a schema that is registered there
 */

import { HeadraceError, messageOf } from '@headrace/platform';
import { SCHEMA_BYTES_MAX } from '../limits.ts';

const REQUEST_MS_MAX = 10_000;

/**
 * The text of a writer schema. User and password may stand in the URL. Throws REGISTRY_UNREACHABLE (asking again may
 * help) or SCHEMA_NOT_FOUND (the registry has no Avro schema of that id).
 */
export async function fetchSchema(registryUrl: string, id: number): Promise<string> {
  const { status, body, place } = await ask(registryUrl, `schemas/ids/${id}`, null);
  if (status === 404) {
    throw new HeadraceError(
      'SCHEMA_NOT_FOUND',
      `The schema registry at ${place} has no schema ${id}: register it there.`,
    );
  }
  requireAnswer(status, place, `schema ${id}`);
  return schemaIn(body, place, id);
}

/**
 * The id under which a subject has a schema. Throws REGISTRY_UNREACHABLE, or SCHEMA_NOT_FOUND where it has not: registering
 * a schema is for whoever governs the subject.
 */
export async function lookUpSchemaId(registryUrl: string, subject: string, schema: string): Promise<number> {
  const { status, body, place } = await ask(
    registryUrl,
    `subjects/${encodeURIComponent(subject)}`,
    JSON.stringify({ schema }),
  );
  if (status === 404) {
    throw new HeadraceError(
      'SCHEMA_NOT_FOUND',
      `The schema registry at ${place} does not have this schema under ${subject}: register it there.`,
    );
  }
  requireAnswer(status, place, `subject ${subject}`);
  const { id } = objectIn(body, place, `subject ${subject}`);
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0) return id;
  throw unusable(place, `subject ${subject}`, 'it has no "id"');
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** The registry without user and password. */
  readonly place: string;
}

/** @param text the body of a POST; null: GET */
async function ask(registryUrl: string, path: string, text: string | null): Promise<Answer> {
  const { url, place, headers } = requestFor(registryUrl, path);
  const post = text === null ? {} : { method: 'POST', body: text };
  try {
    const response = await fetch(url, {
      ...post,
      headers: text === null ? headers : { ...headers, 'content-type': 'application/vnd.schemaregistry.v1+json' },
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
      redirect: 'error',
    });
    return { status: response.status, body: await response.text(), place };
  } catch (cause) {
    const why = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
    throw new HeadraceError(
      'REGISTRY_UNREACHABLE',
      `The schema registry at ${place} does not answer (${why}): start it or correct SCHEMA_REGISTRY_URL.`,
      { cause },
    );
  }
}

function requireAnswer(status: number, place: string, what: string): void {
  if (status === 200) return;
  throw new HeadraceError(
    'REGISTRY_UNREACHABLE',
    `The schema registry at ${place} answered ${status} for ${what}: look at its log, or correct SCHEMA_REGISTRY_URL.`,
  );
}

function requestFor(registryUrl: string, path: string) {
  let base: URL;
  try {
    base = new URL(registryUrl.endsWith('/') ? registryUrl : `${registryUrl}/`);
  } catch (cause) {
    throw new HeadraceError('CONFIG_INVALID', 'SCHEMA_REGISTRY_URL is no URL: give one like http://host:8081.', {
      cause,
    });
  }
  const headers: Record<string, string> = {
    accept: 'application/vnd.schemaregistry.v1+json, application/json',
  };
  if (base.username !== '') {
    const user = `${decodeURIComponent(base.username)}:${decodeURIComponent(base.password)}`;
    headers.authorization = `Basic ${Buffer.from(user).toString('base64')}`;
    base.username = '';
    base.password = '';
  }
  return { url: new URL(path, base), place: base.href, headers };
}

function schemaIn(body: string, place: string, id: number): string {
  const what = `schema ${id}`;
  const { schema, schemaType = 'AVRO' } = objectIn(body, place, what);
  if (schemaType !== 'AVRO') throw unusable(place, what, `it is of the type ${String(schemaType)}, not AVRO`);
  if (typeof schema !== 'string') throw unusable(place, what, 'it has no "schema" text');
  if (schema.length > SCHEMA_BYTES_MAX) throw unusable(place, what, `it has more than ${SCHEMA_BYTES_MAX} bytes`);
  return schema;
}

function objectIn(body: string, place: string, what: string): Readonly<Record<string, unknown>> {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw unusable(place, what, 'it is no JSON');
  }
  if (typeof answer !== 'object' || answer === null) throw unusable(place, what, 'it is no object');
  return answer as Readonly<Record<string, unknown>>;
}

function unusable(place: string, what: string, why: string): HeadraceError {
  return new HeadraceError(
    'SCHEMA_NOT_FOUND',
    `What the schema registry at ${place} gave for ${what} cannot be used: ${why}.`,
  );
}
