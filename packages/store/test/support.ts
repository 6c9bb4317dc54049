/** A database of its own for each test file, on whichever ClickHouse the environment names; dropped afterwards. */
import { randomUUID } from 'node:crypto';
import { createLogger } from '@headrace/platform';
import { afterAll, beforeAll } from 'vitest';
import { clickhouseSettings, clickhouseSettingsSchema, Store, type StoreSettings } from '../src/index.ts';

export const log = createLogger('test');

export function testSettings(): StoreSettings {
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  return { ...clickhouseSettings(clickhouseSettingsSchema.parse(givenEnvironment())), database };
}

/** Connects before the tests of a file, migrated if asked; drops the database after them. */
export function useStore(options: { readonly migrated: boolean }): { readonly settings: StoreSettings; store: Store } {
  const settings = testSettings();
  const held: { readonly settings: StoreSettings; store?: Store } = { settings };
  beforeAll(async () => {
    held.store = await Store.connect(settings, log);
    if (options.migrated) await held.store.migrate();
  });
  afterAll(async () => {
    await held.store?.command(`DROP DATABASE IF EXISTS ${settings.database}`);
    await held.store?.close();
  });
  return {
    settings,
    get store(): Store {
      if (held.store === undefined) throw new Error('the store is there from beforeAll on');
      return held.store;
    },
  };
}

function givenEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
}
