// The script that runs on the instance, by itself: in every shell that it has to run in, on real file systems.
import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { remoteScriptLines } from '../../dev/tools/remote-script.js'
import { remoteScript } from '../../src/pause/remote-script.js'
import {
  type FileSystem,
  type LoopDisk,
  type Machine,
  newMachine,
  type Shell,
  standsStill,
  thaw,
  whyNotHere,
  writesAgain,
} from '../support/machine.js'

test('the module has the script of its file, without comments: npm run generate', async () => {
  expect(remoteScript).toBe(`${(await remoteScriptLines()).join('\n')}\n`)
})

const reason = whyNotHere()

if (reason !== undefined) {
  test.skip(`the script on real file systems, because ${reason}`, () => {})
} else {
  let machine: Machine
  beforeEach(async () => {
    machine = await newMachine()
  })
  afterEach(() => machine.close())

  /** What a hook does that leaves a trace of each time it runs. */
  const trace = (name: string) => `echo ${name} >>"${machine.folder}/traces"`
  const traces = async () => {
    const text = await readFile(join(machine.folder, 'traces'), 'utf8').catch(() => '')
    return text.split('\n').filter((line) => line !== '')
  }
  const hooks = () => ({ before: trace('before'), after: trace('after') })

  const cases: (readonly [Shell, FileSystem])[] = [
    ['dash', 'ext4'],
    ['dash', 'xfs'],
    ['bash', 'ext4'],
    ['busybox', 'ext4'],
  ]

  describe.each(cases)('in %s, on %s', (shell, type) => {
    let disk: LoopDisk
    beforeEach(async () => {
      disk = await machine.addDisk(type)
    })
    const start = (timeoutMs = 30_000) =>
      machine.start({ mounts: [disk.mount], ...hooks(), timeoutMs }, { shell })

    test('a writer waits from "frozen" until the step says that it is enough', async () => {
      machine.startWriter(disk.mount)
      const pause = start()
      await pause.reported('frozen')
      expect(await standsStill(disk.mount)).toBe(true)
      expect(await traces()).toEqual(['before'])
      pause.say('thaw')
      await pause.ended
      await writesAgain(disk.mount)
      expect(pause.words()).toEqual(['device', 'ready', 'before', 'frozen', 'held', 'after', 'finished'])
      expect(await traces()).toEqual(['before', 'after'])
    })

    test('the end of the connection thaws, and is no proof that the freeze held', async () => {
      machine.startWriter(disk.mount)
      const pause = start()
      await pause.reported('frozen')
      pause.hangUp()
      await writesAgain(disk.mount)
      await pause.ended
      expect(pause.words().slice(3)).toEqual(['frozen', 'lost', 'after', 'finished'])
      expect(await traces()).toEqual(['before', 'after'])
    })

    test('the timer thaws while the connection stays, and a late word changes nothing', async () => {
      machine.startWriter(disk.mount)
      const pause = start(1000)
      await pause.reported('frozen')
      await writesAgain(disk.mount)
      pause.say('thaw')
      await pause.ended
      expect(pause.words().slice(3)).toEqual(['frozen', 'lost', 'after', 'finished'])
      expect(await traces()).toEqual(['before', 'after'])
    })

    test('the timer of a pause that has ended touches no later freeze', async () => {
      const pause = start(1000)
      await pause.reported('frozen')
      pause.say('thaw')
      await pause.ended
      execFileSync('fsfreeze', ['--freeze', disk.mount])
      await delay(1500)
      expect(await thaw(disk.mount)).toBe(true)
      expect(await traces()).toEqual(['before', 'after'])
    })

    test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('%s thaws', async (signal) => {
      const pause = start()
      await pause.reported('frozen')
      pause.child.kill(signal)
      await pause.ended
      expect(await thaw(disk.mount)).toBe(false)
      expect(await traces()).toEqual(['before', 'after'])
    })

    test('the timer thaws also when the script was killed, and runs the commands for afterwards', async () => {
      const pause = start(1000)
      await pause.reported('frozen')
      pause.child.kill('SIGKILL')
      machine.startWriter(disk.mount)
      await writesAgain(disk.mount)
      for (let waits = 0; (await traces()).length < 2 && waits < 100; waits += 1) await delay(50)
      expect(await traces()).toEqual(['before', 'after'])
    })

    test('a freeze that ends after the time is up is ended at once', async () => {
      const environment = await slowFreeze(2.5)
      const pause = machine.start(
        { mounts: [disk.mount], ...hooks(), timeoutMs: 1000 },
        { shell, environment },
      )
      await pause.ended
      expect(await thaw(disk.mount)).toBe(false)
      expect(pause.words().slice(3)).toEqual(['lost', 'after', 'finished'])
      expect(await traces()).toEqual(['before', 'after'])
    })

    test('a freeze that ends after the script was killed is ended by the timer', async () => {
      const environment = await slowFreeze(2.5)
      const pause = machine.start({ mounts: [disk.mount], timeoutMs: 1000 }, { shell, environment })
      await pause.reported('before')
      await delay(500)
      pause.child.kill('SIGKILL')
      await delay(2500)
      machine.startWriter(disk.mount)
      await writesAgain(disk.mount)
    })

    test('commands get no input, run to the first that fails, and take nothing from the step’s word', async () => {
      const before = `cat; ${trace(`"it's \\$HOME"`)}; false; ${trace('no')}`
      const pause = machine.start({ mounts: [disk.mount], before, after: trace('after') }, { shell })
      await pause.ended
      expect(await traces()).toEqual(["it's $HOME", 'after'])
      expect(pause.reports.slice(2).map(({ word, subject }) => `${word} ${subject}`.trim())).toEqual([
        'before',
        'refused before-failed 1',
        'lost',
        'after',
        'finished',
      ])
      expect(await thaw(disk.mount)).toBe(false)
    })

    test('runs the commands for afterwards even if the reports are no longer read', async () => {
      const pause = start()
      await pause.reported('frozen')
      pause.child.stdout?.destroy()
      pause.child.stderr?.destroy()
      pause.hangUp()
      await pause.ended
      expect(await thaw(disk.mount)).toBe(false)
      expect(await traces()).toEqual(['before', 'after'])
    })
  })

  /** A fsfreeze that takes a while, as it does on a disk with much to write. */
  const slowFreeze = (seconds: number) => changedFreeze(`sleep ${seconds}`)

  /** A fsfreeze that does something else before it freezes. */
  async function changedFreeze(first: string): Promise<Record<string, string>> {
    const folder = join(machine.folder, 'bin')
    await mkdir(folder)
    const script = `#!/bin/sh\nif [ "$1" = --freeze ]; then ${first}; fi\nexec ${whereIs('fsfreeze')} "$@"\n`
    await writeFile(join(folder, 'fsfreeze'), script)
    await chmod(join(folder, 'fsfreeze'), 0o755)
    return { PATH: `${folder}:${process.env['PATH']}` }
  }

  function whereIs(tool: string): string {
    return execFileSync('sh', ['-c', `command -v ${tool}`])
      .toString()
      .trim()
  }

  describe('several disks', () => {
    test.each(['dash', 'bash', 'busybox'] as const)('are frozen at once in %s', async (shell) => {
      const disks = [
        await machine.addDisk('ext4'),
        await machine.addDisk('ext4'),
        await machine.addDisk('ext4'),
      ]
      // Each freeze waits until all have begun.
      const environment = await changedFreeze(
        `echo >>"${machine.folder}/begun"; for i in $(seq 100); do [ "$(wc -l <"${machine.folder}/begun")" -lt 3 ] || break; sleep 0.1; [ "$i" -lt 100 ] || exit 1; done`,
      )
      const pause = machine.start({ mounts: disks.map(({ mount }) => mount) }, { shell, environment })
      await pause.reported('frozen')
      for (const { mount } of disks) machine.startWriter(mount)
      for (const { mount } of disks) expect(await standsStill(mount)).toBe(true)
      pause.say('thaw')
      await pause.ended
      expect(pause.words().slice(-4)).toEqual(['frozen', 'held', 'after', 'finished'])
    })

    test.each(['dash', 'bash', 'busybox'] as const)(
      'that are being frozen when a signal comes are thawed in %s',
      async (shell) => {
        const disks = [await machine.addDisk('ext4'), await machine.addDisk('ext4')]
        const environment = await changedFreeze('echo >>"$0.begun"; sleep 1')
        const mounts = disks.map(({ mount }) => mount)
        const pause = machine.start({ mounts, ...hooks() }, { shell, environment })
        while (
          (await readFile(join(machine.folder, 'bin/fsfreeze.begun'), 'utf8').catch(() => '')) !== '\n\n'
        )
          await delay(20)
        pause.child.kill('SIGTERM')
        await pause.ended
        expect(pause.words().slice(-3)).toEqual(['lost', 'after', 'finished'])
        for (const { mount } of disks) expect(await thaw(mount)).toBe(false)
        expect(await traces()).toEqual(['before', 'after'])
      },
    )

    test('of which one is in a file on another are frozen in the order given, and thawed in the opposite one', async () => {
      const lower = await machine.addDisk('ext4', { mb: 96 })
      const upper = await machine.addDisk('ext4', { on: lower.mount })
      const pause = machine.start({ mounts: [upper.mount, lower.mount], timeoutMs: 5000 })
      await pause.reported('frozen')
      pause.say('thaw')
      await pause.ended
      expect(pause.words().slice(-4)).toEqual(['frozen', 'held', 'after', 'finished'])
    })

    test('thaw when one of them can’t be frozen, and that one is left as it is', async () => {
      const first = await machine.addDisk('ext4')
      // Only the freeze shows that this one is frozen already.
      const second = await machine.addDisk('xfs')
      execFileSync('fsfreeze', ['--freeze', second.mount])
      const pause = machine.start({ mounts: [first.mount, second.mount], ...hooks() })
      await pause.ended
      expect(pause.reports).toContainEqual({ word: 'refused', subject: `freeze-failed ${second.mount}` })
      expect(await traces()).toEqual(['before', 'after'])
      expect(await thaw(first.mount)).toBe(false)
      expect(await thaw(second.mount)).toBe(true)
    })

    test('didn’t hold if one of them was thawed by somebody else', async () => {
      const first = await machine.addDisk('ext4')
      const second = await machine.addDisk('xfs')
      const pause = machine.start({ mounts: [first.mount, second.mount] })
      await pause.reported('frozen')
      expect(await thaw(first.mount)).toBe(true)
      pause.say('thaw')
      await pause.ended
      expect(pause.words().slice(-3)).toEqual(['lost', 'after', 'finished'])
      expect(await thaw(second.mount)).toBe(false)
    })
  })

  describe('before anything is changed', () => {
    const refusal = async (mounts: readonly string[], environment: Record<string, string> = {}) => {
      const pause = machine.start({ mounts, ...hooks() }, { environment })
      await pause.ended
      expect(await traces()).toEqual([])
      return pause.reports.at(-1)
    }

    test.each([
      ['a relative path', 'srv/data', 'not-absolute'],
      ['a path that isn’t there', '/no/such/folder', 'no-mount-point'],
      ['a folder that is no mount point', '/usr/share', 'no-mount-point'],
      ['the root', '/', 'system'],
    ])('%s is refused', async (_, mount, word) => {
      expect(await refusal([mount])).toEqual({ word: 'refused', subject: `${word} ${mount}` })
    })

    test('another mount of a file system that the system uses is refused', async () => {
      const { mount } = await machine.addDisk('ext4')
      execFileSync('mount', ['--bind', '/usr', mount])
      try {
        expect(await refusal([mount])).toEqual({ word: 'refused', subject: `system ${mount}` })
      } finally {
        execFileSync('umount', [mount])
      }
    })

    test('a folder on a mounted disk is refused, although fsfreeze would take it', async () => {
      const { mount } = await machine.addDisk('ext4')
      await mkdir(join(mount, 'folder'))
      const folder = join(mount, 'folder')
      expect(await refusal([folder])).toEqual({ word: 'refused', subject: `no-mount-point ${folder}` })
    })

    test('a file system that is given twice is refused', async () => {
      const { mount } = await machine.addDisk('ext4')
      expect(await refusal([mount, `${mount}/`])).toEqual({
        word: 'refused',
        subject: `same-file-system ${mount}/`,
      })
    })

    test.each(['dash', 'bash', 'busybox'] as const)(
      'ext4 that is frozen already is refused and left alone, in %s',
      async (shell) => {
        const { mount } = await machine.addDisk('ext4')
        execFileSync('fsfreeze', ['--freeze', mount])
        for (const mode of ['check', 'pause'] as const) {
          const pause = machine.start({ mounts: [mount], ...hooks() }, { shell, mode })
          await pause.ended
          expect(pause.reports).toEqual([{ word: 'refused', subject: `frozen ${mount}` }])
        }
        expect(await traces()).toEqual([])
        expect(await thaw(mount)).toBe(true)
      },
    )

    test('ext4 that was frozen before, or is read-only, isn’t taken for a frozen one', async () => {
      const { mount } = await machine.addDisk('ext4')
      const isReady = async () => {
        const dry = machine.start({ mounts: [mount] }, { mode: 'check' })
        await dry.ended
        return dry.words().includes('ready')
      }
      execFileSync('fsfreeze', ['--freeze', mount])
      expect(await isReady()).toBe(false)
      execFileSync('fsfreeze', ['--unfreeze', mount])
      expect(await isReady()).toBe(true)
      execFileSync('mount', ['-o', 'remount,ro', mount])
      expect(await isReady()).toBe(true)
    })

    test('the checks alone pass while another step pauses the instance', async () => {
      const { mount } = await machine.addDisk('ext4')
      const running = machine.start({ mounts: [mount] })
      await running.reported('frozen')
      const dry = machine.start({ mounts: [mount] }, { mode: 'check' })
      await dry.ended
      expect(dry.words()).toEqual(['device', 'ready'])
      running.say('thaw')
      await running.ended
      expect(running.words()).toContain('held')
    })

    test('a machine without fsfreeze is refused, unless nothing is to be frozen', async () => {
      const folder = join(machine.folder, 'bin')
      await mkdir(folder)
      const programs = [
        'dash',
        'uname',
        'id',
        'mountpoint',
        'flock',
        'timeout',
        'sh',
        'sleep',
        'head',
        'true',
      ]
      for (const program of programs) execFileSync('ln', ['-s', whereIs(program), folder])
      // In a namespace of its own, in which the folders that the script adds to PATH are empty.
      const hide = 'for folder in /usr/sbin /usr/local/sbin; do mount -t tmpfs none $folder; done; exec "$@"'
      const prefix = ['unshare', '--mount', 'sh', '-c', hide, 'sh', 'env', `PATH=${folder}`]
      const { mount } = await machine.addDisk('ext4')
      const refused = machine.start({ mounts: [mount] }, { prefix })
      await refused.ended
      expect(refused.reports).toEqual([{ word: 'refused', subject: 'no-command fsfreeze' }])
      const pause = machine.start({}, { prefix })
      await pause.reported('frozen')
      pause.say('thaw')
      await pause.ended
      expect(pause.words().at(-1)).toBe('finished')
    })

    test('the checks alone change nothing, and say which devices the file systems are on', async () => {
      const { mount, device } = await machine.addDisk('ext4')
      const pause = machine.start({ mounts: [mount], ...hooks() }, { mode: 'check' })
      await pause.ended
      expect(pause.reports).toEqual([
        { word: 'device', subject: expect.stringMatching(new RegExp(`^${mount}:${device} ${device} +$`)) },
        { word: 'ready', subject: '' },
      ])
      expect(await traces()).toEqual([])
    })
  })

  test('a second pause of the instance is refused, and the first one’s freeze left alone', async () => {
    const first = await machine.addDisk('ext4')
    const second = await machine.addDisk('ext4')
    const running = machine.start({ mounts: [first.mount] })
    await running.reported('frozen')
    for (const mounts of [[first.mount], [second.mount]]) {
      const refused = machine.start({ mounts, ...hooks() })
      await refused.ended
      expect(refused.reports.at(-1)?.subject).toMatch(/^busy /)
    }
    expect(await traces()).toEqual([])
    running.say('thaw')
    await running.ended
    expect(running.words()).toContain('held')
  })

  describe('commands', () => {
    test('that print ten megabytes, workflow commands too, reach the runner as they are', async () => {
      const before = 'echo "::error::no"; head -c 10000000 /dev/zero | tr "\\0" x'
      const pause = machine.start({ before })
      await pause.reported('frozen')
      pause.say('thaw')
      await pause.ended
      expect(pause.hookOutput).toHaveLength('::error::no\n'.length + 10_000_000)
      expect(pause.words().at(-1)).toBe('finished')
    })

    test.each([
      ['', 'sleep 100', '124'],
      [', also if they ignore it', 'trap "" TERM; while :; do sleep 1; done', '137'],
    ])('that never end are ended%s', async (_, before, code) => {
      const environment = { PAUSE_HOOK_LIMIT: '1' }
      const pause = machine.start({ before, after: trace('after') }, { environment })
      await pause.ended
      expect(pause.reports).toContainEqual({ word: 'refused', subject: `before-failed ${code}` })
      expect(await traces()).toEqual(['after'])
    })

    test('may leave a process behind, which doesn’t hold the lock', async () => {
      const before = 'sleep 60 >/dev/null 2>&1 & echo $! >"$PIDS"'
      const environment = { PIDS: join(machine.folder, 'pid') }
      const pause = machine.start({ before }, { environment })
      await pause.reported('frozen')
      const pid = Number(await readFile(environment.PIDS, 'utf8'))
      try {
        expect(process.kill(pid, 0)).toBe(true)
        pause.say('thaw')
        await pause.ended
        const next = machine.start({})
        await next.reported('frozen')
        next.hangUp()
        await next.ended
      } finally {
        process.kill(pid)
      }
    })

    test('that fail afterwards are reported', async () => {
      const pause = machine.start({ after: 'exit 3' })
      await pause.reported('frozen')
      pause.say('thaw')
      await pause.ended
      expect(pause.reports).toContainEqual({ word: 'after-failed', subject: '3' })
    })
  })

  test('a full /tmp doesn’t matter', async () => {
    const { mount } = await machine.addDisk('ext4')
    const fill = 'mount -t tmpfs -o size=4k none /tmp; head -c 5000 /dev/zero >/tmp/full; exec "$@"'
    const lock = join('/run', `pause-test-${process.pid}`)
    // The disk is on a mount below /tmp, which is out of sight then: it is shown elsewhere too.
    const show = `mount --bind "$MOUNT" /mnt; ${fill}`
    const pause = machine.start(
      { mounts: ['/mnt'], timeoutMs: 3000 },
      {
        prefix: ['unshare', '--mount', 'sh', '-c', show, 'sh'],
        environment: { MOUNT: mount, PAUSE_LOCK: lock },
      },
    )
    try {
      await pause.reported('frozen')
      pause.say('thaw')
      await pause.ended
      expect(pause.words()).toContain('held')
    } finally {
      await rm(lock, { force: true })
    }
  })
}
