/**
 * Reads the environment once into a closed type. Nothing reads a variable later.
 *
 * 1. All problems are reported together, each naming its variable; values are never shown, for they may be secrets.
 * 2. An empty variable counts as not set: that is what `NAME=` in a compose file means.
 */
import { z } from 'zod';
import { HeadraceError } from './errors.ts';

function fieldDescription(schema: z.ZodType, name: string): string {
  const shape = schema instanceof z.ZodObject ? (schema.shape as Record<string, z.ZodType | undefined>) : {};
  const description = shape[name]?.description;
  return description === undefined ? '' : ` (${description})`;
}

/**
 * The environment as `schema` wants it; the schema's keys are the names of variables.
 * @throws HeadraceError CONFIG_INVALID that names every variable with a problem.
 */
export function readConfig<S extends z.ZodType>(schema: S, env: NodeJS.ProcessEnv = process.env): z.infer<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? 'environment');
    const what = issue.path.length > 0 && given[name] === undefined ? 'is not set' : `is not usable: ${issue.message}`;
    return `${name} ${what}${fieldDescription(schema, name)}`;
  });
  throw new HeadraceError('CONFIG_INVALID', `The configuration cannot be used. ${problems.join('; ')}.`, {
    context: { variables: parsed.error.issues.map((issue) => String(issue.path[0] ?? '')) },
  });
}
