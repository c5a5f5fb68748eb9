// Runs a whole workflow on act (https://github.com/nektos/act), an independent workflow engine with its own expressions,
// contexts and order of jobs and steps. The jobs run on this machine, with the actions of this checkout.
import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { actionNode } from '../../dev/demo/action-node.js'
import { actionFolders } from '../../dev/tools/readme-tables.js'
import { member, textMember } from '../../src/basics/member.js'

/** The path of act, which `npm run test:workflows` has found. */
export const act = process.env['ACT'] ?? ''

/** What a workflow run is started with. */
export interface WorkflowRun {
  /** The workflow's file, from the root of the checkout. */
  readonly file: string
  readonly event: 'push' | 'schedule' | 'workflow_dispatch'
  readonly inputs?: Readonly<Record<string, string>>
  /** The only job to run, with its matrix reduced to Linux; undefined for all jobs. */
  readonly job?: string
  /** Variables in the environment of every step. */
  readonly environment?: Readonly<Record<string, string>>
  /** What this machine needs in the workflow in place of what an instance has. */
  readonly replaced?: Readonly<Record<string, string>>
  /** The token that GitHub gives to each job. */
  readonly token?: string
  /** The scripts of the example that fail, such as `deploy`. */
  readonly failing?: readonly string[]
  /** The content that deploy.sh deploys, and the URL to which it sends that. */
  readonly writes?: { readonly url: string; readonly content: string }
  /** Other repositories that the workflow uses. */
  readonly repositories?: readonly OtherRepository[]
}

/** A repository with a single file, copied from this checkout. */
export interface OtherRepository {
  /** As a workflow names it: `octo-org/workflows@v1`. */
  readonly name: string
  readonly path: string
  readonly file: string
}

/** How a workflow run ended. */
export interface WorkflowResult {
  readonly isGreen: boolean
  /** The result of each job that ran, in the order in which they finished: `snapshot success`. */
  readonly jobs: readonly string[]
  /** What the scripts and the stand-in of the example recorded, in order. */
  readonly journal: readonly string[]
  /** Every line that a step printed. */
  readonly log: string
  readonly summary: string
  /** What went wrong, by the job summary: act can lose the last lines of a step, and with them its error annotation. */
  readonly errors: readonly string[]
  /** The commit that the run was for. */
  readonly sha: string
}

const scripts = ['build', 'test', 'deploy', 'check'] as const
const published = /uses: OWNER\/lightsail-disk-snapshot(?:\/([a-z]+))?@v1/g
const credentials = 'aws-actions/configure-aws-credentials@v6'

/** Runs a workflow to its end, in a repository of its own. */
export function runWorkflow(run: WorkflowRun): Promise<WorkflowResult> {
  return withRepository(async (runIn) => runIn(run))
}

/** Provides a repository in which workflows run one after another, on the last commit or, with `isNew`, on a new one. */
export async function withRepository<T>(
  work: (runIn: (run: WorkflowRun, isNew?: boolean) => Promise<WorkflowResult>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'workflow-'))
  try {
    const shas: string[] = []
    return await work(async (run, isNew = shas.length === 0) => {
      await layRepository(join(folder, 'web-shop'), run)
      if (isNew) shas.push(await commitAll(join(folder, 'web-shop')))
      return runOnce(folder, run, shas.at(-1) ?? '')
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runOnce(folder: string, run: WorkflowRun, sha: string): Promise<WorkflowResult> {
  const journal = join(folder, 'journal')
  await writeFile(journal, '')
  const environment = {
    ...run.environment,
    JOURNAL: journal,
    ...(run.writes === undefined ? {} : { WRITE_TO: run.writes.url, CONTENT: run.writes.content }),
  }
  for (const repository of run.repositories ?? []) await layOther(folder, repository)
  const { isGreen, events } = await runAct(join(folder, 'web-shop'), folder, environment, run)
  const summary = events
    .filter((event) => textMember(event, 'command') === 'summary')
    .map((event) => textMember(event, 'content'))
    .join('\n')
  return {
    isGreen,
    jobs: events.flatMap((event) => {
      const result = textMember(event, 'jobResult')
      return result === '' ? [] : [`${textMember(event, 'jobID')} ${result}`]
    }),
    journal: (await readFile(journal, 'utf8'))
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean),
    log: events
      .filter((event) => member(event, 'raw_output') === true)
      .map(message)
      .join(''),
    errors: [...summary.matchAll(/^\*\*What happened:\*\* (.*)$/gm)].map(([, what = '']) => what),
    summary,
    sha,
  }
}

function message(event: unknown): string {
  return textMember(event, 'msg')
}
const writing =
  '[ -z "${WRITE_TO:-}" ] || curl --silent --show-error --fail --request PUT --data "$CONTENT" "$WRITE_TO" || exit 2\n'

/** A shop's repository with this checkout's actions in it, so that `uses: ./` is the built action. */
async function layRepository(
  repository: string,
  { file, failing = [], replaced = {} }: WorkflowRun,
): Promise<void> {
  const copied = ['dist', ...actionFolders.map((folder) => join(folder, 'action.yml'))]
  for (const path of copied) {
    await mkdir(dirname(join(repository, path)), { recursive: true })
    await cp(path, join(repository, path), { recursive: true })
  }
  for (const name of scripts) {
    const end = failing.includes(name) ? 'exit 1' : 'exit 0'
    const writes = name === 'deploy' ? writing : ''
    const script = `#!/bin/sh\necho "${name} \${SNAPSHOTS:-}" >>"$JOURNAL"\n${writes}${end}\n`
    await writeFile(join(repository, `${name}.sh`), script, { mode: 0o755 })
  }
  const workflows = join(repository, '.github/workflows')
  await mkdir(workflows, { recursive: true })
  const workflow = Object.entries(replaced).reduce(
    (text, [from, to]) => text.replaceAll(from, to),
    await readFile(file, 'utf8'),
  )
  await writeFile(join(workflows, 'workflow.yml'), withOwnActions(workflow))
}

/** The folder of another repository of a run. */
function otherFolder(folder: string, name: string): string {
  return join(folder, 'others', name)
}

async function layOther(folder: string, { name, path, file }: OtherRepository): Promise<void> {
  const target = join(otherFolder(folder, name), path)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, withOwnActions(await readFile(file, 'utf8')))
}

/** Returns the workflow with `uses: ./` instead of the published name, and the checkout that each job then needs. */
export function withOwnActions(workflow: string): string {
  const heading = '    steps:\n'
  const [head = '', ...jobs] = workflow.split(heading)
  const checkedOut = jobs.map((steps) =>
    steps.includes('uses: actions/checkout@') ? steps : `      - uses: actions/checkout@v6\n${steps}`,
  )
  return [head, ...checkedOut].join(heading).replace(published, (_, folder = '') => `uses: ./${folder}`)
}

async function commitAll(repository: string): Promise<string> {
  const git = (...words: string[]) => output('git', ['-C', repository, ...words])
  await git('init', '--quiet', '--initial-branch=main')
  await git('config', 'remote.origin.url', 'https://github.com/octo-org/web-shop')
  await git('add', '--all')
  const author = ['-c', 'user.name=Octo Cat', '-c', 'user.email=octocat@example.com']
  await git(...author, 'commit', '--quiet', '--allow-empty', '--message=A change of the shop')
  return (await git('rev-parse', 'HEAD')).trim()
}

/** Returns act's output, one object per line, and whether it succeeded. It writes files only to `folder`. */
async function runAct(
  repository: string,
  folder: string,
  environment: Readonly<Record<string, string>>,
  { event, inputs = {}, job, token, repositories = [] }: WorkflowRun,
): Promise<{ isGreen: boolean; events: readonly unknown[] }> {
  const standIn = resolve('__tests__/workflows/stand-ins/configure-aws-credentials')
  const pairs = (option: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).flatMap(([name, value]) => [option, `${name}=${value}`])
  const words = [
    event,
    ...(job === undefined ? [] : ['--job', job, '--matrix', 'os:ubuntu-latest']),
    '--json',
    ...['--platform', 'ubuntu-latest=-self-hosted'],
    ...['--directory', repository],
    ...['--action-cache-path', join(folder, 'cache')],
    ...['--local-repository', `${credentials}=${standIn}`],
    ...repositories.flatMap(({ name }) => ['--local-repository', `${name}=${otherFolder(folder, name)}`]),
    ...['--actor', 'octocat', '--no-cache-server', '--pull=false'],
    ...pairs('--env', environment),
    ...pairs('--input', inputs),
    ...(token === undefined ? [] : ['--secret', `GITHUB_TOKEN=${token}`]),
  ]
  const path = [dirname(actionNode), resolve('.tools/bin'), process.env['PATH'] ?? ''].join(delimiter)
  const ended = await ending(act, words, { PATH: path, HOME: folder })
  const events = ended.output.split('\n').flatMap(parsed)
  if (events.length === 0) throw new Error(`act ran nothing: ${ended.errors}`)
  return { isGreen: ended.exitCode === 0, events }
}

function parsed(line: string): unknown[] {
  if (!line.startsWith('{')) return []
  const event: unknown = JSON.parse(line)
  return [event]
}

async function output(command: string, words: readonly string[]): Promise<string> {
  const ended = await ending(command, words, { PATH: process.env['PATH'] })
  if (ended.exitCode !== 0)
    throw new Error(`${command} ${words.join(' ')} ended with ${ended.exitCode}: ${ended.errors}`)
  return ended.output
}

function ending(
  command: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ exitCode: number | null; output: string; errors: string }> {
  return new Promise((end, reject) => {
    const child = spawn(command, words, {
      env: { ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
    let errors = ''
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      errors += chunk
    })
    child.once('error', reject)
    child.once('close', (exitCode) => end({ exitCode, output: text, errors }))
  })
}
