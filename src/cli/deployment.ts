/** The deployment that `verify` and `monitor` are asked about. */
import { findConfig, loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { UsageError } from '../errors.ts';
import { type Deployment, type DeploymentFlags, isEmpty, toDeployment } from '../verify/deployment.ts';

/** @throws UsageError, ProblemsError, IoError */
export async function openDeployment(
  flags: DeploymentFlags & { readonly config?: string },
): Promise<Deployment> {
  const configPath = findConfig(flags.config, process.env);
  const config = await loadConfig({}, flags.config, process.env);
  const settings = toRedactionSettings(config, process.env);
  const deployment = toDeployment(config, flags, process.env, { configPath, settings });
  if (isEmpty(deployment)) {
    throw new UsageError(
      'nothing to look at: expected `deployment` in logveil.yaml (docs/verify.md has one to begin with), or --logs, --health-url or LOGVEIL_REDIS_URL',
    );
  }
  return deployment;
}
