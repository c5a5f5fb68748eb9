import { Failure } from '../basics/failure.js'
import { durationText } from '../basics/text.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import type { Patience } from '../lightsail/retry.js'
import { type BroughtBack, bringBack } from './bring-back.js'
import { beginTags, begunSwap } from './marks.js'
import { isAt, type Place, type Repair, type RestorePlan, type Swap } from './plan.js'
import { changed, checkPointOfNoReturn, checkTime } from './point-of-no-return.js'
import { abandonSwap, recordSwap } from './record.js'
import { Scene } from './scene.js'
import { StageFailure } from './stage-failure.js'
import type { Stage } from './stages.js'

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
  readonly place: Place
  readonly swap: Swap
}

/**
 * Puts the restored disk in the place of the previous one. Before that it makes sure that this can succeed; once the instance
 * is stopped, it is brought back whatever happens. Throws a Failure if the restored disk doesn't have the place then.
 */
export async function exchange(
  { diskName, place, swap }: Exchange,
  stages: readonly Stage[],
  scene: Scene,
  carryOutStage: (stage: Stage, patience: Patience) => Promise<void>,
  tools: SwapTools,
): Promise<void> {
  const { patience, log } = tools
  if (swap.isResumed) await checkResumed(place, scene, tools)
  else await begin(diskName, place, swap, scene, tools)
  try {
    for (const stage of stages) {
      await carryOutStage(stage, stage.isVital ? beyondTimeout(patience) : patience)
    }
  } catch (error) {
    if (patience.signal?.aborted || !(error instanceof Failure)) throw error
    await saveSite(error, { diskName, place, swap }, scene, tools)
    log.warning(`${error.message}\nIn the end the swap succeeded.`)
  }
}

/** Brings the site back. Throws a SwapFailure unless it runs with the restored disk then. */
async function saveSite(
  failure: Failure,
  { diskName, place, swap }: Exchange,
  scene: Scene,
  tools: SwapTools,
): Promise<void> {
  const patience = beyondTimeout(tools.patience)
  const inProgress = failure instanceof StageFailure && failure.sent !== 'no' ? failure : undefined
  const site = await bringBack(place, swap, scene, { ...tools, patience, inProgress })
  if (site.isUp && site.disk === 'restored') return
  if (site.isUp && site.disk === 'previous') await abandonSwap(diskName, tools.service, patience)
  throw new SwapFailure(failure, site)
}

/** Marks the disk, then looks whether the swap can still succeed. */
async function begin(
  diskName: string,
  place: Place,
  swap: Swap,
  scene: Scene,
  { service, patience, ...tools }: SwapTools,
): Promise<void> {
  const before = scene.world
  await service.tagResource(diskName, beginTags(place, swap), patience)
  try {
    await waitForMark(scene, { patience, ...tools })
    await checkPointOfNoReturn(place, swap, before, scene, { service, patience, ...tools })
  } catch (error) {
    await abandonSwap(diskName, service, patience)
    throw error
  }
}

/** How long the mark may take to become visible, in milliseconds. */
const markHiddenMs = 60_000
const lookAgainMs = 1000

/** Waits until the mark can be seen: if this step is killed while the instance is stopped, the next one goes by it. */
async function waitForMark(
  scene: Scene,
  { clock, patience }: Pick<SwapTools, 'clock' | 'patience'>,
): Promise<void> {
  const untilMs = clock.monotonic() + markHiddenMs
  for (;;) {
    const { restored } = await scene.look('restored', patience)
    if (restored !== undefined && begunSwap(restored) !== undefined) return
    if (clock.monotonic() >= untilMs) break
    await clock.sleep(lookAgainMs, patience.signal)
  }
  throw new Failure(
    `The tags that this step set on disk "${scene.world.restored?.name}" can't be seen after ${durationText(markHiddenMs)}.`,
    'The instance was not stopped, because a rerun could not tell what to finish. Rerun the job later.',
  )
}

/** An earlier step has stopped the instance already; if somebody has started it since, it will be stopped again. */
async function checkResumed(place: Place, scene: Scene, tools: SwapTools): Promise<void> {
  const { restored, instance } = await scene.lookAtAll(tools.patience)
  if (instance?.state !== 'running' || isAt(restored, place)) return
  const holder = instance.disks.find(({ path }) => path === place.path)
  if (holder !== undefined) throw changed(place, [`disk "${holder.name}" is attached at ${place.path}`])
  await checkTime(tools)
}

/** Does what an earlier swap has left to do. Throws a Failure if its instance doesn't run then. */
export async function carryOutRepair(
  { kind, disk, place, swap }: Repair,
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
    `An earlier roll-back to another snapshot left instance "${place.instanceName}" stopped, or without a disk at ${place.path}. This step gets it running first.`,
  )
  const scene = new Scene(
    { region, diskName: disk.name, tags: disk.tags, place, swap },
    { restored: disk, previous: undefined, instance: undefined },
    service,
    clock,
  )
  const site = await bringBack(place, swap, scene, tools)
  if (!site.isUp) {
    throw new Failure(
      `Instance "${place.instanceName}" is down: an earlier roll-back stopped it, and this step could not get it running again.`,
      'Start it in the Lightsail console, then rerun the job. Nothing was deleted.',
    )
  }
  if (site.disk === 'restored') return recordSwap(disk.name, swap, service, patience, tools)
  if (site.disk === 'previous') return abandonSwap(disk.name, service, patience)
  throw new Failure(
    `The site may not work: instance "${place.instanceName}" is running without a disk at ${place.path}, where an earlier roll-back left none.`,
    `Check that this role may attach disks, then rerun the job. Nothing was deleted.`,
  )
}
