import { lineageTags, tagOf } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import { type Disk, type Instance, subjectOf } from '../lightsail/types.js'
import { deleteCommand } from './commands.js'
import type { Facts } from './facts.js'
import { type Attachment, isAt, type Resources, type RestorePlan, type Swap } from './plan.js'
import { type Check, snapshotIsComplete, snapshotIsOfSource, throwProblems } from './shared-checks.js'
import { creatorText } from './site.js'
import { isOfRun, restoreTags, snapshotOf } from './swap-tags.js'

/** Returns the plan. Throws a Failure that names every problem; nothing has been changed by then. */
export function planRestore(facts: Facts, { run, newId }: Pick<Step, 'run' | 'newId'>): RestorePlan {
  throwProblems(checks, facts)
  const { region, snapshot, isChosen, source, lineage, diskName, attachment, swap, repairs } = facts
  const { availabilityZone = '', sizeInGb = 0, commitSha, inputs, resources } = facts
  const tags = restoreTags({
    run,
    newId,
    commitSha,
    snapshotName: snapshot.name,
    originalName: lineage?.name ?? tagOf(snapshot, lineageTags.lineage) ?? source?.name,
    userTags: inputs.userTags,
  })
  return {
    region,
    snapshot,
    isChosen,
    source,
    diskName,
    availabilityZone,
    sizeInGb,
    // Another run may have created the disk of a swap that this step resumes.
    tags: swap?.isResumed ? (resources.restored?.tags ?? tags) : tags,
    attachment,
    swap,
    repairs,
  }
}

const sizeIsEnough: Check<Facts> = ({ inputs, snapshot, sizeInGb }) => {
  if (sizeInGb === undefined) {
    return [`Lightsail doesn't say how large the snapshot "${snapshot.name}" is.`, 'Give size-in-gb.']
  }
  if (sizeInGb >= (snapshot.sizeInGb ?? 0)) return undefined
  return [
    `size-in-gb: ${inputs.sizeInGb} GB is less than the ${snapshot.sizeInGb} GB of the snapshot "${snapshot.name}".`,
    `Give ${snapshot.sizeInGb} or more, or leave it out.`,
  ]
}

/** The disk to continue with: this run's from the same snapshot, or that of a swap that another step began. */
function ownDisk({ run, snapshot, swap, resources: { restored } }: Facts): Disk | undefined {
  if (restored === undefined || !(swap?.isResumed || isOfRun(restored, run))) return undefined
  return snapshotOf(restored) === snapshot.name ? restored : undefined
}

const diskIsOwn: Check<Facts> = (facts) => {
  const { snapshot, diskName, resources } = facts
  const { restored } = resources
  if (restored === undefined || ownDisk(facts) !== undefined) return undefined
  return [
    `Disk "${diskName}" already exists, ${creatorText(restored)}. It is not one that this run restored from snapshot "${snapshot.name}".`,
    'Give another restored-disk-name; with {{run_id}} in it each run has a name of its own.',
  ]
}

const diskIsSound: Check<Facts> = (facts) => {
  const { diskName, region } = facts
  if (ownDisk(facts)?.state !== 'error') return undefined
  return [
    `Disk "${diskName}", which an earlier attempt created, failed in Lightsail.`,
    `Delete it (${deleteCommand(region, diskName)}) and rerun the job.`,
  ]
}

const diskFits: Check<Facts> = (facts) => {
  const { inputs, diskName, sizeInGb } = facts
  const restored = ownDisk(facts)
  if (restored === undefined) return undefined
  const { availabilityZone, sizeInGb: actual } = restored
  const wanted = `"${diskName}", which an earlier attempt created, `
  const advice = 'Rerun the job with the inputs of that attempt, or give another restored-disk-name.'
  if (inputs.availabilityZone !== undefined && inputs.availabilityZone !== availabilityZone) {
    return [`The disk ${wanted}is in ${availabilityZone}, and not in ${inputs.availabilityZone}.`, advice]
  }
  if (sizeInGb === undefined || actual === null || actual >= sizeInGb) return undefined
  return [`The disk ${wanted}has ${actual} GB, and not ${sizeInGb} GB.`, advice]
}

const diskIsFree: Check<Facts> = (facts) => {
  const { attachment, diskName } = facts
  const restored = ownDisk(facts)
  if (restored === undefined || restored.attachedTo === null) return undefined
  if (attachment === undefined || isAt(restored, attachment)) return undefined
  return [
    `Disk "${diskName}", which an earlier attempt created, is attached to instance "${restored.attachedTo}" at ${restored.path ?? 'an unknown path'}.`,
    'Detach it, or give another restored-disk-name.',
  ]
}

const currentDiskIsAttached: Check<Facts> = ({ inputs, attachment, region, resources: { previous } }) => {
  if (!inputs.swap || attachment !== undefined) return undefined
  if (previous === undefined) {
    return [`There is no disk "${inputs.source?.name}" in ${region}.`, 'Check the spelling and aws-region.']
  }
  return [
    `Disk "${previous.name}" isn't attached to any instance, so no disk can take its place.`,
    'If a roll-back has only just finished, rerun the job in a minute. Otherwise give attach-to and disk-path instead of swap.',
  ]
}

const zoneIsKnown: Check<Facts> = ({ availabilityZone, source }) =>
  availabilityZone !== undefined
    ? undefined
    : [
        `Can't tell which Availability Zone to create the disk in: ${source === undefined ? 'the snapshot names no source' : `${subjectOf(source)} no longer exists`}.`,
        'Give availability-zone.',
      ]

const instanceIsThere: Check<Facts> = ({ attachment, region, resources: { instance } }) =>
  attachment === undefined || instance !== undefined
    ? undefined
    : [
        `There is no instance "${attachment.instanceName}" in ${region}.`,
        'Check the spelling and aws-region.',
      ]

const zoneIsTheInstances: Check<Facts> = ({ availabilityZone, resources: { instance } }) => {
  const zone = instance?.availabilityZone ?? availabilityZone
  if (instance === undefined || availabilityZone === undefined || zone === availabilityZone) return undefined
  return [
    `The restored disk would be in ${availabilityZone}, and the instance "${instance.name}" is in ${zone}: a disk can be attached only in its own Availability Zone.`,
    `Give availability-zone: ${zone}, or another instance.`,
  ]
}

const instanceIsSettled: Check<Facts> = ({ attachment, swap, resources: { restored, instance } }) => {
  if (instance === undefined || attachment === undefined) return undefined
  if (
    swap?.isResumed ||
    isAt(restored, attachment) ||
    instance.state === 'running' ||
    instance.state === 'stopped'
  )
    return undefined
  return [
    `The instance "${instance.name}" is ${instance.state}.`,
    'Wait until it is running or stopped, and rerun the job.',
  ]
}

const pathIsFree: Check<Facts> = ({ attachment, swap, diskName, resources: { instance } }) => {
  if (attachment === undefined || instance === undefined) return undefined
  // Whether an instance always names its disks isn't documented. In a swap, the path is the current disk's.
  const own = swap === undefined ? [diskName] : [diskName, swap.previousDiskName, '']
  const other = instance.disks.find(({ path, name }) => path === attachment.path && !own.includes(name))
  if (other === undefined) return undefined
  return [
    `The path ${attachment.path} of instance "${instance.name}" is taken by ${other.isSystemDisk ? 'its system disk' : `disk "${other.name}"`}.`,
    `Give another disk-path, such as ${freePath(instance)}.`,
  ]
}

function freePath({ disks }: Instance): string {
  const paths = [...'fghijklmnop'].map((letter) => `/dev/xvd${letter}`)
  return paths.find((path) => !disks.some((disk) => disk.path === path)) ?? '/dev/xvdq'
}

const checks: readonly Check<Facts>[] = [
  snapshotIsComplete,
  snapshotIsOfSource,
  sizeIsEnough,
  diskIsOwn,
  diskIsSound,
  diskFits,
  diskIsFree,
  currentDiskIsAttached,
  zoneIsKnown,
  instanceIsThere,
  zoneIsTheInstances,
  instanceIsSettled,
  pathIsFree,
]

/** What has changed since the plan was made, if that keeps the swap from succeeding. */
export function changesSince(
  before: Resources,
  now: Resources,
  attachment: Attachment,
  swap: Swap,
): string[] {
  return [
    changeOfPrevious(before.previous, now.previous, attachment),
    changeOfRestored(before.restored, now.restored),
    changeOfInstance(now, attachment, swap),
  ].flatMap((change) => change ?? [])
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
