import type { Behaviour } from '../behaviour.js'
import { invalidInput } from '../errors.js'
import { checkExistingName, optionalText, requiredText } from '../limits.js'
import type { Region } from '../region.js'
import type { Particulars } from '../resource.js'
import type { Input, Tag } from '../wire.js'

/** What an operation works on: the Region it was sent to, the time in milliseconds since the epoch, the behaviour set. */
export interface Scene {
  readonly region: Region
  readonly now: number
  readonly behaviour: Readonly<Behaviour>
}

/** Carries out one kind of request; throws ServiceError. */
export type Handler = (scene: Scene, input: Input) => object

/** The name of a resource that should be there; throws InvalidInputException where it can't be one. */
export function existingName(input: Input, member: string): string {
  const name = requiredText(input, member)
  checkExistingName(name)
  return name
}

/** The tags of a resource that a request makes, and from when on reads show them. */
export function newlySet(
  tags: readonly Tag[],
  { now, behaviour }: Scene,
): Required<Pick<Particulars, 'tags' | 'tagsShownFrom'>> {
  return { tags, tagsShownFrom: now + behaviour.tagsLateMs }
}

/** One page of a list under its member's name, each item read by its key. The token holds the place where the next page starts. */
export function page(
  member: string,
  keys: readonly string[],
  read: (key: string) => object,
  { behaviour }: Scene,
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
