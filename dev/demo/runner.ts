// Runs a step of a JavaScript action as the GitHub Actions runner does: inputs as INPUT_…, files for outputs, summary and
// event, and workflow commands on standard output and standard error.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { type Annotation, annotationsOf, LineReader, outputsOf, summaryOf } from './runner-rules.js'

/** An input or output in an action.yml. */
export interface Declaration {
  readonly description: string
  readonly default?: string
}

/** The parts of an action.yml that are used here. */
export interface ActionMetadata {
  readonly inputs: Readonly<Record<string, Declaration>>
  readonly outputs: Readonly<Record<string, Declaration>>
  readonly runs: { readonly using: string; readonly main: string; readonly post?: string }
}

export interface StepOptions {
  /** The folder that has the action.yml. */
  readonly action: string
  readonly inputs: Readonly<Record<string, string>>
  /** The job's environment in addition to the runner's variables; undefined removes one of those. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** The event's payload. A string is written as it is. */
  readonly event?: object | string
  /** Runs the post step instead of the main step, with the state that the main step saved. */
  readonly postOf?: Readonly<Record<string, string>>
  /** The Node.js that runs the action. Default: the one of this process. */
  readonly node?: string
  /** How long (ms) the process may run before it is killed. Default: no limit. */
  readonly timeoutMs?: number
  /** Called once the process has started, with a function that sends it a signal as the runner does on cancellation. */
  readonly onStart?: (send: (signal: NodeJS.Signals) => void) => void
  /** Called with each line as it is printed, and with the same function. */
  readonly onLine?: (line: string, send: (signal: NodeJS.Signals) => void) => void
  /** Closes standard output and standard error after the first line for which it is true, as a runner that has died does. */
  readonly stopReadingAt?: (line: string) => boolean
}

export interface StepResult {
  readonly exitCode: number | null
  /** The raw lines of standard output and standard error, in the order in which they arrived. */
  readonly lines: readonly string[]
  /** The annotations that GitHub shows. */
  readonly annotations: readonly Annotation[]
  readonly standardError: string
  /** How long the process ran. */
  readonly milliseconds: number
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** The environment variables that it set for later steps. */
  readonly variables: Readonly<Record<string, string>>
  /** The state that it saved for the post step. */
  readonly saved: Readonly<Record<string, string>>
}

/** Reads the action.yml of a folder. */
export async function readActionMetadata(folder: string): Promise<ActionMetadata> {
  const metadata: ActionMetadata = parse(await readFile(join(folder, 'action.yml'), 'utf8'))
  return metadata
}

/** The variables of a run, as GitHub's runner sets them. */
export const runnerVariables = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_ACTOR: 'octocat',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_JOB: 'deploy',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REF_NAME: 'main',
  GITHUB_REPOSITORY: 'octo-org/web-shop',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_RUN_ID: '1658821493',
  GITHUB_RUN_NUMBER: '42',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_SHA: '6d2f1a0c9b8e7d6c5b4a39281706f5e4d3c2b1a0',
  GITHUB_WORKFLOW: 'Deploy',
  RUNNER_OS: 'Linux',
} as const

/** Runs one step. Throws for an input that action.yml doesn't declare. */
export async function runStep(options: StepOptions): Promise<StepResult> {
  const metadata = await readActionMetadata(options.action)
  const folder = await mkdtemp(join(tmpdir(), 'step-'))
  try {
    const files = {
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary.md'),
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
      GITHUB_ENV: join(folder, 'env'),
      GITHUB_STATE: join(folder, 'state'),
    }
    const event = options.event ?? {}
    const written = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_ENV', 'GITHUB_STATE'] as const
    for (const name of written) await writeFile(files[name], '')
    await writeFile(files.GITHUB_EVENT_PATH, typeof event === 'string' ? event : JSON.stringify(event))
    const environment = {
      PATH: process.env['PATH'],
      HOME: folder,
      ...runnerVariables,
      ...files,
      RUNNER_TEMP: tmpdir(),
      ...inputVariables(metadata, options.inputs),
      ...stateVariables(options.postOf ?? {}),
      ...options.environment,
    }
    const main = join(options.action, entryOf(metadata, options.postOf !== undefined))
    const ended = await run(main, environment, options)
    return {
      ...ended,
      outputs: outputsOf(await readFile(files.GITHUB_OUTPUT, 'utf8')),
      summary: summaryOf(await readFile(files.GITHUB_STEP_SUMMARY, 'utf8')),
      variables: outputsOf(await readFile(files.GITHUB_ENV, 'utf8')),
      saved: outputsOf(await readFile(files.GITHUB_STATE, 'utf8')),
    }
  } finally {
    // On Windows a file can stay locked for a moment after the process has ended.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function entryOf({ runs }: ActionMetadata, isPost: boolean): string {
  if (!isPost) return runs.main
  if (runs.post === undefined) throw new Error('action.yml declares no post step')
  return runs.post
}

/** The state that the main step saved, as variables of the post step. */
function stateVariables(saved: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(saved).map(([name, value]) => [`STATE_${name}`, value]))
}

/** Every declared input as the runner passes it: the value given, or the default, or an empty string. */
function inputVariables(
  { inputs }: ActionMetadata,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(inputs, name)) throw new Error(`action.yml declares no input ${name}`)
  }
  return Object.fromEntries(
    Object.entries(inputs).map(([name, declaration]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      given[name] ?? declaration.default ?? '',
    ]),
  )
}

function run(
  main: string,
  environment: Readonly<Record<string, string | undefined>>,
  {
    node = process.execPath,
    timeoutMs,
    onLine = () => {},
    onStart = () => {},
    stopReadingAt = () => false,
  }: StepOptions,
): Promise<Omit<StepResult, 'outputs' | 'summary' | 'variables' | 'saved'>> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const child = spawn(node, [main], {
      env: { ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(timeoutMs === undefined ? {} : { timeout: timeoutMs, killSignal: 'SIGKILL' }),
    })
    onStart((signal) => child.kill(signal))
    const lines: string[] = []
    let standardError = ''
    const readers = [child.stdout, child.stderr].map((stream) => {
      const reader = new LineReader((line) => {
        lines.push(line)
        if (stream === child.stderr) standardError += `${line}\n`
        onLine(line, (signal) => child.kill(signal))
        if (!stopReadingAt(line)) return
        child.stdout.destroy()
        child.stderr.destroy()
      })
      stream.on('data', (piece) => reader.add(piece))
      return reader
    })
    child.once('error', reject)
    child.once('close', (exitCode) => {
      const milliseconds = performance.now() - startedAt
      for (const reader of readers) reader.end()
      resolve({ exitCode, lines, annotations: annotationsOf(lines), standardError, milliseconds })
    })
  })
}
