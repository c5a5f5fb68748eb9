// A pause from the names of the sources to its end, with an emulated Lightsail and a real instance behind it.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../emulator/service/server.js'
import { sourceAsNamed } from '../../src/domain/planned-snapshot.js'
import { type Lightsail, openLightsail } from '../../src/lightsail/client.js'
import type { SourceType } from '../../src/lightsail/types.js'
import { type PausePlan, readyPause, whilePaused } from '../../src/pause/pause.js'
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

function ready(plan: Partial<PausePlan>, names: readonly string[], type: SourceType = 'disk') {
  const patience = { untilMs: step.clock.monotonic() + 60_000 }
  const sources = names.map((name) => sourceAsNamed({ type, name }))
  return readyPause({ ...usual, ...plan }, 'pause', sources, { lightsail, patience, step })
}

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
  })
}
