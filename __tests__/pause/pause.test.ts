// A pause from the names of the sources to its end, with an emulated Lightsail and a real instance behind it.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { sourceAsNamed } from '../../src/domain/planned-snapshot.js'
import { type Lightsail, openLightsail } from '../../src/lightsail/client.js'
import type { SourceType } from '../../src/lightsail/types.js'
import type { ConnectTools, PausePlan } from '../../src/pause/connect.js'
import { EarlyConnection, readyPause, whilePaused } from '../../src/pause/pause.js'
import { region, startFilledEmulator } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { type LoopDisk, type Machine, newMachine, thaw, whyNotHere, writesAgain } from '../support/machine.js'
import { type SshServer, startSshServer } from '../support/ssh-server.js'
import { exampleStep, type KeptStep } from '../support/step.js'
import { useEmulator } from '../support/use-emulator.js'

let emulator: Emulator
let lightsail: Lightsail
let step: KeptStep
let temporaryFolder: string

useEmulator(async () => {
  emulator = await startFilledEmulator()
  emulator.region(region).addDisk('shop-media', 8, Date.now(), 'shop')
  emulator.region(region).addDisk('spare', 8, Date.now())
  emulator.region(region).addDisk('blog', 8, Date.now(), 'wordpress')
  return emulator
})
beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'runner-temp-'))
  step = exampleStep({}, { environment: { ...process.env, RUNNER_TEMP: temporaryFolder } })
  lightsail = openLightsail(region, step.clock)
})
afterEach(async () => {
  lightsail.close()
  await rm(temporaryFolder, { recursive: true })
})

const usual: PausePlan = {
  mounts: [],
  before: '',
  after: '',
  timeoutMs: 30_000,
  onFailure: 'fail',
  host: undefined,
  port: 22,
}

function toolsFor(plan: Partial<PausePlan>): ConnectTools {
  const patience = { untilMs: step.clock.monotonic() + 60_000 }
  return { plan: { ...usual, ...plan }, mode: 'pause', lightsail, patience, step }
}

function ready(
  plan: Partial<PausePlan>,
  names: readonly string[],
  type: SourceType = 'disk',
  early?: EarlyConnection,
) {
  const sources = names.map((name) => sourceAsNamed({ type, name }))
  return readyPause(toolsFor(plan), sources, early)
}

const requested = (operation: string) =>
  emulator.requests.filter((request) => request.operation === operation).length

describe('nothing is paused', () => {
  test.each([
    ['disks of two instances', ['shop-data', 'blog'], 'they are on several instances: shop, wordpress'],
    ['a disk that is attached to nothing', ['shop-data', 'spare'], 'disk "spare" is attached to no instance'],
  ])('for %s', async (_, names, reason) => {
    const { message } = await failureOf(() => ready({}, names))
    expect(message).toBe(`Can't pause the instance of the disks: ${reason}.`)
  })

  test('of an instance that isn’t there', async () => {
    const { message } = await failureOf(() => ready({}, ['nothing'], 'instance'))
    expect(message).toBe(`There is no instance "nothing" in ${region}.`)
  })

  test('of an instance without an address, as a stopped one is', async () => {
    emulator
      .region(region)
      .access.set('shop', { username: 'root', ipAddress: '', privateKey: 'key', certKey: 'certificate' })
    const { message, advice } = await failureOf(() => ready({}, ['shop-data']))
    expect(message).toBe('Can\'t connect to instance "shop": Lightsail reports no address for it.')
    expect(advice).toContain('Check that the instance runs')
  })

  test('if the role may not ask for credentials', async () => {
    emulator.faults.add({ operation: 'GetInstanceAccessDetails', fault: 'access-denied', occurrences: 'all' })
    const { advice } = await failureOf(() => ready({}, ['shop-data']))
    expect(advice).toContain('lightsail:GetInstanceAccessDetails')
  })
})

const reason = whyNotHere(['/usr/sbin/sshd', 'ssh', 'ssh-keygen'])

if (reason !== undefined) {
  test.skip(`a pause of a real instance, because ${reason}`, () => {})
} else {
  describe('a pause of a real instance', () => {
    let machine: Machine
    let server: SshServer
    let disks: readonly LoopDisk[]
    beforeEach(async () => {
      machine = await newMachine()
      disks = [await machine.addDisk('ext4'), await machine.addDisk('xfs')]
      server = await startSshServer([`SetEnv PAUSE_LOCK=${machine.folder}/lock`])
      emulator.region(region).access.set('shop', server.details)
    })
    afterEach(async () => {
      await machine.close()
      await server.close()
    })
    const mounts = () => disks.map(({ mount }) => mount)
    const names = ['shop-data', 'shop-media']

    test('lasts for the work, and masks the key', async () => {
      const pause = await ready({ mounts: mounts(), port: server.port }, names)
      expect([...pause.disks]).toEqual(names)
      expect(step.log.masked).toEqual([server.access.privateKey])
      expect(await readdir(temporaryFolder)).toEqual([])
      const { value, held, failures } = await whilePaused(pause, step, async () => 'done')
      expect({ value, held, failures }).toEqual({ value: 'done', held: true, failures: [] })
      for (const mount of mounts()) expect(await thaw(mount)).toBe(false)
    })

    test('reaches an instance that has only IPv6, with credentials for which Lightsail reports no expiry', async () => {
      const onlyV6 = await startSshServer([`SetEnv PAUSE_LOCK=${machine.folder}/lock`, 'ListenAddress ::1'])
      try {
        expect(onlyV6.details).not.toHaveProperty('expiresAt')
        const details = { ...onlyV6.details, ipAddress: '', ipv6Addresses: ['::1'] }
        emulator.region(region).access.set('shop', details)
        const pause = await ready({ mounts: mounts(), port: onlyV6.port }, names)
        const { held } = await whilePaused(pause, step, async () => 'done')
        expect(held).toBe(true)
      } finally {
        await onlyV6.close()
      }
    })

    test('that is ended from outside doesn’t hold', async () => {
      const pause = await ready({ mounts: mounts(), port: server.port, host: '127.0.0.1' }, names)
      const { held, failures } = await whilePaused(pause, step, () => thaw(disks[0]?.mount ?? ''))
      expect(held).toBe(false)
      expect(failures.map(({ message }) => message)).toEqual([
        'The pause of instance "shop" ended before all snapshots were requested.',
      ])
    })

    test('ends also if the work fails', async () => {
      const pause = await ready({ mounts: mounts(), port: server.port }, names)
      const work = () => Promise.reject(new Error('no'))
      await expect(whilePaused(pause, step, work)).rejects.toThrow('no')
      for (const mount of mounts()) {
        machine.startWriter(mount)
        await writesAgain(mount)
      }
    })

    test('doesn’t begin if a command fails, and the work isn’t done', async () => {
      const pause = await ready({ mounts: mounts(), before: 'exit 1', port: server.port }, names)
      let isDone = false
      const { message } = await failureOf(() =>
        whilePaused(pause, step, async () => {
          isDone = true
        }),
      )
      expect(message).toBe('Can\'t pause instance "shop": before-snapshot failed with exit code 1.')
      expect(isDone).toBe(false)
    })

    test('finds the disk of a mount point by the serial number of its device', async () => {
      const [data, media] = disks
      const folder = join(machine.folder, 'bin')
      await mkdir(folder)
      // A loop device has none.
      const serials = `case $3 in ${data?.device}) echo "$3 vol0aa" ;; *) echo "$3 vol0bb" ;; esac`
      await writeFile(join(folder, 'lsblk'), `#!/bin/sh\n${serials}\n`, { mode: 0o755 })
      const withSerials = await startSshServer([
        `SetEnv PAUSE_LOCK=${machine.folder}/lock PATH=${folder}:${process.env['PATH']}`,
      ])
      try {
        emulator.region(region).access.set('shop', withSerials.details)
        const volumes = new Map([
          ['shop-data', 'vol-0aa'],
          ['shop-media', 'vol-0bb'],
        ])
        const source = async (name: string) => {
          const disk = await lightsail.getDisk(name, { untilMs: 60_000 })
          const volumeId = volumes.get(name) ?? null
          return {
            ...sourceAsNamed({ type: 'disk', name }),
            ...(disk === undefined ? {} : { disk: { ...disk, volumeId } }),
          }
        }
        const tools = toolsFor({ mounts: [media?.mount ?? ''], port: withSerials.port })
        const sources = await Promise.all(names.map(source))
        const pause = await readyPause(tools, sources)
        pause.session.close()
        expect([...pause.disks]).toEqual(['shop-media'])
        const { message } = await failureOf(() => readyPause(tools, sources.slice(0, 1)))
        expect(message).toContain('is on a disk that this step takes no snapshot of.')
      } finally {
        await withSerials.close()
      }
    })

    describe('connected early', () => {
      const plan = () => ({ mounts: mounts(), port: server.port })
      const connect = (name: string, type: SourceType = 'disk') =>
        new EarlyConnection({ type, name }, toolsFor(plan()))

      test.each(['disk', 'instance'] as const)('uses the connection to the %s’s instance', async (type) => {
        const early = connect(type === 'disk' ? 'shop-data' : 'shop', type)
        const pause = await ready(plan(), names, 'disk', early)
        expect(requested('GetInstanceAccessDetails')).toBe(1)
        // What was taken stays.
        await early.close()
        const { held } = await whilePaused(pause, step, async () => 'done')
        expect(held).toBe(true)
      })

      test('is connected anew if the connection has ended meanwhile', async () => {
        const early = connect('shop', 'instance')
        const first = await early.take('shop')
        first?.session.close()
        while (first?.session.isOpen) await delay(10)
        const pause = await ready(plan(), names, 'disk', early)
        pause.session.close()
        expect(requested('GetInstanceAccessDetails')).toBe(2)
      })

      test('is connected anew if the names mean disks of another instance', async () => {
        emulator.region(region).access.set('wordpress', server.details)
        const early = connect('blog')
        while ((await readdir(temporaryFolder)).length === 0) await delay(1)
        const pause = await ready(plan(), ['shop-data'], 'disk', early)
        expect(pause.instance.name).toBe('shop')
        pause.session.close()
        expect(requested('GetInstanceAccessDetails')).toBe(2)
        expect(await readdir(temporaryFolder)).toEqual([])
      })

      test('fails as it would have later', async () => {
        emulator.faults.add({
          operation: 'GetInstanceAccessDetails',
          fault: 'access-denied',
          occurrences: 'all',
        })
        const { advice } = await failureOf(() => ready(plan(), names, 'disk', connect('shop-data')))
        expect(advice).toContain('lightsail:GetInstanceAccessDetails')
        expect(requested('GetInstanceAccessDetails')).toBe(1)
      })

      test('leaves nothing behind if it isn’t used, even while it connects', async () => {
        const early = connect('shop', 'instance')
        while ((await readdir(temporaryFolder)).length === 0) await delay(1)
        await early.close()
        expect(await readdir(temporaryFolder)).toEqual([])
        const next = await ready(plan(), names)
        next.session.close()
      })
    })
  })
}
