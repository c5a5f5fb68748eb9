import type { Behaviour } from '../behaviour.js'
import { invalidInput } from '../errors.js'
import { checkExistingName, optionalText, requiredText } from '../limits.js'
import type { Region } from '../region.js'
import type { ResourceFields } from '../resource.js'
import type { Input, Tag } from '../wire.js'

/** The Region of a request, its time in milliseconds since the epoch, and the emulator's behavior. */
export interface RequestContext {
  readonly region: Region
  readonly now: number
  readonly behaviour: Readonly<Behaviour>
}

/** Carries out one kind of request; throws ServiceError. */
export type Handler = (context: RequestContext, input: Input) => object

/** Returns the name of a resource that should exist; throws InvalidInputException if it isn't a valid name. */
export function existingName(input: Input, member: string): string {
  const name = requiredText(input, member)
  checkExistingName(name)
  return name
}

/** The fields of a resource that a request creates. Default zone: none, as of a snapshot. */
export function newFields(
  { region, now, behaviour }: RequestContext,
  name: string,
  tags: readonly Tag[],
  zone = 'all',
): ResourceFields {
  const tagsShownFrom = now + behaviour.tagsLateMs
  return { name, location: region.location(zone), createdAt: now, tags, newId: region.newId, tagsShownFrom }
}

/** Returns one page of a list, each item read by its key. The token has the index of the next page's first item. */
export function page(
  member: string,
  keys: readonly string[],
  read: (key: string) => object,
  { behaviour }: RequestContext,
  input: Input,
): object {
  const start = pageStart(optionalText(input, 'pageToken'), keys.length)
  const end = start + behaviour.pageSize
  return {
    [member]: keys.slice(start, end).map(read),
    ...(end < keys.length ? { nextPageToken: Buffer.from(`from:${end}`).toString('base64') } : {}),
  }
}

function pageStart(token: string | undefined, count: number): number {
  if (token === undefined) return 0
  const start = /^from:(\d+)$/.exec(Buffer.from(token, 'base64').toString())?.[1]
  if (start === undefined || Number(start) > count) throw invalidInput('The pageToken is not valid.')
  return Number(start)
}
