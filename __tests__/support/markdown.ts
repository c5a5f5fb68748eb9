import MarkdownIt, { type Token } from 'markdown-it'

/** What a person sees of one paragraph, heading or cell. */
export interface Shown {
  /** The trimmed text, with a newline for each break. */
  readonly text: string
  /** The targets of the links. */
  readonly links: readonly string[]
  /** Anything else that isn't text: emphasis, code, images, HTML. */
  readonly markup: readonly string[]
}

/** Markdown as it is rendered. */
export interface Rendered {
  /** The opening and closing types of the blocks in order, joined by spaces; visible text has the type `inline`. */
  readonly blocks: string
  readonly shown: readonly Shown[]
  /** The code blocks, with the text after the opening fence of each. */
  readonly code: readonly { readonly info: string; readonly content: string }[]
}

const ownEmoji = /^:(?:white_check_mark|x|mag|hourglass_flowing_sand): /

// CommonMark with GitHub's tables and strikethrough. What GitHub would autolink is looked for in the finished text.
const commonMark = new MarkdownIt({ html: true, linkify: false })

/**
 * Renders Markdown. Throws if GitHub would turn any of the remaining text into a link, an emoji or a formula: it looks for
 * those in each text node of the finished HTML.
 */
export function renderMarkdown(markdown: string): Rendered {
  const tokens = commonMark.parse(markdown, {})
  const shown = tokens.flatMap(({ type, children }, place) => {
    if (type !== 'inline') return []
    const [first, ...rest] = children ?? []
    // The emoji at the start of a heading is intended.
    if (first !== undefined && tokens[place - 1]?.type === 'heading_open') {
      first.content = first.content.replace(ownEmoji, '')
    }
    return [show(first === undefined ? [] : [first, ...rest])]
  })
  const code = tokens.filter(({ type }) => type === 'fence').map(({ info, content }) => ({ info, content }))
  return { blocks: tokens.map(({ type }) => type).join(' '), shown, code }
}

function show(tokens: readonly Token[]): Shown {
  const links: string[] = []
  const markup: string[] = []
  const seen = { text: '', links, markup }
  for (const token of tokens) {
    const { type, content } = token
    if (type === 'text') seen.text += withoutReference(content)
    else if (type === 'softbreak' || content === '<br>') seen.text += '\n'
    else if (type === 'link_open') seen.links.push(String(token.attrGet('href')))
    else if (!isPlain(token)) seen.markup.push(content || type)
  }
  return { ...seen, text: seen.text.trim() }
}

function isPlain({ type, content }: Token): boolean {
  return type === 'link_close' || (type === 'html_inline' && /^<\/?span>$/.test(content))
}

// https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls,
// and cmark-gfm's extensions/autolink.c: an address is looked for after entities are resolved, a bare link before.
const references = [
  /:\/\//, // a URL
  /www\./i,
  /@\w/, // a mention, an address, a commit of another repository
  /#\d/, // an issue, also of another repository
  /\bGH-\d/i,
  /:[\w+-]+:/, // an emoji
  /\$./u, // a formula
  /.\$/u,
] as const

function withoutReference(text: string): string {
  const found = references.find((reference) => reference.test(text))
  if (found !== undefined) throw new Error(`GitHub takes ${found} in this text for more: ${text}`)
  return text
}
