import { parseDuration } from '../../../src/github/parse.js'
import type { StepTrace } from '../step.js'
import type { Invariant } from './invariant.js'

/** How long (ms) a step may take beyond its time, or after it was cancelled. */
const graceMs = 5000
/** How long (ms) a restore may take beyond its time to bring the site back. */
const bringBackMs = 300_000
/** How long (ms) retention may take at least. */
const retentionMs = 30_000
/** How long (ms) a step takes at most that doesn't wait. */
const withoutWaitMs = 60_000

const defaultTimeouts = { snapshot: '1h', wait: '1h', prune: '10m', restore: '1h' } as const

/** Every step ends, in time and on purpose. */
export const endingInvariants: readonly Invariant[] = [
  {
    name: 'in time',
    sentence:
      'A step ends within five seconds after its time, five minutes later for a roll-back and 35 seconds for retention.',
    check: (step) => {
      const [took, most] = [step.endedAt - step.startedAt, longest(step)]
      return took <= most ? [] : [`it took ${took} ms instead of at most ${most}`]
    },
  },
  {
    name: 'cancelled in time',
    sentence: 'A cancelled step ends within five seconds.',
    check: ({ cancelledAt, endedAt }) => {
      const took = endedAt - (cancelledAt ?? endedAt)
      return took <= graceMs ? [] : [`it went on for ${took} ms`]
    },
  },
  {
    name: 'on purpose',
    sentence: 'Whatever a step throws is a Failure.',
    check: ({ outcome, failure }) => (outcome === 'unexpected' ? [failure?.message ?? ''] : []),
  },
]

function longest({ action, inputs }: StepTrace): number {
  const timeout = parseDuration(inputs['wait-timeout'] ?? defaultTimeouts[action])
  const timeoutMs = timeout.ok ? timeout.value : 0
  const waits = action !== 'snapshot' || inputs['wait'] !== 'false'
  const hasRule = Boolean(inputs['keep-last'] || inputs['keep-within'])
  return (
    (waits ? timeoutMs : Math.min(timeoutMs, withoutWaitMs)) +
    graceMs +
    (action === 'restore' ? bringBackMs : 0) +
    (action === 'snapshot' && hasRule ? retentionMs : 0)
  )
}
