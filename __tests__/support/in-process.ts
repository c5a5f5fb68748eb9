import { inspect } from 'node:util'
import { VirtualClock } from '../../dev/bench/virtual-clock.js'
import { runnerVariables } from '../../dev/demo/runner.js'
import { onNetwork, responder } from '../../dev/simulate/network.js'
import { actions } from '../../dev/simulate/step.js'
import { type Reply, Service } from '../../emulator/service/service.js'
import type { RequestHandler } from '../../src/basics/agents.js'
import { Failure } from '../../src/basics/failure.js'
import { whenAborted } from '../../src/basics/signals.js'
import { actionMetadata } from '../../src/github/action-metadata.js'
import type { Step } from '../../src/github/entry-point.js'
import { reportFailure } from '../../src/github/entry-point.js'
import { readRun } from '../../src/github/run-context.js'
import { fillRegion, region } from './emulated.js'
import type { StartAccount, StepEnd, StepToRun } from './emulated-account.js'
import { KeptLog } from './step.js'
import { abortError } from './without-network.js'

// Runs steps in this process on a virtual clock: no sockets, no other processes, no waiting.

/** How long (ms) a request or a response takes to arrive. */
const latencyMs = 10
/** How long (ms) connections are refused, as by the emulator's server. */
const refusalMs = 700

/** Starts an account whose steps run in this process. */
export const startInProcess: StartAccount = async (behaviour) => {
  const clock = new VirtualClock()
  const beginning = Date.now()
  const now = () => beginning + clock.now()
  const service = new Service({ behaviour: { snapshotDurationMs: 0, ...behaviour }, now })
  fillRegion(service.region(region), now())
  const requestHandler = handlerOf(service, clock)
  return Object.assign(service, {
    skip: (ms: number) => clock.sleep(ms),
    send: async (operation: string, input: object) => {
      service.reply(requestOf(operation), JSON.stringify(input))
    },
    run: (step: StepToRun) => runStep(step, clock, beginning, requestHandler),
    close: async () => clock.clear(),
  })
}

function requestOf(operation: string): Parameters<Service['reply']>[0] {
  const authorization = `Credential=somebody/20260101/${region}/lightsail/aws4_request`
  const headers = { authorization, 'x-amz-target': `Lightsail_20161128.${operation}` }
  return { method: 'POST', url: '/', headers }
}

/** Carries requests to the service and its replies back, on the clock. */
function handlerOf(service: Service, clock: VirtualClock): RequestHandler {
  let refusesUntil = 0
  const arrive = ({ path, body, method, headers }: ReturnType<typeof onNetwork>): Reply => {
    if (clock.now() < refusesUntil) return { type: 'refuse' }
    const reply = service.reply({ method, headers, url: path }, body)
    if (reply.type !== 'refuse') return reply
    refusesUntil = clock.now() + refusalMs
    return { type: 'drop' }
  }
  return {
    handle: (request, { abortSignal } = {}) =>
      new Promise((resolve, reject) => {
        if (abortSignal !== undefined) whenAborted(abortSignal, () => reject(abortError()))
        clock.in(latencyMs, () => {
          const respond = responder(
            arrive(onNetwork(request, service.now())),
            new Date(service.now()).toUTCString(),
          )
          clock.in(latencyMs, () => respond(resolve, reject))
        })
      }),
  }
}

async function runStep(
  { folder, inputs = {}, environment = {} }: StepToRun,
  clock: VirtualClock,
  beginning: number,
  requestHandler: RequestHandler,
): Promise<StepEnd> {
  const action = folder ?? 'snapshot'
  const given = new Map<string, string>(Object.entries({ ...actionMetadata[action].inputs, ...inputs }))
  const variables = { ...runnerVariables, ...environment }
  const aheadMs = Number(environment['CLOCK_AHEAD_MS'] ?? 0)
  const log = new KeptLog()
  const outputs: Record<string, string> = {}
  const startedAt = clock.now()
  const step: Step = {
    input: (name) => given.get(name) ?? '',
    environment: { ...variables, ...credentials, AWS_REGION: region },
    run: readRun(variables, { eventName: 'push', payload: {}, sha: variables.GITHUB_SHA }),
    log,
    caution: log.warning,
    setOutput: (name, value) => {
      outputs[name] = value
    },
    appendSummary: async () => {},
    clock: {
      now: () => beginning + aheadMs + clock.now(),
      monotonic: () => clock.now(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      timeLimit: (ms) => clock.timeLimit(ms),
    },
    random: Math.random,
    newId: () => crypto.randomUUID(),
    agents: undefined,
    requestHandler,
    github: { createCommitStatus: () => Promise.reject(new Error('no status is expected')) },
    signal: new AbortController().signal,
  }
  let exitCode = 0
  let standardError = ''
  try {
    await actions[action](step)
  } catch (error) {
    exitCode = 1
    // Only a bug throws anything else.
    if (!(error instanceof Failure)) standardError = inspect(error)
    await reportFailure(error, log, step.appendSummary)
  }
  const errors = log.lines.flatMap((line) =>
    line.startsWith('error: ') ? [line.slice('error: '.length)] : [],
  )
  return { exitCode, errors, outputs, standardError, milliseconds: clock.now() - startedAt }
}

const credentials = { AWS_ACCESS_KEY_ID: 'emulated', AWS_SECRET_ACCESS_KEY: 'emulated' }
