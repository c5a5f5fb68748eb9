// Runs the tests of whole workflows if their engine, act, is installed: `npm run test:workflows`. If it isn't, it says how
// to install it; with --all, that is a failure.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const version = '0.2.87'

// What a workflow can ask for and act silently ignores.
const notRun = [
  ['permissions', 'act has no tokens of GitHub to limit'],
  [
    'OpenID Connect',
    'no identity provider is within reach: a stand-in takes the place of the credentials step',
  ],
  ['concurrency', 'act runs one workflow run at a time'],
  ['environment', 'nobody is there to approve'],
  [
    'fail-fast and max-parallel',
    'act runs every job of a matrix, as many at a time as the machine has cores',
  ],
  ['schedule', 'act starts the workflow at once, as that event'],
] as const

function findAct(): string | undefined {
  const folders = [resolve('.tools/bin'), ...(process.env['PATH'] ?? '').split(delimiter)]
  return folders.map((folder) => join(folder, 'act')).find((file) => existsSync(file))
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const act = findAct()
if (act === undefined) {
  say(
    `The workflows were not run: act is neither in .tools nor in PATH. To install it, with Go: dev/tools/install.sh`,
  )
  process.exit(process.argv.includes('--all') ? 1 : 0)
}
const found = spawnSync(act, ['--version']).stdout.toString().trim()
say(
  `Engine: ${found}${found.endsWith(version) ? '' : ` (the tests are written for ${version})`}. It does not run:`,
)
for (const [feature, reason] of notRun) say(`- ${feature}: ${reason}`)

const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js']
const run = spawnSync(process.execPath, [...jest, '--config=jest.workflows.config.js'], {
  stdio: 'inherit',
  env: { ...process.env, ACT: act },
})
process.exitCode = run.status ?? 1
