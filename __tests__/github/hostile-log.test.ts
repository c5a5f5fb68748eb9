import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { commandOf, linesOf } from '../../dev/demo/runner-rules.js'
import { runnerLog } from '../../src/github/log.js'
import { asBytes, controlCharacter, hostileRuns, hostileText, visible } from '../support/hostile-text.js'
import { expectSame } from '../support/same.js'

let written: string
beforeEach(() => {
  written = ''
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text)
    return true
  })
})
afterEach(() => {
  jest.restoreAllMocks()
})

/** Returns the lines that the runner reads when this writes. */
function linesWritten(write: () => void): string[] {
  written = ''
  write()
  return linesOf(asBytes(written))
}

/** Checks what a person sees: no control character, and no marker for the log viewer. */
function seen(shown: string): object {
  return { text: visible(shown), control: controlCharacter.test(shown), marker: shown.includes('##[') }
}

/** A line, and the command that it is. Any name counts, because a stopped runner waits for a name that nobody has registered. */
function lineSeen(line: string): object {
  return { ...seen(line), command: commandOf(line, (name) => name !== '') }
}

function expectedText(text: string): object {
  return { text: visible(text), control: false, marker: false }
}

function expectedLine(text: string): object {
  return { ...expectedText(text), command: undefined }
}

describe('hostile text in the log', () => {
  test('stays one line when logged as a line', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const lines = linesWritten(() => runnerLog.info(text))
        expectSame(lines.map(lineSeen), [expectedLine(text)])
      }),
      hostileRuns,
    )
  })

  test('stays one title and its lines when logged as a group', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (title, text) => {
        const lines = linesWritten(() => runnerLog.group(title, [text, title]))
        const group = commandOf(lines[0] ?? '')
        expectSame(
          { ...group, data: seen(group?.data ?? ''), lines: lines.slice(1).map(lineSeen) },
          {
            name: 'group',
            properties: {},
            data: expectedText(title),
            lines: [text, title].map(expectedLine).concat(lineSeen('::endgroup::')),
          },
        )
      }),
      hostileRuns,
    )
  })

  test.each(['notice', 'warning', 'error'] as const)('stays one annotation when logged as a %s', (kind) => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const [first = '', ...others] = linesWritten(() => runnerLog[kind](text))
        const command = commandOf(first)
        const data = command?.data.split('\n').map(seen) ?? []
        const isCut = others.length > 0
        // If a text is too long for an annotation, all its lines follow.
        const shown = isCut ? others.map(lineSeen) : data
        expectSame(
          {
            ...command,
            data: shown,
            isHarmless: data.every((line) => isDeepStrictEqual({ ...line, text: '' }, expectedText(''))),
            fits: (command?.data.length ?? 0) < 4000,
            isCutForNothing: isCut && text.length < 2000,
          },
          {
            name: kind,
            properties: { title: 'Lightsail disk snapshot' },
            data: text.split('\n').map(isCut ? expectedLine : expectedText),
            isHarmless: true,
            fits: true,
            isCutForNothing: false,
          },
        )
      }),
      hostileRuns,
    )
  })

  describe('with debug logging on', () => {
    beforeAll(() => {
      process.env['RUNNER_DEBUG'] = '1'
    })
    afterAll(() => {
      delete process.env['RUNNER_DEBUG']
    })

    test('stays one line for each of its lines', () => {
      fc.assert(
        fc.property(hostileText, (text) => {
          const lines = linesWritten(() => runnerLog.debug(text))
          expectSame(lines.map(lineSeen), text.split('\n').map(expectedLine))
        }),
        hostileRuns,
      )
    })
  })
})
