import { EOL } from 'node:os'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { annotationsOf, linesOf } from '../../dev/demo/runner-rules.js'
import { runnerLog } from '../../src/github/log.js'

describe('the log, as read by the runner', () => {
  let written: string
  beforeEach(() => {
    written = ''
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      // @actions/core uses the machine's line ends.
      written += String(text).replaceAll(EOL, '\n')
      return true
    })
  })
  afterEach(() => {
    jest.restoreAllMocks()
    delete process.env['RUNNER_DEBUG']
  })

  test("contains no command from a line's text", () => {
    runnerLog.info('::error::forged')
    runnerLog.info('a\n::set-output name=b::c')
    expect(written).toBe(': :error::forged\na ::set-output name=b::c\n')
  })

  test('folds details under a title', () => {
    runnerLog.group('Title\n::error::x', ['one', '::two::'])
    expect(written).toBe('::group::Title ::error::x\none\n: :two::\n::endgroup::\n')
  })

  test.each(['notice', 'warning', 'error'] as const)(
    'writes a %s with a title, even for several lines',
    (kind) => {
      runnerLog[kind]('first\n\u001b[31msecond')
      expect(written).toBe(`::${kind} title=Lightsail disk snapshot::first%0A[31msecond\n`)
    },
  )

  describe.each(['notice', 'warning', 'error'] as const)('with a %s that is too long for GitHub', (kind) => {
    /** The one annotation, as GitHub keeps it, and the lines after it. */
    function annotated(text: string): { message: string; rest: string[] } {
      runnerLog[kind](text)
      const lines = linesOf(written)
      const [annotation, ...others] = annotationsOf(lines)
      expect([annotation?.kind, others]).toEqual([kind, []])
      return { message: annotation?.message ?? '', rest: lines.slice(1) }
    }

    test('keeps its start and its last line, and the whole text follows in plain lines', () => {
      const text = [...Array.from({ length: 60 }, (_, n) => `Disk ${n} ${'x'.repeat(400)}.`), 'Look.'].join(
        '\n',
      )
      const { message, rest } = annotated(text)
      expect(message).toMatch(/^Disk 0 x[\s\S]*\.\.\. \(more in the log\)\nLook\.$/)
      expect(message.length).toBeLessThan(4000)
      expect(rest.join('\n')).toBe(text)
    })

    test('counts the characters that escaping adds', () => {
      const { message, rest } = annotated(`${'##['.repeat(1200)}\nLook.`)
      expect(message.length).toBeLessThan(4000)
      expect(message).toMatch(/\(more in the log\)\nLook\.$/)
      expect(rest).toEqual(['# #['.repeat(1200), 'Look.'])
    })

    test('keeps the end of a single line, and never half a character', () => {
      const { message } = annotated(`${'🚀'.repeat(5000)} Look.`)
      expect(message.length).toBeLessThan(4000)
      expect(message).toMatch(/^🚀.*\(more in the log\).*🚀 Look\.$/u)
      expect(message.isWellFormed()).toBe(true)
    })

    test('writes an annotation of 3,900 characters whole', () => {
      const { message, rest } = annotated('x'.repeat(3900))
      expect([message, rest]).toEqual(['x'.repeat(3900), []])
    })
  })

  test('has no marker for the log viewer in a title or in any line of an annotation', () => {
    runnerLog.group('Title ##[endgroup]', [])
    runnerLog.warning('first\n##[group]second')
    expect(written).toBe(
      '::group::Title # #[endgroup]\n::endgroup::\n::warning title=Lightsail disk snapshot::first%0A# #[group]second\n',
    )
  })

  test('shows debug lines only with debug logging on', () => {
    runnerLog.debug('hidden')
    process.env['RUNNER_DEBUG'] = '1'
    runnerLog.debug('shown\n::error::x')
    expect(written).toBe('shown\n: :error::x\n')
  })
})
