import { actionMetadata } from '../../src/github/action-metadata.js'
import type { Step } from '../../src/github/entry-point.js'
import type { Log } from '../../src/github/log.js'
import type { Run } from '../../src/github/run-context.js'
import { FakeClock } from './fake-clock.js'

export const exampleSha = '0123456789abcdef0123456789abcdef01234567'

/** A typical run: a push to main. */
export function exampleRun(changes: Partial<Run> = {}): Run {
  return {
    repository: 'octo-org/web-shop',
    ref: 'refs/heads/main',
    refName: 'main',
    workflow: 'Deploy',
    job: 'deploy',
    runId: '1658821493',
    runNumber: '42',
    runAttempt: '1',
    actor: 'octocat',
    event: 'push',
    serverUrl: 'https://github.com',
    commit: exampleSha,
    isRehearsal: false,
    actionRepository: 'octo-org/lightsail-disk-snapshot',
    actionRef: 'v1',
    ...changes,
  }
}

/** A log that keeps each line, with its kind as a prefix. */
export class KeptLog implements Log {
  readonly lines: string[] = []
  info = (line: string) => void this.lines.push(line)
  group = (title: string, lines: readonly string[]) => void this.lines.push(`group: ${title}`, ...lines)
  notice = (text: string) => void this.lines.push(`notice: ${text}`)
  warning = (text: string) => void this.lines.push(`warning: ${text}`)
  error = (text: string) => void this.lines.push(`error: ${text}`)
  debug = (text: string) => void this.lines.push(`debug: ${text}`)
  readonly masked: string[] = []
  mask = (secret: string) => void this.masked.push(secret)
}

export interface KeptStep extends Step {
  readonly log: KeptLog
  readonly clock: FakeClock
  readonly cautions: readonly string[]
  readonly outputs: Record<string, string>
  readonly summary: string[]
}

/** Each id is different, across steps too. */
let ids = 0

/** The AWS variables of this process, which point its clients at an emulator. */
function awsVariables(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('AWS_')))
}

/** A step with these inputs, the others at their defaults, that keeps its outputs, log and summary. */
export function exampleStep(
  inputs: Readonly<Record<string, string>> = {},
  changes: Partial<Pick<Step, 'run' | 'environment' | 'signal' | 'newId' | 'requestHandler'>> = {},
): KeptStep {
  const given = new Map<string, string>(Object.entries({ ...actionMetadata.snapshot.inputs, ...inputs }))
  const outputs: Record<string, string> = {}
  const summary: string[] = []
  const cautions: string[] = []
  return {
    input: (name) => given.get(name) ?? '',
    environment: { ...awsVariables(), AWS_REGION: 'eu-central-1' },
    run: exampleRun(),
    log: new KeptLog(),
    caution: (text) => void cautions.push(text),
    cautions,
    clock: new FakeClock(),
    random: Math.random,
    newId: () => `id-${++ids}`,
    agents: undefined,
    github: { createCommitStatus: () => Promise.reject(new Error('no status is expected')) },
    signal: new AbortController().signal,
    setOutput: (name, value) => {
      outputs[name] = value
    },
    appendSummary: async (markdown) => void summary.push(markdown),
    outputs,
    summary,
    ...changes,
  }
}
