import { type Copyable, Failure } from '../basics/failure.js'
import type { Lineage } from '../domain/lineage.js'
import { tagOf } from '../domain/tags.js'
import type { Step } from '../github/entry-point.js'
import type { Lightsail } from '../lightsail/client.js'
import { tagCommand } from '../lightsail/commands.js'
import { orServiceFailure, ServiceFailure } from '../lightsail/errors.js'
import type { Patience } from '../lightsail/retry.js'
import type { Disk, Instance, SourceType, Tag } from '../lightsail/types.js'
import type { Swap } from './plan.js'
import { replacedTags, replacesTags } from './swap-tags.js'
import { becomesVisible } from './visibility.js'

/** What replaced what in a swap. */
export interface Replacement {
  readonly type: SourceType
  readonly newName: string
  readonly previousName: string
  readonly original: Pick<Lineage, 'name' | 'arn'>
}

type TagService = Pick<Lightsail, 'region' | 'tagResource' | 'getDisk' | 'getInstance'>

/**
 * Records in tags that the new disk or instance has replaced the previous one: from now on, the original's name means the new
 * one. The previous one is tagged first, so that a swap interrupted between the two still counts as begun. Returns when the
 * tags are visible. Throws a Failure with the commands that do the same by hand.
 */
export async function recordSwap(
  replacement: Replacement,
  service: TagService,
  patience: Patience,
  { clock, log }: Pick<Step, 'clock' | 'log'>,
): Promise<void> {
  const { type, newName, previousName, original } = replacement
  const writings: readonly Writing[] = [
    [previousName, replacedTags(type, newName)],
    [newName, replacesTags(original, type === 'disk' ? 'finished' : 'moved')],
  ]
  for (const [name, tags] of writings) {
    try {
      await service.tagResource(name, tags, patience)
    } catch (error) {
      if (!(error instanceof ServiceFailure)) throw error
      // A deleted one needs no tag.
      if (name === newName || error.errorClass !== 'not-found')
        throw notRecorded(replacement, error, service.region)
    }
  }
  if (await becomesVisible(() => areVisible(writings, type, service, patience), patience, clock)) return
  log.warning(
    `The tags that say that ${type} "${newName}" replaces ${type} "${original.name}" can't be seen yet. Start no deploy in the next minutes.`,
  )
}

type Writing = readonly [name: string, tags: readonly Tag[]]

/** Whether they have these tags. A deleted one needs none. */
async function areVisible(
  writings: readonly Writing[],
  type: SourceType,
  service: TagService,
  patience: Patience,
): Promise<boolean> {
  const get = type === 'disk' ? service.getDisk : service.getInstance
  const seen = await Promise.all(
    writings.map(async ([name, tags]) => {
      const found = await orServiceFailure<Disk | Instance | undefined>(get(name, patience))
      if (found instanceof ServiceFailure) return false
      return found === undefined || tags.every(({ key, value }) => tagOf(found, key) === value)
    }),
  )
  return seen.every(Boolean)
}

/** Returns the commands that do the same by hand, without the ARN: it has the account id, which the log may mask. */
export function recordCommands(region: string, replacement: Replacement): string[] {
  const { type, newName, previousName, original } = replacement
  return [
    tagCommand(region, newName, replacesTags({ name: original.name, arn: undefined }, 'finished')),
    tagCommand(region, previousName, replacedTags(type, newName)),
  ]
}

function notRecorded(replacement: Replacement, cause: ServiceFailure, region: string): Failure {
  const { type, newName, original } = replacement
  const commands = recordCommands(region, replacement)
  const copyable: Copyable = { purpose: 'Write the tags', language: 'sh', text: commands.join('\n') }
  return new Failure(
    `The roll-back took place, and ${type} "${newName}" is in use. But the tags that say that it replaces ${type} "${original.name}" could not be written: ${cause.message}`,
    `Until they are, the next deploy takes snapshots of the wrong ${type}. Write the tags with the commands below, or rerun this job: it rolls back once more and writes them. ${cause.advice}`,
    { cause, copyables: [copyable, ...cause.copyables] },
  )
}

/** What a swap of disks replaces. */
export function replacementOf(newName: string, { previousDiskName, original }: Swap): Replacement {
  return { type: 'disk', newName, previousName: previousDiskName, original }
}
