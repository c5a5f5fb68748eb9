// Which disk a name means after roll-backs, and which snapshots belong to it: "After a swap, the name means the replacement".
import { describe, expect, test } from '@jest/globals'
import {
  diskLookup,
  findNamed,
  groupOf,
  lineageNamed,
  lineageOf,
  ownGroup,
} from '../../src/domain/lineage.js'
import type { Disk, DiskSnapshot, Tag } from '../../src/lightsail/types.js'
import { failureOf } from '../support/failure.js'

const repository = 'octo-org/web-shop'

function tagged(values: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }))
}

type Look = Readonly<Record<string, string>>

/** A disk that is attached, with these tags. */
function live(name: string, tags: Look = {}): Disk {
  return {
    name,
    arn: `arn:${name}`,
    state: 'in-use',
    sizeInGb: 32,
    availabilityZone: 'eu-central-1a',
    attachedTo: 'shop',
    path: '/dev/xvdf',
    volumeId: null,
    tags: tagged(tags),
  }
}

/** A disk that is attached to nothing, with these tags. */
function loose(name: string, tags: Look = {}): Disk {
  return { ...live(name, tags), state: 'available', attachedTo: null, path: null }
}

/** The tags of a disk with which this repository replaced "shop-data". */
const heir = { 'managed-by': 'lightsail-disk-snapshot', repository, replaces: 'shop-data' }

/** The disks of an account, and the requests sent to look them up. */
class Account {
  readonly requests: string[] = []
  readonly #disks: readonly Disk[]

  constructor(...disks: readonly Disk[]) {
    this.#disks = disks
  }

  lookup() {
    const lightsail = {
      getDisk: async (name: string) => {
        this.requests.push(name)
        return this.#disks.find((disk) => disk.name === name)
      },
      listDisks: async () => {
        this.requests.push('all')
        return { items: this.#disks, nextPageToken: undefined }
      },
    }
    return diskLookup(lightsail, { untilMs: 60_000 })
  }
}

/** Returns which of these disks "shop-data" means, and the kind of remark about it. */
async function meaning(...disks: readonly Disk[]): Promise<string | undefined> {
  const found = await findNamed('shop-data', repository, new Account(...disks).lookup())
  return found && [found.resource.name, found.remark?.kind ?? 'nothing to say'].join(', ')
}

describe('a disk name', () => {
  test('means the disk of that name if it is attached and was never replaced, and costs one request', async () => {
    const account = new Account(live('shop-data'))
    expect(await findNamed('shop-data', repository, account.lookup())).toEqual({
      resource: live('shop-data'),
      lineage: lineageOf(live('shop-data')),
      remark: undefined,
    })
    expect(account.requests).toEqual(['shop-data'])
  })

  test('follows replaced-by to the attached disk and gives a notice', async () => {
    const old = loose('shop-data', { 'replaced-by': 'restored' })
    const found = await findNamed('shop-data', repository, new Account(old, live('restored', heir)).lookup())
    expect(found?.resource.name).toBe('restored')
    expect(found?.remark).toEqual({
      kind: 'notice',
      text: '"shop-data" now means disk "restored", which replaced it in a roll-back and is attached to instance "shop".',
    })
  })

  test('follows replaced-by even if the disk of that name is attached too', async () => {
    const old = live('shop-data', { 'replaced-by': 'restored' })
    expect(await meaning(old, live('restored', heir))).toBe('restored, notice')
  })

  test('means the last attached disk of the chain after several roll-backs', async () => {
    const chain = [
      loose('shop-data', { 'replaced-by': 'second' }),
      loose('second', { ...heir, 'replaced-by': 'third' }),
    ]
    expect(await meaning(...chain, live('third', heir))).toBe('third, notice')
    const detached = loose('third', heir)
    expect(
      await meaning(...chain.slice(0, 1), live('second', { ...heir, 'replaced-by': 'third' }), detached),
    ).toBe('second, notice')
    const both = [live('second', { ...heir, 'replaced-by': 'third' }), live('third', heir)]
    expect(await meaning(...chain.slice(0, 1), ...both)).toBe('third, notice')
  })

  test('means the disk of that name if it is attached and its replacement is not', async () => {
    const old = live('shop-data', { 'replaced-by': 'restored' })
    expect(await meaning(old, loose('restored', heir))).toBe('shop-data, nothing to say')
  })

  test('means the attached disk with a matching replaces tag if a disk of the chain was deleted', async () => {
    const old = loose('shop-data', { 'replaced-by': 'deleted' })
    expect(await meaning(old, live('third', heir))).toBe('third, notice')
    expect(await meaning(live('third', heir))).toBe('third, notice')
  })

  test('means one of the disks if their tags form a loop', async () => {
    const second = { ...heir, 'replaced-by': 'shop-data' }
    const first = { 'replaced-by': 'second' }
    expect(await meaning(loose('shop-data', first), live('second', second))).toBe('second, notice')
    expect(await meaning(live('shop-data', first), loose('second', second))).toBe('shop-data, nothing to say')
    expect(await meaning(loose('shop-data', first), loose('second', second))).toBe('shop-data, warning')
    expect(await meaning(live('shop-data', { 'replaced-by': 'shop-data' }))).toBe('shop-data, nothing to say')
  })

  test("doesn't follow replaced-by to a disk that replaces a different one", async () => {
    const old = live('shop-data', { 'replaced-by': 'restored' })
    expect(await meaning(old, live('restored', { ...heir, replaces: 'logs' }))).toBe(
      'shop-data, nothing to say',
    )
  })

  test('follows the rest of the chain if it is the name of a replacement', async () => {
    const disks = [
      loose('shop-data', { 'replaced-by': 'second' }),
      loose('second', { ...heir, 'replaced-by': 'third' }),
      live('third', heir),
    ]
    const found = await findNamed('second', repository, new Account(...disks).lookup())
    expect(found?.resource.name).toBe('third')
  })

  test('means the disk of that name, with a warning, if it is attached to nothing and was never replaced', async () => {
    const found = await findNamed('shop-data', repository, new Account(loose('shop-data')).lookup())
    expect(found?.resource.name).toBe('shop-data')
    expect(found?.remark).toEqual({
      kind: 'warning',
      text: 'Disk "shop-data" is attached to nothing, so nothing writes to it. If another disk holds the live data, name that one.',
    })
  })

  test('never means a replacement that is attached to nothing', async () => {
    expect(await meaning(loose('shop-data'), loose('restored', heir))).toBe('shop-data, warning')
  })

  test("means nothing if the disk doesn't exist", async () => {
    expect(await meaning(live('logs'), loose('restored', heir))).toBeUndefined()
  })

  test('fails if several attached disks replace it, and the error names them', async () => {
    const { message } = await failureOf(() => meaning(live('one', heir), live('two', heir)))
    expect(message).toBe('Several attached disks replace disk "shop-data": "one", "two".')
  })

  test.each([
    [{ ...heir, repository: 'octo-org/other' }, 'octo-org/other'],
    [{ ...heir, 'managed-by': 'somebody' }, repository],
    [{ replaces: 'shop-data' }, 'nobody'],
  ])('fails if its only replacement was not restored by this repository: %j', async (tags, owner) => {
    const failure = await failureOf(() => meaning(loose('shop-data'), live('restored', tags)))
    expect(failure.message).toBe(
      `Disk "restored" replaces disk "shop-data", but was restored by ${owner} and not by ${repository}.`,
    )
  })

  test("means the attached disk of that name, whatever another repository's disk says", async () => {
    const foreign = live('restored', { ...heir, repository: 'octo-org/other' })
    expect(await meaning(live('shop-data'), foreign)).toBe('shop-data, nothing to say')
  })

  test('costs no request if the disk was prefetched and is attached', async () => {
    const account = new Account(live('shop-data'), live('logs'), loose('shop-uploads'))
    const lookup = account.lookup()
    await lookup.prefetch(['shop-data', 'logs'])
    const before = account.requests.length
    await findNamed('shop-data', repository, lookup)
    await findNamed('logs', repository, lookup)
    expect(account.requests).toHaveLength(before)
    await findNamed('shop-uploads', repository, lookup)
    await findNamed('nothing', repository, lookup)
    expect(account.requests.slice(before)).toEqual(['shop-uploads', 'all', 'all', 'nothing'])
  })
})

describe('the lineage of a disk', () => {
  test('is the disk itself before any roll-back', () => {
    const lineage = { type: 'disk', name: 'shop-data', arn: 'arn:shop-data', isReplaced: false }
    expect(lineageOf(live('shop-data'))).toEqual(lineage)
    expect(lineageOf({ ...live('shop-data'), arn: null })).toEqual({ ...lineage, arn: undefined })
  })

  test('is the same for the original and for each of its replacements', () => {
    const lineage = { type: 'disk', name: 'shop-data', arn: 'arn:shop-data', isReplaced: true }
    expect(lineageOf(loose('shop-data', { 'replaced-by': 'second' }))).toEqual(lineage)
    const replaces = { ...heir, 'replaces-arn': 'arn:shop-data' }
    expect(lineageOf(loose('second', { ...replaces, 'replaced-by': 'third' }))).toEqual(lineage)
    expect(lineageOf(live('third', replaces))).toEqual(lineage)
    expect(lineageOf(live('third', heir))).toEqual({ ...lineage, arn: undefined })
  })
})

describe('a snapshot', () => {
  function snapshot(name: string, arn: string | null, lineage?: string): DiskSnapshot {
    return {
      type: 'disk',
      name: 'snap',
      arn: 'arn:snap',
      state: 'completed',
      progress: null,
      sizeInGb: 32,
      createdAt: null,
      source: { type: 'disk', name },
      sourceArn: arn,
      tags: lineage === undefined ? [] : tagged({ lineage }),
      isAutomatic: false,
      bundleId: null,
    }
  }

  const untouched = lineageOf(live('shop-data'))
  const replaced = lineageOf(live('restored', { ...heir, 'replaces-arn': 'arn:shop-data' }))

  test.each([untouched, replaced])('belongs to the lineage of its original disk: %j', (lineage) => {
    expect(groupOf(snapshot('shop-data', 'arn:shop-data'), lineage)).toBe(ownGroup)
    // Without an ARN, only the name can be compared.
    expect(groupOf(snapshot('shop-data', null), lineage)).toBe(ownGroup)
  })

  test('belongs to the lineage that its tag names, whatever its disk is called', () => {
    expect(groupOf(snapshot('restored', 'arn:restored', 'shop-data'), replaced)).toBe(ownGroup)
    expect(groupOf(snapshot('shop-data', 'arn:x', 'shop-data'), replaced)).toBe(ownGroup)
    expect(groupOf(snapshot('shop-data', 'arn:shop-data', 'logs'), replaced)).toBeUndefined()
  })

  test('belongs to no lineage if its disk is a replacement and it has no lineage tag', () => {
    expect(groupOf(snapshot('restored', 'arn:restored'), replaced)).toBeUndefined()
  })

  test('belongs to no lineage if it is of another disk, or of an instance with the same name', () => {
    expect(groupOf(snapshot('logs', 'arn:logs'), untouched)).toBeUndefined()
    const ofInstance: DiskSnapshot = {
      ...snapshot('shop-data', 'arn:shop-data'),
      source: { type: 'instance', name: 'shop-data' },
    }
    expect(groupOf(ofInstance, untouched)).toBeUndefined()
    expect(groupOf({ ...ofInstance, source: null }, untouched)).toBeUndefined()
    expect(groupOf(ofInstance, lineageNamed('instance', 'shop-data', 'arn:shop-data'))).toBe(ownGroup)
  })

  test('has a separate group if it is of an earlier disk with the same name', () => {
    expect(groupOf(snapshot('shop-data', 'arn:before'), untouched)).toBe('arn:before')
    expect(groupOf(snapshot('shop-data', 'arn:still-before'), untouched)).toBe('arn:still-before')
    expect(groupOf(snapshot('shop-data', 'arn:before'), replaced)).toBe('arn:before')
  })

  test('has a separate group if it is of a replacement of an earlier disk with the same name', () => {
    const group = groupOf(snapshot('restored', 'arn:restored', 'shop-data'), untouched)
    expect(group).toBe('the replacements of an earlier disk')
  })

  test('is grouped by ARN or by its lineage tag if the disk is gone', () => {
    const gone = lineageNamed('disk', 'shop-data')
    expect(groupOf(snapshot('shop-data', 'arn:before'), gone)).toBe('arn:before')
    expect(groupOf(snapshot('shop-data', 'arn:after'), gone)).toBe('arn:after')
    expect(groupOf(snapshot('shop-data', null), gone)).toBe(ownGroup)
    expect(groupOf(snapshot('restored', 'arn:restored', 'shop-data'), gone)).toBe(ownGroup)
  })
})
