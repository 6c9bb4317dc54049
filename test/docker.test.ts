/**
 * docker-compose.yml, the Dockerfile and what lies in deploy/, held against the sources: no engine is needed for it.
 * What only an engine can show (that the images start) is not shown here.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CLICKHOUSE_IMAGE, KAFKA_IMAGE } from '@headrace/embedded/docker/containers';
import { z } from '@headrace/platform';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const SERVICES = ['guide', 'rater', 'loader', 'aggregator', 'assurance'];
/** Read by the logger and by the image's command, so they stand in no service's schema. */
const BESIDE_THE_SCHEMA = ['LOG_LEVEL', 'SERVICE'];

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
      command: z.array(z.string()).optional(),
      environment: z.record(z.string(), z.string()).default({}),
      volumes: z.array(z.string()).default([]),
      depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).optional(),
    }),
  ),
  volumes: z.record(z.string(), z.unknown()),
});

const compose = composeSchema.parse(parse(read('docker-compose.yml'), { merge: true }));
const dockerfile = read('deploy/Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '');

function serviceOf(name: string): z.infer<typeof composeSchema>['services'][string] {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
}

/** The schema of the variables that a service reads; `init` is a command of the command line. */
async function schemaOf(name: string): Promise<z.ZodObject> {
  const module = await import(`../services/${name === 'init' ? 'cli' : name}/src/config.ts`);
  return module.configSchema;
}

describe('docker-compose.yml', () => {
  it('has the servers, the services and what watches them', () => {
    const expected = ['kafka', 'clickhouse', 'init', ...SERVICES, 'prometheus', 'grafana'];
    expect(Object.keys(compose.services).sort()).toEqual(expected.sort());
    expect(serviceOf('kafka').image).toBe(KAFKA_IMAGE);
    expect(serviceOf('clickhouse').image).toBe(CLICKHOUSE_IMAGE);
  });

  it.each([...SERVICES, 'init'])(
    'gives %s variables that its configuration takes, and all that it needs',
    async (name) => {
      const { environment } = serviceOf(name);
      const schema = await schemaOf(name);
      const unknown = Object.keys(environment).filter(
        (variable) => schema.shape[variable] === undefined && !BESIDE_THE_SCHEMA.includes(variable),
      );
      expect(unknown).toEqual([]);
      expect(schema.safeParse(environment).error?.issues ?? []).toEqual([]);
    },
  );

  it.each(SERVICES)('runs %s from the one image, after init', (name) => {
    const service = serviceOf(name);
    expect(service.environment.SERVICE).toBe(name);
    expect(existsSync(join(root, `services/${name}/src/main.ts`))).toBe(true);
    expect(existsSync(join(root, String(service.build?.dockerfile)))).toBe(true);
    expect(service.depends_on).toEqual({ init: { condition: 'service_completed_successfully' } });
  });

  it('names files that are there, volumes that are declared, and services that exist', () => {
    for (const [name, service] of Object.entries(compose.services)) {
      for (const volume of service.volumes) {
        const [source = ''] = volume.split(':');
        const there = source.startsWith('.') ? existsSync(join(root, source)) : source in compose.volumes;
        expect(there, `${name}: ${volume}`).toBe(true);
      }
      const { depends_on: needed = [] } = service;
      for (const other of Array.isArray(needed) ? needed : Object.keys(needed)) serviceOf(other);
    }
    expect(existsSync(join(root, String(serviceOf('init').command?.[1])))).toBe(true);
  });
});

describe('deploy/Dockerfile', () => {
  it('copies what is there, on the Node that the sources want', () => {
    const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap((match) => String(match[1]).split(' '));
    expect(copied.length).toBeGreaterThan(3);
    for (const path of copied) expect(existsSync(join(root, path)), path).toBe(true);
    const { node } = JSON.parse(read('package.json')).devDependencies;
    expect(dockerfile).toMatch(new RegExp(`^FROM node:${String(node).split('.')[0]}-slim$`, 'm'));
  });

  it('installs exactly the services and the command line', () => {
    const workspaces = [...dockerfile.matchAll(/--workspace services\/(\S+)/g)].map((match) => match[1]);
    expect(workspaces.sort()).toEqual([...SERVICES, 'cli'].sort());
  });
});

describe('what watches', () => {
  it('Prometheus scrapes every service on the port of the image', () => {
    const port = /HTTP_PORT=(\d+)/.exec(dockerfile)?.[1];
    expect(dockerfile).toContain(`EXPOSE ${port}`);
    const targets: string[] = parse(read('deploy/prometheus.yml')).scrape_configs[0].static_configs[0].targets;
    expect([...targets].sort()).toEqual(SERVICES.map((name) => `${name}:${port}`).sort());
  });

  it('Grafana finds its source and its dashboards where compose mounts them', () => {
    const [source] = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')).datasources;
    expect(source.url).toBe('http://prometheus:9090');
    const [provider] = parse(read('deploy/grafana/provisioning/dashboards/headrace.yml')).providers;
    expect(serviceOf('grafana').volumes.join(' ')).toContain(`:${provider.options.path}:ro`);
    const home = serviceOf('grafana').environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
    expect(home).toBe(`${provider.options.path}/headrace.json`);
    const dashboard = read('deploy/grafana/dashboards/headrace.json');
    expect(new Set(dashboard.match(/"uid": "prometheus"/g))).toEqual(new Set([`"uid": "${source.uid}"`]));
  });

  it('the dashboard shows metrics that some service has', () => {
    const sources = globSync('{packages,services}/*/src/**/*.ts', { cwd: root }).map(read).join('\n');
    const shown = new Set(read('deploy/grafana/dashboards/headrace.json').match(/headrace_[a-z_]+/g));
    expect(shown.size).toBeGreaterThan(5);
    const absent = [...shown].filter((metric) => {
      const name = metric.replace(/^headrace_/, '').replace(/_bucket$/, '');
      return !sources.includes(`'${name}'`) && !sources.includes(`'headrace_${name}'`);
    });
    expect(absent).toEqual([]);
  });
});
