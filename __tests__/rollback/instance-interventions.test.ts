// Roll-backs of a whole instance while other people and other runs work on the same instances, and what a report advises.
import { describe, expect, test } from '@jest/globals'
import { restore } from '../../src/actions/restore/action.js'
import { region } from '../support/emulated.js'
import { failureOf } from '../support/failure.js'
import { restoredName, useWordpress } from '../support/wordpress-steps.js'

const wordpress = useWordpress()
const { site, states, holder, requests, roll, deploy } = wordpress
const second = { run: { runAttempt: '2' } }

const running = () => Object.values(states()).filter((state) => state === 'running').length

/** Does the work right before the service handles the given request of an operation. */
function rightBefore(operation: string, occurrence: number, work: () => void): void {
  let seen = 0
  wordpress.emulator.beforeRequest = (request) => {
    if (request.operation !== operation) return
    seen += 1
    if (seen === occurrence) work()
  }
}

const source = async () => {
  const { outputs } = await deploy({}, { run: { runId: '99' } })
  return JSON.parse(outputs['snapshots'] ?? '')[0].sourceName
}

describe('one roll-back after another', () => {
  test('puts the content back each time, even if the original is deleted', async () => {
    await roll()
    wordpress.write('broken again')
    await roll({}, second)
    wordpress.account.instances.discard('wordpress')
    wordpress.write('broken once more')
    await roll({}, { run: { runId: '8' } })
    expect([site(), running()]).toEqual(['new', 1])
    wordpress.write('broken for good')
    await roll({ 'snapshot-name': 'old' }, { run: { runId: '9' } })
    expect([site(), running()]).toEqual(['old', 1])
    expect(await source()).toBe(holder())
  })

  test('by two steps of one attempt creates two instances', async () => {
    await roll()
    wordpress.write('broken again')
    await roll()
    expect([site(), running(), holder()]).toEqual(['new', 1, `${restoredName}-2`])
  })

  test.each(['insert', 'remove'] as const)('finds everything in lists that shift (%s)', async (change) => {
    wordpress.emulator.behaviour.pageSize = 1
    for (const operation of ['GetInstances', 'GetInstanceSnapshots'] as const) {
      wordpress.emulator.behaviour.listShift = { operation, change, times: 1 }
      await roll({}, { run: { runId: operation } })
      expect([operation, site(), running()]).toEqual([operation, 'new', 1])
    }
  })
})

describe('two roll-backs at once', () => {
  test.each(['old', 'new'])('leave the site as the green one says, if the other is to "%s"', async (name) => {
    const steps = [
      wordpress.step({}, second),
      wordpress.step({ 'snapshot-name': name }, { run: { runId: '7' } }),
    ]
    const ends = await Promise.allSettled(steps.map((step) => restore(step)))
    wordpress.clock.elapsed += 120_000
    const green = steps.filter((_, at) => ends[at]?.status === 'fulfilled')
    expect(green.map(({ outputs }) => outputs['instance-name'])).toEqual([holder()])
    expect(green.map(({ outputs }) => outputs['snapshot-name'])).toEqual([site()])
    expect(states()['wordpress']).toBe('stopped')
    expect(await source()).toBe(holder())
  })
})

describe('somebody else', () => {
  test('moves the static IP while the tags are set: it stays there', async () => {
    wordpress.account.addInstance('other', 20, wordpress.now())
    rightBefore('TagResource', 2, () => wordpress.account.moveStaticIp('address', 'other'))
    const { message } = await failureOf(() => roll())
    expect(message).toMatch(
      /^The site may not work: static IP "address" \(.*\) is attached to instance "other"\./,
    )
    expect([holder(), requests('AttachStaticIp')]).toEqual(['other', 0])
    expect(states()['wordpress']).toBe('running')
  })

  test('deletes the new instance before the address moves: the site stays as it was', async () => {
    rightBefore('TagResource', 3, () => wordpress.account.instances.discard(restoredName))
    const { message } = await failureOf(() => roll())
    expect(message).toMatch(/^The roll-back failed, and the site is as before it/)
    expect(site()).toBe('broken')
    await roll({}, second)
    expect([site(), running()]).toEqual(['new', 1])
  })

  test('stops the previous instance meanwhile: the roll-back succeeds', async () => {
    rightBefore('TagResource', 3, () =>
      wordpress.account.setInstanceState('wordpress', 'stopped', wordpress.now()),
    )
    await roll()
    expect([site(), running()]).toEqual(['new', 1])
  })

  test('deletes the previous instance meanwhile: the roll-back succeeds', async () => {
    rightBefore('AttachStaticIp', 1, () => {
      wordpress.account.moveStaticIp('address')
      wordpress.account.instances.discard('wordpress')
    })
    await roll()
    expect([site(), running()]).toEqual(['new', 1])
    expect(await source()).toBe(restoredName)
  })

  test('releases the static IP: the error says first that the site is down', async () => {
    rightBefore('AttachStaticIp', 1, () => wordpress.account.staticIps.discard('address'))
    const { message } = await failureOf(() => roll())
    expect(message).toMatch(/^The site is down: static IP "address" \(.*\) no longer exists\./)
  })

  test('deletes the snapshot between two attempts: the instance that is ready is not used for another one', async () => {
    wordpress.faultAt('AttachStaticIp', 'access-denied', 'all')
    await failureOf(() => roll())
    wordpress.emulator.faults.clear()
    wordpress.account.instanceSnapshots.discard('new')
    await roll({}, second)
    expect(site()).toBe('old')
  })

  test('stops the restored instance once it has the address: the previous one still runs, and the error says that the site is down', async () => {
    rightBefore('TagResource', 4, () =>
      wordpress.account.setInstanceState(restoredName, 'stopped', wordpress.now()),
    )
    const { message } = await failureOf(() => roll())
    expect(message).toMatch(
      /^The site is down: static IP "address" \(.*\) is attached to instance "wordpress-restored-.*", which is stopped\./,
    )
    expect(states()['wordpress']).toBe('running')
  })
})

describe('the commands that an error advises', () => {
  const pascal = (text: string) =>
    text.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())

  /** Sends what the AWS CLI would send, and lets it take effect. */
  function carryOut(command: string): void {
    const [, , name = '', ...words] = command.split(' ')
    const input: Record<string, unknown> = {}
    for (const [index, word] of words.entries()) {
      if (!word.startsWith('--') || word === '--region') continue
      const member = pascal(word.slice(2)).replace(/^./, (letter) => letter.toLowerCase())
      input[member] =
        word === '--tags'
          ? words
              .slice(index + 1)
              .map((tag) => Object.fromEntries(tag.split(',').map((part) => part.split('='))))
          : words[index + 1]
    }
    const authorization = `Credential=somebody/20260101/${region}/lightsail/aws4_request`
    const headers = { authorization, 'x-amz-target': `Lightsail_20161128.${pascal(name)}` }
    const reply = wordpress.emulator.reply({ method: 'POST', url: '/', headers }, JSON.stringify(input))
    expect([command, reply]).toEqual([
      command,
      expect.objectContaining({ response: expect.objectContaining({ status: 200 }) }),
    ])
    wordpress.clock.elapsed += 60_000
  }

  test.each([
    ['AttachStaticIp', [1], true],
    ['AttachStaticIp', [2, 3, 4], false],
    ['StopInstance', 'all', true],
    ['TagResource', [4], true],
    ['TagResource', [5], true],
  ] as const)('when %s is refused (%j), finish it or undo it', async (operation, occurrences, moves) => {
    for (const way of ['Finish the roll-back by hand', 'Undo it']) {
      wordpress.anew()
      wordpress.emulator.behaviour.movesStaticIps = moves
      wordpress.faultAt(operation, 'access-denied', occurrences)
      const { copyables } = await failureOf(() => roll())
      wordpress.emulator.faults.clear()
      const commands = copyables
        .filter(({ purpose }) => purpose === way)
        .flatMap(({ text }) => text.split('\n').filter((line) => line.startsWith('aws lightsail ')))
      for (const command of commands) carryOut(command)
      expect([way, commands, site()]).toEqual([way, commands, way === 'Undo it' ? 'broken' : 'new'])
      expect([way, await source()]).toEqual([way, holder()])
      await roll({}, second)
      expect([way, site()]).toEqual([way, 'new'])
    }
  })
})
