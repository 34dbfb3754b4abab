/** The page's one script: the filters, and unfolding what a link or the printer needs. All else works without it. */
export const script = `
'use strict'
const form = document.getElementById('filters')
const cases = [...document.querySelectorAll('.case')]
const topics = [...document.querySelectorAll('.topic')]

const filter = () => {
  const data = new FormData(form)
  const statuses = new Set(data.getAll('status'))
  const severity = data.get('severity')
  const topic = data.get('topic')
  const words = data.get('text').toLowerCase().split(/\\s+/).filter(Boolean)
  const all = form.querySelectorAll('[name=status]').length
  const narrowed = severity !== '' || topic !== '' || words.length > 0 || statuses.size < all
  let shown = 0
  for (const item of cases) {
    const text = (item.textContent + ' ' + item.dataset.requirement).toLowerCase()
    item.hidden = !(
      statuses.has(item.dataset.status) &&
      (severity === '' || item.dataset.severity === severity) &&
      (topic === '' || item.parentElement.dataset.topic === topic) &&
      words.every((word) => text.includes(word))
    )
    if (!item.hidden) shown++
  }
  for (const section of topics) {
    section.hidden = section.querySelector('.case:not([hidden])') === null
    section.open = narrowed && !section.hidden
  }
  document.getElementById('shown').textContent = shown + ' of ' + cases.length + (cases.length === 1 ? ' case' : ' cases')
}

const unfold = () => {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (target === null) return
  for (let at = target; at !== null; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true
  target.scrollIntoView()
}

if (form !== null) {
  form.hidden = false
  form.addEventListener('input', filter)
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('reset', () => setTimeout(filter))
}
addEventListener('hashchange', unfold)
addEventListener('beforeprint', () => { for (const section of topics) section.open = true })
unfold()
`
