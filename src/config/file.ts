/** What stands in a `logveil.yaml`. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { ProblemsError } from '../errors.ts';
import { readYaml } from '../yaml/document.ts';
import { withoutUndefined } from './check.ts';
import { withFolders } from './deployment.ts';
import { type Config, configSchema } from './schema.ts';

/**
 * @param path where the text comes from, and what paths in it are relative to
 * @throws ProblemsError with all its mistakes
 */
export function parseConfig(path: string, text: string): Config {
  const result = readYaml(path, text, configSchema.nullable());
  if (!result.ok) throw new ProblemsError('LOGVEIL_CONFIG', result.problems);
  // Nothing but comments is no setting.
  return withResolvedPaths(withoutUndefined(result.document.value ?? {}), dirname(resolve(path)));
}

/** Paths in the file are relative to the file, wherever logveil is started. */
function withResolvedPaths(config: Config, folder: string): Config {
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  const isPath = (name: string): boolean => /\.ya?ml$/.test(name) || /^\.{0,2}\//.test(name);
  return {
    ...config,
    ...(config.rules && { rules: config.rules.map((name) => (isPath(name) ? absolute(name) : name)) }),
    ...(config.findings && { findings: absolute(config.findings) }),
    ...(config.summary && { summary: absolute(config.summary) }),
    ...(config.knownSecrets && {
      knownSecrets: config.knownSecrets.map((name) => (name.startsWith('env:') ? name : absolute(name))),
    }),
    ...(config.keyFile && { keyFile: absolute(config.keyFile) }),
    ...(config.calcom?.keyFile && {
      calcom: { ...config.calcom, keyFile: absolute(config.calcom.keyFile) },
    }),
    ...(config.incidentReviews && {
      incidentReviews: { ...config.incidentReviews, folder: absolute(config.incidentReviews.folder) },
    }),
    ...(config.deployment && { deployment: withFolders(config.deployment, folder) }),
    ...(config.serve?.verification && {
      serve: { ...config.serve, verification: absolute(config.serve.verification) },
    }),
  };
}
