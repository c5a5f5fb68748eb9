import { bundleOf, isSmaller } from '../bundles.js'
import { invalidInput, wrongState } from '../errors.js'
import { instanceSnapshotState, type StoredInstanceSnapshot } from '../instance-snapshots.js'
import type { Work } from '../lifecycle.js'
import { checkNewName, optionalText, requestedTags, requiredText } from '../limits.js'
import {
  attached,
  type InstanceMoment,
  instanceStates,
  type Machine,
  newDisk,
  newInstance,
  type StoredInstance,
  unattached,
} from '../machines.js'
import type { ResourceFields } from '../resource.js'
import type { Bundle, Input, IpAddressType } from '../wire.js'
import { existingName, type Handler, newFields, type RequestContext } from './context.js'
import { type NewDisk, requestedDisks } from './disk-mapping.js'
import { courseOf, responseOf, successStatus } from './work.js'

/** The requests that create instances. */
export const newInstances: readonly (readonly [string, Handler])[] = [
  ['CreateInstancesFromSnapshot', createInstancesFromSnapshot],
]

function createInstancesFromSnapshot(context: RequestContext, input: Input): object {
  const { region, behaviour } = context
  const names = requestedNames(input)
  const requestedZone = requiredText(input, 'availabilityZone')
  region.checkZone(requestedZone)
  const snapshot = requestedSnapshot(context, input)
  const machine = requestedMachine(context, input, snapshot)
  const disks = requestedDisks(context, input, names, snapshot)
  const tags = requestedTags(input)
  checkNames(context, [...names, ...disks.map(({ name }) => name)])
  checkQuotas(context, names.length, disks.length)
  const work = newWork(context)
  const zone = behaviour.instanceZone ?? requestedZone
  const instances = names.map((name) =>
    putInstance(context, work, newFields(context, name, tags, zone), machine),
  )
  for (const disk of disks) putDisk(context, work, newFields(context, disk.name, [], zone), disk)
  const subjects = instances.map(({ fixed }) => ({ resource: fixed }))
  return responseOf(context, work, subjects)
}

/** Throws InvalidInputException if one of these names is taken, or is there twice. */
function checkNames({ region, now }: RequestContext, names: readonly string[]): void {
  for (const name of names) region.checkNameIsFree(name, now)
  const double = names.find((name, index) => names.indexOf(name) < index)
  if (double !== undefined) throw invalidInput(`Some names are already in use: ${double}`, 'NameExists')
}

/** What the new instances have, but for the address of each. */
type NewMachine = Omit<Machine, 'ipv6Address'>

function requestedNames(input: Input): string[] {
  const list = input['instanceNames']
  if (!Array.isArray(list) || list.length === 0) {
    throw invalidInput("1 validation error detected: Value at 'instanceNames' failed to satisfy constraint")
  }
  const names = list.map(String)
  for (const name of names) checkNewName(name)
  return names
}

function requestedSnapshot(context: RequestContext, input: Input): StoredInstanceSnapshot {
  const { region, now, behaviour } = context
  const snapshot = region.instanceSnapshots.findStaying(existingName(input, 'instanceSnapshotName'), now)
  const state = instanceSnapshotState(snapshot, now)
  if (state !== 'available') throw wrongState(behaviour, 'use', 'snapshot', state)
  return snapshot
}

function requestedMachine(
  { behaviour }: RequestContext,
  input: Input,
  { fixed, captured }: StoredInstanceSnapshot,
): NewMachine {
  const bundle = requestedBundle(input, fixed.fromBundleId)
  const sshKeyName = optionalText(input, 'keyPairName')
  return {
    bundle,
    sizeInGb: Math.max(bundle.diskSizeInGb, fixed.sizeInGb),
    content: captured.content,
    ipAddressType: requestedIpAddressType(input),
    ...(sshKeyName === undefined ? {} : { sshKeyName }),
    ...(behaviour.newInstancePorts === 'source' ? { rules: captured.rules } : {}),
  }
}

function requestedBundle(input: Input, sourceBundleId: string): Bundle {
  const bundle = bundleOf(requiredText(input, 'bundleId'))
  if (!isSmaller(bundle, bundleOf(sourceBundleId))) return bundle
  throw invalidInput(`The bundle ${bundle.bundleId} is smaller than that of the snapshot, ${sourceBundleId}.`)
}

function requestedIpAddressType(input: Input): IpAddressType {
  const requested = optionalText(input, 'ipAddressType') ?? 'dualstack'
  const type = (['dualstack', 'ipv4', 'ipv6'] as const).find((each) => each === requested)
  if (type === undefined) throw invalidInput(`The IP address type is not valid: ${requested}`)
  return type
}

function checkQuotas({ region, now, behaviour }: RequestContext, instances: number, disks: number): void {
  region.checkDiskQuota(behaviour.mostDisks, disks, now)
  if (region.instances.names(now).length + instances > behaviour.mostInstances) {
    throw invalidInput("Sorry, you've reached the maximum number of instances for your account.")
  }
}

function newWork({ now, behaviour }: RequestContext): Work {
  const { instanceEnd, instanceDurationMs, createInstancesOperation } = behaviour
  return {
    operationType: createInstancesOperation,
    startedAt: now,
    endsAt: instanceEnd === 'stuck' ? Number.POSITIVE_INFINITY : now + instanceDurationMs,
    end: instanceEnd === 'gone' ? 'Failed' : successStatus(behaviour),
  }
}

function putInstance(
  context: RequestContext,
  work: Work,
  resource: ResourceFields,
  machine: NewMachine,
): StoredInstance {
  const { region, now, behaviour } = context
  const pending = { state: instanceStates.pending }
  const course = courseOf<InstanceMoment>(work, {
    during: pending,
    after: { state: instanceStates.running, publicIpAddress: region.nextAddress() },
    failed: pending,
  })
  const { name } = resource
  const instance = newInstance(resource, { ...machine, ipv6Address: region.nextIpv6Address() }, course)
  region.instances.put(name, instance, now + behaviour.invisibleMs)
  if (work.end === 'Failed') region.instances.remove(name, work.endsAt, behaviour.nameHeldMs)
  return instance
}

function putDisk(context: RequestContext, work: Work, resource: ResourceFields, disk: NewDisk): void {
  const { region, now, behaviour } = context
  const { name, sizeInGb, content, instanceName, path } = disk
  const pending = unattached('pending')
  const course = courseOf(work, { during: pending, after: attached(instanceName, path), failed: pending })
  region.disks.put(name, newDisk(resource, sizeInGb, course, content), now + behaviour.invisibleMs)
  if (work.end === 'Failed') region.disks.remove(name, work.endsAt, behaviour.nameHeldMs)
}
