// What a step captures: the live disk behind a name, and every disk that is attached to an instance.
import { describe, expect, test } from '@jest/globals'
import { takeSnapshots } from '../../src/actions/snapshot/action.js'
import { failureOf } from '../support/failure.js'
import type { KeptStep } from '../support/step.js'
import { recordOf, saidBy, useTakingScene } from '../support/taking.js'

const scene = useTakingScene()

const usualName = { 'snapshot-name': '' }

/** Replaces the disk "shop-data" with "restored", with the tags that a swap writes. */
function swap(name = 'restored', previous = 'shop-data'): void {
  const now = scene.running.clock.now()
  scene.account.detach(previous)
  scene.account.addDisk(name, 32, now, 'shop')
  scene.account.tag(name, [
    { key: 'managed-by', value: 'lightsail-disk-snapshot' },
    { key: 'repository', value: 'octo-org/web-shop' },
    { key: 'replaces', value: 'shop-data' },
    { key: 'replaces-arn', value: scene.account.disk('shop-data', now).arn },
  ])
  scene.account.tag(previous, [{ key: 'replaced-by', value: name }])
}

async function taken(inputs: Record<string, string>): Promise<KeptStep> {
  const step = scene.step({ ...usualName, ...inputs })
  await takeSnapshots(step)
  return step
}

function recordsOf(step: KeptStep): unknown {
  return JSON.parse(step.outputs['snapshots'] ?? '')
}

/** The tag `lineage` of each snapshot, by the name of its disk or instance. */
function lineages(): Record<string, string | undefined> {
  return Object.fromEntries(
    scene
      .snapshots()
      .map(({ fromDiskName, fromInstanceName, tags }) => [
        fromDiskName ?? fromInstanceName,
        tags.find(({ key }) => key === 'lineage')?.value,
      ]),
  )
}

describe('the gate', () => {
  test('looks the disk up with one request before the create request, and logs nothing if it is attached', async () => {
    const step = await taken({ wait: 'false' })
    expect(scene.requests()).toEqual(['GetDisk', 'CreateDiskSnapshot'])
    expect([saidBy(step, 'warning'), saidBy(step, 'notice')]).toEqual([[], []])
    expect(lineages()).toEqual({ 'shop-data': undefined })
  })

  test('captures a disk that is attached to nothing and was never replaced, with a warning', async () => {
    scene.account.detach('shop-data')
    const step = await taken({})
    expect(saidBy(step, 'warning')).toEqual([
      'warning: Disk "shop-data" is attached to nothing, so nothing writes to it. If another disk holds the live data, name that one.',
    ])
    expect(recordOf(step)).toMatchObject({ sourceName: 'shop-data', state: 'completed' })
  })

  test('only warns if GetDisk is denied, and names the permission', async () => {
    scene.faultAt('GetDisk', 'access-denied', 'all')
    const step = await taken({})
    expect(step.outputs['state']).toBe('completed')
    const [warning, ...others] = saidBy(step, 'warning')
    expect(others).toEqual([])
    expect(warning).toContain('Not allowed: lightsail:GetDisk for disk "shop-data"')
    expect(warning).toContain('Add lightsail:GetDisk to the policy')
    expect(warning).toContain('deletes no old snapshots')
  })

  test('only warns if GetDisks is denied', async () => {
    scene.account.detach('shop-data')
    scene.faultAt('GetDisks', 'access-denied', 'all')
    const step = await taken({})
    expect(step.outputs['state']).toBe('completed')
    expect(saidBy(step, 'warning')).toEqual([expect.stringContaining('Add lightsail:GetDisks to the policy')])
  })

  test("fails for a disk that doesn't exist, even if the role may not list the disks", async () => {
    const message = 'There is no disk "nothing" in eu-central-1.'
    const inputs = { 'disk-name': 'nothing', ...usualName }
    expect((await failureOf(() => takeSnapshots(scene.step(inputs)))).message).toBe(message)
    scene.faultAt('GetDisks', 'access-denied', 'all')
    expect((await failureOf(() => takeSnapshots(scene.step(inputs)))).message).toBe(message)
    expect(scene.requests()).not.toContain('CreateDiskSnapshot')
  })

  test("fails if the disk can't be looked up for any other reason", async () => {
    scene.faultAt('GetDisk', 'expired-token', 'all')
    const failure = await failureOf(() => takeSnapshots(scene.step()))
    expect(failure.message).toContain('The AWS credentials of this job had expired when GetDisk was sent')
    expect(scene.requests()).not.toContain('CreateDiskSnapshot')
  })
})

describe('after a swap', () => {
  test('the old name captures the replacement and stays in the snapshot name, with a notice', async () => {
    swap()
    const step = await taken({})
    expect(recordOf(step)).toMatchObject({
      sourceName: 'restored',
      requestedName: 'shop-data',
      snapshotName: 'shop-data-0123456-1658821493-1',
      state: 'completed',
    })
    expect(saidBy(step, 'notice')).toEqual([
      'notice: "shop-data" now means disk "restored", which replaced it in a roll-back and is attached to instance "shop".',
    ])
    expect(saidBy(step, 'warning')).toEqual([])
    expect(lineages()).toEqual({ restored: 'shop-data' })
  })

  test('the tag lineage names the original disk, after several roll-backs too', async () => {
    swap()
    swap('restored-again', 'restored')
    const step = await taken({})
    expect(recordOf(step)).toMatchObject({ sourceName: 'restored-again', requestedName: 'shop-data' })
    expect(lineages()).toEqual({ 'restored-again': 'shop-data' })
  })

  test("the replacement's own name adds the tag lineage too", async () => {
    swap()
    const step = await taken({ 'disk-name': 'restored' })
    expect(recordOf(step)).toMatchObject({ sourceName: 'restored', requestedName: 'restored' })
    expect(step.outputs['snapshot-name']).toBe('restored-0123456-1658821493-1')
    expect(saidBy(step, 'notice')).toEqual([])
    expect(lineages()).toEqual({ restored: 'shop-data' })
  })

  test('a replacement with the name of the deleted original gets the tag lineage too', async () => {
    swap()
    const original = scene.account.disk('shop-data', scene.running.clock.now()).arn
    scene.account.removeDisk('shop-data')
    scene.account.detach('restored')
    scene.account.addDisk('shop-data', 32, scene.running.clock.now(), 'shop')
    scene.account.tag('shop-data', [
      { key: 'replaces', value: 'shop-data' },
      { key: 'replaces-arn', value: original },
    ])
    scene.account.tag('restored', [{ key: 'replaced-by', value: 'shop-data' }])
    expect(recordOf(await taken({}))).toMatchObject({ sourceName: 'shop-data', requestedName: 'shop-data' })
    expect(lineages()).toEqual({ 'shop-data': 'shop-data' })
  })

  test('attached-disks captures the replacement with the tag lineage, and not the old disk', async () => {
    swap()
    const step = await taken({ 'disk-name': '', 'instance-name': 'shop', 'attached-disks': 'true' })
    expect(recordsOf(step)).toMatchObject([
      { sourceType: 'instance', sourceName: 'shop' },
      { sourceType: 'disk', sourceName: 'restored', requestedName: 'restored' },
    ])
    expect(lineages()).toEqual({ shop: undefined, restored: 'shop-data' })
  })

  test('several names are looked up in one list', async () => {
    swap()
    scene.account.addDisk('logs', 8, scene.running.clock.now(), 'shop')
    const step = await taken({ 'disk-name': 'logs, shop-data' })
    expect(recordsOf(step)).toMatchObject([
      { sourceName: 'logs', requestedName: 'logs' },
      { sourceName: 'restored', requestedName: 'shop-data' },
    ])
    expect(scene.requests().slice(0, 3)).toEqual(['GetDisks', 'GetDisk', 'CreateDiskSnapshot'])
  })

  test('two names of one disk are an error that names both and the disk', async () => {
    swap()
    const inputs = { 'disk-name': 'shop-data, restored', ...usualName }
    const failure = await failureOf(() => takeSnapshots(scene.step(inputs)))
    expect(failure.message).toBe('disk-name: "shop-data" and "restored" both mean disk "restored".')
    expect(scene.snapshots()).toEqual([])
  })

  test('a dry run says which disk would be captured', async () => {
    swap()
    const step = await taken({ 'dry-run': 'true' })
    expect(step.log.lines).toContain(
      'Dry run: disk "restored" exists; its snapshot would be named "shop-data-0123456-1658821493-1"',
    )
    expect(scene.requests()).toEqual(['GetDisk', 'GetDisk'])
  })

  test("an earlier attempt's snapshot of the previous disk is not adopted", async () => {
    await takeSnapshots(scene.step())
    swap()
    const failure = await failureOf(() => takeSnapshots(scene.step({}, { runAttempt: '2' })))
    expect(failure.message).toContain(
      'by a snapshot of disk "shop-data", taken by run 1658821493 (attempt 1)',
    )
  })
})

describe('the disks of an instance', () => {
  const inputs = { 'disk-name': '', 'instance-name': 'shop', 'attached-disks': 'true' }

  test('are found by their paths if Lightsail lists them without names', async () => {
    scene.account.addDisk('logs', 8, scene.running.clock.now(), 'shop')
    scene.account.addDisk('elsewhere', 8, scene.running.clock.now(), 'wordpress')
    scene.emulator.behaviour.namelessDisks = true
    const step = await taken(inputs)
    const names = scene
      .snapshots()
      .map(({ fromDiskName, fromInstanceName }) => fromDiskName ?? fromInstanceName)
    expect(names.sort()).toEqual(['logs', 'shop', 'shop-data'])
    expect(step.outputs['state']).toBe('completed')
  })

  test("are an error if one can't be found by its path, and nothing is taken", async () => {
    scene.emulator.behaviour.namelessDisks = true
    scene.emulator.beforeRequest = ({ operation }) => {
      if (operation === 'GetDisks' && scene.account.disk('shop-data', Date.now()).isAttached) {
        scene.account.detach('shop-data')
      }
    }
    const failure = await failureOf(() => takeSnapshots(scene.step({ ...usualName, ...inputs })))
    expect(failure.message).toContain(
      'Instance "shop" has a disk at /dev/xvdf that Lightsail lists without a name',
    )
    expect(scene.snapshots()).toEqual([])
  })

  test('are an error if they are listed without names and GetDisks is denied', async () => {
    scene.emulator.behaviour.namelessDisks = true
    scene.faultAt('GetDisks', 'access-denied', 'all')
    const failure = await failureOf(() => takeSnapshots(scene.step({ ...usualName, ...inputs })))
    expect(failure.message).toContain('Not allowed: lightsail:GetDisks')
    expect(scene.snapshots()).toEqual([])
  })

  test('are captured if GetDisk is denied, with a warning that names the permission', async () => {
    scene.faultAt('GetDisk', 'access-denied', 'all')
    const step = await taken(inputs)
    expect(recordsOf(step)).toMatchObject([{ sourceName: 'shop' }, { sourceName: 'shop-data' }])
    expect(saidBy(step, 'warning')).toEqual([expect.stringContaining('Add lightsail:GetDisk to the policy')])
  })
})
