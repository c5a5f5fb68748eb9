import { repeated } from '../basics/text.js'
import { parseList } from '../github/parse.js'
import type { Run } from '../github/run-context.js'
import type { Tag } from '../lightsail/types.js'

/** The service's limits on tags. Lengths are in UTF-16 units, the strictest count. */
export const tagLimits = { perResource: 50, keyLength: 128, valueLength: 256 } as const

/** The values of the managed tags. */
export type TagValues = Pick<Run, 'repository' | 'ref' | 'workflow' | 'runId' | 'runAttempt' | 'actor'> & {
  readonly commitSha: string
  /** A random UUID for each snapshot of each step. */
  readonly clientToken: string
  /** The original that the captured disk replaced in a roll-back. */
  readonly lineage?: string | undefined
}

/** The value of the tag `managed-by`. */
const managedBy = 'lightsail-disk-snapshot'

/** A resource with tags. */
export type Tagged = { readonly tags: readonly Tag[] }

/** Returns the value of a tag; undefined if there is no such tag, or it has no value. */
export function tagOf({ tags }: Tagged, wanted: string): string | undefined {
  return tags.find(({ key }) => key === wanted)?.value
}

/** Whether this action created it, in a workflow of any repository. */
export function isManaged(tagged: Tagged): boolean {
  return tagOf(tagged, 'managed-by') === managedBy
}

/** Whether this action created it, in a workflow of the repository (`owner/name`). */
export function isMadeBy(tagged: Tagged, repository: string): boolean {
  return isManaged(tagged) && tagOf(tagged, 'repository') === repository
}

/** Whether it has the tag `keep`, in upper or lower case and with any value. */
export function hasKeepTag({ tags }: Tagged): boolean {
  return tags.some(({ key }) => key.toLowerCase() === 'keep')
}

/** The tags of a swap and of the snapshots after it, see lineage.ts. */
export const lineageTags = {
  /** On the new disk or instance: the name of the original, the first of the chain. */
  replaces: 'replaces',
  /** On the new one: the ARN of the original. */
  replacesArn: 'replaces-arn',
  /** On the one that was replaced: the name of the new one. */
  replacedBy: 'replaced-by',
  /** On an instance whose swap has begun: the name of the one that may have its static IP soon; afterwards `none`. */
  swapNext: 'swap-next',
  /** On a snapshot: the name of the original of the disk or instance that it was taken of. */
  lineage: 'lineage',
} as const

/** On a snapshot: the runs whose roll-back to it isn't finished, each with the attempt that began it, or `none`. */
const rollBackTag = 'roll-back-runs'
const noRun = 'none'

/** Whether a run has begun to roll back to a snapshot and isn't known to have finished: its next attempt needs it. */
export function isInRollBack(tagged: Tagged): boolean {
  const runs = tagOf(tagged, rollBackTag)
  return runs !== undefined && runs !== noRun
}

/** Whether this run has begun a roll-back to the snapshot and isn't known to have finished it. */
export function isChosenBy(snapshot: Tagged, run: Pick<Run, 'runId'>): boolean {
  return choosingAttempt(snapshot, run) !== undefined
}

/** Returns the attempt of the run that has begun that roll-back. */
export function choosingAttempt(snapshot: Tagged, { runId }: Pick<Run, 'runId'>): number | undefined {
  const choice = choicesOf(snapshot).find((each) => runOf(each) === runId)
  return choice === undefined ? undefined : Number(choice.split('.')[1])
}

/** Returns the tag that says whether this run's roll-back to a snapshot is unfinished. */
export function choiceTags(
  snapshot: Tagged,
  { runId, runAttempt }: Pick<Run, 'runId' | 'runAttempt'>,
  isOpen: boolean,
): Tag[] {
  const others = choicesOf(snapshot).filter((choice) => runOf(choice) !== runId)
  // Runs that don't fit into the tag are too old to be rerun.
  const choices = [...(isOpen ? [`${runId}.${runAttempt}`] : []), ...others].slice(0, 10)
  return [{ key: rollBackTag, value: choices.join(' ') || noRun }]
}

/** Whether there is room for that tag. */
export function hasRoomForChoice(snapshot: Tagged, most: number): boolean {
  return snapshot.tags.length < most || snapshot.tags.some(({ key }) => key === rollBackTag)
}

/** Each is `RUN.ATTEMPT`. */
function choicesOf(snapshot: Tagged): string[] {
  return (tagOf(snapshot, rollBackTag) ?? '').split(' ').filter((choice) => choice !== '' && choice !== noRun)
}

function runOf(choice: string): string | undefined {
  return choice.split('.')[0]
}

type TagValue = (values: TagValues) => string | undefined

/** The managed tags, in the order of docs/usage.md. One without a value isn't set. */
export const ownTagKeys: ReadonlyMap<string, TagValue> = new Map<string, TagValue>([
  ['commit-sha', ({ commitSha }) => commitSha],
  ['repository', ({ repository }) => repository],
  ['ref', ({ ref }) => ref],
  ['workflow', ({ workflow }) => workflow],
  ['run-id', ({ runId }) => runId],
  ['run-attempt', ({ runAttempt }) => runAttempt],
  ['actor', ({ actor }) => actor],
  ['managed-by', () => managedBy],
  // The service has no idempotency token of its own.
  ['client-token', ({ clientToken }) => clientToken],
  [lineageTags.lineage, ({ lineage }) => lineage],
])

/** Whether a resource was created by the request with these tags. */
export function hasTokenOf(tagged: Tagged, requested: Tagged): boolean {
  const token = tagOf(requested, 'client-token')
  return token !== undefined && tagOf(tagged, 'client-token') === token
}

const notInTag = /[^\p{L}\p{N}\p{Zs}+\-=._:/@]/u
const allNotInTag = new RegExp(notInTag, 'gu')

/** Returns the managed tags. Values are made to fit: a bot's name or an odd branch name never breaks a deploy. */
export function ownTags(values: TagValues): Tag[] {
  return [...ownTagKeys].flatMap(([key, valueFrom]) => {
    const value = valueFrom(values)
    return value === undefined ? [] : tag(key, fitted(value))
  })
}

/** Makes a value fit into a tag: other characters become `_`, and it is cut between characters. */
function fitted(value: string): string {
  // A character of two units may become one.
  const held = value.slice(0, 2 * tagLimits.valueLength).replace(allNotInTag, '_')
  const cut = held.slice(0, tagLimits.valueLength)
  return held.length > cut.length ? cut.replace(/[\uD800-\uDBFF]$/, '') : cut
}

/** A problem of the user's tags: the text, and what would be right. */
export interface TagProblem {
  readonly item: string
  readonly problem: string
}

/** Parses the user's tags, one `key=value` per item, separated by the first `=`. Also returns every problem. */
export function readUserTags(items: readonly string[]): { tags: Tag[]; problems: TagProblem[] } {
  const tags = items.map(parseTag)
  const most = tagLimits.perResource - ownTagKeys.size
  const problems = [
    ...items.flatMap((item, index) => tagProblems(item, tags[index] ?? tag(item, ''))),
    ...repeated(tags.map(({ key }) => key)).map((key) => ({
      item: key,
      problem: 'is the key of more than one tag',
    })),
  ]
  if (tags.length > most) {
    const problem = `are too many: a snapshot can have ${most} tags in addition to the action's own`
    problems.push({ item: `${tags.length} tags`, problem })
  }
  return { tags, problems }
}

/** Returns warnings about tags that look like YAML, or like a YAML block folded into one line. */
export function tagWarnings(text: string): string[] {
  const items = parseList(text, { commas: false })
  const suspicious = (items.ok ? items.value : []).filter((item) => isYaml(item) || isFolded(item))
  return suspicious.map(
    (item) =>
      `tags: ${JSON.stringify(item)} is taken as it is, as one tag; tags are written key=value, one per line (in YAML after \`tags: |\`).`,
  )
}

/** Whether an item is written like an entry of a YAML list or mapping. */
function isYaml(item: string): boolean {
  return item.startsWith('- ') || (item.includes(': ') && !item.includes('='))
}

/** Whether an item has several `=` separated by spaces: probably several tags. */
function isFolded(item: string): boolean {
  const between = item.split('=').slice(1, -1)
  return between.some((part) => /\s/.test(part))
}

function tag(key: string, value: string): Tag {
  return { key, value: value === '' ? undefined : value }
}

function parseTag(item: string): Tag {
  const divider = item.indexOf('=')
  return divider === -1 ? tag(item, '') : tag(item.slice(0, divider).trim(), item.slice(divider + 1).trim())
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
      `has ${JSON.stringify(odd)}; a tag can contain letters, digits, spaces and + - = . _ : / @, one tag per line`,
    ],
  ]
  return checks.filter(([isWrong]) => isWrong).map(([, problem]) => ({ item, problem }))
}
