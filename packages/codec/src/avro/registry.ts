/** Client of a Confluent-compatible schema registry: GET /schemas/ids/{id} gives { "schema": "..." }. */

import { HeadraceError, messageOf } from '@headrace/platform';
import { SCHEMA_BYTES_MAX } from '../limits.ts';

const REQUEST_MS_MAX = 10_000;

/**
 * The text of a writer schema. User and password may stand in the URL. Throws REGISTRY_UNREACHABLE (asking again may
 * help) or SCHEMA_NOT_FOUND (the registry has no Avro schema of that id).
 */
export async function fetchSchema(registryUrl: string, id: number): Promise<string> {
  const { url, place, headers } = requestFor(registryUrl, id);
  let status: number;
  let body: string;
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(REQUEST_MS_MAX), redirect: 'error' });
    status = response.status;
    body = await response.text();
  } catch (cause) {
    const why = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
    throw new HeadraceError(
      'REGISTRY_UNREACHABLE',
      `The schema registry at ${place} does not answer (${why}): start it or correct SCHEMA_REGISTRY_URL.`,
      { cause },
    );
  }
  if (status === 404) {
    throw new HeadraceError(
      'SCHEMA_NOT_FOUND',
      `The schema registry at ${place} has no schema ${id}: register it there.`,
    );
  }
  if (status !== 200) {
    throw new HeadraceError(
      'REGISTRY_UNREACHABLE',
      `The schema registry at ${place} answered ${status} for schema ${id}: look at its log, or correct SCHEMA_REGISTRY_URL.`,
    );
  }
  return schemaIn(body, place, id);
}

function requestFor(registryUrl: string, id: number) {
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
  return { url: new URL(`schemas/ids/${id}`, base), place: base.href, headers };
}

function schemaIn(body: string, place: string, id: number): string {
  const unusable = (why: string): HeadraceError =>
    new HeadraceError(
      'SCHEMA_NOT_FOUND',
      `What the schema registry at ${place} gave for schema ${id} cannot be used: ${why}.`,
    );
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    throw unusable('it is no JSON');
  }
  if (typeof answer !== 'object' || answer === null) throw unusable('it is no object');
  const { schema, schemaType = 'AVRO' } = answer as { readonly schema?: unknown; readonly schemaType?: unknown };
  if (schemaType !== 'AVRO') throw unusable(`it is of the type ${String(schemaType)}, not AVRO`);
  if (typeof schema !== 'string') throw unusable('it has no "schema" text');
  if (schema.length > SCHEMA_BYTES_MAX) throw unusable(`it has more than ${SCHEMA_BYTES_MAX} bytes`);
  return schema;
}
