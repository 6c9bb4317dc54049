/** Starts an embedded ClickHouse, says where, and waits to be ended: the parent in lifecycle.test.ts. */
import { startClickHouse } from '../../src/clickhouse/index.ts';

const { url, pid } = await startClickHouse();
console.log(JSON.stringify({ url, pid }));
setInterval(() => undefined, 1000);
