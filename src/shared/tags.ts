import type { Tag } from '../lightsail/types.js'
import type { Run } from '../workflow/run.js'

/** The service's limits on tags. Lengths are in UTF-16 units, the strictest way of counting. */
export const tagLimits = { perResource: 50, keyLength: 128, valueLength: 256 } as const

/** What the tags that every snapshot carries are taken from. */
export type TagValues = Pick<Run, 'repository' | 'ref' | 'workflow' | 'runId' | 'runAttempt' | 'actor'> & {
  readonly commitSha: string
}

/** The value of the tag that tells what this action made from what others did. */
const managedBy = 'lightsail-disk-snapshot'

/** Something that the service has, with its tags. */
type Tagged = { readonly tags: readonly Tag[] }

/** The value of a tag; undefined where there is no such tag, or one without a value. */
export function tagOf({ tags }: Tagged, wanted: string): string | undefined {
  return tags.find(({ key }) => key === wanted)?.value
}

/** Whether this action made it, in a workflow of the repository (`owner/name`). */
export function isMadeBy(tagged: Tagged, repository: string): boolean {
  return tagOf(tagged, 'managed-by') === managedBy && tagOf(tagged, 'repository') === repository
}

/** The tags that every snapshot carries, in the order of the README. */
export const ownTagKeys: ReadonlyMap<string, (values: TagValues) => string> = new Map<
  string,
  (values: TagValues) => string
>([
  ['commit-sha', ({ commitSha }) => commitSha],
  ['repository', ({ repository }) => repository],
  ['ref', ({ ref }) => ref],
  ['workflow', ({ workflow }) => workflow],
  ['run-id', ({ runId }) => runId],
  ['run-attempt', ({ runAttempt }) => runAttempt],
  ['actor', ({ actor }) => actor],
  ['managed-by', () => managedBy],
])

const notInTag = /[^\p{L}\p{N}\p{Zs}+\-=._:/@]/u
const allNotInTag = new RegExp(notInTag, 'gu')

/** The own tags of a snapshot. A value is made to fit: a bot's name or an odd branch name never breaks a deploy. */
export function ownTags(values: TagValues): Tag[] {
  return [...ownTagKeys].map(([key, valueFrom]) => tag(key, fitted(valueFrom(values))))
}

/** A value that a tag can hold: other characters are `_`, and what is too long is cut between characters. */
function fitted(value: string): string {
  const held = value.replace(allNotInTag, '_')
  const cut = held.slice(0, tagLimits.valueLength)
  return held.length > cut.length ? cut.replace(/[\uD800-\uDBFF]$/, '') : cut
}

/** Something wrong with the user's tags: the text that is meant, and what would be right. */
export interface TagProblem {
  readonly item: string
  readonly problem: string
}

/** A user's tags, one `key=value` an item; the first `=` divides. With every problem of every item. */
export function readUserTags(items: readonly string[]): { tags: Tag[]; problems: TagProblem[] } {
  const tags = items.map(parseTag)
  const most = tagLimits.perResource - ownTagKeys.size
  const problems = [
    ...items.flatMap((item, place) => tagProblems(item, tags[place] ?? tag(item, ''))),
    ...repeatedKeys(tags).map((key) => ({ item: key, problem: 'is the key of more than one tag' })),
  ]
  if (tags.length > most) {
    const problem = `are too many: a snapshot can have ${most} tags beside the action's own`
    problems.push({ item: `${tags.length} tags`, problem })
  }
  return { tags, problems }
}

/** What a person may have meant otherwise: a line as YAML has it is a tag whose key is the whole line. */
export function tagWarnings(text: string): string[] {
  const suspicious = text.split(/[\n\r]/).filter((line) => /^\s*(?:- .*|[^=]*: [^=]*)$/.test(line))
  return suspicious.map(
    (line) =>
      `tags: ${JSON.stringify(line.trim())} is taken as it is; a tag with a value is written key=value, one a line.`,
  )
}

function tag(key: string, value: string): Tag {
  return { key, value: value === '' ? undefined : value }
}

function parseTag(item: string): Tag {
  const divider = item.indexOf('=')
  return divider === -1 ? tag(item, '') : tag(item.slice(0, divider).trim(), item.slice(divider + 1).trim())
}

function repeatedKeys(tags: readonly Tag[]): string[] {
  const keys = tags.map(({ key }) => key)
  return [...new Set(keys.filter((key, place) => keys.indexOf(key) !== place))]
}

/** Everything that is wrong with one tag: a check a line. */
function tagProblems(item: string, { key, value = '' }: Tag): TagProblem[] {
  const { keyLength, valueLength } = tagLimits
  const odd = notInTag.exec(`${key}${value}`)?.[0]
  const checks: readonly (readonly [boolean, string])[] = [
    [key === '', 'has no key before the "="'],
    [key.length > keyLength, `has a key of ${key.length} characters; the most is ${keyLength}`],
    [value.length > valueLength, `has a value of ${value.length} characters; the most is ${valueLength}`],
    [/^aws:/i.test(key), 'has a key that starts with "aws:", which AWS keeps for itself'],
    [ownTagKeys.has(key), `has the key ${key}, which this action sets itself`],
    [
      odd !== undefined,
      `has ${JSON.stringify(odd)}; a tag holds letters, digits, spaces and + - = . _ : / @, one tag a line`,
    ],
  ]
  return checks.filter(([isWrong]) => isWrong).map(([, problem]) => ({ item, problem }))
}
