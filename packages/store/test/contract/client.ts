/** The bare client against the server under test, in a database of its own: the contract holds for any ClickHouse. */
import { randomUUID } from 'node:crypto';
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, beforeAll } from 'vitest';
import { testSettings } from '../support.ts';

export interface Room {
  readonly database: string;
  readonly url: string;
  readonly client: ClickHouseClient;
  readonly user: string;
  readonly password: string;
}

/** `compression` in both directions. */
export function useClient(options: { readonly compression?: boolean } = {}): Room {
  const { url, user, password } = testSettings();
  const database = `contract_${randomUUID().replaceAll('-', '')}`;
  const compression = { request: options.compression === true, response: options.compression === true };
  const common = { url, username: user, password, log: { level: ClickHouseLogLevel.OFF }, compression };
  const client = createClient({ ...common, database });
  beforeAll(async () => {
    const outside = createClient(common);
    await outside.command({ query: `CREATE DATABASE ${database}` });
    await outside.close();
  });
  afterAll(async () => {
    await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
    await client.close();
  });
  return { database, url, client, user, password };
}

/** Rows of a query as objects. */
export async function rows<T = Record<string, unknown>>(room: Room, query: string): Promise<T[]> {
  return (await room.client.query({ query, format: 'JSONEachRow' })).json<T>();
}
