import fc from 'fast-check'

const commands = [
  '::error::forged',
  '::set-output name=x::',
  '::stop-commands::tok',
  '::add-mask::a',
  '::ERROR file=a,line=1::',
  '##[group]',
  '##[start-action',
  '##[set-output name=x]',
  '%0A::error::x',
  '%0D%0A',
  '%25',
  '%3A%3A',
  '::',
  ':',
  '##[',
  '###[',
  '##',
  '[',
  ']',
]

const fileLines = ['\nghadelimiter_x\n', '\nEOF\n', '\nname<<EOF\n', '\nname=value\n', 'a<<b', '=']

const markdown = [
  '\n| a | b |\n| --- | --- |\n',
  ' | ',
  '\\|',
  '\\',
  '[a](https://evil.example)',
  '![a](https://evil.example/a.png)',
  '[a]: https://evil.example\n',
  '[a]',
  '<https://evil.example>',
  '<img src=x>',
  '</span>',
  '<!-- -->',
  '<!--',
  '\n```mermaid\n',
  '\n```\n',
  '`',
  '``',
  '**',
  '_a_',
  '~~',
  '\n# a\n',
  '\n- [ ] a\n',
  '\n> [!NOTE]\n> ',
  '\n---\n',
  '&amp;',
  '&#64;',
  '&',
  '[^1]',
  '\n[^1]: a\n',
]

const references = [
  'https://evil.example',
  'HTTP://evil.example',
  'ftp://evil.example',
  '://',
  'www.evil.example',
  'WWW.',
  'a@evil.example',
  'mailto:a@evil.example',
  '@octocat',
  ' @octo-org/team',
  'octo-org/web-shop#1',
  ' #1',
  ' GH-1',
  'octocat@0123456789abcdef0123456789abcdef01234567',
  ':tada:',
  ':+1:',
  '$x$',
  '$`x`$',
  '$$',
]

const controls = [
  '\n',
  '\r',
  '\r\n',
  '\v',
  '\f',
  '\u0085',
  '\u2028',
  '\u2029',
  '\u001b[31m',
  '\u001b]8;;https://evil.example\u0007',
  '\u009b31m',
  '\u009d0;a\u009c',
  '\u0007',
  '\b\b\b',
  '\0',
  '\u007f',
  '\u200e',
  '\u202e',
  '\u2066',
  '\u061c',
]

const odd = [
  ' ',
  '  ',
  '\t',
  '\u00a0',
  '\u2003',
  '\u3000',
  '\u200b',
  '\u00ad',
  '\ufeff',
  '\u180e',
  '\ud800',
  '\udfff',
  '🚀',
  'ſ',
  'İ',
  '：：',
  '<<',
  '__proto__',
  'shop-data',
]

const veryLong = ['::error::'.repeat(500), '|'.repeat(2000), '\ud83d\ude80'.repeat(2000)]

/** Text that the runner, a terminal, a Markdown renderer or GitHub may take for a command, markup or a link. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 240, arbitrary: fc.constantFrom(...commands) },
      { weight: 120, arbitrary: fc.constantFrom(...fileLines) },
      { weight: 240, arbitrary: fc.constantFrom(...markdown) },
      { weight: 240, arbitrary: fc.constantFrom(...references) },
      { weight: 240, arbitrary: fc.constantFrom(...controls) },
      { weight: 160, arbitrary: fc.constantFrom(...odd) },
      { weight: 160, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
      { weight: 1, arbitrary: fc.constantFrom(...veryLong) },
    ),
    { maxLength: 7 },
  )
  .map((parts) => parts.join(''))

/** How many hostile texts each writer is tested with. */
export const hostileRuns = { numRuns: 10_000 } as const

/** Returns the text as it comes out of a file or a pipe, where half a surrogate pair is not a character. */
export function asBytes(text: string): string {
  return Buffer.from(text).toString()
}

/** Returns what must stay readable wherever a text is shown: all but white space, control characters and bidi marks. */
export function visible(text: string): string {
  return asBytes(text).replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, '')
}

/** Control characters and marks that change the direction of writing, which must not appear in a line. */
export const controlCharacter = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
