import { isMadeBy, isManaged, tagOf } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Bundle } from '../lightsail/types.js'
import { type InstanceFacts, originalName } from './instance-facts.js'
import type { InstancePlan } from './instance-plan.js'
import { type Check, snapshotIsComplete, snapshotIsOfSource, throwProblems } from './shared-checks.js'
import { creatorText } from './site.js'
import { isOfRun, restoreTags, snapshotOf } from './swap-tags.js'

/** Returns the plan. Throws a Failure that names every problem; nothing has been changed by then. */
export function planInstanceRestore(
  facts: InstanceFacts,
  { run, newId }: Pick<Step, 'run' | 'newId'>,
): InstancePlan {
  throwProblems(checks, facts)
  const { inputs, region, snapshot, instanceName, restored, current, bundles, swap, repairs } = facts
  const bundleId = wantedBundle(facts) ?? ''
  const priceOf = (id: string | null | undefined) =>
    bundles.find((bundle) => bundle.id === id)?.monthlyPrice ?? undefined
  const tags = restoreTags({
    run,
    newId,
    commitSha: inputs.commitSha ?? tagOf(snapshot, 'commit-sha') ?? run.commit ?? '',
    snapshotName: snapshot.name,
    originalName: originalName(facts),
    userTags: inputs.userTags,
  })
  return {
    region,
    snapshot,
    isChosen: inputs.snapshotName === undefined,
    source: inputs.source ?? snapshot.source ?? undefined,
    instanceName,
    availabilityZone: wantedZone(facts) ?? '',
    bundleId,
    monthlyPrices: { restored: priceOf(bundleId), previous: priceOf(current?.bundleId) },
    addressType: current?.addressType ?? null,
    // Another run may have created the instance of a swap that this step resumes.
    tags: swap?.isResumed ? (restored?.tags ?? tags) : tags,
    ports: facts.ports,
    swap,
    repairs,
  }
}

function wantedBundle({ inputs, current, snapshot }: InstanceFacts): string | undefined {
  return inputs.bundleId ?? current?.bundleId ?? snapshot.bundleId ?? undefined
}

function wantedZone({ inputs, restored, current }: InstanceFacts): string | undefined {
  return inputs.availabilityZone ?? restored?.availabilityZone ?? current?.availabilityZone ?? undefined
}

const inputsFit: Check<InstanceFacts> = ({ inputs, snapshot }) => {
  const [first] = inputs.misplaced[snapshot.type]
  if (first === undefined) return undefined
  return [
    `${inputs.misplaced[snapshot.type].join(', ')}: "${snapshot.name}" is a snapshot of a whole instance.`,
    'Leave out what goes with disk snapshots alone.',
  ]
}

const snapshotIsOurs: Check<InstanceFacts> = ({ snapshot, run: { repository } }) =>
  !isManaged(snapshot) || isMadeBy(snapshot, repository)
    ? undefined
    : [
        `The snapshot "${snapshot.name}" was taken by ${tagOf(snapshot, 'repository') ?? 'another repository'}, and not by ${repository}.`,
        'Give a snapshot of this repository.',
      ]

const instanceIsThere: Check<InstanceFacts> = ({ inputs: { swap, source }, region, current, snapshot }) =>
  !swap || current !== undefined
    ? undefined
    : [
        `There is no instance "${source?.name}" in ${region}, so none can take its place.`,
        `Check the spelling and aws-region. If it is gone, leave out swap and give availability-zone: the step then creates an instance from snapshot "${snapshot.name}".`,
      ]

const instanceIsSettled: Check<InstanceFacts> = ({ inputs: { swap }, current }) =>
  !swap || current === undefined || ['running', 'stopped'].includes(current.state)
    ? undefined
    : [
        `The instance "${current.name}" is ${current.state}.`,
        'Wait until it is running or stopped, and rerun the job.',
      ]

const addressIsStatic: Check<InstanceFacts> = ({ inputs: { swap }, current, staticIp }) =>
  !swap || current === undefined || staticIp !== undefined
    ? undefined
    : [
        `The instance "${current.name}" has no static IP, so no other can take over its address.`,
        'Attach a static IP to it in the Lightsail console and let the domain point at that, or leave out swap.',
      ]

const nothingIsInFront: Check<InstanceFacts> = ({ loadBalancers, current }) => {
  const front = loadBalancers.find(({ instanceNames }) => instanceNames.includes(current?.name ?? ''))
  if (front === undefined) return undefined
  return [
    `The load balancer "${front.name}" is in front of the instance "${current?.name}", and moving the static IP wouldn't move it.`,
    'Leave out swap, and attach the restored instance to the load balancer by hand.',
  ]
}

const zoneIsKnown: Check<InstanceFacts> = (facts) =>
  wantedZone(facts) !== undefined
    ? undefined
    : [
        "Can't tell which Availability Zone to create the instance in: its source no longer exists.",
        'Give availability-zone.',
      ]

const bundleIsKnown: Check<InstanceFacts> = (facts) =>
  wantedBundle(facts) !== undefined
    ? undefined
    : ["Can't tell which bundle to create the instance with: its source no longer exists.", 'Give bundle-id.']

const measures = ['cpuCount', 'ramSizeInGb', 'diskSizeInGb'] as const satisfies readonly (keyof Bundle)[]

const bundleIsEnough: Check<InstanceFacts> = ({ inputs: { bundleId }, snapshot, current, bundles }) => {
  const wanted = bundles.find(({ id }) => id === bundleId)
  const source = bundles.find(({ id }) => id === (snapshot.bundleId ?? current?.bundleId))
  if (bundleId === undefined || bundles.length === 0 || source === undefined) return undefined
  if (wanted === undefined) {
    return [`bundle-id: "${bundleId}" is no bundle.`, 'aws lightsail get-bundles lists them.']
  }
  if (measures.every((measure) => (wanted[measure] ?? 0) >= (source[measure] ?? 0))) return undefined
  return [
    `bundle-id: "${bundleId}" is smaller than the source's, "${source.id}".`,
    'Give a larger one, or leave it out.',
  ]
}

const nameIsFree: Check<InstanceFacts> = ({ run, snapshot, instanceName, restored, swap }) => {
  const isOwn = restored !== undefined && (swap?.isResumed || isOfRun(restored, run))
  if (restored === undefined || (isOwn && snapshotOf(restored) === snapshot.name)) return undefined
  return [
    `Instance "${instanceName}" already exists, ${creatorText(restored)}. It is not one that this run restored from snapshot "${snapshot.name}".`,
    'Give another restored-instance-name; with {{run_id}} in it each run has a name of its own.',
  ]
}

const checks: readonly Check<InstanceFacts>[] = [
  inputsFit,
  snapshotIsComplete,
  snapshotIsOfSource,
  snapshotIsOurs,
  instanceIsThere,
  instanceIsSettled,
  addressIsStatic,
  nothingIsInFront,
  zoneIsKnown,
  bundleIsKnown,
  bundleIsEnough,
  nameIsFree,
]
