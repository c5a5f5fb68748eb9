import { TagHistory } from './tags.js'
import type { Location, Resource, Tag } from './wire.js'

const account = '123456789012'

/** The fields of a new resource. */
export interface ResourceFields {
  readonly name: string
  readonly location: Location
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly tags: readonly Tag[]
  /** Returns a unique id. */
  readonly newId: () => string
  /** From when on reads show the tags, in milliseconds since the epoch. Default: at once. */
  readonly tagsShownFrom?: number
}

/** The fixed members of every resource. */
export function newResource<T extends Resource['resourceType']>(
  resourceType: T,
  { name, location, createdAt, newId }: ResourceFields,
): Omit<Resource, 'tags'> & { resourceType: T } {
  const id = newId()
  return {
    name,
    arn: newArn(resourceType, location.regionName, newId),
    supportCode: `${account}/${id.slice(0, 8)}`,
    createdAt: createdAt / 1000,
    location,
    resourceType,
  }
}

/** The tags of a new resource. */
export function newTags({ tags, tagsShownFrom }: ResourceFields): TagHistory {
  return new TagHistory(tags, tagsShownFrom)
}

/** Returns a new ARN, which contains an id instead of the name. */
export function newArn(
  resourceType: Resource['resourceType'],
  regionName: string,
  newId: () => string,
): string {
  return `arn:aws:lightsail:${regionName}:${account}:${resourceType}/${newId()}`
}
