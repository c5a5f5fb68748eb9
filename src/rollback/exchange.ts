import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { durationText } from '../basics/text.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import type { SourceType } from '../lightsail/types.js'
import { bringBack, SwapFailure } from './bring-back.js'
import { changesSince } from './checks.js'
import { type Attachment, isAt, type Repair, type Resources, type Swap } from './plan.js'
import { recordSwap, replacementOf } from './record.js'
import { type ResourceTracker, trackDisks } from './resource-tracker.js'
import { type Stage, StageFailure, type StageService } from './stage.js'
import { abandonSwap, beginTags, begunSwap } from './swap-tags.js'

/** What carrying out a swap needs. */
export interface SwapTools extends Pick<Step, 'clock' | 'log'> {
  readonly service: Lightsail
  readonly patience: Patience
  /** The input wait-timeout, in milliseconds. */
  readonly timeoutMs: number
}

/** How long (ms) beyond wait-timeout the site may be brought back. */
const overtimeMs = 300_000

/** Returns the patience for bringing the site back. */
export function beyondTimeout(patience: Patience): Patience {
  return { ...patience, untilMs: patience.untilMs + overtimeMs }
}

/** Which disk replaces which, and where. */
interface Exchange {
  readonly diskName: string
  readonly attachment: Attachment
  readonly swap: Swap
}

/**
 * Replaces the previous disk with the restored one. First makes sure that this can succeed; once the instance is stopped, brings
 * it back whatever happens. Throws a Failure if the restored disk isn't in use then.
 */
export async function exchange(
  { diskName, attachment, swap }: Exchange,
  stages: readonly Stage[],
  tracker: ResourceTracker,
  carryOutStage: (stage: Stage, patience: Patience) => Promise<void>,
  tools: SwapTools,
): Promise<void> {
  const { patience, log } = tools
  if (swap.isResumed) await checkResumed(attachment, tracker, tools)
  else await begin(diskName, attachment, swap, tracker, tools)
  try {
    for (const stage of stages) {
      await carryOutStage(stage, stage.isVital ? beyondTimeout(patience) : patience)
    }
  } catch (error) {
    if (patience.signal?.aborted || !(error instanceof Failure)) throw error
    await saveSite(error, { diskName, attachment, swap }, tracker, tools)
    log.warning(`${error.message}\nThe swap succeeded in the end.`)
  }
}

/** Brings the site back. Throws a SwapFailure unless it runs with the restored disk then. */
async function saveSite(
  failure: Failure,
  { diskName, attachment, swap }: Exchange,
  tracker: ResourceTracker,
  tools: SwapTools,
): Promise<void> {
  const patience = beyondTimeout(tools.patience)
  const inProgress = failure instanceof StageFailure && failure.sent !== 'no' ? failure : undefined
  const site = await bringBack(attachment, swap, tracker, { ...tools, patience, inProgress })
  if (site.isUp && site.disk === 'restored') return
  if (site.isUp && site.disk === 'previous') await abandonSwap(diskName, tools.service, patience)
  throw new SwapFailure(failure, site)
}

/** Tags the disk, then checks that the swap can still succeed. */
async function begin(
  diskName: string,
  attachment: Attachment,
  swap: Swap,
  tracker: ResourceTracker,
  { service, patience, ...tools }: SwapTools,
): Promise<void> {
  const before = tracker.resources
  await service.tagResource(diskName, beginTags(attachment, swap), patience)
  try {
    await waitForTags(tracker, { patience, ...tools })
    await checkPointOfNoReturn(attachment, swap, before, tracker, { service, patience, ...tools })
  } catch (error) {
    await abandonSwap(diskName, service, patience)
    throw error
  }
}

/** How long (ms) the tags may stay invisible. */
const tagsHiddenMs = 60_000
const lookAgainMs = 1000

/** Waits until the tags are visible: if this step is killed while the instance is stopped, the next one needs them. */
async function waitForTags(
  tracker: ResourceTracker,
  { clock, patience }: Pick<SwapTools, 'clock' | 'patience'>,
): Promise<void> {
  const untilMs = clock.monotonic() + tagsHiddenMs
  for (;;) {
    const { restored } = await tracker.refresh('restored', patience)
    if (restored !== undefined && begunSwap(restored) !== undefined) return
    if (clock.monotonic() >= untilMs) break
    await clock.sleep(lookAgainMs, patience.signal)
  }
  throw new Failure(
    `The tags that this step set on disk "${tracker.resources.restored?.name}" can't be seen after ${durationText(tagsHiddenMs)}.`,
    'The instance was not stopped, because a rerun could not tell what to finish. Rerun the job later.',
  )
}

/** Checks a swap whose instance an earlier step stopped. If somebody has started it since, it will be stopped again. */
async function checkResumed(
  attachment: Attachment,
  tracker: ResourceTracker,
  tools: SwapTools,
): Promise<void> {
  const { restored, instance } = await tracker.refreshAll(tools.patience)
  if (instance?.state !== 'running' || isAt(restored, attachment)) return
  const holder = instance.disks.find(({ path }) => path === attachment.path)
  if (holder !== undefined)
    throw changed(attachment, [`disk "${holder.name}" is attached at ${attachment.path}`])
  checkTime(tools)
}

/** Finishes what an earlier swap left. Throws a Failure if its instance doesn't run then. */
export async function carryOutRepair(
  { kind, disk, attachment, swap }: Repair,
  tools: SwapTools,
): Promise<void> {
  const { service, clock, log, patience } = tools
  if (kind === 'record') {
    log.notice(
      `An earlier roll-back put disk "${disk.name}" in the place of disk "${swap.previousDiskName}" but its tags don't say so yet. This step sets them now.`,
    )
    return recordSwap(replacementOf(disk.name, swap), service, patience, tools)
  }
  log.notice(
    `An earlier roll-back to another snapshot left instance "${attachment.instanceName}" stopped, or without a disk at ${attachment.path}. This step gets it running first.`,
  )
  const tracker = trackDisks(
    { diskName: disk.name, tags: disk.tags, attachment, swap },
    { restored: disk, previous: undefined, instance: undefined },
    service,
    clock,
  )
  const site = await bringBack(attachment, swap, tracker, tools)
  if (!site.isUp) {
    throw new Failure(
      `Instance "${attachment.instanceName}" is down: an earlier roll-back stopped it, and this step could not get it running again.`,
      'Start it in the Lightsail console, then rerun the job. Nothing was deleted.',
    )
  }
  if (site.disk === 'restored') return recordSwap(replacementOf(disk.name, swap), service, patience, tools)
  if (site.disk === 'previous') return abandonSwap(disk.name, service, patience)
  throw new Failure(
    `The site may not work: instance "${attachment.instanceName}" is running without a disk at ${attachment.path}, where an earlier roll-back left none.`,
    `Check that this role may attach disks, then rerun the job. Nothing was deleted.`,
  )
}

/** How long (ms) a swap may take from stopping the instance to starting it. */
const swapMs = 300_000

/** The failure of a swap whose instance or disks have changed. */
export class ChangeFailure extends Failure {}

/** What the checks before stopping the instance need. */
interface NoReturnTools {
  readonly service: StageService
  readonly clock: Clock
  readonly patience: Patience
  /** The input wait-timeout, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * Reads everything again and throws a Failure unless the swap can still succeed: nothing differs from `before`, and there is
 * enough time left. To be called right before the instance is stopped.
 */
async function checkPointOfNoReturn(
  attachment: Attachment,
  swap: Swap,
  before: Resources,
  tracker: ResourceTracker,
  tools: NoReturnTools,
): Promise<void> {
  checkTime(tools)
  const now = await tracker.refreshAll(tools.patience)
  const changes = changesSince(before, now, attachment, swap)
  if (changes.length > 0) throw changed(attachment, changes)
}

/** The failure of a swap whose resources have changed. */
export function changed({ instanceName }: Attachment, changes: readonly string[]): ChangeFailure {
  return new ChangeFailure(
    `Something has changed since this step began: ${changes.join('; ')}.`,
    `Instance "${instanceName}" was not stopped for this roll-back. Check what else works on it, then rerun the job.`,
  )
}

/** Throws a Failure unless enough is left of wait-timeout, and of the credentials if their expiration is known. */
export function checkTime(
  { service, clock, patience, timeoutMs }: NoReturnTools,
  type: SourceType = 'disk',
): void {
  const neededMs = Math.min(swapMs, timeoutMs / 2)
  const end = service.credentialsExpireAt
  const now = service.serviceTime() ?? clock.now()
  const limits = [
    {
      leftMs: patience.untilMs - clock.monotonic(),
      what: 'of wait-timeout',
      advice: 'Increase wait-timeout',
    },
    {
      leftMs: end === undefined ? Number.POSITIVE_INFINITY : end.getTime() - now,
      what: 'until the AWS credentials of this job expire',
      advice: 'Renew the credentials right before this step, or set a longer role-duration-seconds',
    },
  ]
  for (const { leftMs, what, advice } of limits) {
    if (leftMs < neededMs) throw tooLate(leftMs, neededMs, what, advice, type)
  }
}

/** The failure of a swap for which too little time is left. */
export function tooLate(
  leftMs: number,
  neededMs: number,
  what: string,
  advice: string,
  type: SourceType = 'disk',
): Failure {
  const [span, unchanged] = spans[type]
  return new Failure(
    `Only ${durationText(Math.max(0, leftMs))} are left ${what}, and a swap can need ${durationText(neededMs)} from ${span}.`,
    `${unchanged} ${advice}, then rerun the job: it uses the ${type} that is ready.`,
  )
}

/** The part of a swap that takes this time, and what was left as it is. */
const spans: Readonly<Record<SourceType, readonly [span: string, unchanged: string]>> = {
  disk: ['stopping the instance to starting it', 'The instance was not stopped.'],
  instance: ['moving the static IP to stopping the previous instance', 'The static IP was not moved.'],
}
