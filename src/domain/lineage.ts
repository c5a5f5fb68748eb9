import { Failure } from '../basics/failure.js'
import type { Lightsail } from '../lightsail/client.js'
import { arnOf, readWholeList } from '../lightsail/pages.js'
import { Reader } from '../lightsail/reader.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, DiskSnapshot, SourceType } from '../lightsail/types.js'
import { isMadeBy, lineageTags, tagOf } from './tags.js'

// Which disk a name means, and which snapshots belong to it. A swap puts a restored disk in the place of another; because of
// the tags it writes, the old name still means "the disk that holds this data".

/** A source and everything that replaced it: what retention and restore work on. */
export interface Lineage {
  readonly type: SourceType
  /** The name of the original. */
  readonly name: string
  /** The ARN of the original; undefined if unknown, because the disk no longer exists or wasn't looked up. */
  readonly arn: string | undefined
  /** Whether a restored disk has ever replaced the original. */
  readonly isReplaced: boolean
}

/** Returns the lineage that a disk belongs to. */
export function lineageOf(disk: Disk): Lineage {
  const name = tagOf(disk, lineageTags.replaces)
  return {
    type: 'disk',
    name: name ?? disk.name,
    arn: (name === undefined ? disk.arn : tagOf(disk, lineageTags.replacesArn)) ?? undefined,
    isReplaced: name !== undefined || tagOf(disk, lineageTags.replacedBy) !== undefined,
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
    return lineage.isReplaced ? ownGroup : 'the replacements of an earlier disk'
  }
  if (source.name !== lineage.name) return undefined
  if (lineage.arn === undefined) return sourceArn ?? ownGroup
  return sourceArn === null || sourceArn === lineage.arn ? ownGroup : sourceArn
}

/** The disk that a name in `disk-name` means. */
export interface FoundDisk {
  readonly disk: Disk
  /** The lineage of the name. The disk's own tags may not say yet that it has replaced another. */
  readonly lineage: Lineage
  /** What to tell the user about it. */
  readonly remark: { readonly kind: 'notice' | 'warning'; readonly text: string } | undefined
}

/** Looks up disks by name. */
export interface DiskLookup {
  /** Reads these in as few requests as possible, for `find`. */
  prefetch(names: readonly string[]): Promise<void>
  get(name: string): Promise<Disk | undefined>
  /** Every disk of the account. */
  all(): Promise<readonly Disk[]>
}

/** Returns a lookup that sends each request once. */
export function diskLookup(
  lightsail: Pick<Lightsail, 'getDisk' | 'listDisks'>,
  patience: Patience,
): DiskLookup {
  const known = new Map<string, Disk | undefined>()
  let list: Promise<readonly Disk[]> | undefined
  return {
    async prefetch(names) {
      const found = await new Reader(lightsail.getDisk, lightsail.listDisks, ({ name }) => name).read(
        names,
        patience,
      )
      for (const name of names) known.set(name, found.get(name))
    },
    async get(name) {
      if (!known.has(name)) known.set(name, await lightsail.getDisk(name, patience))
      return known.get(name)
    },
    all() {
      list ??= readWholeList((pageToken) => lightsail.listDisks(pageToken, patience), arnOf)
      return list
    },
  }
}

/**
 * Returns the disk that a name means now: the attached one that replaced it, or itself if it is attached, or the attached
 * one that says it replaces it, or itself although it is attached to nothing. Undefined if there is no such disk. Throws a
 * Failure if several disks could be meant, or one of another repository.
 */
export async function findDisk(
  name: string,
  repository: string,
  lookup: DiskLookup,
): Promise<FoundDisk | undefined> {
  const named = await lookup.get(name)
  const successor = named && (await attachedSuccessor(named, lookup))
  if (named !== undefined && successor !== undefined) return replacement(name, successor, lineageOf(named))
  if (named !== undefined && isAttached(named)) {
    return { disk: named, lineage: lineageOf(named), remark: undefined }
  }
  const heir = await attachedHeir(name, repository, lookup)
  if (heir !== undefined) return replacement(name, heir, lineageOf(heir))
  if (named === undefined) return undefined
  return {
    disk: named,
    lineage: lineageOf(named),
    remark: { kind: 'warning', text: detachedText(name) },
  }
}

/** The warning for a disk that is attached to nothing. */
export function detachedText(name: string): string {
  return `Disk "${name}" is attached to nothing, so nothing writes to it. If another disk holds the live data, name that one.`
}

function replacement(name: string, disk: Disk, lineage: Lineage): FoundDisk {
  return { disk, lineage, remark: { kind: 'notice', text: replacementText(name, disk) } }
}

/** The notice for a name that means another disk. */
export function replacementText(name: string, disk: Pick<Disk, 'name' | 'attachedTo'>): string {
  return `"${name}" now means disk "${disk.name}", which replaced it in a roll-back and is attached to instance "${disk.attachedTo}".`
}

function isAttached({ attachedTo }: Disk): boolean {
  return attachedTo !== null
}

/** The last disk in the chain of `replaced-by` that is attached. */
async function attachedSuccessor(first: Disk, lookup: DiskLookup): Promise<Disk | undefined> {
  const { name: original } = lineageOf(first)
  const seen = new Set([first.name])
  let attached: Disk | undefined
  let next = tagOf(first, lineageTags.replacedBy)
  while (next !== undefined && !seen.has(next)) {
    seen.add(next)
    const disk = await lookup.get(next)
    // Another disk may have been given the name since.
    if (disk === undefined || (tagOf(disk, lineageTags.replaces) ?? original) !== original) break
    if (isAttached(disk)) attached = disk
    next = tagOf(disk, lineageTags.replacedBy)
  }
  return attached
}

/** The one attached disk that says it replaces the name. */
async function attachedHeir(name: string, repository: string, lookup: DiskLookup): Promise<Disk | undefined> {
  const heirs = (await lookup.all()).filter(
    (disk) => isAttached(disk) && tagOf(disk, lineageTags.replaces) === name,
  )
  const [heir, ...others] = heirs
  if (heir === undefined) return undefined
  const names = heirs.map((disk) => `"${disk.name}"`).join(', ')
  if (others.length > 0) {
    throw new Failure(
      `Several attached disks replace disk "${name}": ${names}.`,
      'Name the one that holds the live data, or remove the tag replaces from the others. Nothing was changed.',
    )
  }
  if (isMadeBy(heir, repository)) return heir
  const owner = tagOf(heir, 'repository') ?? 'nobody'
  throw new Failure(
    `Disk ${names} replaces disk "${name}", but was restored by ${owner} and not by ${repository}.`,
    'If this repository may use it, name it directly. Nothing was changed.',
  )
}
