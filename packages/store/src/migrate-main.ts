/** `npm run migrate`: creates the database CLICKHOUSE_DATABASE and its tables, or brings them up to date. */
import { createLogger, messageOf, readConfig } from '@headrace/platform';
import { clickhouseSettings, clickhouseSettingsSchema } from './settings.ts';
import { Store } from './store.ts';

try {
  const store = await Store.connect(clickhouseSettings(readConfig(clickhouseSettingsSchema)), createLogger('migrate'));
  const applied = await store.migrate();
  console.log(
    applied.length === 0 ? `${store.database} is up to date` : `${store.database}: applied ${applied.join(', ')}`,
  );
  await store.close();
} catch (error) {
  console.error(`migrate: ${messageOf(error)}`);
  process.exitCode = 1;
}
