// Runs in a page beside the report, which it holds in a frame, and writes down what it finds there as JSON.
/* global document, getComputedStyle, NodeFilter, setTimeout */

const frame = document.querySelector('iframe')

const contrastOf = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}
const luminance = ([red, green, blue]) => {
  const [r, g, b] = [red, green, blue].map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const channels = (color) => color.match(/[\d.]+/g).map(Number)
const backgroundOf = (element) => {
  for (let at = element; at !== null; at = at.parentElement) {
    const [red, green, blue, alpha = 1] = channels(getComputedStyle(at).backgroundColor)
    if (alpha === 1) return [red, green, blue]
  }
  return [255, 255, 255]
}

/** Texts with less contrast than WCAG 2.2 asks for at level AA. */
const faintTexts = (page) => {
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT)
  const faint = new Set()
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (walker.currentNode.data.trim() === '' || !element.checkVisibility()) continue
    const style = getComputedStyle(element)
    const isLarge =
      parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700)
    const color = element.namespaceURI.endsWith('svg') ? style.fill : style.color
    const ratio = contrastOf(channels(color), backgroundOf(element))
    if (ratio < (isLarge ? 3 : 4.5))
      faint.add(`${walker.currentNode.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`)
  }
  return [...faint]
}

const shownCases = (page) =>
  [...page.querySelectorAll('.case:not([hidden])')].filter((each) => each.closest('.topic[hidden]') === null)

const filtered = (page, change) => {
  change(page.getElementById('filters').elements)
  page.getElementById('filters').dispatchEvent(new frame.contentWindow.Event('input', { bubbles: true }))
  return { cases: shownCases(page).map((each) => each.id), said: page.getElementById('shown').textContent }
}

const inspect = async () => {
  const page = frame.contentDocument
  const widths = [360, 768, 1280].map((width) => {
    frame.style.width = `${width}px`
    const root = page.documentElement
    return { width, wider: root.scrollWidth - root.clientWidth }
  })
  const found = {
    widths,
    loaded: frame.contentWindow.performance.getEntriesByType('resource').map((each) => each.name),
    injected: page.querySelectorAll('img, iframe, script:not(:last-of-type)').length,
    isFormShown: !page.getElementById('filters').hidden,
    byText: filtered(page, (fields) => (fields.text.value = 'aud-prefix')),
    byNothing: filtered(page, (fields) => (fields.text.value = 'no such words')),
  }
  page.getElementById('filters').reset()
  await new Promise((done) => setTimeout(done, 50))
  const all = shownCases(page).length
  const bySeverity = filtered(page, (fields) => (fields.severity.value = 'info'))
  frame.contentWindow.location.hash = '#case-time-leeway'
  await new Promise((done) => setTimeout(done, 50))
  const target = page.getElementById('case-time-leeway')
  const isUnfolded = target.open && target.closest('.topic').open
  for (const each of page.querySelectorAll('details')) each.open = true
  return { ...found, all, bySeverity, isUnfolded, faint: faintTexts(page) }
}

/** In a sandbox the page's own script doesn't run, and ours beside it still may look. */
const inspectUnscripted = () => {
  const page = frame.contentDocument
  for (const each of page.querySelectorAll('details')) each.open = true
  return {
    isFormShown: page.getElementById('filters').checkVisibility(),
    shown: [...page.querySelectorAll('.case .body')].filter((each) => each.checkVisibility()).length,
  }
}

frame.addEventListener('load', async () => {
  const look = frame.sandbox.length > 0 ? async () => inspectUnscripted() : inspect
  const found = await look().catch((error) => ({ error: String(error) }))
  document.body.dataset.found = encodeURIComponent(JSON.stringify(found))
})
frame.src = 'report.html'
