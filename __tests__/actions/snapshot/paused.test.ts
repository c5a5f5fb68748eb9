// Snapshots while an instance is paused: the emulated service copies the real disks at the moment of the request.
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Emulator } from '../../../emulator/service/server.js'
import { connect } from '../../../src/actions/shared/connect.js'
import { rehearsalKey } from '../../../src/actions/shared/rehearsal.js'
import { takeSnapshots } from '../../../src/actions/snapshot/action.js'
import { planSnapshots } from '../../../src/actions/snapshot/inputs.js'
import { skippedInRehearsal, takeWhilePaused } from '../../../src/actions/snapshot/paused.js'
import { realTimeLimit } from '../../../src/basics/clock.js'
import { Failure } from '../../../src/basics/failure.js'
import { region, startFilledEmulator } from '../../support/emulated.js'
import { failureOf } from '../../support/failure.js'
import {
  type LoopDisk,
  type Machine,
  needsRecovery,
  newMachine,
  thaw,
  whyNotHere,
  writesAgain,
} from '../../support/machine.js'
import { type SshServer, startSshServer } from '../../support/ssh-server.js'
import { exampleRun, exampleStep, type KeptStep } from '../../support/step.js'
import { useEmulator } from '../../support/use-emulator.js'

let emulator: Emulator
let temporaryFolder: string
let cancel: AbortController
let steps: KeptStep[]

useEmulator(async () => {
  steps = []
  emulator = await startFilledEmulator({}, () => steps.at(-1)?.clock.now() ?? Date.now())
  emulator.region(region).addDisk('shop-media', 8, Date.now(), 'shop')
  return emulator
})
beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'runner-temp-'))
  cancel = new AbortController()
})
afterEach(() => rm(temporaryFolder, { recursive: true }))

const both = { 'disk-name': 'shop-data, shop-media' }

function stepWith(inputs: Record<string, string>, isRehearsal = false): KeptStep {
  const key = isRehearsal ? { AWS_ACCESS_KEY_ID: rehearsalKey, AWS_SECRET_ACCESS_KEY: rehearsalKey } : {}
  const environment = { ...process.env, ...key, RUNNER_TEMP: temporaryFolder }
  const run = exampleRun({ isRehearsal })
  const step = exampleStep({ ...both, ...inputs }, { environment, run, signal: cancel.signal })
  steps.push(step)
  return step
}

const requested = (operation: string) =>
  emulator.requests.filter((request) => request.operation === operation).length

test('a rehearsal skips the pause, and says so', async () => {
  const step = stepWith({ freeze: '/srv' }, true)
  await takeSnapshots(step)
  expect(step.log.lines).toContain(skippedInRehearsal)
  expect(step.summary.join()).toContain(skippedInRehearsal)
  expect(step.outputs['consistency']).toBe('crash')
  await takeSnapshots(stepWith({ freeze: '/srv', 'dry-run': 'true' }, true))
  expect(requested('GetInstanceAccessDetails')).toBe(0)
})

test('without a pause a snapshot is crash-consistent', async () => {
  const step = stepWith({})
  await takeSnapshots(step)
  expect(step.outputs['consistency']).toBe('crash')
  expect(step.summary.join()).not.toContain('Consistency')
})

const reason = whyNotHere(['/usr/sbin/sshd', 'ssh', 'ssh-keygen', 'dumpe2fs'])

if (reason !== undefined) {
  test.skip(`snapshots of a paused instance, because ${reason}`, () => {})
} else {
  describe('while the instance is paused', () => {
    let machine: Machine
    let server: SshServer
    let data: LoopDisk
    let media: LoopDisk
    let copies: Map<string, string>

    beforeEach(async () => {
      machine = await newMachine()
      data = await machine.addDisk('ext4')
      media = await machine.addDisk('ext4')
      server = await startSshServer([`SetEnv PAUSE_LOCK=${machine.folder}/lock`])
      emulator.region(region).access.set('shop', server.details)
      copies = new Map()
      emulator.beforeRequest = ({ operation, input }) => {
        if (operation !== 'CreateDiskSnapshot') return
        const disk = input['diskName'] === 'shop-media' ? media : data
        copies.set(String(input['diskName']), machine.copy(disk))
      }
    })
    afterEach(async () => {
      await machine.close()
      await server.close()
    })

    const trace = (name: string) => `echo ${name} >>"${machine.folder}/traces"`
    const traces = () => readFile(join(machine.folder, 'traces'), 'utf8').catch(() => '')
    const paused = (inputs: Record<string, string> = {}) =>
      stepWith({
        freeze: `${data.mount}\n${media.mount}`,
        'before-snapshot': trace('before'),
        'after-snapshot': trace('after'),
        'ssh-port': String(server.port),
        ...inputs,
      })
    const consistencies = (step: KeptStep): unknown[] =>
      JSON.parse(step.outputs['snapshots'] ?? '').map(
        (record: { consistency: unknown }) => record.consistency,
      )
    const linesOn = async (copy: string | undefined) =>
      (await machine.readCopy(copy ?? '', 'log')).split('\n').length - 1
    /** Stands for whatever ends a pause early. */
    const thawAtRequest = () => {
      emulator.beforeRequest = ({ operation }) => {
        if (operation === 'CreateDiskSnapshot')
          execFileSync('sh', ['-c', 'fsfreeze -u "$1" 2>&1 || :', 'sh', data.mount])
      }
    }

    test('the copies need no recovery, and the disks share one moment', async () => {
      machine.startWriter(data.mount, media.mount)
      await writesAgain(media.mount)
      const step = paused()
      await takeSnapshots(step)
      expect(step.outputs['consistency']).toBe('file-system')
      expect(consistencies(step)).toEqual(['file-system', 'file-system'])
      for (const copy of copies.values()) expect(await needsRecovery(copy)).toBe(false)
      const ahead = (await linesOn(copies.get('shop-data'))) - (await linesOn(copies.get('shop-media')))
      // The writer takes the disks in turn.
      expect([0, 1]).toContain(ahead)
      await writesAgain(data.mount)
      expect(await traces()).toBe('before\nafter\n')
      expect(step.log.masked).toEqual([server.access.privateKey])
      expect(step.log.lines).toContain('Paused instance "shop" for 0ms')
      expect(step.summary.join()).toMatch(/Consistency.*file-system.*Paused instance "shop" for 0ms\./s)
      expect(await readdir(temporaryFolder)).toEqual([])
    })

    test('the connection is up before the look-up of the disks ends', async () => {
      const step = paused()
      emulator.faults.add({ operation: 'GetDisks', fault: 'throttle', occurrences: [1] })
      // The look-up continues only when the script on the instance has begun.
      const sleep = step.clock.sleep.bind(step.clock)
      step.clock.sleep = async (ms, signal) => {
        await sleep(ms, signal)
        for (let looks = 0; !(await readdir(machine.folder)).includes('lock'); looks += 1) {
          if (looks === 500) throw new Error('not connected')
          await delay(20)
        }
      }
      await takeSnapshots(step)
      expect(step.outputs['consistency']).toBe('file-system')
    })

    test('a disk that isn’t there is what is reported, and nothing is left of the connection', async () => {
      const { message } = await failureOf(() => takeSnapshots(paused({ 'disk-name': 'shop-data, nothing' })))
      expect(message).toBe(`There is no disk "nothing" in ${region}.`)
      expect(await readdir(temporaryFolder)).toEqual([])
      await takeSnapshots(paused())
    })

    test('the copies of a running instance have to be recovered', async () => {
      machine.startWriter(data.mount, media.mount)
      await writesAgain(media.mount)
      await takeSnapshots(stepWith({}))
      for (const copy of copies.values()) expect(await needsRecovery(copy)).toBe(true)
    })

    test('a pause that ended early fails the step after the wait, and the snapshots are kept', async () => {
      thawAtRequest()
      const step = paused({ 'keep-last': '1' })
      const { message } = await failureOf(() => takeSnapshots(step))
      expect(message).toBe('The pause of instance "shop" ended before all snapshots were requested.')
      expect([step.outputs['state'], step.outputs['consistency']]).toEqual(['completed', 'crash'])
      expect(requested('DeleteDiskSnapshot')).toBe(0)
      expect(await traces()).toBe('before\nafter\n')
    })

    test('a pause that ended early is a warning with on-pause-failure: continue', async () => {
      thawAtRequest()
      const step = paused({ 'on-pause-failure': 'continue' })
      await takeSnapshots(step)
      expect([step.outputs['state'], step.outputs['consistency']]).toEqual(['completed', 'crash'])
      expect(step.cautions.at(-1)).toContain('ended before all snapshots were requested')
    })

    test('commands that fail before it leave nothing taken', async () => {
      const step = paused({ 'before-snapshot': `${trace('before')}; exit 1` })
      const { message, advice } = await failureOf(() => takeSnapshots(step))
      expect(message).toBe('Can\'t pause instance "shop": before-snapshot failed with exit code 1.')
      expect(advice).toContain('No snapshot was taken.')
      expect(requested('CreateDiskSnapshot')).toBe(0)
      expect([step.outputs['state'], step.outputs['consistency']]).toEqual(['error', ''])
      expect(await traces()).toBe('before\nafter\n')
    })

    test('commands that fail before it are a warning with on-pause-failure: continue', async () => {
      const step = paused({ 'before-snapshot': 'exit 1', 'on-pause-failure': 'continue' })
      await takeSnapshots(step)
      expect([step.outputs['state'], step.outputs['consistency']]).toEqual(['completed', 'crash'])
      expect(step.cautions.at(-1)).toContain('before-snapshot failed with exit code 1')
    })

    test('snapshots are not requested a second time if requesting them fails during the pause', async () => {
      const step = paused({ 'on-pause-failure': 'continue' })
      const lightsail = connect(region, step)
      let requests = 0
      const take = () => {
        requests += 1
        return Promise.reject(new Failure('Lost.', 'Rerun the job.'))
      }
      const plan = planSnapshots(step)
      const patience = { untilMs: 60_000, signal: step.signal }
      await expect(takeWhilePaused(plan, take, { lightsail, patience, step })).rejects.toThrow('Lost.')
      lightsail.close()
      expect(requests).toBe(1)
      // The connection ends with the step, and then the instance runs the commands for afterwards.
      for (let waits = 0; !(await traces()).includes('after') && waits < 500; waits += 1) await delay(20)
      expect(await traces()).toBe('before\nafter\n')
    })

    test('commands that fail afterwards fail the step, and the snapshot is complete', async () => {
      const step = paused({ 'after-snapshot': 'exit 7' })
      const { message } = await failureOf(() => takeSnapshots(step))
      expect(message).toBe('after-snapshot failed with exit code 7 on instance "shop".')
      expect([step.outputs['state'], step.outputs['consistency']]).toEqual(['completed', 'file-system'])
    })

    test('a request that is answered after pause-timeout is no proof, and the instance has resumed by then', async () => {
      machine.startWriter(data.mount)
      let hasResumed = false
      emulator.beforeRequest = ({ operation }) => {
        if (operation !== 'CreateDiskSnapshot') return
        execFileSync('sleep', ['1.5'])
        const size = () => Number(execFileSync('stat', ['-c', '%s', join(data.mount, 'log')]))
        const before = size()
        execFileSync('sleep', ['0.2'])
        hasResumed = size() > before
      }
      const step = paused({ 'pause-timeout': '1s', 'disk-name': 'shop-data' })
      const { message } = await failureOf(() => takeSnapshots(step))
      expect(message).toBe('The pause of instance "shop" ended before all snapshots were requested.')
      expect([hasResumed, step.outputs['consistency']]).toEqual([true, 'crash'])
    })

    test('a request that hangs doesn’t keep the instance frozen', async () => {
      machine.startWriter(data.mount)
      emulator.faults.add({ operation: 'CreateDiskSnapshot', fault: 'hang', occurrences: [1] })
      const step = paused({ 'pause-timeout': '1s', 'disk-name': 'shop-data' })
      // Long after pause-timeout, but sooner than usual.
      step.clock.timeLimit = () => realTimeLimit(4000)
      const taking = failureOf(() => takeSnapshots(step))
      while (requested('CreateDiskSnapshot') === 0) await delay(20)
      await writesAgain(data.mount, 3000)
      expect((await taking).message).toMatch('ended before all snapshots were requested')
      expect([step.outputs['state'], step.outputs['consistency']]).toEqual(['completed', 'crash'])
    })

    test('a cancelled job thaws at once', async () => {
      machine.startWriter(data.mount)
      emulator.beforeRequest = ({ operation }) => {
        if (operation === 'CreateDiskSnapshot') cancel.abort()
      }
      const startedAt = performance.now()
      await failureOf(() => takeSnapshots(paused()))
      await writesAgain(data.mount)
      expect(performance.now() - startedAt).toBeLessThan(10_000)
      expect(await thaw(media.mount)).toBe(false)
    })

    test('an instance that reboots during the pause leaves crash-consistent snapshots, and can be paused again', async () => {
      emulator.beforeRequest = ({ operation }) => {
        if (operation !== 'CreateDiskSnapshot') return
        emulator.beforeRequest = undefined
        server.killAll()
        for (const { mount, device } of [data, media]) {
          execFileSync('fsfreeze', ['--unfreeze', mount])
          execFileSync('umount', [mount])
          execFileSync('mount', [device, mount])
        }
      }
      const step = paused()
      const { message } = await failureOf(() => takeSnapshots(step))
      expect(message).toContain('The pause of instance "shop" ended before all snapshots were requested.')
      expect(message).toContain('Lost the connection to instance "shop" during the pause.')
      expect([step.outputs['state'], step.outputs['consistency']]).toEqual(['completed', 'crash'])
      // What the reboot has ended doesn't run any more.
      expect(await traces()).toBe('before\n')
      const next = paused({ 'snapshot-name': '{{source}}-again' })
      await takeSnapshots(next)
      expect(next.outputs['consistency']).toBe('file-system')
    })

    test('of two steps that pause one instance the second is refused, and the first one’s freeze left alone', async () => {
      const other = paused({ 'snapshot-name': '{{source}}-other' })
      const first = paused({ 'before-snapshot': 'sleep 3' })
      const taking = takeSnapshots(first)
      while (!(await readdir(machine.folder)).includes('lock')) await delay(20)
      const second = await failureOf(() => takeSnapshots(other))
      expect(second.message).toBe('Can\'t pause instance "shop": another step is pausing it.')
      await taking
      expect(first.outputs['consistency']).toBe('file-system')
      expect(requested('CreateDiskSnapshot')).toBe(2)
    })

    test('a file system that something else has frozen is refused and left alone, by a dry run too', async () => {
      execFileSync('fsfreeze', ['--freeze', media.mount])
      for (const inputs of [{}, { 'dry-run': 'true' }]) {
        const { message } = await failureOf(() => takeSnapshots(paused(inputs)))
        expect(message).toBe(`Can't pause instance "shop": "${media.mount}" is frozen already.`)
      }
      expect([await traces(), requested('CreateDiskSnapshot')]).toEqual(['', 0])
      expect(await thaw(media.mount)).toBe(true)
    })

    test('a disk that no mount point is on, and a system disk, are crash-consistent', async () => {
      const inputs = { 'disk-name': '', 'instance-name': 'shop', 'attached-disks': 'true' }
      const step = paused({ ...inputs, freeze: data.mount })
      await takeSnapshots(step)
      // Which disk a loop device is can't be determined: both block storage disks are assumed frozen.
      expect(consistencies(step)).toEqual(['crash', 'file-system', 'file-system'])
      expect(step.outputs['consistency']).toBe('crash')
    })

    describe('whose devices Lightsail knows', () => {
      beforeEach(() => {
        const account = emulator.region(region)
        account.addDisk('on-data', 8, Date.now(), 'shop', { path: data.device })
        account.addDisk('on-media', 8, Date.now(), 'shop', { path: media.device })
      })

      test('only the disks that a mount point is on are file-system-consistent', async () => {
        const step = paused({ 'disk-name': 'on-data, on-media', freeze: media.mount })
        await takeSnapshots(step)
        expect(consistencies(step)).toEqual(['crash', 'file-system'])
        expect(step.outputs['consistency']).toBe('crash')
      })

      test('a mount point on a disk that isn’t captured is refused before anything is changed', async () => {
        for (const inputs of [{}, { 'dry-run': 'true' }]) {
          const step = paused({ 'disk-name': 'on-data', freeze: media.mount, ...inputs })
          const { message } = await failureOf(() => takeSnapshots(step))
          expect(message).toBe(
            `freeze: "${media.mount}" on instance "shop" is on a disk that this step takes no snapshot of.`,
          )
        }
        expect([await traces(), requested('CreateDiskSnapshot')]).toEqual(['', 0])
        expect(await thaw(media.mount)).toBe(false)
        await takeSnapshots(paused({ 'disk-name': 'on-data', freeze: data.mount }))
      })

      test('a whole instance is paused too, whichever of its disks are frozen, and is crash-consistent', async () => {
        const step = paused({ 'disk-name': '', 'instance-name': 'shop', 'snapshot-type': 'instance' })
        await takeSnapshots(step)
        expect(await traces()).toBe('before\nafter\n')
        expect(consistencies(step)).toEqual(['crash'])
        expect(step.outputs['state']).toBe('completed')
      })
    })

    test('commands alone make nothing file-system-consistent', async () => {
      const step = paused({ freeze: '' })
      await takeSnapshots(step)
      expect(step.outputs['consistency']).toBe('crash')
      expect(await traces()).toBe('before\nafter\n')
    })

    test('a dry run makes the checks and changes nothing', async () => {
      const step = paused({ 'dry-run': 'true' })
      await takeSnapshots(step)
      expect(step.log.lines).toContain('Dry run: instance "shop" can be paused')
      expect(await traces()).toBe('')
      const wrong = paused({ 'dry-run': 'true', freeze: machine.folder })
      const { message } = await failureOf(() => takeSnapshots(wrong))
      expect(message).toBe(`Can't pause instance "shop": "${machine.folder}" is not a mount point.`)
    })
  })
}
