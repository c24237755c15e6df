/** The files that `hopmark init` writes. */

/** What git is not to keep. */
export const IGNORED = 'reports/';

/** A configuration with every key, those that have good defaults as comments. */
export function configTemplate(implementation: string): string {
  return `/** What \`hopmark gate\` judges. Every key: npx hopmark gate --help, docs/gate.md of the package. */
import { defineConfig } from 'hopmark';

export default defineConfig({
  // The module that serves: a ProxyImplementation, a factory of a Node request listener, or the
  // definition of a command.
  implementation: ${JSON.stringify(implementation)},
  // Time for measuring. A gate of 60 s sees changes of about 5 %; longer ones see smaller changes.
  budget: '60s',
  // What is let pass, by metric; those that are not named keep their defaults.
  thresholds: {
    'hop-p50': '<= +5%',
    'cpu-per-request': '<= +5%',
    // 'allocated-per-request': 'off',
  },
  // Limits on figures themselves; a missed one fails the gate.
  // targets: { 'fast-enough': 'overhead-p50 < 500 µs' },
  // 'neutral' lets a gate pass that could not decide.
  onInconclusive: 'fail',
  // How a revision is installed and built, where it is not npm ci and npm run build.
  // prepare: 'npm ci && npm run build',
});
`;
}

/** A workflow for pull requests: the gate, its report as a summary, annotations and an artifact. */
export function workflowTemplate(): string {
  return `name: hopmark

on:
  pull_request:

permissions:
  contents: read

jobs:
  gate:
    runs-on: ubuntu-24.04
    timeout-minutes: 20
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
          cache: npm
      - run: git fetch --depth=1 origin \${{ github.event.pull_request.base.sha }}
      - run: npm ci
      - run: npx hopmark gate --against \${{ github.event.pull_request.base.sha }}
      - if: \${{ !cancelled() }}
        run: |
          npx hopmark report --as markdown >> "$GITHUB_STEP_SUMMARY"
          npx hopmark report --as annotations
          npx hopmark report --as junit > reports/junit.xml
      - if: \${{ !cancelled() }}
        uses: actions/upload-artifact@v4
        with:
          name: hopmark-report
          path: reports
`;
}
