import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { checkNewName } from '../../emulator/service/limits.js'
import {
  parseTemplate,
  renderName,
  type TemplateValues,
  templateVariables,
} from '../../src/domain/name-template.js'
import { exampleRun, exampleSha } from '../support/step.js'

const values: TemplateValues = {
  ...exampleRun({ refName: 'feature/cart', workflow: 'Deploy (prod)', actor: 'dependabot[bot]' }),
  source: 'shop.data',
  sha: exampleSha,
  time: new Date('2026-11-02T03:04:05.678Z'),
}

function nameOf(template: string, changes: Partial<TemplateValues> = {}): string {
  const parsed = parseTemplate(template)
  if (!parsed.ok) return `wrong: ${parsed.problem}`
  const rendered = renderName(parsed.value, { ...values, ...changes })
  return rendered.ok ? rendered.value : `wrong: ${rendered.problem}`
}

describe('a template variable', () => {
  test.each([
    ['source', 'shop-data'],
    ['sha', exampleSha],
    ['sha7', '0123456'],
    ['repository', 'web-shop'],
    ['ref_name', 'feature-cart'],
    ['run_id', '1658821493'],
    ['run_number', '42'],
    ['run_attempt', '1'],
    ['workflow', 'Deploy-prod'],
    ['job', 'deploy'],
    ['event', 'push'],
    ['actor', 'dependabot-bot'],
    ['date', '20261102'],
    ['time', '030405'],
  ])('%s is inserted as %s', (variable, value) => {
    expect(nameOf(`a{{${variable}}}b`)).toBe(`a${value}b`)
  })

  test('may have spaces inside its braces', () => {
    expect(nameOf('{{ sha7 }}-{{  job}}')).toBe('0123456-deploy')
  })

  test('is one of 14', () => {
    expect([...templateVariables.keys()]).toHaveLength(14)
  })
})

describe('a name template', () => {
  test('gives the default name', () => {
    expect(nameOf('{{source}}-{{sha7}}-{{run_id}}-{{run_attempt}}')).toBe('shop-data-0123456-1658821493-1')
  })

  test('turns each run of other characters in a value into one hyphen', () => {
    expect(nameOf('{{ref_name}}', { refName: 'a//b ü.c' })).toBe('a-b-c')
  })

  test.each([
    ['--a', 'a'],
    ['_a_b_', 'a_b'],
    ['[bot]', 'bot'],
    ['🚀 ship it 🚀', 'ship-it'],
    ['字', ''],
    ['a__-b', 'a__-b'],
    ['x'.repeat(101), 'x'.repeat(100)],
    [`${'x'.repeat(99)}-${'y'.repeat(50)}`, 'x'.repeat(99)],
    [`${'x'.repeat(95)}-----y`, 'x'.repeat(95)],
    [`--${'x'.repeat(150)}`, 'x'.repeat(100)],
  ])('trims the branch %j and shortens it to at most 100 characters: %j', (refName, value) => {
    expect(nameOf('a{{ref_name}}b', { refName })).toBe(`a${value}b`)
  })

  test('trims a source too, but never shortens it', () => {
    expect(nameOf('{{source}}', { source: '_shop.data_' })).toBe('shop-data')
    expect(nameOf('{{source}}', { source: 'x'.repeat(255) })).toBe('x'.repeat(255))
    expect(nameOf('{{source}}-{{sha7}}', { source: 'x'.repeat(250) })).toContain('wrong: makes the name')
  })

  test('treats an empty run_attempt as 1', () => {
    expect(nameOf('{{source}}-{{run_attempt}}', { runAttempt: '' })).toBe('shop-data-1')
  })

  test.each([
    ['{{source}}-{{job}}', 'shop-data'],
    ['{{job}}-{{source}}', 'shop-data'],
    ['{{job}}_-{{source}}_-{{job}}', 'shop-data'],
    ['{{job}}-{{job}}-{{sha7}}', '0123456'],
    ['{{sha7}}-{{job}}-{{job}}', '0123456'],
    ['{{job}}-to-{{job}}', 'to'],
    ['a-{{job}}-{{sha7}}', 'a--0123456'],
    ['{{job}}before-{{sha7}}', 'before-0123456'],
  ])('%s drops the separators that an empty job leaves at its ends: %s', (template, name) => {
    expect(nameOf(template, { job: '' })).toBe(name)
    expect(nameOf(template, { job: '🚀' })).toBe(name)
  })

  test.each(['{{nope}}', '{{constructor}}', '{{__proto__}}', '{{SHA}}', '{{}}', '{{ sha 7 }}', '{{a'])(
    '%s is an error that lists the known variables',
    (template) => {
      expect(nameOf(template)).toMatch(/^wrong: .*source, sha, sha7, .*, date, time/)
    },
  )

  test.each([
    ['{{source', 'unclosed'],
    ['a{{sha7}}{{', 'unclosed'],
    ['{{sha7}}}', '"}"'],
    ['a b', '" "'],
    ['a.b', '"."'],
    ['{source}', '"{"'],
    ['ü-{{sha7}}', '"ü"'],
    ['😀', '"😀"'],
  ])('%s is an error that shows what is wrong: %s', (template, shown) => {
    expect(nameOf(template)).toContain(`wrong: has ${shown === 'unclosed' ? 'an unclosed {{' : shown}`)
  })

  test.each([
    ['-{{sha7}}', '"-0123456"'],
    ['{{sha7}}_', '"0123456_"'],
    ['-{{job}}-{{sha7}}', '"--0123456"'],
    ['{{sha7}}-{{job}}_', '"0123456-_"'],
    ['-{{job}}-', '"--"'],
    ['{{job}}-{{job}}', '""'],
    ['a', '"a"'],
    ['{{job}}', '""'],
    ['x'.repeat(256), '(256 characters)'],
  ])('%s makes an invalid name, which the error shows', (template, shown) => {
    expect(nameOf(template, { job: '' })).toContain(shown)
    expect(nameOf(template, { job: '' })).toContain('wrong: makes the name')
  })

  test.each([2, 255])('makes names of %i characters', (length) => {
    expect(nameOf('x'.repeat(length))).toHaveLength(length)
  })

  const templates = fc
    .array(
      fc.oneof(
        {
          weight: 4,
          arbitrary: fc.constantFrom(...[...templateVariables.keys()].map((name) => `{{${name}}}`)),
        },
        { weight: 2, arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]*$/) },
        fc.constantFrom('{{', '}}', '{', '}', '{{ sha7 }}', ' '),
        fc.string({ unit: 'binary' }),
      ),
      { maxLength: 8 },
    )
    .map((parts) => parts.join(''))

  test('makes a name that the emulator accepts, or reports a problem, for any template and values', () => {
    let accepted = 0
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    fc.assert(
      fc.property(templates, text, text, text, (template, source, refName, actor) => {
        const name = nameOf(template, { source, refName, actor })
        if (name.startsWith('wrong: ')) return
        accepted += 1
        expect(() => checkNewName(name)).not.toThrow()
      }),
      { numRuns: 10_000 },
    )
    expect(accepted).toBeGreaterThan(1000)
  })
})
