import { describe, expect, test } from '@jest/globals'
import { logLine, markdownText } from '../../src/github/escaping.js'

describe('a line of the log', () => {
  test.each([
    ['::error::forged', ': :error::forged'],
    ['  ::add-mask::x', '  : :add-mask::x'],
    ['text ##[error]x', 'text # #[error]x'],
    ['two\nlines\r\u2028here', 'two lines here'],
    ['\u001b[31mred', ' [31mred'],
    ['a\u061cb\u202ec', 'a b c'],
    ['plain: text, 42%', 'plain: text, 42%'],
  ])('made from %j is %j', (text, line) => {
    expect(logLine(text)).toBe(line)
  })
})

describe('text for Markdown', () => {
  test('renders as itself, without any markup', () => {
    expect(markdownText('a|b [c](d) <e> `f` *g* https://h www.i @j')).toBe(
      'a&#124;b &#91;c&#93;(d) &#60;e&#62; &#96;f&#96; &#42;g&#42; https<span>:</span>//h www<span>.</span>i <span>@</span>j',
    )
  })

  test.each([
    ['a@b.example', 'a<span>@</span>b.example'],
    ['octo-org/web-shop#1', 'octo-org/web-shop<span>#</span>1'],
    ['gh-1 and high-1', 'gh<span>-</span>1 and high-1'],
    [':tada: at 1:2', '<span>:</span>tada: at 1:2'],
    ['$x$', '<span>$</span>x<span>$</span>'],
  ])('breaks up %s, of which GitHub would make a link, an emoji or a formula', (text, markdown) => {
    expect(markdownText(text)).toBe(markdown)
  })

  test('keeps names readable', () => {
    expect(markdownText('shop-data-6d2f1a0: 42%, 32 GB.')).toBe('shop-data-6d2f1a0: 42%, 32 GB.')
  })
})
