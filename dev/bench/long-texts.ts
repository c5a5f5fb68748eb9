// Everything in src/ that reads or writes text from outside, and texts that are awkward for patterns: a pattern that tries again
// at each character of a run takes minutes for a megabyte of it, and no signal is heard meanwhile.
import { systemClock } from '../../src/basics/clock.js'
import { Failure, joined } from '../../src/basics/failure.js'
import { sentence } from '../../src/basics/text.js'
import { parseTemplate, renderName } from '../../src/domain/name-template.js'
import { runAgain, waitStep } from '../../src/domain/next-steps.js'
import { choiceTags, ownTags, readUserTags, tagWarnings } from '../../src/domain/tags.js'
import { judge } from '../../src/domain/verdict.js'
import { setCommitStatus } from '../../src/github/commit-status.js'
import { reportFailure } from '../../src/github/entry-point.js'
import { codeBlock, logLine, markdownText, oneLine } from '../../src/github/escaping.js'
import { cautionLine, failureSection, rehearsed } from '../../src/github/failure-report.js'
import { parseBoolean, parseDuration, parseList } from '../../src/github/parse.js'
import { proxyAgents } from '../../src/github/proxy.js'
import { type Run, readRun } from '../../src/github/run-context.js'
import { markdownTable } from '../../src/github/summary.js'
import { timeline } from '../../src/github/timeline.js'
import { isTypoOf, undeclaredInputs } from '../../src/github/undeclared-inputs.js'
import { awsCommand } from '../../src/lightsail/commands.js'
import { ChainLog, credentialSource, unnamedSource, withoutSecrets } from '../../src/lightsail/credentials.js'
import { explain, explainAttach, explainCredentials } from '../../src/lightsail/errors.js'
import { isRegion, isSnapshotName, isSourceName } from '../../src/lightsail/names.js'
import type { DiskSnapshot, Operation } from '../../src/lightsail/types.js'
import { WatchedSnapshot } from '../../src/watch/watched-snapshot.js'

/** What gets a text from outside. */
export type Handler = (text: string) => unknown

/** Characters of which patterns make a run. */
export const mostAwkward = [...' \n-_"`{=,[*<', '\u2028', '\ud800'] as const

/** These, and other short texts. */
export const awkward = [
  ...mostAwkward,
  ..."\r\t\v}]()>&|~:./#@$%^+?!0a'\\",
  '\u00a0',
  '\u202e',
  '\udc00',
  '🚀',
  ': ',
  '= ',
  '- ',
  '_-',
  '. ',
  'a,',
  '1m',
  '{{',
  '}}',
  '{{a}}',
  '::',
  '##[',
  '` ',
  'www.',
  '@smithy/',
  'token=',
] as const

/** A text of about this length with a run in the middle, so that a pattern for a run at the end doesn't match. */
export function longText(
  unit: string,
  length: number,
  [start, end]: readonly [string, string] = ['a', 'b'],
): string {
  return `${start}${unit.repeat(Math.ceil(length / unit.length))}${end}`
}

const run: Run = {
  repository: 'octo-org/web-shop',
  ref: 'refs/heads/main',
  refName: 'main',
  workflow: 'Deploy',
  job: 'deploy',
  runId: '1',
  runNumber: '1',
  runAttempt: '1',
  actor: 'octocat',
  event: 'push',
  serverUrl: 'https://github.com',
  commit: undefined,
  isRehearsal: false,
  actionRepository: '',
  actionRef: '',
}
const region = 'eu-central-1'
const request = { operation: 'GetDisk', region, subject: 'disk "shop-data"' }

function operationWith(text: string): Operation {
  return {
    id: text,
    resourceType: 'DiskSnapshot',
    resourceName: text,
    operationType: text,
    status: 'failed',
    createdAt: null,
    errorCode: text,
    errorDetails: text,
  }
}

function snapshotWith(text: string): DiskSnapshot {
  return {
    type: 'disk',
    name: text,
    arn: text,
    state: 'pending',
    progress: text,
    sizeInGb: 1,
    createdAt: null,
    source: { type: 'disk', name: text },
    sourceArn: text,
    tags: [{ key: text, value: text }],
    isAutomatic: false,
    bundleId: text,
  }
}

/** A pattern must not be slow on what it refuses either. */
function orFailure(handle: Handler): Handler {
  return async (text) => {
    try {
      await handle(text)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
  }
}

function watched(text: string): unknown {
  const target = { snapshotName: 'x', snapshotType: undefined, operation: undefined, ageMs: undefined }
  const snapshot = new WatchedSnapshot(target, region, 0)
  snapshot.see(snapshotWith(text), 0, 0)
  return [snapshot.status, snapshot.progress]
}

function rendered(text: string): unknown {
  const template = parseTemplate('{{source}}-{{workflow}}-{{job}}')
  const values = { ...run, source: text, workflow: text, job: text, sha: text, time: new Date() }
  return template.ok && renderName(template.value, values)
}

function setStatus(text: string): Promise<void> {
  const response = { status: 422, message: text, isRateLimited: false, retryAfterMs: undefined }
  return setCommitStatus({ context: text, token: 'x', sha: 'x' }, 'success', text, {
    github: { createCommitStatus: async () => response },
    run,
    log: { ...silent, notice: () => {}, warning: () => {}, group: () => {}, mask: () => {} },
    clock: systemClock,
    signal: new AbortController().signal,
  })
}

const silent = { error: () => {}, info: () => {}, debug: () => {} }

/** The message after an error's name, its name, its code, and what its cause has. */
const thrownWith: readonly ((text: string) => object)[] = [
  (text) => ({ name: 'InvalidInputException', message: text }),
  (text) => ({ name: text, message: text }),
  (text) => ({ name: 'Error', code: text, message: text }),
]

function failureWith(text: string): Failure {
  const copyables = [{ purpose: text, language: 'sh', text }] as const
  const failures = [new Failure(text, text, { copyables }), new Failure(`${text}.`, text)]
  return joined(failures) ?? new Failure('', '')
}

/** Each reader and writer. */
export const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['parseBoolean', parseBoolean],
  ['parseDuration', parseDuration],
  ['a list of lines', (text) => parseList(text, { commas: false })],
  ['a list with commas', (text) => parseList(text, { commas: true })],
  ['a JSON list', (text) => parseList(`[${text}`, { commas: true, ifNull: 'null' })],
  ["the user's tags", (text) => readUserTags(text.split('\n').filter(Boolean))],
  ['warnings about tags', tagWarnings],
  [
    'managed tags',
    (text) => ownTags({ ...run, commitSha: text, clientToken: text, ref: text, workflow: text }),
  ],
  ["a roll-back's tag", (text) => choiceTags({ tags: [{ key: 'roll-back', value: text }] }, run, true)],
  ['a name template', parseTemplate],
  ['values of a name template', rendered],
  ['names', (text) => [isSourceName(text), isSnapshotName(text), isRegion(text)]],
  ['undeclared inputs', (text) => undeclaredInputs({ [`INPUT_${text}`]: text }, ['disk-name'])],
  ['typos', (text) => isTypoOf(text, 'disk-name')],
  [
    'the run',
    orFailure((text) => readRun({ GITHUB_REPOSITORY: text }, { eventName: '', payload: {}, sha: '' })),
  ],
  ['proxies', orFailure((text) => proxyAgents({ HTTPS_PROXY: text }))],
  ['keys', orFailure((text) => credentialSource({ AWS_ACCESS_KEY_ID: text, AWS_SECRET_ACCESS_KEY: text }))],
  ['what a source of credentials says', withoutSecrets],
  [
    "the SDK's log",
    (text) => {
      const log = new ChainLog()
      log.debug(text)
      log.debug(`@smithy/property-provider -> ${text}`)
      return log.saidOf(unnamedSource)
    },
  ],
  ['errors', (text) => thrownWith.map((thrown) => explain(thrown(text), request))],
  [
    'errors of an attachment',
    (text) => thrownWith.map((thrown) => explainAttach(text)(thrown(text), request)),
  ],
  [
    'errors of credentials',
    (text) => thrownWith.map((thrown) => explainCredentials(thrown(text), request, unnamedSource, text)),
  ],
  [
    "an operation's error",
    (text) =>
      judge({ type: undefined, name: text, region }, { snapshot: undefined, operation: operationWith(text) }),
  ],
  ['progress', watched],
  ['sentence', sentence],
  ['oneLine', oneLine],
  ['logLine', logLine],
  ['markdownText', markdownText],
  ['codeBlock', (text) => codeBlock(text, 'sh')],
  ['a table', (text) => markdownTable([text], [[{ text, url: text }]])],
  ['a timeline', (text) => timeline([barWith(text), barWith(text)])],
  ['a warning in the summary', cautionLine],
  ["a rehearsal's section", (text) => rehearsed(`### :x: ${text}`)],
  [
    "a failure's section",
    (text) => failureSection(failureWith(text), { hasSection: false, isRehearsal: true }),
  ],
  ["a failure's report", (text) => reportFailure(failureWith(text), silent, async () => {})],
  ["an unknown error's report", (text) => reportFailure(new TypeError(text), silent, async () => {})],
  ['a commit status', setStatus],
  ['commands', (text) => awsCommand('get-disk', region, { 'disk-name': text })],
  [
    'next steps',
    (text) => [
      waitStep([{ snapshotName: text, operationId: text }], text, run),
      runAgain({ ...run, serverUrl: text }),
    ],
  ],
])

function barWith(text: string) {
  return { what: 'disk', name: text, detail: text, kind: 'done', startMs: 0, endMs: 1 } as const
}

/** How much time of the processor (ms) the work takes; the least of some runs. A busy machine doesn't change it. */
export async function timeOf(work: () => unknown, runs: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let index = 0; index < runs; index += 1) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

/** How much longer (times) the slowest handler takes for four times the text, and for which. Linear: four times. */
export async function worstGrowth(): Promise<{ readonly ratio: number; readonly of: string }> {
  const [few, many] = [100_000, 400_000]
  let worst = { ratio: 0, of: 'none' }
  for (const [name, handle] of handlers) {
    for (const unit of mostAwkward) {
      const measure = async (runs: number) => {
        const timeFor = (length: number) => {
          const text = longText(unit, length)
          return timeOf(() => handle(text), runs)
        }
        const [fewMs, manyMs] = [await timeFor(few), await timeFor(many)]
        // What takes a moment is no measure.
        return manyMs < 20 ? 0 : manyMs / fewMs
      }
      if ((await measure(1)) <= worst.ratio) continue
      const ratio = await measure(3)
      if (ratio > worst.ratio) worst = { ratio, of: `${name}, of ${JSON.stringify(unit)}` }
    }
  }
  return worst
}
