import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { checkNewName } from '../../emulator/limits.js'
import {
  parseTemplate,
  renderName,
  type TemplateValues,
  templateVariables,
} from '../../src/shared/template.js'
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
    ['workflow', 'Deploy-prod-'],
    ['job', 'deploy'],
    ['event', 'push'],
    ['actor', 'dependabot-bot-'],
    ['date', '20261102'],
    ['time', '030405'],
  ])('%s is put in as a name can hold it: %s', (variable, value) => {
    expect(nameOf(`a{{${variable}}}b`)).toBe(`a${value}b`)
  })

  test('may have spaces inside its braces', () => {
    expect(nameOf('{{ sha7 }}-{{  job}}')).toBe('0123456-deploy')
  })

  test('there are no others', () => {
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
    ['{{workflow}}', '"Deploy-prod-"'],
    ['a', '"a"'],
    ['{{job}}', '""'],
    ['x'.repeat(256), '(256 characters)'],
  ])('%s makes a name that no snapshot can have, and the error shows it', (template, shown) => {
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

  test('makes a name that the emulator accepts, or a reported problem, whatever template and values', () => {
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
