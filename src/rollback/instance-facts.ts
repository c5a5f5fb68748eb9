import { findNamed, instanceLookup, type Lineage, lineageNamed, lineageOf } from '../domain/lineage.js'
import { isMadeBy, lineageTags, tagOf } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import { arnOf, readWholeList } from '../lightsail/pages.js'
import type { Bundle, DiskSnapshot, Instance, LoadBalancer, PortRule, StaticIp } from '../lightsail/types.js'
import { freeName } from './earlier-swaps.js'
import type { InstanceRepair } from './instance-plan.js'
import { earlierRestored, mayHaveBeenUsed, unused } from './leftovers.js'
import type { InstanceSwap, RestoreInputs } from './plan.js'
import { chooseSnapshot, namedSnapshot, nameOf, type Search, type SearchService } from './search.js'
import { type OpenInstanceSwap, openInstanceSwap, snapshotOf } from './swap-tags.js'

/** The requests that look everything up. */
export type InstanceSearchService = SearchService &
  Pick<Lightsail, 'listStaticIps' | 'getStaticIp' | 'listLoadBalancers' | 'listBundles' | 'getPorts'>

/** Everything that is known before anything is decided. */
export interface InstanceFacts {
  readonly inputs: RestoreInputs
  readonly run: Search['run']
  readonly region: string
  readonly snapshot: DiskSnapshot
  readonly lineage: Lineage | undefined
  readonly instanceName: string
  /** The instance of that name. */
  readonly restored: Instance | undefined
  /** The instance in use, or the snapshot's source, which the new one is to resemble; undefined if it is gone. */
  readonly current: Instance | undefined
  /** The static IP of the instance in use, and what may be in front of it; read for a swap alone. */
  readonly staticIp: StaticIp | undefined
  readonly loadBalancers: readonly LoadBalancer[]
  readonly ports: readonly PortRule[] | undefined
  /** Empty if they can't be read. */
  readonly bundles: readonly Bundle[]
  readonly swap: InstanceSwap | undefined
  readonly repairs: readonly InstanceRepair[]
}

type InstanceSearch = Search & { readonly lightsail: InstanceSearchService }

/** Looks up the snapshot and everything that a restore of an instance works on. Throws a Failure if there is no such snapshot. */
export async function gatherInstanceFacts(
  inputs: RestoreInputs,
  { run, log }: Pick<Step, 'run' | 'log'>,
  tools: Pick<InstanceSearch, 'lightsail' | 'patience' | 'named'>,
): Promise<InstanceFacts> {
  const search = { ...tools, inputs, run }
  const use = await lookUpUse(search, log)
  const { lineage, all, open, inUse } = use
  const snapshot =
    inputs.snapshotName === undefined && lineage !== undefined
      ? await chooseSnapshot(lineage, inUse, search)
      : await namedSnapshot(inputs.snapshotName ?? '', search)
  const isResumed = await canResume(open, snapshot, search)
  const ready = isResumed ? open?.restored : await readyInstance(all, snapshot, search)
  const instanceName = ready?.name ?? freeName(nameOf(search, snapshot), all, run)
  const current = inUse ?? (await sourceOf(snapshot, search))
  const front = inputs.swap ? await lookUpFront(use, search) : { staticIp: undefined, loadBalancers: [] }
  return {
    inputs,
    run,
    region: tools.lightsail.region,
    snapshot,
    lineage,
    instanceName,
    restored: ready ?? (await tools.lightsail.getInstance(instanceName, tools.patience)),
    current,
    ...front,
    ports: current && (await tools.lightsail.getPorts(current.name, tools.patience)),
    bundles: await bundlesOf(search),
    swap: inUse && front.staticIp && swapOf(inUse, front.staticIp, use, isResumed),
    repairs: open === undefined || isResumed ? [] : [repairOf(open, originalOf(use, inUse))],
  }
}

/** What is in use, and what an earlier step has left open. */
interface Use {
  readonly lineage: Lineage | undefined
  /** All instances of the account; empty if they don't matter. */
  readonly all: readonly Instance[]
  readonly open: OpenSwap | undefined
  readonly inUse: Instance | undefined
}

async function lookUpUse(search: InstanceSearch, log: Step['log']): Promise<Use> {
  const { inputs, run, lightsail, patience } = search
  const { source, swap } = inputs
  const lookup = instanceLookup(lightsail, patience)
  const meant = source && (await findNamed(source.name, run.repository, lookup))
  if (meant?.remark !== undefined) log[meant.remark.kind](meant.remark.text)
  const lineage = meant?.lineage ?? (source && lineageNamed('instance', source.name))
  const all = swap || Number(run.runAttempt) > 1 ? await lookup.all() : []
  const open = swap ? await openSwap(all, lineage, search) : undefined
  return { lineage, all, open, inUse: all.find(({ name }) => name === open?.inUse) ?? meant?.resource }
}

/** Returns the static IP of the instance in use, and the load balancers. */
async function lookUpFront(
  { open, inUse }: Use,
  { lightsail, patience }: InstanceSearch,
): Promise<Pick<InstanceFacts, 'staticIp' | 'loadBalancers'>> {
  const staticIps = await readWholeList((pageToken) => lightsail.listStaticIps(pageToken, patience), arnOf)
  const attached = staticIps.find(({ attachedTo }) => attachedTo !== null && attachedTo === inUse?.name)
  const loadBalancers = await readWholeList(
    (pageToken) => lightsail.listLoadBalancers(pageToken, patience),
    arnOf,
  )
  return { staticIp: open?.staticIp ?? attached, loadBalancers }
}

/** Returns the bundles, for their prices and sizes; none if they can't be read. */
async function bundlesOf({ lightsail, patience }: InstanceSearch): Promise<readonly Bundle[]> {
  const read = readWholeList(
    (pageToken) => lightsail.listBundles(pageToken, patience),
    ({ id }) => id,
  )
  const bundles = await orServiceFailure(read)
  return bundles instanceof ServiceFailure ? [] : bundles
}

function originalOf({ lineage }: Use, inUse: Instance | undefined): Lineage {
  return lineage ?? lineageNamed('instance', inUse?.name ?? '')
}

function swapOf(inUse: Instance, staticIp: StaticIp, use: Use, isResumed: boolean): InstanceSwap {
  return {
    previousName: inUse.name,
    wasRunning: inUse.state === 'running',
    staticIpName: staticIp.name,
    address: staticIp.address,
    original: originalOf(use, inUse),
    isResumed,
  }
}

/** An earlier swap whose static IP has left the previous instance, and whose end isn't recorded. */
interface OpenSwap extends OpenInstanceSwap {
  readonly staticIp: StaticIp
  /** The name of the instance that is in use, once the swap was finished or undone. */
  readonly inUse: string
}

/** Returns the swap of this lineage that an earlier step has left open. */
async function openSwap(
  all: readonly Instance[],
  lineage: Lineage | undefined,
  { run, lightsail, patience }: InstanceSearch,
): Promise<OpenSwap | undefined> {
  for (const restored of all.filter((each) => isMadeBy(each, run.repository))) {
    const swap = openInstanceSwap(restored)
    const previous = all.find(({ name }) => name === swap?.previousName)
    const original = previous === undefined ? swap?.previousName : lineageOf(previous, 'instance').name
    if (swap === undefined || original !== lineage?.name) continue
    const staticIp = await lightsail.getStaticIp(swap.staticIpName, patience)
    if (staticIp?.attachedTo === restored.name) return { ...swap, staticIp, inUse: restored.name }
    if (staticIp?.attachedTo === null) return { ...swap, staticIp, inUse: swap.previousName }
  }
  return undefined
}

/** Whether this step can continue that attempt: it used the same snapshot, and its instance never had the static IP. */
async function canResume(
  open: OpenSwap | undefined,
  snapshot: DiskSnapshot,
  search: Search,
): Promise<boolean> {
  if (open?.staticIp.attachedTo !== null || snapshotOf(open.restored) !== snapshot.name) return false
  return (
    open.restored.state === 'running' && !(await mayHaveBeenUsed(open.restored, 'AttachStaticIp', search))
  )
}

function repairOf(open: OpenSwap, original: Lineage): InstanceRepair {
  const { restored, previousName, wasRunning, staticIp } = open
  const { name: staticIpName, address } = staticIp
  return {
    kind: staticIp.attachedTo === null ? 'bring back' : 'finish',
    restored,
    swap: { previousName, wasRunning, staticIpName, address, original, isResumed: true },
  }
}

/** Returns the instance that this run created from the snapshot and that was never in use. */
async function readyInstance(
  all: readonly Instance[],
  snapshot: DiskSnapshot,
  search: Search,
): Promise<Instance | undefined> {
  if (!search.inputs.swap) return earlierRestored(all, search)
  const free = all.filter(({ state, hasStaticIp }) => ['pending', 'running'].includes(state) && !hasStaticIp)
  return unused(free, snapshot.name, 'AttachStaticIp', search)
}

/** Returns a snapshot's source, if it still exists. */
async function sourceOf(
  { source }: DiskSnapshot,
  { lightsail, patience }: Search,
): Promise<Instance | undefined> {
  return source === null ? undefined : lightsail.getInstance(source.name, patience)
}

/** Returns the name of the original of the snapshot's source. */
export function originalName({ lineage, snapshot, inputs }: InstanceFacts): string | undefined {
  return lineage?.name ?? tagOf(snapshot, lineageTags.lineage) ?? inputs.source?.name ?? snapshot.source?.name
}
