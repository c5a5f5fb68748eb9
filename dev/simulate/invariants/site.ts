import { parseDuration } from '../../../src/github/parse.js'
import { isPassing } from '../faults.js'
import type { Place } from '../history.js'
import type { SentRequest } from '../process.js'
import type { Trace } from '../simulate.js'
import type { StepTrace } from '../step.js'
import { acceptedBy, type Invariant } from './invariant.js'

/** The site: it is stopped for good reason only, brought back, and never left down in silence. */
export const siteInvariants: readonly Invariant[] = [
  {
    name: 'site up',
    sentence:
      'An instance that ran runs again after a roll-back, with a disk at its path, or the error says first that it does not.',
    check: (step, trace) => (isChecked(step, trace) ? whyNotUp(step, trace) : []),
  },
  {
    name: 'brought back',
    sentence:
      'A roll-back that fails after it has stopped the instance starts it again, unless that is refused for good or the step is cancelled.',
    check: (step, trace) =>
      isChecked(step, trace) &&
      step.outcome === 'red' &&
      step.cancelledAt === undefined &&
      acceptedBy(step, 'StopInstance').length > 0 &&
      !step.requests.some(isHopeless) &&
      placeAtEnd(step, trace)?.instance !== 'running'
        ? [`the instance is ${placeAtEnd(step, trace)?.instance}`]
        : [],
  },
  {
    name: 'time to swap',
    sentence: 'A running instance is stopped only while enough is left of wait-timeout.',
    check: (step) => (isRollBack(step) ? whyTooLate(step) : []),
  },
]

/** Whether a step is a roll-back that has ended by itself, and nobody worked on its instance. */
function isChecked(step: StepTrace, { world }: Trace): boolean {
  const { startedAt, endedAt, outcome } = step
  const isDisturbed = world.history.interventions.some((at) => startedAt <= at && at <= endedAt)
  return isRollBack(step) && (outcome === 'green' || outcome === 'red') && !isDisturbed
}

function isRollBack({ action }: StepTrace): boolean {
  return action === 'restore'
}

function placeAtEnd({ endedAt }: StepTrace, { world }: Trace): Place | undefined {
  return world.history.placesBetween(endedAt, endedAt).at(-1)
}

function whyNotUp(step: StepTrace, trace: Trace): string[] {
  const [before] = trace.world.history.placesBetween(step.startedAt, step.startedAt)
  const after = placeAtEnd(step, trace)
  const isUp = after?.instance === 'running' && after.diskArn !== undefined
  if (before?.instance !== 'running' || before.diskArn === undefined || isUp) return []
  const first = step.failure?.message.split('\n')[0] ?? ''
  if (/^The site (?:is down|may be down|may not work)/.test(first)) return []
  return [`the instance is ${after?.instance} with disk ${after?.diskArn}, and the error begins "${first}"`]
}

/** What bringing a site back needs. */
const vital: ReadonlySet<string> = new Set(['StartInstance', 'GetInstance', 'GetDisk'])

/** Whether a request was refused for good, or accepted and then failed, without which no site is brought back. */
function isHopeless({ operation, fault, failsLater }: SentRequest): boolean {
  return vital.has(operation) && (failsLater || (fault !== undefined && !isPassing(fault)))
}

/** How long (ms) a swap may take. */
const swapMs = 300_000
/** How many requests there are between the check and the stop. */
const requestsAfterCheck = 4
/** How long (ms) the first of them may be on its way. */
const slowestMs = 10_000

function whyTooLate(step: StepTrace): string[] {
  const stop = step.requests.findIndex(({ operation, accepted }) => operation === 'StopInstance' && accepted)
  const since = step.requests.slice(Math.max(0, stop - requestsAfterCheck), stop)
  const [first] = since
  // A request that is sent again takes its time.
  if (first === undefined || !since.every(({ succeeded }) => succeeded)) return []
  const timeout = parseDuration(step.inputs['wait-timeout'] ?? '1h')
  const timeoutMs = timeout.ok ? timeout.value : 0
  const leftMs = step.startedAt + timeoutMs - first.at
  return leftMs + slowestMs < Math.min(swapMs, timeoutMs / 2) ? [`only ${leftMs} ms are left`] : []
}
