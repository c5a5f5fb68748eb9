import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { durationText } from '../basics/text.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk } from '../lightsail/types.js'
import { type BroughtBack, bringBack } from './bring-back.js'
import { StageFailure } from './carry-out.js'
import type { Stage, StageService } from './plan.js'
import { type Attachment, isAt, type Repair, type Resources, type RestorePlan, type Swap } from './plan.js'
import { ResourceTracker } from './resource-tracker.js'
import { abandonSwap, beginTags, begunSwap, recordSwap } from './swap-tags.js'

/** What a swap is carried out with. */
export interface SwapTools extends Pick<Step, 'clock' | 'log'> {
  readonly service: Lightsail
  readonly patience: Patience
  /** The input wait-timeout, in milliseconds. */
  readonly timeoutMs: number
}

/** How long the site may be brought back after wait-timeout, in milliseconds. */
const overtimeMs = 300_000

/** The patience of what brings the site back. */
export function beyondTimeout(patience: Patience): Patience {
  return { ...patience, untilMs: patience.untilMs + overtimeMs }
}

/** A swap that failed, and how the site was left. */
export class SwapFailure extends Failure {
  readonly failure: Failure
  readonly site: BroughtBack

  constructor(failure: Failure, site: BroughtBack) {
    const { message, advice, copyables } = failure
    super(message, advice, { cause: failure, copyables })
    this.name = 'SwapFailure'
    this.failure = failure
    this.site = site
  }
}

/** What takes whose place. */
interface Exchange {
  readonly diskName: string
  readonly attachment: Attachment
  readonly swap: Swap
}

/**
 * Puts the restored disk in the place of the previous one. Before that it makes sure that this can succeed; once the instance
 * is stopped, it is brought back whatever happens. Throws a Failure if the restored disk doesn't have the place then.
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
    log.warning(`${error.message}\nIn the end the swap succeeded.`)
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

/** Marks the disk, then looks whether the swap can still succeed. */
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

/** How long the mark may take to become visible, in milliseconds. */
const tagsHiddenMs = 60_000
const lookAgainMs = 1000

/** Waits until the mark can be seen: if this step is killed while the instance is stopped, the next one goes by it. */
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

/** An earlier step has stopped the instance already; if somebody has started it since, it will be stopped again. */
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
  await checkTime(tools)
}

/** Does what an earlier swap has left to do. Throws a Failure if its instance doesn't run then. */
export async function carryOutRepair(
  { kind, disk, attachment, swap }: Repair,
  { region }: RestorePlan,
  tools: SwapTools,
): Promise<void> {
  const { service, clock, log, patience } = tools
  if (kind === 'record') {
    log.notice(
      `An earlier roll-back put disk "${disk.name}" in the place of disk "${swap.previousDiskName}" without writing that down. This step does so now.`,
    )
    return recordSwap(disk.name, swap, service, patience, tools)
  }
  log.notice(
    `An earlier roll-back to another snapshot left instance "${attachment.instanceName}" stopped, or without a disk at ${attachment.path}. This step gets it running first.`,
  )
  const tracker = new ResourceTracker(
    { region, diskName: disk.name, tags: disk.tags, attachment, swap },
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
  if (site.disk === 'restored') return recordSwap(disk.name, swap, service, patience, tools)
  if (site.disk === 'previous') return abandonSwap(disk.name, service, patience)
  throw new Failure(
    `The site may not work: instance "${attachment.instanceName}" is running without a disk at ${attachment.path}, where an earlier roll-back left none.`,
    `Check that this role may attach disks, then rerun the job. Nothing was deleted.`,
  )
}

/** How long a swap may take from the stop of the instance to its start, at most, in milliseconds. */
const swapMs = 300_000

/** The end of a swap whose instance, disks or place are no longer as they were. */
export class ChangeFailure extends Failure {}

/** What is needed to see whether the instance may be stopped. */
export interface NoReturnTools {
  readonly service: StageService
  readonly clock: Clock
  readonly patience: Patience
  /** The input wait-timeout, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * Reads everything again and throws a Failure unless the swap can still succeed: nothing is different from `before`,
 * and there is enough time left. To be called right before the instance is stopped.
 */
export async function checkPointOfNoReturn(
  attachment: Attachment,
  swap: Swap,
  before: Resources,
  tracker: ResourceTracker,
  tools: NoReturnTools,
): Promise<void> {
  await checkTime(tools)
  const now = await tracker.refreshAll(tools.patience)
  const changes = [
    changeOfPrevious(before.previous, now.previous, attachment),
    changeOfRestored(before.restored, now.restored),
    changeOfInstance(now, attachment, swap),
  ].flatMap((change) => change ?? [])
  if (changes.length > 0) throw changed(attachment, changes)
}

/** The end of a swap for which too much has changed. */
export function changed({ instanceName }: Attachment, changes: readonly string[]): ChangeFailure {
  return new ChangeFailure(
    `Something has changed since this step began: ${changes.join('; ')}.`,
    `Instance "${instanceName}" was not stopped for this roll-back. Check what else works on it, then rerun the job.`,
  )
}

function changeOfPrevious(
  before: Disk | undefined,
  now: Disk | undefined,
  attachment: Attachment,
): string | undefined {
  if (now === undefined) return `disk "${before?.name}" no longer exists`
  if (now.arn !== before?.arn) return `disk "${now.name}" is another disk now`
  return isAt(now, attachment) ? undefined : `disk "${now.name}" is no longer attached at ${attachment.path}`
}

function changeOfRestored(before: Disk | undefined, now: Disk | undefined): string | undefined {
  if (now === undefined || now.arn !== before?.arn)
    return `disk "${before?.name}" is no longer the restored one`
  if (now.attachedTo !== null) return `disk "${now.name}" is attached to instance "${now.attachedTo}"`
  return now.state === 'available' ? undefined : `disk "${now.name}" is ${now.state}`
}

function changeOfInstance(
  { instance }: Resources,
  attachment: Attachment,
  { wasRunning }: Swap,
): string | undefined {
  const wanted = wasRunning ? 'running' : 'stopped'
  if (instance?.state === wanted) return undefined
  return `instance "${attachment.instanceName}" is ${instance?.state ?? 'gone'} and no longer ${wanted}`
}

/** Throws a Failure unless what is left of wait-timeout, and of the credentials if their end is known, is enough for a swap. */
export async function checkTime({ service, clock, patience, timeoutMs }: NoReturnTools): Promise<void> {
  const neededMs = Math.min(swapMs, timeoutMs / 2)
  const end = await service.credentialsExpireAt(patience)
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
    if (leftMs < neededMs) throw tooLate(leftMs, neededMs, what, advice)
  }
}

/** The end of a swap for which too little time is left. */
export function tooLate(leftMs: number, neededMs: number, what: string, advice: string): Failure {
  return new Failure(
    `Only ${durationText(Math.max(0, leftMs))} are left ${what}, and a swap can need ${durationText(neededMs)} from the stop of the instance to its start.`,
    `The instance was not stopped. ${advice}, then rerun the job: it uses the disk that is ready.`,
  )
}
