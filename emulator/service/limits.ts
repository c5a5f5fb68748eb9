import { invalidInput } from './errors.js'
import type { Input, Tag } from './wire.js'

/** The service's limits on names, disks and tags, as its reference and user guide state them. */
export const limits = {
  nameLength: { least: 2, most: 255 },
  diskSizeInGb: { least: 1, most: 16_384 },
  tagsPerResource: 50,
  tagKeyLength: 128,
  tagValueLength: 256,
} as const

// First and last alphanumeric; the model's own pattern has no period, the service's messages allow one.
const newResourceName = /^[A-Za-z0-9][A-Za-z0-9_-]*[A-Za-z0-9]$/
const anyResourceName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*[A-Za-z0-9_]$/
// xvda and sda belong to the system disk.
const newDiskPath = /^\/dev\/(?:xvd|sd)[b-z]$/
const tagText = /^[\p{L}\p{N}\p{Zs}+\-=._:/@]*$/u

/** Returns a required member; throws InvalidInputException if it is missing. */
export function requiredText(input: Input, member: string): string {
  const value = input[member]
  if (typeof value !== 'string' || value === '') {
    throw invalidInput(`1 validation error detected: Value at '${member}' failed to satisfy constraint`)
  }
  return value
}

/** Returns an optional member. */
export function optionalText(input: Input, member: string): string | undefined {
  return input[member] === undefined ? undefined : requiredText(input, member)
}

/** Returns a required whole number; throws InvalidInputException if it is missing. */
export function requiredInteger(input: Input, member: string): number {
  const value = input[member]
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw invalidInput(`1 validation error detected: Value at '${member}' failed to satisfy constraint`)
}

/** Whether a disk may have this size. */
export function isDiskSize(sizeInGb: number): boolean {
  const { least, most } = limits.diskSizeInGb
  return least <= sizeInGb && sizeInGb <= most
}

/** Returns the size of a new disk in GB; throws InvalidInputException unless it is valid. */
export function requestedDiskSize(input: Input): number {
  const sizeInGb = requiredInteger(input, 'sizeInGb')
  if (isDiskSize(sizeInGb)) return sizeInGb
  throw invalidInput(`The disk size is not valid: ${sizeInGb} GB`)
}

/** Returns the path to attach a disk at; throws InvalidInputException unless it is valid. */
export function requestedPath(input: Input): string {
  const path = requiredText(input, 'diskPath')
  if (!newDiskPath.test(path)) throw invalidInput(`The disk path is not valid: ${path}`)
  return path
}

/** Throws InvalidInputException unless `name` may be given to a new resource. */
export function checkNewName(name: string): void {
  checkName(name, newResourceName)
}

/** Throws InvalidInputException unless `name` could be a resource's name at all. */
export function checkExistingName(name: string): void {
  checkName(name, anyResourceName)
}

function checkName(name: string, pattern: RegExp): void {
  const { least, most } = limits.nameLength
  if (name.length < least || name.length > most || !pattern.test(name)) {
    throw invalidInput(
      `We can't accept the name ${name}. Names have ${least} to ${most} letters, numbers, periods, hyphens and underscores, and start and end with a letter or number.`,
    )
  }
}

/** The request's tags, checked against the service's limits; throws InvalidInputException. */
export function requestedTags(input: Input): Tag[] {
  const list = input['tags']
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) throw invalidInput('tags must be a list')
  const tags = list.map(readTag)
  checkTagCount(tags)
  const keys = new Set(tags.map((tag) => tag.key))
  if (keys.size !== tags.length) throw invalidInput('Tag keys must be unique.')
  return tags
}

/** The request's tags; throws InvalidInputException unless there is at least one. */
export function requiredTags(input: Input): Tag[] {
  const tags = requestedTags(input)
  if (tags.length > 0) return tags
  throw invalidInput("1 validation error detected: Value at 'tags' failed to satisfy constraint")
}

/** The keys of the tags to remove; throws InvalidInputException unless there is at least one. */
export function requiredTagKeys(input: Input): string[] {
  const list = input['tagKeys']
  if (Array.isArray(list) && list.length > 0) return list.map((key) => readTag({ key }).key)
  throw invalidInput("1 validation error detected: Value at 'tagKeys' failed to satisfy constraint")
}

/** Throws InvalidInputException if these are more tags than a resource can have. */
export function checkTagCount(tags: readonly Tag[]): void {
  if (tags.length > limits.tagsPerResource) {
    throw invalidInput(`A resource can have at most ${limits.tagsPerResource} tags.`)
  }
}

function readTag(item: unknown): Tag {
  if (typeof item !== 'object' || item === null) throw invalidInput('A tag must be a structure.')
  const members = new Map<string, unknown>(Object.entries(item))
  const [key, value] = [members.get('key'), members.get('value')]
  if (typeof key !== 'string' || key === '' || key.length > limits.tagKeyLength || !tagText.test(key)) {
    throw invalidInput(`The tag key is not valid: ${String(key)}`)
  }
  if (/^aws:/i.test(key)) throw invalidInput(`Tag keys can't start with aws: ${key}`)
  if (value === undefined || value === null) return { key }
  if (typeof value !== 'string' || value.length > limits.tagValueLength || !tagText.test(value)) {
    throw invalidInput(`The tag value is not valid: ${String(value)}`)
  }
  return { key, value }
}
