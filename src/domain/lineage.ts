import { Failure } from '../basics/failure.js'
import { capital } from '../basics/text.js'
import type { Lightsail } from '../lightsail/client.js'
import { arnOf, readWholeList } from '../lightsail/pages.js'
import { Reader } from '../lightsail/reader.js'
import type { Patience } from '../lightsail/retry.js'
import {
  type Disk,
  type DiskSnapshot,
  type Instance,
  type Page,
  type SourceType,
  subjectOf,
} from '../lightsail/types.js'
import { isMadeBy, lineageTags, tagOf } from './tags.js'

// Which disk or instance a name means, and which snapshots belong to it. A swap puts a restored one in the place of another;
// because of the tags it writes, the old name still means "the one that holds this data".

/** A source and everything that replaced it: what retention and restore work on. */
export interface Lineage {
  readonly type: SourceType
  /** The name of the original. */
  readonly name: string
  /** The ARN of the original; undefined if unknown, because it no longer exists or wasn't looked up. */
  readonly arn: string | undefined
  /** Whether a restored one has ever replaced the original. */
  readonly isReplaced: boolean
}

/** What can replace another in a roll-back. */
type Replaceable = Pick<Disk | Instance, 'name' | 'arn' | 'tags'>

/** Returns the lineage that a disk or an instance belongs to. */
export function lineageOf(resource: Replaceable, type: SourceType = 'disk'): Lineage {
  const name = tagOf(resource, lineageTags.replaces)
  return {
    type,
    name: name ?? resource.name,
    arn: (name === undefined ? resource.arn : tagOf(resource, lineageTags.replacesArn)) ?? undefined,
    isReplaced: name !== undefined || tagOf(resource, lineageTags.replacedBy) !== undefined,
  }
}

/** Returns the lineage of a name if nothing else is known. */
export function lineageNamed(type: SourceType, name: string, arn?: string | null): Lineage {
  return { type, name, arn: arn ?? undefined, isReplaced: arn === undefined }
}

/** The group of a lineage's own snapshots, see `groupOf`. */
export const ownGroup = 'own'

/**
 * Returns which of the sources that have or had this name a snapshot is of: `own` for the lineage itself, else something
 * that only those of one other source have. Undefined for a snapshot of another name. Two disks that had one name at different
 * times have different ARNs.
 */
export function groupOf(snapshot: DiskSnapshot, lineage: Lineage): string | undefined {
  const { source, sourceArn } = snapshot
  if (source?.type !== lineage.type) return undefined
  const tagged = tagOf(snapshot, lineageTags.lineage)
  if (tagged !== undefined) {
    if (tagged !== lineage.name) return undefined
    return lineage.isReplaced ? ownGroup : `the replacements of an earlier ${lineage.type}`
  }
  if (source.name !== lineage.name) return undefined
  if (lineage.arn === undefined) return sourceArn ?? ownGroup
  return sourceArn === null || sourceArn === lineage.arn ? ownGroup : sourceArn
}

/** The disk or the instance that a name means. */
export interface Found<T> {
  readonly resource: T
  /** The lineage of the name. The resource's own tags may not say yet that it has replaced another. */
  readonly lineage: Lineage
  /** What to tell the user about it. */
  readonly remark: { readonly kind: 'notice' | 'warning'; readonly text: string } | undefined
}

/** Looks up disks or instances by name. */
export interface Lookup<T> {
  readonly type: SourceType
  /** The signs that one is in use, the surest first. */
  readonly signsOfUse: readonly ((resource: T) => boolean)[]
  /** Reads these in as few requests as possible, for `get`. */
  prefetch(names: readonly string[]): Promise<void>
  get(name: string): Promise<T | undefined>
  /** Every one of the account. */
  all(): Promise<readonly T[]>
}

/** Returns a lookup of disks that sends each request once. A disk is in use if it is attached. */
export function diskLookup(
  { getDisk, listDisks }: Pick<Lightsail, 'getDisk' | 'listDisks'>,
  patience: Patience,
): Lookup<Disk> {
  const signsOfUse = [({ attachedTo }: Disk) => attachedTo !== null]
  return { type: 'disk', signsOfUse, ...lookupWith(getDisk, listDisks, patience) }
}

/**
 * The same for instances: the one that is in use has the static IP; without one, it runs. If a swap was cut off while the static
 * IP was attached to nothing, both run, and the live data is on the one that was to be replaced.
 */
export function instanceLookup(
  { getInstance, listInstances }: Pick<Lightsail, 'getInstance' | 'listInstances'>,
  patience: Patience,
): Lookup<Instance> {
  const signsOfUse = [
    ({ hasStaticIp }: Instance) => hasStaticIp,
    (instance: Instance) => instance.state === 'running' && isBeingReplaced(instance),
    ({ state }: Instance) => state === 'running',
  ]
  return { type: 'instance', signsOfUse, ...lookupWith(getInstance, listInstances, patience) }
}

function lookupWith<T extends Disk | Instance>(
  get: (name: string, patience: Patience) => Promise<T | undefined>,
  list: (pageToken: string | undefined, patience: Patience) => Promise<Page<T>>,
  patience: Patience,
): Pick<Lookup<T>, 'prefetch' | 'get' | 'all'> {
  const known = new Map<string, T | undefined>()
  let whole: Promise<readonly T[]> | undefined
  return {
    async prefetch(names) {
      const found = await new Reader(get, list, ({ name }) => name).read(names, patience)
      for (const name of names) known.set(name, found.get(name))
    },
    async get(name) {
      if (!known.has(name)) known.set(name, await get(name, patience))
      return known.get(name)
    },
    all() {
      whole ??= readWholeList((pageToken) => list(pageToken, patience), arnOf)
      return whole
    },
  }
}

/**
 * Returns the one that a name means now: of those that `replaced-by` leads to the last that is in use; itself if it is in use;
 * the one in use that says it replaces it; or itself although it isn't in use. Undefined if there is none. Throws a
 * Failure if several could be meant, or one of another repository.
 */
export async function findNamed<T extends Disk | Instance>(
  name: string,
  repository: string,
  lookup: Lookup<T>,
): Promise<Found<T> | undefined> {
  const { type } = lookup
  const named = await lookup.get(name)
  const inUse = named && lastInUse([named, ...(await successorsOf(named, lookup))], lookup)
  if (named !== undefined && inUse !== undefined && inUse !== named) {
    return replacement(name, inUse, lineageOf(named, type))
  }
  const heir = inUse === undefined ? await heirInUse(name, repository, lookup) : undefined
  if (heir !== undefined) return replacement(name, heir, lineageOf(heir, type))
  if (named === undefined) return undefined
  const isLoose = type === 'disk' && inUse === undefined
  const remark = isLoose ? ({ kind: 'warning', text: detachedText(name) } as const) : undefined
  return { resource: named, lineage: lineageOf(named, type), remark }
}

/** The warning for a disk that is attached to nothing. */
export function detachedText(name: string): string {
  return `Disk "${name}" is attached to nothing, so nothing writes to it. If another disk holds the live data, name that one.`
}

function replacement<T extends Disk | Instance>(name: string, resource: T, lineage: Lineage): Found<T> {
  return { resource, lineage, remark: { kind: 'notice', text: replacementText(name, resource) } }
}

/** The notice for a name that means another disk or instance. */
export function replacementText(
  name: string,
  resource: Pick<Disk, 'name' | 'attachedTo'> | Pick<Instance, 'name'>,
): string {
  const replaced = 'which replaced it in a roll-back'
  return 'attachedTo' in resource
    ? `"${name}" now means disk "${resource.name}", ${replaced} and is attached to instance "${resource.attachedTo}".`
    : `"${name}" now means instance "${resource.name}", ${replaced}.`
}

/** The last one in use, by the surest sign that any of them has. */
function lastInUse<T>(chain: readonly T[], { signsOfUse }: Lookup<T>): T | undefined {
  return signsOfUse.map((isInUse) => chain.findLast(isInUse)).find((found) => found !== undefined)
}

/** Those that `replaced-by` leads to, and the tag of a swap that was cut off before it could be recorded. */
async function successorsOf<T extends Disk | Instance>(first: T, lookup: Lookup<T>): Promise<T[]> {
  const { name: original } = lineageOf(first, lookup.type)
  const seen = new Map([[first.name, first]])
  let next = nextOf(first)
  while (next !== undefined && !seen.has(next)) {
    const successor = await lookup.get(next)
    // Another one may have been given the name since.
    if (successor === undefined || (tagOf(successor, lineageTags.replaces) ?? original) !== original) break
    seen.set(next, successor)
    next = nextOf(successor)
  }
  return [...seen.values()].slice(1)
}

function nextOf(resource: Replaceable): string | undefined {
  return tagOf(resource, isBeingReplaced(resource) ? lineageTags.swapNext : lineageTags.replacedBy)
}

/** Whether its tags say that a swap has begun, and not how it ended. */
function isBeingReplaced(resource: Replaceable): boolean {
  return ![undefined, 'none'].includes(tagOf(resource, lineageTags.swapNext))
}

/** The one in use that says it replaces the name. */
async function heirInUse<T extends Disk | Instance>(
  name: string,
  repository: string,
  lookup: Lookup<T>,
): Promise<T | undefined> {
  const replacing = (await lookup.all()).filter((each) => tagOf(each, lineageTags.replaces) === name)
  const heirs = lookup.signsOfUse.map((isInUse) => replacing.filter(isInUse)).find((some) => some.length > 0)
  const [heir, ...others] = heirs ?? []
  if (heir === undefined) return undefined
  const { type } = lookup
  const names = (heirs ?? []).map((each) => `"${each.name}"`).join(', ')
  if (others.length > 0) {
    throw new Failure(
      `Several ${usedWords[type]} ${type}s replace ${subjectOf({ type, name })}: ${names}.`,
      'Name the one that holds the live data, or remove the tag replaces from the others. Nothing was changed.',
    )
  }
  if (isMadeBy(heir, repository)) return heir
  const owner = tagOf(heir, 'repository') ?? 'nobody'
  throw new Failure(
    `${capital(type)} ${names} replaces ${subjectOf({ type, name })}, but was restored by ${owner} and not by ${repository}.`,
    'If this repository may use it, name it directly. Nothing was changed.',
  )
}

const usedWords: Readonly<Record<SourceType, string>> = { disk: 'attached', instance: 'running' }
