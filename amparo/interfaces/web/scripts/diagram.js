// Shows a model in the viewer that the page brings along; where it cannot, says so and shows the drawing.
const place = document.querySelector('[data-model]')

async function show () {
  const answer = await fetch(place.dataset.model)
  if (!answer.ok) throw new Error(answer.statusText)
  const viewer = new window.DmnJS({ container: place })
  await viewer.importXML(await answer.text())
  const canvas = viewer.getActiveViewer().get('canvas', false)
  if (canvas) canvas.zoom('fit-viewport')
}

show().catch(() => {
  place.hidden = true
  document.querySelector('[data-model-failed]').hidden = false
})
