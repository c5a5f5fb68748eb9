import type { Clock } from '../basics/clock.js'
import { Failure } from '../basics/failure.js'
import { durationText } from '../basics/text.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk } from '../lightsail/types.js'
import { isAt, type Place, type Swap, type World } from './plan.js'
import type { Scene } from './scene.js'
import type { StageService } from './stages.js'

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
  place: Place,
  swap: Swap,
  before: World,
  scene: Scene,
  tools: NoReturnTools,
): Promise<void> {
  await checkTime(tools)
  const now = await scene.lookAtAll(tools.patience)
  const changes = [
    changeOfPrevious(before.previous, now.previous, place),
    changeOfRestored(before.restored, now.restored),
    changeOfInstance(now, place, swap),
  ].flatMap((change) => change ?? [])
  if (changes.length > 0) throw changed(place, changes)
}

/** The end of a swap for which too much has changed. */
export function changed({ instanceName }: Place, changes: readonly string[]): ChangeFailure {
  return new ChangeFailure(
    `Something has changed since this step began: ${changes.join('; ')}.`,
    `Instance "${instanceName}" was not stopped for this roll-back. Check what else works on it, then rerun the job.`,
  )
}

function changeOfPrevious(before: Disk | undefined, now: Disk | undefined, place: Place): string | undefined {
  if (now === undefined) return `disk "${before?.name}" no longer exists`
  if (now.arn !== before?.arn) return `disk "${now.name}" is another disk now`
  return isAt(now, place) ? undefined : `disk "${now.name}" is no longer attached at ${place.path}`
}

function changeOfRestored(before: Disk | undefined, now: Disk | undefined): string | undefined {
  if (now === undefined || now.arn !== before?.arn)
    return `disk "${before?.name}" is no longer the restored one`
  if (now.attachedTo !== null) return `disk "${now.name}" is attached to instance "${now.attachedTo}"`
  return now.state === 'available' ? undefined : `disk "${now.name}" is ${now.state}`
}

function changeOfInstance({ instance }: World, place: Place, { wasRunning }: Swap): string | undefined {
  const wanted = wasRunning ? 'running' : 'stopped'
  if (instance?.state === wanted) return undefined
  return `instance "${place.instanceName}" is ${instance?.state ?? 'gone'} and no longer ${wanted}`
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
