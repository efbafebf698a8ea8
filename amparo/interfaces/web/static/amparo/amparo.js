// Small behaviours on top of pages that work without them. Each is attached by a data- attribute or a role.

// "/" puts the cursor into the search field, unless somebody is typing.
document.addEventListener('keydown', (event) => {
  const typing = event.target.closest('input, textarea, select, [contenteditable]')
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
  const field = document.querySelector('[data-search-field]')
  if (!field) return
  event.preventDefault()
  field.focus()
  field.select()
})

// A form is sent once; the button comes back when the page is shown again from the browser's history.
document.addEventListener('submit', (event) => {
  const form = event.target
  if (form.method !== 'post') return
  if (form.dataset.sent) { event.preventDefault(); return }
  form.dataset.sent = 'yes'
  setTimeout(() => { delete form.dataset.sent }, 4000)
})
window.addEventListener('pageshow', () => {
  document.querySelectorAll('form[data-sent]').forEach((form) => { delete form.dataset.sent })
})

// The place that reports errors or results is read out and reached first.
function announce (root) {
  const place = root.querySelector('[data-focus-first]')
  if (!place) return
  place.setAttribute('tabindex', '-1')
  place.focus()
}
document.addEventListener('DOMContentLoaded', () => announce(document))
// A part that was exchanged takes the focus, so that the keyboard and the screen reader go on from there.
document.addEventListener('htmx:afterSettle', (event) => {
  const part = document.getElementById(event.detail.target.id)
  // What asks for itself again and again must not take the focus each time: only its end does.
  if (part && !('polled' in part.dataset)) (part.querySelector('[tabindex]') ?? part).focus({ preventScroll: true })
})

document.addEventListener('click', (event) => {
  if (event.target.closest('[data-print]')) window.print()
})
