/** How to reach ClickHouse: the CLICKHOUSE_* variables, validated once. */
import { HeadraceError, z } from '@headrace/platform';

/** A name that needs no quotes anywhere. */
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The variables, as a shape that a service's own configuration schema spreads. */
export const clickhouseSettingsShape = {
  CLICKHOUSE_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8123')
    .describe('address of the HTTP interface of ClickHouse, for example http://clickhouse:8123'),
  CLICKHOUSE_USER: z.string().default('default').describe('user of ClickHouse'),
  CLICKHOUSE_PASSWORD: z.string().default('').describe('password of the user'),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(IDENTIFIER, 'letters, digits and _ only')
    .default('headrace')
    .describe('database that holds the tables of Headrace'),
  CLICKHOUSE_TLS_CA_FILE: z
    .string()
    .optional()
    .describe('PEM file of the certificate authority, where https uses one of your own'),
};

export const clickhouseSettingsSchema = z.object(clickhouseSettingsShape);

/** The variables, parsed. */
export type ClickHouseEnvironment = z.infer<typeof clickhouseSettingsSchema>;

export interface StoreSettings {
  /** Without credentials. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tlsCaFile?: string;
}

export function clickhouseSettings(environment: ClickHouseEnvironment): StoreSettings {
  const url = new URL(environment.CLICKHOUSE_URL);
  if (environment.CLICKHOUSE_TLS_CA_FILE !== undefined && url.protocol !== 'https:') {
    const text = `CLICKHOUSE_TLS_CA_FILE is set, but CLICKHOUSE_URL begins with ${url.protocol}//; write https:// or unset the file.`;
    throw new HeadraceError('CONFIG_INVALID', text);
  }
  // Credentials in the URL are taken, so that one variable is enough; those of their own variables win.
  const user =
    environment.CLICKHOUSE_USER === 'default' && url.username !== '' ? url.username : environment.CLICKHOUSE_USER;
  const password = environment.CLICKHOUSE_PASSWORD || url.password;
  url.username = '';
  url.password = '';
  return {
    url: url.toString(),
    user: decodeURIComponent(user),
    password: environment.CLICKHOUSE_PASSWORD === '' ? decodeURIComponent(password) : password,
    database: environment.CLICKHOUSE_DATABASE,
    ...(environment.CLICKHOUSE_TLS_CA_FILE === undefined ? {} : { tlsCaFile: environment.CLICKHOUSE_TLS_CA_FILE }),
  };
}
