import { Failure } from '../basics/failure.js'
import { tagOf } from '../domain/tags.js'
import { mayPass } from '../lightsail/error-table.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import { briefly } from './carry-out.js'
import { beyondTimeout, ChangeFailure, checkTime, type SwapTools } from './exchange.js'
import {
  holderText,
  type InstancePlan,
  type InstanceRepair,
  type InstanceResources,
} from './instance-plan.js'
import type { InstanceSwap } from './plan.js'
import { type Replacement, recordSwap } from './record.js'
import type { ResourceTracker } from './resource-tracker.js'
import type { Stage } from './stage.js'
import { beginInstanceTags, isBegun, nextTag, stateTag } from './swap-tags.js'
import { becomesVisible } from './visibility.js'

type Tracker = ResourceTracker<InstanceResources>
type InstanceStage = Stage<InstanceResources>

/**
 * Carries out the stages of a swap. First makes sure that the static IP can move; once it may have left the previous instance,
 * brings it back if it can't be attached to the restored one. Throws a Failure if the swap isn't complete then.
 */
export async function replaceInstance(
  { instanceName }: Pick<InstancePlan, 'instanceName'>,
  swap: InstanceSwap,
  stages: readonly InstanceStage[],
  tracker: Tracker,
  carryOutStage: (stage: InstanceStage, patience: Patience) => Promise<void>,
  tools: SwapTools,
): Promise<void> {
  const { service, patience } = tools
  const late = beyondTimeout(patience)
  for (const stage of stages) {
    if (stage.name === 'stop') await checkRuns(instanceName, tracker, tools)
    if (stage.name !== 'move') {
      await carryOutStage(stage, patience)
      continue
    }
    if (!swap.isResumed) await begin(instanceName, swap, tracker, tools)
    try {
      await carryOutStage(stage, swap.isResumed ? late : patience)
    } catch (error) {
      if (patience.signal?.aborted || !(error instanceof Failure)) throw error
      await saveAddress(error, instanceName, swap, tracker, tools)
    }
    await recordSwap(replacementOf(instanceName, swap), service, late, tools)
  }
  await close(instanceName, 'finished', tools)
}

/** Throws a Failure if somebody has stopped or deleted the restored instance since: then the previous one has to stay up. */
async function checkRuns(instanceName: string, tracker: Tracker, { patience }: SwapTools): Promise<void> {
  const seen = await orServiceFailure(tracker.refresh('restored', beyondTimeout(patience)))
  if (seen instanceof ServiceFailure || ['pending', 'running'].includes(seen.restored?.state ?? 'gone'))
    return
  throw new Failure(
    `Instance "${instanceName}" got the static IP, but is ${seen.restored?.state ?? 'gone'} now. The previous instance was not stopped.`,
    'Start it, or move the static IP back to the previous instance.',
  )
}

function replacementOf(newName: string, { previousName, original }: InstanceSwap): Replacement {
  return { type: 'instance', newName, previousName, original }
}

/** Records how the swap ended. This only helps later steps, so a failure doesn't matter. */
async function close(
  instanceName: string,
  state: 'finished' | 'abandoned',
  { service, patience }: SwapTools,
): Promise<void> {
  const brief = { ...beyondTimeout(patience), attempts: 3 }
  await orServiceFailure(service.tagResource(instanceName, [stateTag(state)], brief))
}

/** Tags both instances, then checks that the swap can still succeed. */
async function begin(
  instanceName: string,
  swap: InstanceSwap,
  tracker: Tracker,
  tools: SwapTools,
): Promise<void> {
  const { service, patience, clock } = tools
  const before = tracker.resources
  try {
    await service.tagResource(instanceName, beginInstanceTags(swap), patience)
    await service.tagResource(swap.previousName, [nextTag(instanceName)], patience)
    const areVisible = async () => {
      const { restored, previous } = await tracker.refreshAll(patience)
      const next = previous && tagOf(previous, nextTag(instanceName).key)
      return restored !== undefined && isBegun(restored) && next === instanceName
    }
    if (!(await becomesVisible(areVisible, patience, clock))) {
      throw new Failure(
        `The tags that this step set on instances "${instanceName}" and "${swap.previousName}" can't be seen.`,
        'The static IP was not moved, because a rerun could not tell what to finish. Rerun the job later.',
      )
    }
    checkTime(tools, 'instance')
    checkUnchanged(before, await tracker.refreshAll(patience), instanceName, swap)
  } catch (error) {
    await abandon(instanceName, swap, tools)
    throw error
  }
}

async function abandon(instanceName: string, swap: InstanceSwap, tools: SwapTools): Promise<void> {
  const { service, patience } = tools
  await close(instanceName, 'abandoned', tools)
  const brief = { ...beyondTimeout(patience), attempts: 3 }
  const previous = await orServiceFailure(service.getInstance(swap.previousName, brief))
  const { key } = nextTag(instanceName)
  // Another roll-back may have begun since, and its tag is needed.
  const isOurs = previous instanceof ServiceFailure || (previous && tagOf(previous, key)) === instanceName
  if (isOurs) await orServiceFailure(service.tagResource(swap.previousName, [nextTag(undefined)], brief))
}

/** Throws a Failure if somebody has changed something since the step began. */
function checkUnchanged(
  before: InstanceResources,
  { restored, previous, staticIp }: InstanceResources,
  instanceName: string,
  swap: InstanceSwap,
): void {
  const changes: readonly (readonly [boolean, string])[] = [
    [restored?.state !== 'running', `instance "${instanceName}" is ${restored?.state ?? 'gone'}`],
    [
      previous?.arn !== before.previous?.arn,
      `instance "${swap.previousName}" is gone, or is another one now`,
    ],
    [
      staticIp?.attachedTo !== swap.previousName,
      `static IP "${swap.staticIpName}" is ${staticIp === undefined ? 'gone' : holderText(staticIp)}`,
    ],
  ]
  const found = changes.filter(([isChanged]) => isChanged).map(([, text]) => text)
  if (found.length === 0) return
  throw new ChangeFailure(
    `Something has changed since this step began: ${found.join('; ')}.`,
    'The static IP was not moved. Check what else works on these instances, then rerun the job.',
  )
}

/** Brings the static IP back after a failed move. Throws unless it is attached to the restored instance in the end. */
async function saveAddress(
  failure: Failure,
  instanceName: string,
  swap: InstanceSwap,
  tracker: Tracker,
  tools: SwapTools,
): Promise<void> {
  // A refused request says nothing about the one that detached the static IP before it.
  const holder = await bringBackAddress(swap, tracker, tools, true)
  if (holder === instanceName) {
    tools.log.warning(`${failure.message}\nThe swap succeeded in the end.`)
    return
  }
  if (holder === swap.previousName) await abandon(instanceName, swap, tools)
  throw failure
}

const pauseMs = 2000

/** How long (ms) an earlier request may still move the static IP. */
const settlingMs = 60_000

/** Attaches the static IP to the previous instance if it is attached to nothing. Returns the name of what it is attached to. */
async function bringBackAddress(
  swap: InstanceSwap,
  tracker: Tracker,
  tools: SwapTools,
  inProgress: boolean,
): Promise<string | undefined> {
  const { clock, patience } = tools
  const late = beyondTimeout(patience)
  const settledAtMs = inProgress ? clock.monotonic() + settlingMs : 0
  for (;;) {
    const end = await tryToBringBack(swap, tracker, settledAtMs, { ...tools, patience: late })
    if (end !== undefined) return end.holder
    if (late.signal?.aborted || clock.monotonic() >= late.untilMs) return undefined
    await clock.sleep(pauseMs, late.signal).catch(() => {})
  }
}

/** Looks once, and attaches it if it is attached to nothing. Returns undefined if it is worth another try. */
async function tryToBringBack(
  swap: InstanceSwap,
  tracker: Tracker,
  settledAtMs: number,
  tools: SwapTools,
): Promise<{ readonly holder: string | undefined } | undefined> {
  const { clock, patience } = tools
  const seen = await orServiceFailure(tracker.refresh('staticIp', briefly(patience, clock)))
  if (seen instanceof Failure) return isHopeless(seen) ? { holder: undefined } : undefined
  const holder = seen.staticIp?.attachedTo ?? undefined
  const mayMove = holder === swap.previousName && clock.monotonic() < settledAtMs
  if (holder !== undefined) return mayMove ? undefined : { holder }
  return isHopeless(await attachBack(swap, patience, tools)) ? { holder } : undefined
}

/** Sends the request once. */
async function attachBack(
  { staticIpName, previousName }: InstanceSwap,
  patience: Patience,
  { service, clock, log }: SwapTools,
): Promise<unknown> {
  log.info(`Attaching static IP "${staticIpName}" to instance "${previousName}", to bring the site back`)
  const sent = await orServiceFailure(
    service.attachStaticIp(staticIpName, previousName, briefly(patience, clock)),
  )
  if (sent instanceof ServiceFailure) log.info(sent.message)
  return sent
}

/** Whether a request failed in a way that no retry changes. */
function isHopeless(result: unknown): boolean {
  if (!(result instanceof ServiceFailure)) return false
  return (
    result.errorClass === 'denied' ||
    (result.errorClass.startsWith('credentials-') && !mayPass(result.errorClass))
  )
}

/** Finishes what an earlier swap left. Throws a Failure if the static IP is attached to nothing then. */
export async function carryOutInstanceRepair(
  { kind, restored, swap }: InstanceRepair,
  trackerOf: (instanceName: string, swap: InstanceSwap) => Tracker,
  stopPrevious: (swap: InstanceSwap, tracker: Tracker) => Promise<void>,
  tools: SwapTools,
): Promise<void> {
  const { service, log, patience } = tools
  const tracker = trackerOf(restored.name, swap)
  if (kind === 'finish') {
    log.notice(
      `An earlier roll-back moved static IP "${swap.staticIpName}" to instance "${restored.name}" and didn't finish. This step finishes it first.`,
    )
    await recordSwap(replacementOf(restored.name, swap), service, patience, tools)
    if (swap.wasRunning) await stopPrevious(swap, tracker)
    return close(restored.name, 'finished', tools)
  }
  log.notice(
    `An earlier roll-back left static IP "${swap.staticIpName}" attached to nothing. This step attaches it to instance "${swap.previousName}" again first.`,
  )
  const holder = await bringBackAddress(swap, tracker, tools, false)
  if (holder === swap.previousName) return abandon(restored.name, swap, tools)
  throw new Failure(
    `The site is down: static IP "${swap.staticIpName}" has been attached to nothing since an earlier roll-back, and this step could not attach it to instance "${swap.previousName}".`,
    'Attach it in the Lightsail console, then rerun the job. Nothing was deleted.',
  )
}
