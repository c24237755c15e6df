/**
 * `hopmark serve POLICY`: an implementation in production, behind one address, with as many workers
 * as asked for. It goes on until SIGTERM or Ctrl-C; SIGHUP has the policy read again.
 */
import { Command } from 'commander';
import { parseDuration, parseListenAddress, parseWorkers } from './option.ts';
import type { ServeOptions } from './serve-run.ts';
import type { Shell } from './shell.ts';

const HELP = `
Log lines go to standard output, or to the file of --log; everything else to standard error.

Signals: SIGTERM and Ctrl-C let connections finish, at most as long as --drain says, and end with 0; the
second one ends at once. SIGHUP reads the policy again, puts it in force in all workers or in none, and
opens the log file anew.

Examples:
  $ hopmark serve policy.yaml
  $ hopmark serve policy.yaml --workers 4 --log access.log
  $ hopmark serve policy.yaml --admin 127.0.0.1:9901     then: curl 127.0.0.1:9901/counters
  $ hopmark serve policy.yaml --impl ./my-proxy.ts --listen 0.0.0.0:8080

Exit codes: 0 ended by a signal; 2 usage, or a policy that is wrong; 4 the address cannot be had, or
the workers keep ending; 130, 143 ended by a second signal.`;

const DRAIN_MS = 30_000;

/** The command. */
export function serveCommand(shell: Shell): Command {
  return new Command('serve')
    .description('run the proxy: one address, several workers, one policy')
    .argument('<policy>', 'a policy file, YAML or JSON, with its upstream')
    .option('--impl <implementation>', 'a built-in name or a path to a module', 'optimized')
    .option(
      '--workers <count>',
      'processes that serve, or auto for one for each CPU (default: that of the policy)',
      parseWorkers,
    )
    .option(
      '--listen <address>',
      'where to listen, such as 0.0.0.0:8080 (default: that of the policy)',
      parseListenAddress,
    )
    .option('--ca <file>', 'PEM certificates to trust beside the system’s, for an https upstream')
    .option('--log <file>', 'append log lines to this file')
    .option(
      '--admin <address>',
      'answer /ready, /counters and /metrics (Prometheus) here',
      parseListenAddress,
    )
    .option(
      '--drain <duration>',
      'how long connections may take to finish',
      parseDuration,
      DRAIN_MS,
    )
    .option('--json', 'at the end one JSON document on standard output; needs --log')
    .option('-q, --quiet', 'only errors on standard error')
    .addHelpText('after', HELP)
    .action(async (policy: string, options: ServeOptions) => {
      const { serve } = await import('./serve-run.ts');
      await serve(shell, policy, options);
    });
}
