// Which disk a name means after roll-backs, and which snapshots belong to it: "After a swap, the name means the replacement".
import { describe, expect, test } from '@jest/globals'
import { diskLookup, findDisk, groupOf, lineageNamed, lineageOf, ownGroup } from '../../src/domain/lineage.js'
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
    tags: tagged(tags),
  }
}

/** A disk that is attached to nothing, with these tags. */
function loose(name: string, tags: Look = {}): Disk {
  return { ...live(name, tags), state: 'available', attachedTo: null, path: null }
}

/** The tags of a disk that this repository put in the place of "shop-data". */
const heir = { 'managed-by': 'lightsail-disk-snapshot', repository, replaces: 'shop-data' }

/** The disks of an account, and the requests that looking them up takes. */
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

/** What "shop-data" means among these disks: the name of the disk, and the kind of remark about it. */
async function meaning(...disks: readonly Disk[]): Promise<string | undefined> {
  const found = await findDisk('shop-data', repository, new Account(...disks).lookup())
  return found && [found.disk.name, found.remark?.kind ?? 'nothing to say'].join(', ')
}

describe('the name of a disk means', () => {
  test('the disk of that name if it is attached and was never replaced, which takes one request', async () => {
    const account = new Account(live('shop-data'))
    expect(await findDisk('shop-data', repository, account.lookup())).toEqual({
      disk: live('shop-data'),
      lineage: lineageOf(live('shop-data')),
      remark: undefined,
    })
    expect(account.requests).toEqual(['shop-data'])
  })

  test('the attached disk that it says it was replaced by, with a notice', async () => {
    const old = loose('shop-data', { 'replaced-by': 'restored' })
    const found = await findDisk('shop-data', repository, new Account(old, live('restored', heir)).lookup())
    expect(found?.disk.name).toBe('restored')
    expect(found?.remark).toEqual({
      kind: 'notice',
      text: '"shop-data" now means disk "restored", which replaced it in a roll-back and is attached to instance "shop".',
    })
  })

  test('the replacement even if the disk of that name is attached as well', async () => {
    const old = live('shop-data', { 'replaced-by': 'restored' })
    expect(await meaning(old, live('restored', heir))).toBe('restored, notice')
  })

  test('the last attached disk of the chain after several roll-backs', async () => {
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

  test('the disk of that name again if it is attached and none of its replacements is', async () => {
    const old = live('shop-data', { 'replaced-by': 'restored' })
    expect(await meaning(old, loose('restored', heir))).toBe('shop-data, nothing to say')
  })

  test('the attached disk that says it replaces it where the chain is broken: a disk of it was deleted', async () => {
    const old = loose('shop-data', { 'replaced-by': 'deleted' })
    expect(await meaning(old, live('third', heir))).toBe('third, notice')
    expect(await meaning(live('third', heir))).toBe('third, notice')
  })

  test('one of the two where the tags go round in a circle', async () => {
    const second = { ...heir, 'replaced-by': 'shop-data' }
    const first = { 'replaced-by': 'second' }
    expect(await meaning(loose('shop-data', first), live('second', second))).toBe('second, notice')
    expect(await meaning(live('shop-data', first), loose('second', second))).toBe('shop-data, nothing to say')
    expect(await meaning(loose('shop-data', first), loose('second', second))).toBe('shop-data, warning')
    expect(await meaning(live('shop-data', { 'replaced-by': 'shop-data' }))).toBe('shop-data, nothing to say')
  })

  test('no disk that replaces another one, if the name of its replacement was given away', async () => {
    const old = live('shop-data', { 'replaced-by': 'restored' })
    expect(await meaning(old, live('restored', { ...heir, replaces: 'logs' }))).toBe(
      'shop-data, nothing to say',
    )
  })

  test('the disk of that name if a replacement is itself named, with the replacements after it', async () => {
    const disks = [
      loose('shop-data', { 'replaced-by': 'second' }),
      loose('second', { ...heir, 'replaced-by': 'third' }),
      live('third', heir),
    ]
    const found = await findDisk('second', repository, new Account(...disks).lookup())
    expect(found?.disk.name).toBe('third')
  })

  test('itself, with a warning, if it is attached to nothing and nothing replaced it', async () => {
    const found = await findDisk('shop-data', repository, new Account(loose('shop-data')).lookup())
    expect(found?.disk.name).toBe('shop-data')
    expect(found?.remark).toEqual({
      kind: 'warning',
      text: 'Disk "shop-data" is attached to nothing, so nothing writes to it. If another disk holds the live data, name that one.',
    })
  })

  test('itself, and not a replacement that is attached to nothing', async () => {
    expect(await meaning(loose('shop-data'), loose('restored', heir))).toBe('shop-data, warning')
  })

  test('nothing if there is no such disk', async () => {
    expect(await meaning(live('logs'), loose('restored', heir))).toBeUndefined()
  })

  test('an error that names them, if several attached disks say that they replace it', async () => {
    const { message } = await failureOf(() => meaning(live('one', heir), live('two', heir)))
    expect(message).toBe('Several attached disks replace disk "shop-data": "one", "two".')
  })

  test.each([
    [{ ...heir, repository: 'octo-org/other' }, 'octo-org/other'],
    [{ ...heir, 'managed-by': 'somebody' }, repository],
    [{ replaces: 'shop-data' }, 'nobody'],
  ])('an error, if the only replacement is not one of this repository: %j', async (tags, owner) => {
    const failure = await failureOf(() => meaning(loose('shop-data'), live('restored', tags)))
    expect(failure.message).toBe(
      `Disk "restored" replaces disk "shop-data", but was restored by ${owner} and not by ${repository}.`,
    )
  })

  test('itself if it is attached, whatever another repository’s disk says', async () => {
    const foreign = live('restored', { ...heir, repository: 'octo-org/other' })
    expect(await meaning(live('shop-data'), foreign)).toBe('shop-data, nothing to say')
  })

  test('what was read once: several names cost no request twice', async () => {
    const account = new Account(live('shop-data'), live('logs'), loose('shop-uploads'))
    const lookup = account.lookup()
    await lookup.prefetch(['shop-data', 'logs'])
    const before = account.requests.length
    await findDisk('shop-data', repository, lookup)
    await findDisk('logs', repository, lookup)
    expect(account.requests).toHaveLength(before)
    await findDisk('shop-uploads', repository, lookup)
    await findDisk('nothing', repository, lookup)
    expect(account.requests.slice(before)).toEqual(['shop-uploads', 'all', 'all', 'nothing'])
  })
})

describe('the lineage of a disk', () => {
  test('is the disk itself as long as no roll-back touched it', () => {
    const lineage = { type: 'disk', name: 'shop-data', arn: 'arn:shop-data', isReplaced: false }
    expect(lineageOf(live('shop-data'))).toEqual(lineage)
    expect(lineageOf({ ...live('shop-data'), arn: null })).toEqual({ ...lineage, arn: undefined })
  })

  test('is the same for the original and for each disk that took its place', () => {
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
    }
  }

  const untouched = lineageOf(live('shop-data'))
  const replaced = lineageOf(live('restored', { ...heir, 'replaces-arn': 'arn:shop-data' }))

  test.each([untouched, replaced])('of the original disk belongs to its lineage: %j', (lineage) => {
    expect(groupOf(snapshot('shop-data', 'arn:shop-data'), lineage)).toBe(ownGroup)
    // Where the service tells no ARN, the name is all there is.
    expect(groupOf(snapshot('shop-data', null), lineage)).toBe(ownGroup)
  })

  test('of a replacement belongs to the lineage that its tag names, whatever the disk is called', () => {
    expect(groupOf(snapshot('restored', 'arn:restored', 'shop-data'), replaced)).toBe(ownGroup)
    expect(groupOf(snapshot('shop-data', 'arn:x', 'shop-data'), replaced)).toBe(ownGroup)
    expect(groupOf(snapshot('shop-data', 'arn:shop-data', 'logs'), replaced)).toBeUndefined()
  })

  test('of a replacement without the tag belongs to none: nothing says what it replaced', () => {
    expect(groupOf(snapshot('restored', 'arn:restored'), replaced)).toBeUndefined()
  })

  test('of another disk, or of an instance of that name, belongs to none', () => {
    expect(groupOf(snapshot('logs', 'arn:logs'), untouched)).toBeUndefined()
    const ofInstance: DiskSnapshot = {
      ...snapshot('shop-data', 'arn:shop-data'),
      source: { type: 'instance', name: 'shop-data' },
    }
    expect(groupOf(ofInstance, untouched)).toBeUndefined()
    expect(groupOf({ ...ofInstance, source: null }, untouched)).toBeUndefined()
    expect(groupOf(ofInstance, lineageNamed('instance', 'shop-data', 'arn:shop-data'))).toBe(ownGroup)
  })

  test('of an earlier disk of the same name is in a group of its own, apart from the present one', () => {
    expect(groupOf(snapshot('shop-data', 'arn:before'), untouched)).toBe('arn:before')
    expect(groupOf(snapshot('shop-data', 'arn:still-before'), untouched)).toBe('arn:still-before')
    expect(groupOf(snapshot('shop-data', 'arn:before'), replaced)).toBe('arn:before')
  })

  test('of what replaced an earlier disk of the same name is apart from the present one too', () => {
    const group = groupOf(snapshot('restored', 'arn:restored', 'shop-data'), untouched)
    expect(group).toBe('the replacements of an earlier disk')
  })

  test('of a name whose disk is gone is told apart by ARN, and by its lineage', () => {
    const gone = lineageNamed('disk', 'shop-data')
    expect(groupOf(snapshot('shop-data', 'arn:before'), gone)).toBe('arn:before')
    expect(groupOf(snapshot('shop-data', 'arn:after'), gone)).toBe('arn:after')
    expect(groupOf(snapshot('shop-data', null), gone)).toBe(ownGroup)
    expect(groupOf(snapshot('restored', 'arn:restored', 'shop-data'), gone)).toBe(ownGroup)
  })
})
